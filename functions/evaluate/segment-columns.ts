import { zstdDecompressSync } from 'node:zlib';
import { type FileMetaData, parquetMetadata, parquetScan, type RowGroup } from 'hyparquet';
import { NUMBER_COLUMNS } from '../core/telemetry/segment-table.ts';
import { flagsIn, numbersIn, type SegmentPage, segmentPage, type Texts, textsIn } from './segment-page.ts';

/** Rows of a segment file that were written together, column by column. */
export interface SegmentColumns {
  readonly rows: number;
  readonly scopes: Texts;
  readonly firstIsCut: Uint8Array;
  readonly lastIsCut: Uint8Array;
  readonly ledgers: Texts;
  /** In the order of `NUMBER_COLUMNS`; NaN where a row has none, null where none of them has any. */
  readonly numbers: readonly (Float64Array | null)[];
}

interface OpenFile {
  readonly bytes: Uint8Array;
  readonly metadata: FileMetaData;
}

/** The row groups of a segment file, one after the other. */
export async function* segmentColumns(bytes: Uint8Array): AsyncGenerator<SegmentColumns> {
  const metadata = parquetMetadata(footerOf(bytes));
  let start = 0;
  for (const group of metadata.row_groups) {
    yield await columnsOf({ bytes, metadata }, group, start);
    start += Number(group.num_rows);
  }
}

/** Length of the footer, and the magic behind it. */
const TAIL_BYTES = 8;

/** The footer alone, as a file of its own is copied to be read. @throws RangeError where there is none. */
function footerOf(bytes: Uint8Array): ArrayBuffer {
  if (bytes.length < TAIL_BYTES) throw new RangeError(`a segment file of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes.length - TAIL_BYTES - view.getUint32(bytes.length - TAIL_BYTES, true);
  return new Uint8Array(bytes.subarray(Math.max(start, 0))).buffer;
}

async function columnsOf(file: OpenFile, group: RowGroup, start: number): Promise<SegmentColumns> {
  const rows = Number(group.num_rows);
  const texts = async (name: string): Promise<Texts> => {
    const page = pageOf(file, group, name);
    return page ? textsIn(page, rows) : textsOf(await generally(file, name, start, rows));
  };
  const flags = async (name: string): Promise<Uint8Array> => {
    const page = pageOf(file, group, name);
    if (page) return flagsIn(page, rows);
    return Uint8Array.from(await generally(file, name, start, rows), (flag) => (flag === true ? 1 : 0));
  };
  const numbers: (Float64Array | null)[] = [];
  for (const name of NUMBER_COLUMNS) {
    const page = pageOf(file, group, name);
    numbers.push(page ? numbersIn(page, rows) : await numbersGenerally(file, name, start, rows));
  }
  return {
    rows,
    scopes: await texts('scope'),
    firstIsCut: await flags('first_is_cut'),
    lastIsCut: await flags('last_is_cut'),
    ledgers: await texts('power_w_ledger'),
    numbers,
  };
}

function pageOf({ bytes }: OpenFile, group: RowGroup, name: string): SegmentPage | null {
  const meta = group.columns.find((c) => c.meta_data?.path_in_schema[0] === name)?.meta_data;
  if (!meta || meta.dictionary_page_offset || meta.codec !== 'ZSTD') return null;
  const first = Number(meta.data_page_offset);
  const chunk = bytes.subarray(first, first + Number(meta.total_compressed_size));
  return segmentPage(chunk, Number(group.num_rows));
}

/** A column in a form that Wattline does not write now; all null where the file does not have it. */
async function generally(
  { bytes, metadata }: OpenFile,
  name: string,
  start: number,
  rows: number,
): Promise<ArrayLike<unknown>> {
  if (!metadata.schema.some((element) => element.name === name)) return new Array(rows).fill(null);
  const scan = await parquetScan({
    file: new Uint8Array(bytes).buffer,
    metadata,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  return scan.readColumn({ column: name, rowStart: start, rowEnd: start + rows });
}

async function numbersGenerally(
  file: OpenFile,
  name: string,
  start: number,
  rows: number,
): Promise<Float64Array | null> {
  const values = await generally(file, name, start, rows);
  const numbers = Float64Array.from(values, (v) => (v === null || v === undefined ? Number.NaN : Number(v)));
  return numbers.every(Number.isNaN) ? null : numbers;
}

function textsOf(values: ArrayLike<unknown>): Texts {
  const texts = Array.from(values, (v) => (v === null || v === undefined ? null : Buffer.from(String(v))));
  const [starts, ends] = [new Int32Array(texts.length), new Int32Array(texts.length).fill(-1)];
  let at = 0;
  for (const [row, text] of texts.entries()) {
    if (!text) continue;
    starts[row] = at;
    at += text.length;
    ends[row] = at;
  }
  return { bytes: Buffer.concat(texts.filter((t) => t !== null)), starts, ends };
}
