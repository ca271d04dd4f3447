import type { Boundary } from '../boundary.ts';
import type { FileRule } from '../manifest.ts';
import type { ProgressRecord } from '../progress.ts';

/** What the reader found out about a scope; `null` where the file does not say. */
export interface ScopeFacts {
  /** The boundary of the readings as they stand in the file. */
  readonly boundary: Boundary | null;
  /** Readings times this give power at `boundaryAfter`. 1 where there is no conversion. */
  readonly conversionEfficiency: number;
  readonly boundaryAfter: Boundary | null;
  /** `node` and `switch` scopes of one system are added up; a chip is part of a node. */
  readonly kind: 'chip' | 'node' | 'switch' | 'rack' | 'facility';
}

/** What a power reading is of, and what it is added up to. */
export type ScopeKind = ScopeFacts['kind'];

/** Something that a reader of the result should know of a file. One a `code` and file: further ones are counted. */
export interface Note {
  /** Stable code, for instance `sticky-xid`. */
  readonly code: string;
  readonly severity: 'info' | 'warning';
  readonly message: string;
}

export interface Reject {
  readonly line: number;
  readonly column: string | null;
  /** Stable code, for instance `number` or `time-stamp`. */
  readonly reason: string;
  readonly expected: string;
  /** The offending text, bounded by the sink. */
  readonly raw: string;
}

/** Where a reader puts what it reads, in file order. One object for the life of a file. */
export interface RecordSink {
  /** Index of a scope, new or known. */
  scope(id: string, kind: ScopeFacts['kind']): number;
  /** Later statements win; a statement may come after the readings that it is about. */
  state(scope: number, facts: Partial<ScopeFacts>): void;
  /**
   * One reading: time in ms since the Unix epoch, values in the order of FIELDS. `values` may be reused. `fields`
   * are the indices of those that may be there; all of them where it is left out.
   */
  sample(scope: number, timeMs: number, values: Float64Array, fields?: readonly number[]): void;
  /**
   * The same for many readings of one set of fields at once: for each, scope, time and the values of `fields` follow
   * one another in `numbers`, which may be reused. For readers that are fast enough to feel a call a reading.
   */
  sampleRows?(numbers: Float64Array, count: number, fields: readonly number[]): void;
  /** Stamps that bracket a power log (MLPerf Training power). */
  logStart(scope: number, timeMs: number): void;
  logStop(scope: number, timeMs: number): void;
  /** A power that was estimated once for the whole run, not read (MLPerf interconnect estimate). */
  estimate(scope: number, timeMs: number, powerW: number): void;
  progress(record: ProgressRecord): void;
  /** A data row was seen (accepted or not). */
  row(): void;
  reject(reject: Reject): void;
  note(note: Note): void;
}

/** A file that can be read here and there, as its store allows. */
export interface RandomAccess {
  readonly sizeBytes: number;
  /** Bytes from `first` to `last`, both included. */
  slice(first: number, last: number): Promise<Uint8Array>;
  /** For pages in a codec of Parquet that is not read here (`GZIP`, `ZSTD`, ...); throws where they are damaged. */
  readonly decompress?: (codec: string, bytes: Uint8Array, sizeBytes: number) => Uint8Array;
}

export interface ReadContext {
  /** Path below the run, compression suffix removed: `power/node_0.txt`. */
  readonly path: string;
  /** The manifest's rule for this file, with what its pattern stated. */
  readonly rule: Omit<FileRule, 'pattern'>;
  /** The same file as the chunks, for formats that are read from their end. Absent: there are the chunks alone. */
  readonly file?: RandomAccess;
}

export interface Format {
  readonly id: string;
  readonly title: string;
  /** Whether the file looks like this format, from its first decompressed bytes (up to 64 KiB) and its path. */
  sniff(head: string, path: string): boolean;
  /**
   * Streams the whole file into the sink, in constant memory. A chunk's memory is used again once the next one is
   * asked for, but for those of the first megabyte. Throws InputError if the file as a whole is unusable.
   */
  read(chunks: AsyncIterable<Uint8Array>, context: ReadContext, sink: RecordSink): Promise<void>;
}
