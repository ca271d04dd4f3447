import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../cli/simulate/random.ts';
import { type Thirds, thirdsOf } from './memory.ts';
import {
  announcedOnce,
  type Balance,
  conserved,
  contentsOf,
  differences,
  finalOf,
  movedForward,
  unfinished,
} from './oracle.ts';
import { type Programs, Stack } from './stack.ts';
import { firstUploads, runUploads, type Upload } from './traffic.ts';
import { storeClient, upload } from './uploader.ts';

export interface SoakOptions {
  readonly folder: string;
  readonly programs: Programs;
  readonly minutes: number;
  /** Uploads a minute. */
  readonly rate: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface SoakResult {
  readonly options: Omit<SoakOptions, 'programs' | 'say' | 'folder'>;
  readonly counts: Readonly<Record<string, number>>;
  readonly balance: Balance;
  readonly memory: readonly Thirds[];
  readonly compared: number;
  readonly failures: readonly string[];
}

const MINUTE_MS = 60_000;
const KILL_PERCENT = 25;
const TOLD_EACH_MS = 30_000;
const FIRST_DATE_MS = Date.UTC(2026, 2, 1);
const DAY_MS = 24 * 60 * MINUTE_MS;
/** What a day's night is here: often enough that it meets everything else. */
const NIGHT_EACH_MS = 3 * MINUTE_MS;
const STORE_KILL_EACH_MS = 2 * MINUTE_MS;
const POISON_EACH_MS = 5 * MINUTE_MS;
const POISON = 'no message of ours';

const dateOf = (night: number): string => new Date(FIRST_DATE_MS + night * DAY_MS).toISOString().slice(0, 10);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

/** Runs something again and again until the end, each time a random while later. */
async function again(random: Random, meanMs: number, untilMs: number, work: () => unknown): Promise<void> {
  for (;;) {
    await wait(Math.min(meanMs * random.uniform(0.5, 1.5), untilMs - Date.now()));
    if (Date.now() >= untilMs) return;
    await work();
  }
}

/** One run after another, each with its files, until the end. The rest of a run that has begun still comes. */
async function traffic(stack: Stack, { seed, rate }: SoakOptions, untilMs: number): Promise<number> {
  const client = storeClient(stack.port);
  const due: (Upload & { readonly atMs: number })[] = [];
  let uploads = 0;
  let runs = 0;
  let nextRunMs = Date.now();
  while (Date.now() < untilMs || due.length > 0) {
    if (Date.now() >= nextRunMs && Date.now() < untilMs) {
      const files = runUploads(seed, runs);
      runs += 1;
      for (const file of files) due.push({ ...file, atMs: nextRunMs + file.afterS * 1000 });
      due.sort((a, b) => a.atMs - b.atMs);
      nextRunMs += (files.length / rate) * MINUTE_MS;
    }
    while (due[0] && due[0].atMs <= Date.now()) {
      await upload(client, due.shift() as Upload);
      uploads += 1;
    }
    await wait(100);
  }
  client.destroy();
  return uploads;
}

async function begin(options: SoakOptions, name: string, killPercent: number): Promise<Stack> {
  const folder = join(options.folder, name);
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const stack = await Stack.start({ folder, programs: options.programs, seed: options.seed, killPercent });
  const client = storeClient(stack.port);
  for (const file of firstUploads()) await upload(client, file);
  client.destroy();
  await stack.rest();
  await stack.night(dateOf(0));
  await stack.rest();
  return stack;
}

async function end(stack: Stack, nights: number): Promise<void> {
  await stack.rest();
  // The first of the quiet nights brings in what was lost, the last one decides from it.
  for (const night of [nights + 1, nights + 2]) {
    await stack.night(dateOf(night));
    await stack.rest();
  }
}

/** What every key has held, once more, without a fault. */
async function quietRun(options: SoakOptions, loud: Stack, nights: number): Promise<Map<string, string>> {
  const stack = await begin(options, 'quiet', 0);
  const client = storeClient(stack.port);
  const first = new Set(firstUploads().map(({ key }) => key));
  for await (const { key } of loud.landing.list('')) {
    const contents = await contentsOf(join(options.folder, 'loud'), key);
    for (const { bytes } of contents.slice(first.has(key) ? 1 : 0))
      await upload(client, { key, body: bytes, afterS: 0, isInParts: false });
  }
  client.destroy();
  await end(stack, nights);
  const final = await finalOf(stack, dateOf(nights + 2));
  await stack.stop();
  return final;
}

/** Uploads, kills and nights for so long; then quiet, and what is left against what a quiet run leaves. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, rate, seed, say, folder } = options;
  const loud = await begin(options, 'loud', KILL_PERCENT);
  const untilMs = Date.now() + minutes * MINUTE_MS;
  const random = new Random(seed, 'soak');
  let nights = 0;
  let poison = 0;
  loud.setFaulty(true);
  const [uploads] = await Promise.all([
    traffic(loud, options, untilMs),
    again(random, NIGHT_EACH_MS, untilMs, () => {
      nights += 1;
      return loud.night(dateOf(nights));
    }),
    again(random, STORE_KILL_EACH_MS, untilMs, () => loud.killStore()),
    again(random, POISON_EACH_MS, untilMs, () => {
      poison += 1;
      loud.ingest.send(`${POISON} ${poison}`);
    }),
    again(random, TOLD_EACH_MS, untilMs, () => {
      const kills = loud.instances.reduce((sum, i) => sum + i.kills, 0);
      say(
        `${Math.ceil((untilMs - Date.now()) / MINUTE_MS)} minutes to go, ${loud.counts.objects} objects, ${kills} kills`,
      );
    }),
  ]);
  loud.setFaulty(false);
  say('quiet');
  await loud.rest();
  const redriven = loud.ingest.redrive() + loud.evaluate.redrive();
  await end(loud, nights);

  const { balance, failures } = await conserved(loud, poison);
  const forward = await movedForward(loud, join(folder, 'loud'));
  const found = await finalOf(loud, dateOf(nights + 2));
  failures.push(
    ...forward.failures,
    ...(await announcedOnce(loud)),
    ...(await unfinished(join(folder, 'loud'))),
  );
  say('the same uploads in a quiet run');
  failures.push(...differences(found, await quietRun(options, loud, nights)));
  const memory = loud.instances.filter((i) => i.isSteady).map((i) => thirdsOf(i.name, i.samples));
  for (const { name, isFlat, rssMib } of memory)
    if (isFlat === false) failures.push(`memory of ${name} grows: ${rssMib.map(Math.round).join(', ')} MiB`);
  await loud.stop();
  const queues = [loud.ingest.counts, loud.evaluate.counts];
  const sum = (of: keyof (typeof queues)[number]): number =>
    queues.reduce((all, counts) => all + counts[of], 0);
  return {
    options: { minutes, rate, seed },
    counts: {
      uploads,
      ...loud.counts,
      ...Object.fromEntries(loud.faults),
      invocations: loud.instances.reduce((all, i) => all + i.invocations, 0),
      kills: loud.instances.reduce((all, i) => all + i.kills, 0),
      twice: sum('twice'),
      late: sum('late'),
      lost: sum('lost'),
      redelivered: sum('redelivered'),
      redriven,
      moves: forward.moves,
      verdicts: loud.announced.length,
    },
    balance,
    memory,
    compared: found.size,
    failures,
  };
}
