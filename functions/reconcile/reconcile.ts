import { InputError } from '../core/errors.ts';
import {
  currentManifest,
  isManifest,
  MANIFEST_SETTINGS,
  parseLandingKey,
  sourceId,
  sourceState,
} from '../platform/landing.ts';
import { readLatest } from '../platform/latest.ts';
import { evaluationPrefix, type LandingKey, lakeKey } from '../platform/layout.ts';
import type { ObjectInfo, ObjectStore } from '../platform/object-store.ts';
import { inputsDigest, readReceipts, receiptKeyOf } from '../platform/run-inputs.ts';

export interface ReconcileDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly requeue: (object: { bucket: string; key: string; version: string }) => Promise<void>;
}

export interface Reconciliation {
  /** Day of the night's decisions, UTC. */
  readonly date: string;
  /** Runs whose evaluation is older than their inputs, or missing. */
  readonly runs: readonly { readonly program: string; readonly run: string }[];
  readonly programs: readonly { readonly program: string }[];
  /** Objects that had no receipt and were put on the queue again. */
  readonly requeued: number;
  /** Objects of runs that have no usable run.json. */
  readonly waiting: number;
}

/**
 * Compares what lies in the landing bucket with what the lake says of it, and puts right what events left undone:
 * objects without a receipt go on the queue again; runs whose evaluation does not match their inputs are named.
 */
export async function reconcile(
  dependencies: ReconcileDependencies,
  startTime: string,
): Promise<Reconciliation> {
  const runs = await landedRuns(dependencies.landing);
  const stale: { program: string; run: string }[] = [];
  let requeued = 0;
  let waiting = 0;
  for (const { place, objects } of runs) {
    const manifest = await currentManifest(dependencies.landing, place);
    for (const object of objects) {
      const file = parseLandingKey(object.key) as LandingKey;
      if (!manifest && !isManifest(file.path)) {
        waiting += 1;
        continue;
      }
      const key = manifest
        ? receiptKeyOf(dependencies.landing, file, object, manifest)
        : manifestReceiptKey(dependencies.landing, file, object);
      if (await dependencies.lake.head(key)) continue;
      await dependencies.requeue({
        bucket: dependencies.landing.bucket,
        key: object.key,
        version: object.version,
      });
      requeued += 1;
    }
    if (!manifest) continue;
    const { receipts, missing } = await readReceipts(dependencies, place, manifest);
    const latest = await readLatest(dependencies.lake, evaluationPrefix(place.program, place.run));
    if (missing.length === 0 && latest?.digest !== inputsDigest(manifest, receipts)) stale.push(place);
  }
  const programs = [...new Set(runs.map(({ place }) => place.program))].map((program) => ({ program }));
  return { date: dayOf(startTime), runs: stale, programs, requeued, waiting };
}

/** Day, UTC, that a start time lies in. */
export function dayOf(startTime: string): string {
  const time = Date.parse(startTime);
  if (Number.isNaN(time))
    throw new InputError('start-time', `start time ${JSON.stringify(startTime)}: expected RFC 3339`);
  return new Date(time).toISOString().slice(0, 10);
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
  readonly place: { readonly program: string; readonly run: string };
  readonly objects: ObjectInfo[];
}

async function landedRuns(landing: ObjectStore): Promise<LandedRun[]> {
  const runs = new Map<string, LandedRun>();
  for await (const object of landing.list('')) {
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
