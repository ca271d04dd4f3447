import type { Format, RandomAccess } from '../core/telemetry/formats/format.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import { SortingTarget } from '../core/telemetry/reorder.ts';
import { StepBackError } from '../core/telemetry/segment-fold.ts';
import { type SampleTarget, SourceReading, type SourceRule } from '../core/telemetry/source-reading.ts';
import { collect } from './bytes.ts';
import { type DecompressOptions, decompress, innerPath } from './decompress.ts';
import { HashingStream } from './hash.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { decompressPage } from './parquet-codec.ts';
import { isThreadWorthwhile, readInThread } from './reader-thread.ts';

/** A target that a source is read into, and what to do with it if it has to be read again. */
export interface SourceTarget extends SampleTarget {
  /** Resolves when more can be taken; called between pieces of the file. */
  ready?(): Promise<void>;
  /** What was taken so far does not count: the source is read again, or refused. */
  abort?(): Promise<void>;
}

export interface SourceRead<T extends SourceTarget> {
  readonly format: Format;
  readonly reading: SourceReading;
  readonly target: T;
  readonly sha256: string;
  readonly contentSha256: string;
}

export interface SourceRequest<T extends SourceTarget> {
  /** The object, from its beginning; called once more where the source turns out not to be in order. */
  readonly open: () => Promise<StoredObject>;
  /** A part of the object as stored, for formats that are read from their end. */
  readonly slice: (first: number, last: number) => Promise<Uint8Array>;
  /** Path below the run, as it was uploaded. */
  readonly path: string;
  readonly rule: SourceRule;
  readonly makeTarget: () => T;
  /** Told of each reading that begins, so that a failure can say how far it came. */
  readonly onBegin?: (reading: SourceReading, target: T) => void;
}

/**
 * Reads one source into a target. Time-ordered input is summed as it passes; at the first sample that steps back the
 * source is read once more from its beginning, through a buffer that sorts.
 *
 * @throws InputError for a source that cannot be used.
 */
export async function readSource<T extends SourceTarget>(request: SourceRequest<T>): Promise<SourceRead<T>> {
  try {
    return await readOnce(request, false);
  } catch (error) {
    if (!(error instanceof StepBackError)) throw error;
    return readOnce(request, true);
  }
}

async function readOnce<T extends SourceTarget>(
  { open, slice, path, rule, makeTarget, onBegin }: SourceRequest<T>,
  isSorted: boolean,
): Promise<SourceRead<T>> {
  const target = makeTarget();
  const sorting = isSorted ? new SortingTarget(target) : null;
  const reading = new SourceReading(rule, sorting ?? target);
  onBegin?.(reading, target);
  try {
    const stored = await open();
    const read = await readStored({ stored, slice, path, rule, reading, target });
    sorting?.finish();
    return { ...read, reading, target };
  } catch (error) {
    await target.abort?.();
    throw error;
  }
}

interface Opened {
  readonly stored: StoredObject;
  readonly slice: (first: number, last: number) => Promise<Uint8Array>;
  readonly path: string;
  readonly rule: SourceRule;
  readonly reading: SourceReading;
  readonly target: SourceTarget;
}

type Read = Pick<SourceRead<SourceTarget>, 'format' | 'sha256' | 'contentSha256'>;

/** Reads it here, or from a certain size on in a thread of its own, which then hashes what was decompressed as well. */
async function readStored({ stored, slice, path, rule, reading, target }: Opened): Promise<Read> {
  const isApart = rule.mapping?.form !== 'parquet' && isThreadWorthwhile(stored.sizeBytes);
  const raw = new HashingStream();
  // Of a file that is not compressed the content is what is stored: no need to hash it twice.
  let content = raw;
  const bytes = decompress(raw.through(stored.body), path, {
    ...truncation(rule, reading),
    through: (plain) => {
      content = new HashingStream();
      return isApart ? plain : content.through(plain);
    },
  });
  const isCompressed = (): boolean => content !== raw;
  const ready = async (): Promise<void> => target.ready?.();
  const innerName = innerPath(path);
  if (isApart) {
    const isOwned = (): boolean => isCompressed() || stored.isOwned === true;
    const thread = { isOwned, isHashed: isCompressed, path: innerName, rule, reading, ready };
    const { format, sha256 } = await readInThread(bytes, thread);
    return { format, sha256: raw.digest(), contentSha256: sha256 ?? raw.digest() };
  }
  const chunks = paced(bytes, ready);
  const file = (): RandomAccess | undefined =>
    isCompressed() ? undefined : { sizeBytes: stored.sizeBytes, slice, decompress: decompressPage };
  const format = await readTelemetry(chunks, innerName, rule, reading, file);
  // What a format did not read for itself still belongs to the hash.
  while (!(await chunks.next()).done);
  return { format, sha256: raw.digest(), contentSha256: content.digest() };
}

const truncation = (rule: SourceRule, reading: SourceReading): Pick<DecompressOptions, 'onTruncated'> =>
  rule.acceptTruncated
    ? {
        onTruncated: () =>
          reading.note({
            code: 'truncated',
            severity: 'warning',
            message: 'the compressed stream was cut; its whole rows count, as run.json accepts',
          }),
      }
    : {};

/** Piece by piece, as the target can take them. */
async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  ready: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await ready();
    yield chunk;
  }
}

/** Ranged reads of one version of an object. */
export const sliceOf =
  (store: ObjectStore, { key, version }: { key: string; version: string }) =>
  async (first: number, last: number): Promise<Uint8Array> =>
    collect((await store.get(key, { version, range: { first, last } })).body);
