import { zstdDecompressSync } from 'node:zlib';
import { readThrift, readVarint, type ThriftFields } from '../core/telemetry/parquet/thrift.ts';

/** Page type and encoding that Wattline writes. Source: apache/parquet-format, parquet.thrift. */
const DATA_PAGE_V2 = 3;
const PLAIN = 0;

/** A column of one row group: which rows have a value (null: all of them), and the values that are there, as stored. */
export interface SegmentPage {
  readonly count: number;
  readonly present: Uint8Array | null;
  readonly values: Uint8Array;
}

const fieldOf = (fields: ThriftFields, id: number): number => {
  const value = fields.get(id);
  return typeof value === 'number' ? value : -1;
};

/**
 * The only page of a column chunk as `ParquetFile` writes it: plain values behind their levels, compressed as zstd.
 * Null for every other form, which the general reader takes. Part of the hot path of `evaluate`: it does without
 * objects a value, which costs the general reader four fifths of its time.
 *
 * @throws RangeError where the page is cut or its levels are none.
 */
export function segmentPage(chunk: Uint8Array, rows: number): SegmentPage | null {
  const { fields, end } = readThrift(chunk, 0);
  const own = fields.get(8);
  if (fieldOf(fields, 1) !== DATA_PAGE_V2 || own === undefined || typeof own === 'number') return null;
  const levelBytes = fieldOf(own, 5);
  if (fieldOf(own, 1) !== rows || fieldOf(own, 4) !== PLAIN || fieldOf(own, 6) !== 0) return null;
  if (end + fieldOf(fields, 3) !== chunk.length || levelBytes < 0) return null;
  const count = rows - fieldOf(own, 2);
  const body = chunk.subarray(end + levelBytes);
  const sizeBytes = fieldOf(fields, 2) - levelBytes;
  const values =
    count === 0 || body.length === 0 ? body : zstdDecompressSync(body, { chunkSize: chunkSizeOf(sizeBytes) });
  if (values.length !== sizeBytes)
    throw new RangeError(`a page of ${values.length} bytes; expected ${sizeBytes}`);
  const present =
    count === rows || count === 0 ? null : levelsOf(chunk.subarray(end, end + levelBytes), rows);
  return { count, present, values };
}

/** Room for the whole page and a byte more: where it fits exactly, another buffer is made to see that nothing follows. */
const chunkSizeOf = (sizeBytes: number): number => Math.max(sizeBytes + 1, LEAST_CHUNK);
const LEAST_CHUNK = 64;

/** Definition levels of one bit: runs of equal ones, and groups of eight. */
function levelsOf(bytes: Uint8Array, rows: number): Uint8Array {
  const levels = new Uint8Array(rows);
  let row = 0;
  for (let at = 0; at < bytes.length && row < rows; ) {
    const { value: head, end } = readVarint(bytes, at);
    if (head % 2 === 0) {
      levels.fill(bytes[end] as number, row, row + head / 2);
      row += head / 2;
      at = end + 1;
      continue;
    }
    const bits = Math.min(((head - 1) / 2) * 8, rows - row);
    for (let i = 0; i < bits; i += 1) levels[row + i] = ((bytes[end + (i >> 3)] as number) >> (i & 7)) & 1;
    row += bits;
    at = end + (head - 1) / 2;
  }
  if (row < rows) throw new RangeError(`levels of ${row} rows; expected ${rows}`);
  return levels;
}

/** Numbers of a column; NaN where a row has none, null where none of them has any. @throws RangeError where they are cut. */
export function numbersIn({ count, present, values }: SegmentPage, rows: number): Float64Array | null {
  if (count === 0) return null;
  if (values.length !== count * Float64Array.BYTES_PER_ELEMENT)
    throw new RangeError(`${values.length} bytes of ${count} numbers`);
  // Numbers must be aligned; `slice` of a Buffer would copy nothing.
  const aligned = values.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? values : new Uint8Array(values);
  const packed = new Float64Array(aligned.buffer, aligned.byteOffset, count);
  if (!present) return packed;
  const numbers = new Float64Array(rows).fill(Number.NaN);
  for (let row = 0, at = 0; row < rows; row += 1)
    if (present[row] === 1) {
      numbers[row] = packed[at] as number;
      at += 1;
    }
  return numbers;
}

const LENGTH_BYTES = 4;

/** Texts of a column as UTF-8, one after the other; a row without one has an end of -1. */
export interface Texts {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export const textAt = ({ bytes, starts, ends }: Texts, row: number): string =>
  bytes.toString('utf8', starts[row], ends[row]);

/** Where the texts of a column lie. @throws RangeError where they are cut. */
export function textsIn({ present, count, values }: SegmentPage, rows: number): Texts {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const [starts, ends] = [new Int32Array(rows), new Int32Array(rows).fill(-1)];
  let at = 0;
  for (let row = 0; row < rows && count > 0; row += 1) {
    if (present && present[row] === 0) continue;
    const start = at + LENGTH_BYTES;
    if (start > bytes.length) throw new RangeError('a text is cut');
    at = start + bytes.readUInt32LE(at);
    if (at > bytes.length) throw new RangeError('a text is cut');
    starts[row] = start;
    ends[row] = at;
  }
  return { bytes, starts, ends };
}

/** Flags of a column, a bit each; false where a row has none. */
export function flagsIn({ present, values }: SegmentPage, rows: number): Uint8Array {
  const flags = new Uint8Array(rows);
  for (let row = 0, at = 0; row < rows; row += 1) {
    if (present && present[row] === 0) continue;
    flags[row] = ((values[at >> 3] ?? 0) >> (at & 7)) & 1;
    at += 1;
  }
  return flags;
}
