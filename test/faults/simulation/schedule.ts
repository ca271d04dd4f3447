import type { Bucket } from './bucket.ts';
import { Choices, type Departure, type Plan } from './choices.ts';
import type { Mutation } from './mutation.ts';
import { atRest, beforeRepair, LAST_NIGHT, type Reference } from './oracle.ts';
import { BEFORE_THE_FIRST_NIGHT, UPLOADS, type Upload } from './pilot.ts';
import { System } from './system.ts';
import { MINUTE_MS, World } from './world.ts';

const BEGIN_MS = Date.UTC(2026, 0, 11);
const FAULTY_MS = Date.UTC(2026, 0, 12);
/** Starts that come twice, by the scheduler's promise of at least once, or by hand. */
const MORE_NIGHTS = 2;
const MORE_NIGHTS_MS = 2 * MINUTE_MS;
const LATEST_UPLOAD_MS = 15 * MINUTE_MS;
/** Nobody sends such messages, and anybody may. */
export const POISON = 'no message of ours';
const FORGED = JSON.stringify({
  schema: 'wattline/requeue@1',
  bucket: 'elsewhere',
  key: 'p/c1/power.csv',
  version: '1',
});

export interface Outcome {
  /** What was not as promised; empty where all was. */
  readonly failures: readonly string[];
  /** What the world did beyond what a quiet one does. */
  readonly departures: readonly Departure[];
  readonly trace: readonly string[];
}

/** Timers and timeouts of the product in the world's time while `work` runs: its limits are then the world's as well. */
async function inWorldTime<T>(world: World, work: () => Promise<T>): Promise<T> {
  const { timeout } = AbortSignal;
  const { setInterval, clearInterval } = globalThis;
  AbortSignal.timeout = (ms) => world.signalAfter(ms);
  globalThis.setInterval = ((ring: () => void, ms: number) =>
    world.every(ms, ring)) as unknown as typeof setInterval;
  globalThis.clearInterval = ((clear: unknown) => (clear as () => void)()) as typeof clearInterval;
  try {
    return await work();
  } finally {
    AbortSignal.timeout = timeout;
    Object.assign(globalThis, { setInterval, clearInterval });
  }
}

/** Uploads of one key keep their order: which of them is last is what the result is about. */
function schedule(world: World, choices: Choices, landing: Bucket, uploads: readonly Upload[]): void {
  const latest = new Map<string, number>();
  for (const { key, body, atS } of uploads) {
    const late = choices.depart('upload', 1, () => `upload of ${key} is late`);
    const delayMs = late === 0 ? 0 : choices.quantity(LATEST_UPLOAD_MS);
    const atMs = Math.max(world.nowMs + atS * 1000 + delayMs, (latest.get(key) ?? 0) + 1);
    latest.set(key, atMs);
    world.at(atMs, () => landing.put(key, body));
  }
}

/** One schedule from the first upload to the last quiet night. `plan` null: a world in which nothing goes wrong. */
export async function runSystem(
  plan: Plan | null,
  uploads: readonly Upload[],
  mutation: Mutation | null,
  afterFaults: (system: System) => void,
  isTraced = false,
): Promise<{ system: System; choices: Choices; world: World }> {
  const choices = new Choices(plan);
  const world = new World(choices, BEGIN_MS);
  if (isTraced) world.trace = [];
  const system = new System(world, choices, mutation);
  await inWorldTime(world, async () => {
    choices.isQuiet = true;
    // The pilot's first night is quiet: from then on its policy stands.
    for (const { key, body } of uploads.slice(0, BEFORE_THE_FIRST_NIGHT)) system.landing.put(key, body);
    await world.rest();
    system.night('2026-01-11T02:00:00Z');
    await world.rest();

    choices.isQuiet = plan === null;
    world.nowMs = Math.max(world.nowMs, FAULTY_MS);
    schedule(world, choices, system.landing, uploads.slice(BEFORE_THE_FIRST_NIGHT));
    world.at(world.nowMs + 1, () => system.ingest.send(POISON));
    world.at(world.nowMs + 2, () => system.ingest.send(FORGED));
    const night = (atMs: number): void => world.at(atMs, () => system.night('2026-01-12T02:00:00Z'));
    night(FAULTY_MS + 9 * MINUTE_MS);
    for (let i = 0; i < MORE_NIGHTS; i += 1)
      if (choices.depart('night', 1, () => 'the night runs once more') > 0)
        night(FAULTY_MS + 9 * MINUTE_MS + choices.quantity(MORE_NIGHTS_MS));
    await world.rest();

    choices.isQuiet = true;
    afterFaults(system);
    system.ingest.redrive();
    system.evaluate.redrive();
    await world.rest();
    // The first of the quiet nights brings in what was lost, the last one decides from it.
    for (const date of ['2026-01-13', LAST_NIGHT]) {
      system.night(`${date}T02:00:00Z`);
      await world.rest();
    }
  });
  return { system, choices, world };
}

/** Runs a schedule, and compares what it leaves with what a quiet run leaves. */
export async function runSchedule(
  plan: Plan,
  reference: Reference,
  mutation: Mutation | null = null,
  isTraced = false,
): Promise<Outcome> {
  const uploads = plan.uploads ? plan.uploads.map((i) => UPLOADS[i] as Upload) : UPLOADS;
  const quiet = await reference.quietOf(uploads);
  const failures: string[] = [];
  let departures: readonly Departure[] = [];
  let trace: readonly string[] = [];
  try {
    const { system, choices, world } = await runSystem(
      plan,
      uploads,
      mutation,
      (running) => failures.push(...beforeRepair(running, quiet)),
      isTraced,
    );
    departures = choices.departures;
    trace = world.trace ?? [];
    failures.push(...(await atRest(system, quiet, reference, plan.seed)));
  } catch (error) {
    failures.push(`the world itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  return { failures, departures, trace };
}
