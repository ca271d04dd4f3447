import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib';
import type { ColumnChunk, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writeColumn } from 'hyparquet-writer/src/column.js';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { ClosedTrack } from '../core/telemetry/segment-fold.ts';
import { GROUP_ROWS, NUMBER_COLUMNS, SegmentTable } from '../core/telemetry/segment-table.ts';
import type { Upload } from './object-store.ts';

const compress = promisify(zstdCompress);
/** Level 1: a third of the time of the default for a file a tenth larger. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const TEXT_COLUMNS = ['scope', 'power_w_ledger'] as const;
const FLAG_COLUMNS = ['first_is_cut', 'last_is_cut'] as const;

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: TEXT_COLUMNS.length + FLAG_COLUMNS.length + NUMBER_COLUMNS.length },
  ...TEXT_COLUMNS.map(
    (name): SchemaElement => ({
      name,
      type: 'BYTE_ARRAY',
      converted_type: 'UTF8',
      repetition_type: 'OPTIONAL',
    }),
  ),
  ...FLAG_COLUMNS.map((name): SchemaElement => ({ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' })),
  ...NUMBER_COLUMNS.map((name): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' })),
];

/** A page of optional numbers as it stands in a file: presence by bits, then the numbers that are there. */
interface NumberPage {
  readonly levels: Uint8Array;
  readonly numbers: Uint8Array;
  readonly nulls: number;
}

/** NaN is null. */
function pageOf(column: Float64Array | null, rows: number): NumberPage {
  const present = new Float64Array(column ? rows : 0);
  const bits = new Uint8Array(Math.ceil(rows / 8));
  let count = 0;
  for (let i = 0; column && i < rows; i += 1) {
    const value = column[i] as number;
    if (Number.isNaN(value)) continue;
    present[count] = value;
    count += 1;
    bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  const levels = new ByteWriter();
  // Runs where all are there or none is, as in most columns; bit-packed groups of eight otherwise.
  if (count === 0 || count === rows) {
    levels.appendVarInt(rows << 1);
    levels.appendUint8(count === 0 ? 0 : 1);
  } else {
    levels.appendVarInt((bits.length << 1) | 1);
    levels.appendBytes(bits);
  }
  return {
    levels: levels.getBytes(),
    numbers: new Uint8Array(present.buffer, 0, count * Float64Array.BYTES_PER_ELEMENT),
    nulls: rows - count,
  };
}

function appendNumbers(
  writer: ByteWriter,
  name: string,
  rows: number,
  page: NumberPage,
  compressed: Uint8Array,
): ColumnChunk {
  const start = writer.offset;
  const isEmpty = page.numbers.length === 0;
  const body = isEmpty ? page.numbers : compressed;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: page.levels.length + page.numbers.length,
    compressed_page_size: page.levels.length + body.length,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: page.nulls,
      num_rows: rows,
      encoding: 'PLAIN',
      definition_levels_byte_length: page.levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: !isEmpty,
    },
  });
  const headerBytes = writer.offset - start;
  writer.appendBytes(page.levels);
  writer.appendBytes(body);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: 'DOUBLE',
      encodings: ['PLAIN'],
      path_in_schema: [name],
      codec: 'ZSTD',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(headerBytes + page.levels.length + page.numbers.length),
      total_compressed_size: BigInt(writer.offset - start),
      data_page_offset: BigInt(start),
    },
  };
}

function appendPlain(writer: ByteWriter, element: SchemaElement, values: unknown[]): ColumnChunk {
  return writeColumn({
    writer,
    column: {
      columnName: element.name,
      element,
      schemaPath: [SCHEMA[0] as SchemaElement, element],
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes, LEVEL) },
      stats: false,
      pageSize: 0,
      columnIndex: false,
      offsetIndex: false,
    },
    pageData: {
      values,
      definitionLevels: values.map((v) => (v === null ? 0 : 1)),
      repetitionLevels: [],
      maxDefinitionLevel: 1,
    },
  }).chunk;
}

/**
 * Writes the segments of one source as they come, a row group at a time, so that memory does not grow with the
 * file. hyparquet-writer writes the file; the columns of numbers are encoded here, since its general way through
 * arrays of values costs more than reading the telemetry does (docs/benchmarks.md). Same rows, same bytes.
 */
export class SegmentFileWriter {
  private readonly bytes = new ByteWriter(2 ** 20);
  private readonly parquet = new ParquetWriter({ writer: this.bytes, schema: SCHEMA, codec: 'ZSTD' });
  private table = new SegmentTable();
  private work: Promise<void> = Promise.resolve();
  private groups = 0;
  private failure: unknown = null;
  private readonly upload: Upload;

  constructor(upload: Upload) {
    this.upload = upload;
  }

  add(scope: string, tracks: readonly ClosedTrack[]): void {
    this.table.add(scope, tracks);
    // A group may run over by the rows of one sample: one a field at most.
    if (this.table.rows >= GROUP_ROWS - ROWS_A_SAMPLE) this.flush();
  }

  get isEmpty(): boolean {
    return this.table.rows === 0 && this.parquet.num_rows === 0n;
  }

  /** Resolves when another group may be begun: one may be under way while the next is filled. */
  async ready(): Promise<void> {
    if (this.groups > 1) await this.work;
    if (this.failure) throw this.failure;
  }

  private flush(): void {
    const { table } = this;
    this.table = new SegmentTable();
    this.groups += 1;
    this.work = this.work
      .then(() => (this.failure ? undefined : this.group(table)))
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.groups -= 1;
      });
  }

  private async group(table: SegmentTable): Promise<void> {
    const { rows } = table;
    const pages = NUMBER_COLUMNS.map((_, i) => pageOf(table.column(i), rows));
    const compressed = await Promise.all(
      pages.map(({ numbers }) => (numbers.length === 0 ? numbers : compress(numbers, LEVEL))),
    );
    const start = this.bytes.offset;
    const texts = [table.scopes, table.ledgers, table.firstIsCut, table.lastIsCut];
    const columns = [
      ...texts.map((values, i) => appendPlain(this.bytes, SCHEMA[i + 1] as SchemaElement, values)),
      ...NUMBER_COLUMNS.map((name, i) =>
        appendNumbers(this.bytes, name, rows, pages[i] as NumberPage, compressed[i] as Uint8Array),
      ),
    ];
    this.parquet.row_groups.push({
      columns,
      total_byte_size: columns.reduce((sum, c) => sum + (c.meta_data?.total_uncompressed_size ?? 0n), 0n),
      num_rows: BigInt(rows),
      total_compressed_size: BigInt(this.bytes.offset - start),
    });
    this.parquet.num_rows += BigInt(rows);
    await this.handOver();
  }

  /** Bytes so far go to the upload; the writer goes on counting offsets. */
  private async handOver(): Promise<void> {
    const bytes = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    await this.upload.write(bytes);
  }

  /** Writes what is left and the footer, and completes the object. */
  async finish(): Promise<void> {
    if (this.table.rows > 0) this.flush();
    await this.work;
    if (this.failure) throw this.failure;
    this.parquet.finish();
    await this.handOver();
    await this.upload.finish();
  }

  async abort(): Promise<void> {
    await this.work;
    await this.upload.abort();
  }
}

const ROWS_A_SAMPLE = 64;
