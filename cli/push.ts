import { InputError } from '../functions/core/errors.ts';
import { Progress } from './progress.ts';
import { COMPRESSIONS, type Compression } from './push/compression.ts';
import { Gate } from './push/gate.ts';
import { LandingBucket } from './push/landing-bucket.ts';
import { checkDistinct, type LocalRun, readLocalRun } from './push/local-run.ts';
import { partBytesOf } from './push/part-size.ts';
import { bytesToSend, checkUnoccupied, type PlannedRun, planRun, pushRun } from './push/push-runs.ts';
import { type PushedRun, planResult, printPlan, printPushed, resultOf } from './push/push-text.ts';
import { s3Client } from './s3-client.ts';
import { sayJson } from './terminal.ts';

export interface PushCommandOptions {
  readonly landing: string;
  readonly program?: string;
  readonly run?: string;
  readonly reports?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly compress?: string;
  readonly concurrency: string;
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The SDK keeps fifty connections. */
const MOST_AT_ONCE = 50;
/** As shells say it of what was ended by Ctrl-C. */
const INTERRUPTED = 130;

/** A bucket by its name, or as s3://name. */
function bucketOption(option: string, text: string): string {
  const [, name] = /^(?:s3:\/\/)?([^/\s]+)\/?$/.exec(text) ?? [];
  if (name !== undefined) return name;
  throw new InputError(
    'usage',
    `${option} ${JSON.stringify(text)}: expected the name of a bucket, without a prefix: the place in it is <program>/<run>/`,
  );
}

function concurrencyOption(text: string): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE) return count;
  throw new InputError(
    'usage',
    `--concurrency ${JSON.stringify(text)}: expected a whole number, 1 to ${MOST_AT_ONCE}`,
  );
}

function compressOption(text: string | undefined): Compression | undefined {
  if (text === undefined) return undefined;
  const found = COMPRESSIONS.find((c) => c === text);
  if (found) return found;
  throw new InputError('usage', `--compress ${JSON.stringify(text)}: expected ${COMPRESSIONS.join(' or ')}`);
}

async function readRuns(folders: readonly string[], options: PushCommandOptions): Promise<LocalRun[]> {
  if (options.run !== undefined && folders.length > 1)
    throw new InputError('usage', `--run is the name of one run; expected one folder, not ${folders.length}`);
  const compress = compressOption(options.compress);
  const runs: LocalRun[] = [];
  for (const folder of folders)
    runs.push(
      await readLocalRun(folder, {
        ...(options.program === undefined ? {} : { program: options.program }),
        ...(options.run === undefined ? {} : { run: options.run }),
        ...(compress ? { compress } : {}),
      }),
    );
  checkDistinct(runs);
  return runs;
}

async function planRuns(bucket: LandingBucket, runs: readonly LocalRun[]): Promise<PlannedRun[]> {
  const total = runs.flatMap((run) => run.files).reduce((sum, file) => sum + file.sizeBytes, 0);
  const progress = new Progress('comparing', total, { unit: 'bytes' });
  const plans: PlannedRun[] = [];
  try {
    for (const run of runs) plans.push(await planRun(bucket, run, (bytes) => progress.add(bytes)));
  } finally {
    progress.clear();
  }
  return plans;
}

async function sendRuns(
  bucket: LandingBucket,
  plans: readonly PlannedRun[],
  options: PushCommandOptions,
): Promise<PushedRun[]> {
  const atOnce = concurrencyOption(options.concurrency);
  const progress = new Progress(
    'sending',
    plans.reduce((sum, plan) => sum + bytesToSend(plan), 0),
    {
      unit: 'bytes',
    },
  );
  const world = {
    bucket,
    gate: new Gate(atOnce),
    onDone: (bytes: number) => progress.add(bytes),
    partBytesOf,
    wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
  };
  const pushed: PushedRun[] = [];
  // At once, since on a slow line it takes a while until a part is through.
  progress.show(0);
  try {
    for (const plan of plans) {
      const outcomes = await pushRun(world, plan, {
        isOverwrite: options.overwrite === true,
        filesAtOnce: atOnce,
      });
      pushed.push({ run: plan.run, outcomes });
    }
  } finally {
    progress.clear();
  }
  return pushed;
}

/** Ctrl-C ends it at once: what S3 has is what a later push asks for, so that nothing has to be tidied up. */
function onInterrupt(): void {
  process.stderr.write(
    '\r\u001b[Kwattline: interrupted. What is in the bucket stays, and run.json was not sent before the rest: the same command goes on from here.\n',
  );
  process.exit(INTERRUPTED);
}

/** `wattline push`: run folders to the landing bucket, each run.json last. */
export async function pushCommand(folders: readonly string[], options: PushCommandOptions): Promise<void> {
  const landing = bucketOption('--landing', options.landing);
  const reports = options.reports === undefined ? undefined : bucketOption('--reports', options.reports);
  concurrencyOption(options.concurrency);
  const runs = await readRuns(folders, options);
  const bucket = new LandingBucket(landing, s3Client(options));
  process.once('SIGINT', onInterrupt);
  try {
    const plans = await planRuns(bucket, runs);
    if (options.dryRun) {
      if (options.json) sayJson({ schema: 'wattline/push-plan@1', landing, runs: plans.map(planResult) });
      else printPlan(plans, landing);
      return;
    }
    if (!options.overwrite) checkUnoccupied(bucket, plans);
    const pushed = await sendRuns(bucket, plans, options);
    if (options.json)
      sayJson({ schema: 'wattline/push@1', landing, runs: pushed.map((run) => resultOf(run, reports)) });
    else for (const run of pushed) printPushed(run, landing, reports);
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}
