import type { Format } from '../core/telemetry/formats/format.ts';
import { SortingTarget } from '../core/telemetry/reorder.ts';
import { StepBackError } from '../core/telemetry/segment-fold.ts';
import { type SampleTarget, SourceReading, type SourceRule } from '../core/telemetry/source-reading.ts';
import { collect } from './bytes.ts';
import { HashingStream } from './hash.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { decompressPage } from './parquet-codec.ts';
import { readBytes } from './read-bytes.ts';
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

/** Here, or from a certain size on in a thread of its own; the hash of what is stored is made here. */
async function readStored({ stored, slice, path, rule, reading, target }: Opened): Promise<Read> {
  const raw = new HashingStream();
  const bytes = raw.through(stored.body);
  const ready = async (): Promise<void> => target.ready?.();
  const isApart = rule.mapping?.form !== 'parquet' && isThreadWorthwhile(stored.sizeBytes);
  const { format, contentSha256 } = isApart
    ? await readInThread(bytes, { isOwned: stored.isOwned === true, path, rule, reading, ready })
    : await readBytes(bytes, {
        path,
        rule,
        sink: reading,
        ready,
        file: { sizeBytes: stored.sizeBytes, slice, decompress: decompressPage },
      });
  const sha256 = raw.digest();
  return { format, sha256, contentSha256: contentSha256 ?? sha256 };
}

/** Ranged reads of one version of an object. */
export const sliceOf =
  (store: ObjectStore, { key, version }: { key: string; version: string }, signal?: AbortSignal) =>
  async (first: number, last: number): Promise<Uint8Array> =>
    collect((await store.get(key, { version, range: { first, last }, ...(signal ? { signal } : {}) })).body);
