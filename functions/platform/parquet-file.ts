import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { ColumnChunk, ParquetType, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { TextColumn } from '../core/telemetry/text-column.ts';

const compress = promisify(zstdCompress);
/** `PAR1`, at both ends of a file. */
const MAGIC = 0x31524150;

/** A page at level 1, with a window of the size of a page: most of the default's time is spent on larger tables. */
const compressed = (page: Uint8Array): Promise<Uint8Array> =>
  compress(page, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 17 },
    chunkSize: page.length + 1024,
    pledgedSrcSize: page.length,
  });

export interface FileColumn {
  readonly name: string;
  readonly type: 'text' | 'number' | 'flag';
}

const ELEMENTS: Readonly<Record<FileColumn['type'], Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  number: { type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  flag: { type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
};

/** A page as it stands in a file: which values are there, then those that are. */
export interface Page {
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
  readonly nulls: number;
}

/** Which of the rows have a value: runs where all have or none has, bit-packed groups of eight otherwise. */
function levelsOf(rows: number, count: number, bits: Uint8Array): Uint8Array {
  const levels = new ByteWriter(bits.length + LEVEL_HEADER_BYTES);
  if (count === 0 || count === rows) {
    levels.appendVarInt(rows << 1);
    levels.appendUint8(count === 0 ? 0 : 1);
  } else {
    levels.appendVarInt((bits.length << 1) | 1);
    levels.appendBytes(bits);
  }
  return levels.getBytes();
}

const setBit = (bits: Uint8Array, i: number): void => {
  bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
};

/** NaN is null. */
export function numberPage(column: Float64Array | null, rows: number): Page {
  const present = new Float64Array(column ? rows : 0);
  const bits = new Uint8Array(Math.ceil(rows / 8));
  let count = 0;
  for (let i = 0; column && i < rows; i += 1) {
    const value = column[i] as number;
    if (Number.isNaN(value)) continue;
    present[count] = value;
    count += 1;
    setBit(bits, i);
  }
  const values = new Uint8Array(present.buffer, 0, count * Float64Array.BYTES_PER_ELEMENT);
  return { levels: levelsOf(rows, count, bits), values, nulls: rows - count };
}

export function textPage(column: readonly (string | null)[]): Page {
  const bits = new Uint8Array(Math.ceil(column.length / 8));
  // Lengths first: as many bytes as UTF-8 can take would be three times the memory.
  let bytes = 0;
  let count = 0;
  for (let i = 0; i < column.length; i += 1) {
    const text = column[i] as string | null;
    if (text === null) continue;
    bytes += TEXT_LENGTH_BYTES + Buffer.byteLength(text);
    count += 1;
    setBit(bits, i);
  }
  const values = Buffer.alloc(bytes);
  let at = 0;
  for (let i = 0; i < column.length; i += 1) {
    const text = column[i] as string | null;
    if (text === null) continue;
    const length = values.write(text, at + TEXT_LENGTH_BYTES);
    values.writeUInt32LE(length, at);
    at += TEXT_LENGTH_BYTES + length;
  }
  return { levels: levelsOf(column.length, count, bits), values, nulls: column.length - count };
}

/** Texts that are bytes already. */
export function textColumnPage(column: TextColumn): Page {
  const { isPresent } = column;
  const rows = isPresent.length;
  const bits = new Uint8Array(Math.ceil(rows / 8));
  let count = 0;
  for (let i = 0; i < rows; i += 1) {
    if (!isPresent[i]) continue;
    count += 1;
    setBit(bits, i);
  }
  return { levels: levelsOf(rows, count, bits), values: column.values(), nulls: rows - count };
}

export function flagPage(column: readonly boolean[]): Page {
  const bits = new Uint8Array(Math.ceil(column.length / 8));
  for (let i = 0; i < column.length; i += 1) if (column[i]) setBit(bits, i);
  return { levels: levelsOf(column.length, column.length, bits), values: bits, nulls: 0 };
}

const LEVEL_HEADER_BYTES = 8;
const TEXT_LENGTH_BYTES = 4;

/** Where a page came to lie: numbers of one column chunk, in bytes. */
const START = 0;
const UNCOMPRESSED = 1;
const COMPRESSED = 2;
const CHUNK_NUMBERS = 3;

/** A row group that was written; its column chunks as plain numbers, since a file may have tens of thousands. */
interface WrittenGroup {
  readonly rows: number;
  readonly chunks: Float64Array;
}

/** Appends a page; the numbers of its column chunk. */
function appendPage(writer: ByteWriter, rows: number, page: Page, body: Uint8Array): number[] {
  const start = writer.offset;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: page.levels.length + page.values.length,
    compressed_page_size: page.levels.length + body.length,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: page.nulls,
      num_rows: rows,
      encoding: 'PLAIN',
      definition_levels_byte_length: page.levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: body.length > 0,
    },
  });
  const headerBytes = writer.offset - start;
  writer.appendBytes(page.levels);
  writer.appendBytes(body);
  return [start, headerBytes + page.levels.length + page.values.length, writer.offset - start];
}

/** What the footer says of a row group. */
function rowGroup({ rows, chunks }: WrittenGroup, elements: readonly SchemaElement[]): RowGroup {
  const at = (i: number, number: number): bigint => BigInt(chunks[i * CHUNK_NUMBERS + number] as number);
  const sum = (number: number): bigint => elements.reduce((total, _, i) => total + at(i, number), 0n);
  const columns = elements.map(
    (element, i): ColumnChunk => ({
      file_offset: at(i, START),
      meta_data: {
        type: element.type as ParquetType,
        encodings: ['PLAIN'],
        path_in_schema: [element.name],
        codec: 'ZSTD',
        num_values: BigInt(rows),
        total_uncompressed_size: at(i, UNCOMPRESSED),
        total_compressed_size: at(i, COMPRESSED),
        data_page_offset: at(i, START),
      },
    }),
  );
  return {
    columns,
    total_byte_size: sum(UNCOMPRESSED),
    num_rows: BigInt(rows),
    total_compressed_size: sum(COMPRESSED),
  };
}

/**
 * A Parquet file that is written a row group at a time. Headers and footer are hyparquet-writer's; pages are encoded
 * here and compressed in other threads, since its general way through arrays of values costs as much as reading the
 * telemetry does. Absent cells are null: "no reading" is never a number. Same rows, same bytes.
 */
export class ParquetFile {
  private readonly bytes = new ByteWriter(2 ** 20);
  private readonly schema: SchemaElement[];
  private readonly groups: WrittenGroup[] = [];
  private readonly write: (bytes: Uint8Array) => Promise<void>;
  rows = 0;

  constructor(columns: readonly FileColumn[], write: (bytes: Uint8Array) => Promise<void>) {
    this.schema = [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type }): SchemaElement => ({ name, ...ELEMENTS[type] })),
    ];
    this.write = write;
    this.bytes.appendUint32(MAGIC);
  }

  /** Adds a group of rows, a page a column, each made when those before it are written. Pages are used up. */
  async group(rows: number, pages: Iterable<Page>): Promise<void> {
    const chunks: number[] = [];
    for (const page of pages) {
      // One after another: all at once they would fill the threads that reading the source waits for.
      const body = page.values.length === 0 ? page.values : await compressed(page.values);
      chunks.push(...appendPage(this.bytes, rows, page, body));
      // A page has memory of its own, which goes back at once: the garbage collector would let it pile up.
      (page.values.buffer as ArrayBuffer).transfer(0);
    }
    this.groups.push({ rows, chunks: Float64Array.from(chunks) });
    this.rows += rows;
    await this.handOver();
  }

  /** Writes the footer. */
  async finish(): Promise<void> {
    const { schema } = this;
    const [, ...elements] = schema;
    const row_groups = this.groups.map((group) => rowGroup(group, elements));
    const metadata = { version: 2, created_by: 'wattline', schema, num_rows: BigInt(this.rows), row_groups };
    writeMetadata(this.bytes, { ...metadata, metadata_length: 0 });
    this.bytes.appendUint32(MAGIC);
    await this.handOver();
  }

  /** Bytes so far go out; the writer goes on counting offsets. */
  private async handOver(): Promise<void> {
    const bytes = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    await this.write(bytes);
  }
}
