import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface ParquetColumn {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN';
}

/** Rows as a Parquet file. Absent and NaN cells are null: "no reading" is never a number. Same rows, same bytes. */
export function writeRows(
  columns: readonly ParquetColumn[],
  rows: readonly Record<string, unknown>[],
): Uint8Array {
  const columnData = columns.map(({ name, type }) => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => cell(row[name])),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'SNAPPY' }));
}

const cell = (value: unknown): unknown => (value === undefined || Number.isNaN(value) ? null : value);

/** All rows of a Parquet file, columns by name. */
export async function readRows(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return (await parquetReadObjects({
    file,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  })) as Record<string, unknown>[];
}
