import { ruleFor } from '../core/telemetry/file-rule.ts';
import type { RunManifest } from '../core/telemetry/manifest.ts';
import { RunFold, type RunProgress } from '../core/telemetry/progress-fold.ts';
import { type Receipt, ReceiptSchema } from '../core/telemetry/receipt.ts';
import { mapAtOnce } from './at-once.ts';
import { collect } from './bytes.ts';
import { innerPath } from './decompress.ts';
import { canonicalJson, sha256 } from './hash.ts';
import {
  isManifest,
  MANIFEST_SETTINGS,
  parseLandingKey,
  readJson,
  settingsDigest,
  sourceId,
  sourceState,
} from './landing.ts';
import { type LandingKey, lakeKey, landingKey } from './layout.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { readProgress } from './progress-file.ts';
import { CODE_VERSION } from './version.ts';

type RunPlace = Pick<LandingKey, 'program' | 'run'>;

/** Key of the receipt that an object of the landing bucket must have, given the manifest as it stands. */
export function receiptKeyOf(
  landing: ObjectStore,
  place: LandingKey,
  object: ObjectInfo,
  manifest: Pick<RunManifest, 'files'>,
): string {
  const settings = isManifest(place.path)
    ? MANIFEST_SETTINGS
    : settingsDigest(ruleFor(manifest, innerPath(place.path)));
  return lakeKey(
    'receipts',
    place.program,
    place.run,
    sourceId(landing.bucket, object.key),
    sourceState(object.version, settings),
  );
}

export interface RunReceipts {
  /** Of the files, by path; the manifest's own is left out. */
  readonly receipts: readonly Receipt[];
  /** Keys of the files that have not been ingested yet. */
  readonly missing: readonly string[];
}

/** The receipts of everything that lies in the run's place now. */
export async function readReceipts(
  stores: { landing: ObjectStore; lake: ObjectStore },
  place: RunPlace,
  manifest: RunManifest,
): Promise<RunReceipts> {
  const files: { readonly landed: string; readonly receipt: string }[] = [];
  for await (const object of stores.landing.list(landingKey(place.program, place.run, ''))) {
    const file = parseLandingKey(object.key);
    if (!file || isManifest(file.path)) continue;
    files.push({ landed: object.key, receipt: receiptKeyOf(stores.landing, file, object, manifest) });
  }
  const found = await mapAtOnce(files, ({ receipt }) => readJson(stores.lake, receipt, ReceiptSchema));
  return {
    receipts: found.filter((r) => r !== null).sort((a, b) => (a.path < b.path ? -1 : 1)),
    missing: files.filter((_, i) => found[i] === null).map((f) => f.landed),
  };
}

/** Progress of a run from all its logs, in the order of their paths. */
export async function readRunProgress(lake: ObjectStore, receipts: readonly Receipt[]): Promise<RunProgress> {
  const fold = new RunFold();
  for (const receipt of receipts) {
    if (!receipt.outputs.progress) continue;
    fold.log(receipt.path, receipt.format ?? '');
    const object = await lake.get(receipt.outputs.progress);
    for (const record of await readProgress(await collect(object.body))) fold.add(record);
  }
  return fold.result();
}

const parsed = (time: string | undefined): number | null => (time === undefined ? null : Date.parse(time));

/**
 * Run start, stop and status: as the log marks them, as the manifest declares them where no log does, and where
 * neither does as the process began and ended.
 */
export function runInterval(
  manifest: RunManifest,
  progress: RunProgress,
): { startMs: number; stopMs: number; status: string } | null {
  const startMs = progress.startMs ?? parsed(manifest.start) ?? progress.processStartMs;
  const stopMs = progress.stopMs ?? parsed(manifest.stop) ?? progress.processStopMs;
  if (startMs === null || stopMs === null || stopMs <= startMs) return null;
  const logged = progress.status ?? manifest.status ?? 'unknown';
  const isMissed = manifest.quality?.reached === false;
  return { startMs, stopMs, status: isMissed && logged === 'success' ? 'quality-not-reached' : logged };
}

/** Digest of everything that an evaluation is a function of; independent of buckets and versions. */
export function inputsDigest(manifest: RunManifest, receipts: readonly Receipt[]): string {
  const inputs = receipts.map(({ path, sha256: hash, settings, status }) => ({
    path,
    hash,
    settings,
    status,
  }));
  return sha256(canonicalJson({ manifest, inputs, code: CODE_VERSION })).slice(0, 32);
}
