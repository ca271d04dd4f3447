import {
  type AsyncBuffer,
  type FileMetaData,
  parquetScan,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { InputError } from '../../errors.ts';
import type { RandomAccess } from '../formats/format.ts';
import { PLAIN_PARSERS } from './cells.ts';
import { damaged, GROUP_LIMIT_BYTES, tooLarge } from './limits.ts';
import { lz4 } from './lz4.ts';
import { openPages } from './pages.ts';
import { snappy } from './snappy.ts';

export interface GroupSource {
  readonly file: RandomAccess;
  readonly path: string;
  readonly metadata: FileMetaData;
}

type ColumnMeta = NonNullable<RowGroup['columns'][number]['meta_data']>;
type Decompress = (bytes: Uint8Array, sizeBytes: number) => Uint8Array;

/**
 * The values of some columns of one row group, a column after the other: every size that the file claims is checked
 * before the decoder sees it.
 *
 * @throws InputError `parquet-corrupt`, `parquet-too-large`, `parquet-codec`, `parquet-encoding`.
 */
export async function readGroup(
  source: GroupSource,
  group: RowGroup,
  columns: readonly SchemaElement[],
): Promise<ArrayLike<unknown>[]> {
  const metas = columns.map((column) => metaOf(group, column.name, source.path));
  const sizeBytes = metas.reduce((sum, meta) => sum + Number(meta.total_uncompressed_size), 0);
  if (!(sizeBytes <= GROUP_LIMIT_BYTES))
    throw tooLarge(source.path, 'a row group in bytes', sizeBytes, GROUP_LIMIT_BYTES);
  const values: ArrayLike<unknown>[] = [];
  for (const [i, column] of columns.entries())
    values.push(await readColumn(source, group, column, metas[i] as ColumnMeta));
  return values;
}

function metaOf(group: RowGroup, name: string, path: string): ColumnMeta {
  const found = group.columns.find(
    ({ meta_data }) => meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === name,
  );
  if (found?.meta_data && !found.file_path) return found.meta_data;
  throw damaged('parquet-corrupt', path, `a row group lacks the column ${JSON.stringify(name)}`);
}

async function readColumn(
  { file, path, metadata }: GroupSource,
  group: RowGroup,
  column: SchemaElement,
  meta: ColumnMeta,
): Promise<ArrayLike<unknown>> {
  const rows = Number(group.num_rows);
  const bytes = await chunkBytes(file, meta, path);
  try {
    const pages = openPages({
      name: `${path}: the column ${JSON.stringify(column.name)}`,
      bytes,
      rows,
      isOptional: column.repetition_type === 'OPTIONAL',
      isBoolean: column.type === 'BOOLEAN',
      limitBytes: GROUP_LIMIT_BYTES,
      decompress: decompressorOf(meta.codec, file, path),
    });
    const values = await decode(alone(group, metadata, meta, bytes), bytes, pages, rows);
    if (values.length !== rows) throw new RangeError(`${values.length} values of ${rows} rows`);
    return values;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw damaged('parquet-corrupt', path, `the column ${JSON.stringify(column.name)} cannot be read`, cause);
  }
}

async function chunkBytes(
  file: RandomAccess,
  meta: ColumnMeta,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const first = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const length = Number(meta.total_compressed_size);
  if (!(first >= 0 && length > 0 && first + length <= file.sizeBytes))
    throw damaged(
      'parquet-corrupt',
      path,
      `a column of ${length} bytes at byte ${first} of ${file.sizeBytes}`,
    );
  // A copy that begins at 0 of its buffer, aligned, and by whose places the pages are known.
  return new Uint8Array(await file.slice(first, first + length - 1));
}

function decompressorOf(codec: ColumnMeta['codec'], file: RandomAccess, path: string): Decompress | null {
  if (codec === 'UNCOMPRESSED') return null;
  if (codec === 'SNAPPY') return snappy;
  if (codec === 'LZ4_RAW') return lz4;
  const { decompress } = file;
  if (decompress) return (bytes, sizeBytes) => decompress(codec, bytes, sizeBytes);
  throw new InputError(
    'parquet-codec',
    `${path}: compressed with ${codec}; expected SNAPPY, LZ4_RAW or none`,
  );
}

/** The file as if it held nothing but this column chunk, at its beginning. */
function alone(group: RowGroup, metadata: FileMetaData, meta: ColumnMeta, bytes: Uint8Array): FileMetaData {
  const { dictionary_page_offset, ...rest } = meta;
  const meta_data = { ...rest, data_page_offset: 0n, total_compressed_size: BigInt(bytes.length) };
  const columns = [{ file_offset: 0n, meta_data }];
  return { ...metadata, num_rows: group.num_rows, row_groups: [{ ...group, columns }] };
}

async function decode(
  metadata: FileMetaData,
  bytes: Uint8Array<ArrayBuffer>,
  pages: ReadonlyMap<number, Uint8Array>,
  rows: number,
): Promise<ArrayLike<unknown>> {
  const { meta_data } = metadata.row_groups[0]?.columns[0] ?? {};
  const column = meta_data?.path_in_schema[0] ?? '';
  const file: AsyncBuffer = { byteLength: bytes.length, slice: () => bytes.buffer };
  const opened = (packed: Uint8Array): Uint8Array => pages.get(packed.byteOffset) as Uint8Array;
  const scan = await parquetScan({
    file,
    metadata,
    columns: [column],
    compressors: meta_data ? { [meta_data.codec]: opened } : {},
    parsers: PLAIN_PARSERS,
    geoparquet: false,
    useOffsetIndex: false,
  });
  return scan.readColumn({ column, rowStart: 0, rowEnd: rows });
}
