import { InputError } from '../core/errors.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import { mapAtOnce } from '../platform/at-once.ts';
import {
  currentManifest,
  isManifest,
  MANIFEST_SETTINGS,
  parseLandingKey,
  sourceId,
  sourceState,
} from '../platform/landing.ts';
import { readLatest } from '../platform/latest.ts';
import { evaluationPrefix, type LandingKey, lakeKey, receiptPrefix } from '../platform/layout.ts';
import type { ObjectInfo, ObjectStore } from '../platform/object-store.ts';
import { inputsDigest, readReceipts, receiptKeyOf } from '../platform/run-inputs.ts';
import type { Selection } from './night-input.ts';
import type { NightRun } from './night-runs.ts';
import { overlaps, runTime } from './run-time.ts';

export interface ReconcileDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly requeue: (object: { bucket: string; key: string; version: string }) => Promise<void>;
}

export interface Reconciliation {
  /** Runs to evaluate: of a night those whose evaluation is older than their inputs, or missing; of a replay all. */
  readonly runs: readonly NightRun[];
  readonly programs: readonly { readonly program: string }[];
  /** Objects that had no receipt and were put on the queue again. */
  readonly requeued: number;
  /** Objects of runs that have no usable run.json. */
  readonly waiting: number;
}

/**
 * Compares what lies in the landing bucket with what the lake says of it, and puts right what events left undone:
 * objects without a receipt go on the queue again; runs whose evaluation does not match their inputs are named. With a
 * selection, every run of it is named whose files have been ingested.
 */
export async function reconcile(
  dependencies: ReconcileDependencies,
  selection: Selection | null,
): Promise<Reconciliation> {
  const landed = await landedRuns(dependencies.landing, selection?.prefix ?? '');
  const runs: NightRun[] = [];
  let requeued = 0;
  let waiting = 0;
  const found = await mapAtOnce(
    landed,
    async ({ place, objects }) => {
      const manifest = await currentManifest(dependencies.landing, place);
      const unread = await requeueUnread(dependencies, place, objects, manifest);
      const isNamed = manifest !== null && (await isWanted(dependencies, { place, manifest, selection }));
      return { place, unread, isNamed };
    },
    RUNS_AT_ONCE,
  );
  for (const { place, unread, isNamed } of found) {
    requeued += unread.requeued;
    waiting += unread.waiting;
    if (isNamed) runs.push(place);
  }
  const decided = selection ? runs : landed.map(({ place }) => place);
  const programs = [...new Set(decided.map((place) => place.program))].map((program) => ({ program }));
  return { runs, programs, requeued, waiting };
}

/** Runs that are looked at together; each asks for several receipts at once. */
const RUNS_AT_ONCE = 4;

/** Puts objects without a receipt on the queue again; those that wait for a run.json are counted. */
async function requeueUnread(
  { landing, lake, requeue }: ReconcileDependencies,
  { program, run }: NightRun,
  objects: readonly ObjectInfo[],
  manifest: RunManifest | null,
): Promise<{ requeued: number; waiting: number }> {
  let requeued = 0;
  let waiting = 0;
  // What receipts there are is one listing, not a question for each.
  const receipts = new Set<string>();
  for await (const { key } of lake.list(receiptPrefix(program, run))) receipts.add(key);
  for (const object of objects) {
    const file = parseLandingKey(object.key) as LandingKey;
    if (!manifest && !isManifest(file.path)) {
      waiting += 1;
      continue;
    }
    const key = manifest
      ? receiptKeyOf(landing, file, object, manifest)
      : manifestReceiptKey(landing, file, object);
    if (receipts.has(key)) continue;
    await requeue({ bucket: landing.bucket, key: object.key, version: object.version });
    requeued += 1;
  }
  return { requeued, waiting };
}

async function isWanted(
  dependencies: ReconcileDependencies,
  {
    place,
    manifest,
    selection,
  }: { readonly place: NightRun; readonly manifest: RunManifest; readonly selection: Selection | null },
): Promise<boolean> {
  const { receipts, missing } = await readReceipts(dependencies, place, manifest);
  if (missing.length > 0) return false;
  if (selection) {
    const time = selection.range && runTime(manifest, receipts);
    return selection.range === null || (time !== null && overlaps(time, selection.range));
  }
  const latest = await readLatest(dependencies.lake, evaluationPrefix(place.program, place.run));
  return latest?.digest !== inputsDigest(manifest, receipts);
}

const manifestReceiptKey = (landing: ObjectStore, { program, run }: LandingKey, object: ObjectInfo): string =>
  lakeKey(
    'receipts',
    program,
    run,
    sourceId(landing.bucket, object.key),
    sourceState(object.version, MANIFEST_SETTINGS),
  );

interface LandedRun {
  readonly place: NightRun;
  readonly objects: ObjectInfo[];
}

async function landedRuns(landing: ObjectStore, prefix: string): Promise<LandedRun[]> {
  const runs = new Map<string, LandedRun>();
  for await (const object of landing.list(prefix)) {
    const file = placeOf(object.key);
    if (!file) continue;
    const { program, run } = file;
    const known = runs.get(`${program}/${run}`) ?? { place: { program, run }, objects: [] };
    known.objects.push(object);
    runs.set(`${program}/${run}`, known);
  }
  return [...runs.values()];
}

/** Keys of a bad form were refused when their event came; here they are passed over. */
function placeOf(key: string): LandingKey | null {
  try {
    return parseLandingKey(key);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
