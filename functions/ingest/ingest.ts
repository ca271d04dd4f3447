import { gzipSync } from 'node:zlib';
import { InputError } from '../core/errors.ts';
import { ruleFor } from '../core/telemetry/file-rule.ts';
import { RunManifestSchema } from '../core/telemetry/manifest.ts';
import { type Receipt, ReceiptSchema } from '../core/telemetry/receipt.ts';
import type { SourceReading, SourceRule, SourceScope } from '../core/telemetry/source-reading.ts';
import { innerPath } from '../platform/decompress.ts';
import { HashingStream, lineJson } from '../platform/hash.ts';
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
import { SegmentFileWriter } from '../platform/segment-file.ts';
import { readSource, type SourceRead, sliceOf } from '../platform/source.ts';
import { CODE_VERSION } from '../platform/version.ts';
import { quarantineFile, receiptScopes, type ScopeTotals, SegmentOutput, timeRangeOf } from './outputs.ts';

/** A file with more rejected rows than this, ... */
export const REJECT_ROWS = 100;
/** ... or a larger share of them (but more than a handful), is refused as a whole. */
export const REJECT_RATIO = 0.01;
const REJECT_HANDFUL = 5;

export interface IngestDependencies {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  /** Puts an object on the ingest queue again. */
  readonly requeue: (object: { bucket: string; key: string; version: string }) => Promise<void>;
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
  const manifest = await currentManifest(dependencies.landing, place);
  if (!manifest) return { kind: 'deferred', receipt: null };
  return ingestTelemetry(dependencies, place, stored, ruleFor(manifest, innerPath(place.path)));
}

async function open(
  { landing }: IngestDependencies,
  object: { readonly key: string; readonly version: string | null },
): Promise<StoredObject | null> {
  try {
    return await landing.get(object.key, object.version === null ? {} : { version: object.version });
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
  rule: SourceRule,
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

  const blank = blankReceipt(landing, place, stored, settings);
  const attempts: SourceReading[] = [];
  const targets: SegmentOutput[] = [];
  let receipt: Receipt;
  try {
    const read = await readSource({
      open: () => (attempts.length > 1 ? reopen(dependencies, stored) : Promise.resolve(stored)),
      slice: sliceOf(landing, stored),
      path: place.path,
      rule,
      makeTarget: () => new SegmentOutput(new SegmentFileWriter(lake.upload(keyOf('segments')))),
      onBegin: (reading, target) => {
        attempts.push(reading);
        targets.push(target);
      },
    });
    receipt = acceptedReceipt(blank, read, rule, keyOf);
    if (receipt.outputs.segments) await read.target.writer.finish();
    if (receipt.outputs.progress)
      await lake.put(receipt.outputs.progress, await progressFile(read.reading.records));
  } catch (error) {
    await targets.at(-1)?.abort();
    if (!(error instanceof InputError)) throw error;
    const sha256 = await hashOf(dependencies, stored);
    receipt = {
      ...blank,
      sha256,
      contentSha256: sha256,
      status: 'refused',
      refusal: { code: error.code, message: error.message },
      rows: attempts.at(-1)?.rows ?? 0,
      rejected: attempts.at(-1)?.rejected ?? 0,
      outputs: { ...blank.outputs, quarantine: keyOf('quarantine') },
    };
  }
  if (receipt.outputs.quarantine) {
    const rejects = attempts.at(-1)?.rejects ?? [];
    await lake.put(receipt.outputs.quarantine, gzipSync(quarantineFile(receipt, rejects)));
  }
  return commit(dependencies, receipt);
}

/** The receipt of a source that was read to its end. @throws InputError where what was read cannot be used. */
function acceptedReceipt(
  blank: Receipt,
  { reading, target, format, sha256, contentSha256 }: SourceRead<SegmentOutput>,
  rule: SourceRule,
  keyOf: (table: 'segments' | 'progress' | 'quarantine') => string,
): Receipt {
  const scopes = reading.finish();
  target.finish();
  const { totals } = target;
  refuseWhereUnusable(innerPath(blank.path), reading, scopes, totals, rule);
  return {
    ...blank,
    sha256,
    contentSha256,
    format: format.id,
    rows: reading.rows,
    rejected: reading.rejected,
    scopes: receiptScopes(scopes, totals),
    notes: reading.notes,
    timeRange: timeRangeOf(totals, reading.records),
    outputs: {
      segments: target.writer.isEmpty ? null : keyOf('segments'),
      progress: reading.records.length === 0 ? null : keyOf('progress'),
      quarantine: reading.rejected === 0 ? null : keyOf('quarantine'),
    },
  };
}

/** The same bytes once more, from their beginning. */
const reopen = ({ landing }: IngestDependencies, { key, version }: StoredObject): Promise<StoredObject> =>
  landing.get(key, { version });

/** Hash of every stored byte; a refused file was not read to its end, and is read again for it. */
async function hashOf(dependencies: IngestDependencies, stored: StoredObject): Promise<string> {
  const hashing = new HashingStream();
  const again = await reopen(dependencies, stored);
  for await (const _ of hashing.through(again.body));
  return hashing.digest();
}

function refuseWhereUnusable(
  path: string,
  reading: SourceReading,
  scopes: readonly SourceScope[],
  totals: ReadonlyMap<string, ScopeTotals>,
  rule: SourceRule,
): void {
  const { rows, rejected } = reading;
  const limit = rule.rejectLimit ?? { rows: REJECT_ROWS, ratio: REJECT_RATIO };
  if (rejected > limit.rows || (rejected > REJECT_HANDFUL && rejected > rows * limit.ratio)) {
    const first = reading.rejects[0];
    throw new InputError(
      'too-many-rejects',
      `${path}: ${rejected} of ${rows} rows were rejected, the first at line ${first?.line}: ${first?.reason}, ` +
        `expected ${first?.expected}; expected at most ${limit.rows} rows and ${limit.ratio * 100} %`,
    );
  }
  if (rows === 0) throw new InputError('no-rows', `${path}: no row of telemetry or progress in it`);
  refuseHalfConversion(path, scopes, rule);
  for (const scope of scopes) {
    const isPower = totals.get(scope.id)?.hasEnergy === true || scope.estimatedPowerW !== null;
    if (scope.boundary !== null || !isPower) continue;
    throw new InputError(
      'boundary-missing',
      `${path}: nothing says what the power readings of scope ${scope.id} cover; expected a boundary for the file in ` +
        'run.json (chip, module, node-dc, node-ac, switch, rack or facility)',
    );
  }
}

/** A conversion that run.json declares needs both what is lost and where it leads: one alone would change nothing, or lie. */
function refuseHalfConversion(path: string, scopes: readonly SourceScope[], rule: SourceRule): void {
  const isLost = (s: SourceScope): boolean =>
    rule.conversionEfficiency !== undefined && s.boundaryAfter === null;
  const isUnlossy = (s: SourceScope): boolean =>
    rule.boundaryAfter !== undefined && rule.boundaryAfter !== s.boundary && s.conversionEfficiency === 1;
  const powered = scopes.filter((s) => s.kind !== 'switch');
  if (powered.some(isLost))
    throw new InputError(
      'boundary-after-missing',
      `${path}: run.json gives its readings the conversionEfficiency ${rule.conversionEfficiency}; expected the boundaryAfter that they are at then, for instance node-dc`,
    );
  if (powered.some(isUnlossy))
    throw new InputError(
      'conversion-missing',
      `${path}: run.json takes its readings to the boundaryAfter ${rule.boundaryAfter}; expected the conversionEfficiency that leads there, below 1`,
    );
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
    await lake.put(key, lineJson(ReceiptSchema.parse(receipt)), {
      ifNoneMatch: '*',
      contentType: 'application/json',
    });
  } catch (error) {
    if (error instanceof PreconditionFailedError) return { kind: 'duplicate', receipt };
    throw error;
  }
  return { kind: receipt.status === 'refused' ? 'refused' : 'ingested', receipt };
}
