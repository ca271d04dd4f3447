import type { Right } from './access.ts';
import type { Bucket } from './bucket.ts';
import { Choices, type Departure, type Plan } from './choices.ts';
import type { Mutation } from './mutation.ts';
import { atRest, beforeRepair, LAST_NIGHT, type Reference } from './oracle.ts';
import { BEFORE_THE_FIRST_NIGHT, carryOut, UPLOADS, type Upload } from './pilot.ts';
import { System } from './system.ts';
import { MINUTE_MS, World } from './world.ts';

const BEGIN_MS = Date.UTC(2026, 0, 11);
const FAULTY_MS = Date.UTC(2026, 0, 12);
/** One while uploads and evaluations go on, and one that finds most of them done and changes the verdict. */
const NIGHTS = [
  { day: 12, atMs: 9 * MINUTE_MS },
  { day: 13, atMs: 45 * MINUTE_MS },
] as const;
/** Starts that come twice, by the scheduler's promise of at least once, or by hand. */
const MORE_NIGHTS_MS = 10_000;
const MOST_DENIALS = 2;
const DENIED: readonly (readonly [string, Right])[] = [
  ['landing', 'read'],
  ['lake', 'read'],
  ['lake', 'write'],
  ['reports', 'read'],
  ['reports', 'write'],
];
const LATEST_DENIAL_MS = 12 * MINUTE_MS;
const LONGEST_DENIAL_MS = 20 * MINUTE_MS;
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

/** A night, and perhaps another beside it: the same once more, or the next one. */
function scheduleNight(
  world: World,
  choices: Choices,
  system: System,
  { day, atMs }: (typeof NIGHTS)[number],
): void {
  const at = (fromMs: number, of: number): void =>
    world.at(FAULTY_MS + atMs + fromMs, () => system.night(`2026-01-${of}T02:00:00Z`));
  at(0, day);
  const more = choices.depart(
    'night',
    2,
    (n) => `the night of ${day} has ${n === 1 ? 'itself' : 'the next one'} beside it`,
  );
  if (more > 0) at(choices.quantity(MORE_NIGHTS_MS), day + more - 1);
}

/** Somebody changes a policy, sees it, and changes it back. */
function denyForATime(world: World, choices: Choices, { access }: System): void {
  for (let i = 0; i < MOST_DENIALS; i += 1) {
    const denied = choices.depart('access', DENIED.length, (n) => `${DENIED[n - 1]?.join(' may not be ')}`);
    const [bucket, right] = DENIED[denied - 1] ?? [];
    if (!bucket || !right) continue;
    const fromMs = world.nowMs + choices.quantity(LATEST_DENIAL_MS);
    access.deny({ bucket, right, fromMs, toMs: fromMs + choices.quantity(LONGEST_DENIAL_MS) });
  }
}

/** Uploads of one key keep their order: which of them is last is what the result is about. */
function schedule(world: World, choices: Choices, landing: Bucket, uploads: readonly Upload[]): void {
  const latest = new Map<string, number>();
  for (const upload of uploads) {
    const { key, atS } = upload;
    const late = choices.depart('upload', 1, () => `upload of ${key} is late`);
    const delayMs = late === 0 ? 0 : choices.quantity(LATEST_UPLOAD_MS);
    const atMs = Math.max(world.nowMs + atS * 1000 + delayMs, (latest.get(key) ?? 0) + 1);
    latest.set(key, atMs);
    world.at(atMs, () => carryOut(landing, upload));
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
    for (const upload of uploads.slice(0, BEFORE_THE_FIRST_NIGHT)) carryOut(system.landing, upload);
    await world.rest();
    system.night('2026-01-11T02:00:00Z');
    await world.rest();

    choices.isQuiet = plan === null;
    world.nowMs = Math.max(world.nowMs, FAULTY_MS);
    schedule(world, choices, system.landing, uploads.slice(BEFORE_THE_FIRST_NIGHT));
    world.at(world.nowMs + 1, () => system.ingest.send(POISON));
    world.at(world.nowMs + 2, () => system.ingest.send(FORGED));
    for (const night of NIGHTS) scheduleNight(world, choices, system, night);
    denyForATime(world, choices, system);
    await world.rest();

    choices.isQuiet = true;
    afterFaults(system);
    system.ingest.redrive();
    system.evaluate.redrive();
    await world.rest();
    // The first of the quiet nights brings in what was lost, the last one decides from it.
    for (const date of ['2026-01-14', LAST_NIGHT]) {
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
