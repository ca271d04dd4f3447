import { gzipSync } from 'node:zlib';
import { InputError } from '../core/errors.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import { type FileRule, RunManifestSchema } from '../core/telemetry/manifest.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import { type Receipt, ReceiptSchema } from '../core/telemetry/receipt.ts';
import { SourceReading, type SourceScope } from '../core/telemetry/source-reading.ts';
import { decompress, innerPath } from '../platform/decompress.ts';
import { HashingStream, prettyJson } from '../platform/hash.ts';
import {
  checkManifest,
  currentManifest,
  isManifest,
  MANIFEST_SETTINGS,
  parseJson,
  parseLandingKey,
  settingsDigest,
  sourceId,
  sourceState,
} from '../platform/landing.ts';
import { type LandingKey, lakeKey, landingKey } from '../platform/layout.ts';
import {
  ObjectMissingError,
  type ObjectStore,
  PreconditionFailedError,
  type StoredObject,
} from '../platform/object-store.ts';
import { progressFile } from '../platform/progress-file.ts';
import { CODE_VERSION } from '../platform/version.ts';
import { quarantineFile, receiptScopes, SegmentCollector, timeRangeOf } from './outputs.ts';

/** A file with more rejected rows than this, ... */
export const REJECT_ROWS = 100;
/** ... or a larger share of them (but more than a handful), is refused as a whole. */
export const REJECT_SHARE = 0.01;
const REJECT_HANDFUL = 5;

export interface IngestDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  /** Puts an object on the ingest queue again. */
  readonly requeue: (object: { bucket: string; key: string; version: string }) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What became of one written object. */
export type IngestOutcome =
  | { readonly kind: 'ingested' | 'refused' | 'duplicate'; readonly receipt: Receipt | null }
  /** The run has no usable run.json yet; its arrival queues the object again. */
  | { readonly kind: 'deferred' | 'ignored' | 'gone'; readonly receipt: null };

/**
 * Ingests one version of one object of the landing bucket: reads it once, writes segments, progress and
 * quarantine, and the receipt last. Doing it again writes the same bytes to the same keys.
 *
 * @throws InputError for keys and events that are wrong; TransientError when a store does not answer.
 */
export async function ingest(
  dependencies: IngestDependencies,
  object: { readonly key: string; readonly version: string | null },
): Promise<IngestOutcome> {
  const place = parseLandingKey(object.key);
  if (!place) return { kind: 'ignored', receipt: null };
  const stored = await open(dependencies, object);
  if (!stored) return { kind: 'gone', receipt: null };
  if (isManifest(place.path)) return ingestManifest(dependencies, place, stored);
  const manifest = await currentManifest(dependencies.landing, place, dependencies.signal);
  if (!manifest) return { kind: 'deferred', receipt: null };
  return ingestTelemetry(dependencies, place, stored, ruleFor(manifest, innerPath(place.path)));
}

async function open(
  { landing, signal }: IngestDependencies,
  object: { readonly key: string; readonly version: string | null },
): Promise<StoredObject | null> {
  try {
    return await landing.get(object.key, {
      ...(object.version === null ? {} : { version: object.version }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof ObjectMissingError) return null;
    throw error;
  }
}

/** The receipt's fields that do not depend on what is in the file. */
function blankReceipt(
  landing: ObjectStore,
  place: LandingKey,
  stored: StoredObject,
  settings: string,
): Receipt {
  const { key, version, sizeBytes } = stored;
  return {
    schema: 'wattline/receipt@1',
    program: place.program,
    run: place.run,
    path: place.path,
    source: { bucket: landing.bucket, key, version, sizeBytes },
    sha256: '',
    contentSha256: '',
    settings,
    status: 'accepted',
    refusal: null,
    format: null,
    rows: 0,
    rejected: 0,
    timeRange: null,
    scopes: [],
    notes: [],
    outputs: { segments: null, progress: null, quarantine: null },
    code: CODE_VERSION,
  };
}

/** A manifest that arrives lets the files that waited for it be read. */
async function ingestManifest(
  dependencies: IngestDependencies,
  place: LandingKey,
  stored: StoredObject,
): Promise<IngestOutcome> {
  const { landing, requeue } = dependencies;
  const hashing = new HashingStream();
  const chunks: Uint8Array[] = [];
  for await (const chunk of hashing.through(stored.body)) chunks.push(chunk);
  const blank = blankReceipt(landing, place, stored, MANIFEST_SETTINGS);
  const receipt: Receipt = {
    ...blank,
    sha256: hashing.digest(),
    contentSha256: hashing.digest(),
    format: 'wattline-run',
  };
  try {
    checkManifest(parseJson(RunManifestSchema, Buffer.concat(chunks).toString('utf8'), stored.key), place);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return commit(dependencies, {
      ...receipt,
      status: 'refused',
      refusal: { code: error.code, message: error.message },
    });
  }
  for await (const other of landing.list(landingKey(place.program, place.run, ''))) {
    const place2 = parseLandingKey(other.key);
    if (place2 && !isManifest(place2.path)) await requeue({ bucket: landing.bucket, ...other });
  }
  return commit(dependencies, receipt);
}

async function ingestTelemetry(
  dependencies: IngestDependencies,
  place: LandingKey,
  stored: StoredObject,
  rule: Omit<FileRule, 'pattern'>,
): Promise<IngestOutcome> {
  const { landing, lake } = dependencies;
  const settings = settingsDigest(rule);
  const keyOf = (table: Parameters<typeof lakeKey>[0]): string =>
    lakeKey(
      table,
      place.program,
      place.run,
      sourceId(landing.bucket, stored.key),
      sourceState(stored.version, settings),
    );
  if (await lake.head(keyOf('receipts'))) return { kind: 'duplicate', receipt: null };

  const raw = new HashingStream();
  const content = new HashingStream();
  const collector = new SegmentCollector();
  const reading = new SourceReading(rule, collector);
  const blank = blankReceipt(landing, place, stored, settings);
  const path = innerPath(place.path);
  let receipt: Receipt;
  try {
    const bytes = content.through(decompress(raw.through(stored.body), place.path));
    const format = await readTelemetry(bytes, path, rule, reading);
    const scopes = reading.finish();
    refuseWhereUnusable(path, reading, scopes);
    collector.finish();
    receipt = {
      ...blank,
      format: format.id,
      rows: reading.rows,
      rejected: reading.rejected,
      scopes: receiptScopes(scopes, collector.wholes()),
      notes: reading.notes,
      timeRange: timeRangeOf(collector.wholes(), reading.records),
      outputs: {
        segments: collector.isEmpty ? null : keyOf('segments'),
        progress: reading.records.length === 0 ? null : keyOf('progress'),
        quarantine: reading.rejected === 0 ? null : keyOf('quarantine'),
      },
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    receipt = {
      ...blank,
      status: 'refused',
      refusal: { code: error.code, message: error.message },
      rows: reading.rows,
      rejected: reading.rejected,
      outputs: { ...blank.outputs, quarantine: keyOf('quarantine') },
    };
  }
  const sha256 = receipt.status === 'refused' ? await hashOf(dependencies, stored) : raw.digest();
  receipt = { ...receipt, sha256, contentSha256: receipt.status === 'refused' ? sha256 : content.digest() };
  if (receipt.outputs.segments) await lake.put(receipt.outputs.segments, collector.file());
  if (receipt.outputs.progress) await lake.put(receipt.outputs.progress, progressFile(reading.records));
  if (receipt.outputs.quarantine) {
    await lake.put(receipt.outputs.quarantine, gzipSync(quarantineFile(receipt, reading.rejects)));
  }
  return commit(dependencies, receipt);
}

/** Hash of every stored byte; a refused file was not read to its end, and is read again for it. */
async function hashOf(
  { landing, signal }: IngestDependencies,
  { key, version }: StoredObject,
): Promise<string> {
  const hashing = new HashingStream();
  const again = await landing.get(key, { version, ...(signal ? { signal } : {}) });
  for await (const _ of hashing.through(again.body));
  return hashing.digest();
}

function refuseWhereUnusable(path: string, reading: SourceReading, scopes: readonly SourceScope[]): void {
  const { rows, rejected } = reading;
  if (rejected > REJECT_ROWS || (rejected > REJECT_HANDFUL && rejected > rows * REJECT_SHARE)) {
    const first = reading.rejects[0];
    throw new InputError(
      'too-many-rejects',
      `${path}: ${rejected} of ${rows} rows were rejected, the first at line ${first?.line}: ${first?.reason}, ` +
        `expected ${first?.expected}; expected at most ${REJECT_ROWS} rows and ${REJECT_SHARE * 100} %`,
    );
  }
  if (rows === 0) throw new InputError('no-rows', `${path}: no row of telemetry or progress in it`);
  for (const scope of scopes) {
    if (scope.boundary !== null || (scope.samples === 0 && scope.estimatedPowerW === null)) continue;
    throw new InputError(
      'boundary-missing',
      `${path}: nothing says what the power readings of scope ${scope.id} cover; expected a boundary for the file in ` +
        'run.json (chip, module, node-dc, node-ac, switch, rack or facility)',
    );
  }
}

/** The receipt goes last; where it stands already, somebody has finished the same work. */
async function commit({ landing, lake }: IngestDependencies, receipt: Receipt): Promise<IngestOutcome> {
  const { program, run, source, settings } = receipt;
  const key = lakeKey(
    'receipts',
    program,
    run,
    sourceId(landing.bucket, source.key),
    sourceState(source.version, settings),
  );
  try {
    await lake.put(key, prettyJson(ReceiptSchema.parse(receipt)), {
      ifNoneMatch: '*',
      contentType: 'application/json',
    });
  } catch (error) {
    if (error instanceof PreconditionFailedError) return { kind: 'duplicate', receipt };
    throw error;
  }
  return { kind: receipt.status === 'refused' ? 'refused' : 'ingested', receipt };
}
