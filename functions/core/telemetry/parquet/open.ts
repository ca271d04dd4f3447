import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaElement } from 'hyparquet';
import type { RandomAccess } from '../formats/format.ts';
import { COLUMN_LIMIT } from '../table.ts';
import { damaged, FOOTER_LIMIT_BYTES, GROUP_LIMIT_ROWS, tooLarge } from './limits.ts';
import { readThrift } from './thrift.ts';

const MAGIC = 'PAR1';
const MAGIC_BYTES = 4;
/** Length of the footer, and the magic behind it. */
const TAIL_BYTES = 8;

export const isParquet = (head: string): boolean => head.startsWith(MAGIC);

export interface ParquetFooter {
  readonly metadata: FileMetaData;
  /** Columns of plain values at the top level, by name. */
  readonly columns: ReadonlyMap<string, SchemaElement>;
  /** Every column at the top level, those of lists and structures too. */
  readonly names: readonly string[];
}

/**
 * Reads what a file says of itself, and refuses it where it claims more than is bearable.
 *
 * @throws InputError `parquet-magic`, `parquet-footer`, `parquet-too-large`.
 */
export async function openParquet(file: RandomAccess, path: string): Promise<ParquetFooter> {
  const { sizeBytes } = file;
  if (sizeBytes < MAGIC_BYTES + TAIL_BYTES)
    throw damaged('parquet-magic', path, `a file of ${sizeBytes} bytes`);
  const [head, tail] = await Promise.all([
    file.slice(0, MAGIC_BYTES - 1),
    file.slice(sizeBytes - TAIL_BYTES, sizeBytes - 1),
  ]);
  for (const bytes of [head, tail.subarray(MAGIC_BYTES)])
    if (textOf(bytes) !== MAGIC)
      throw damaged('parquet-magic', path, `${JSON.stringify(textOf(bytes))} stands where ${MAGIC} should`);
  const footerBytes = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (footerBytes > sizeBytes - MAGIC_BYTES - TAIL_BYTES)
    throw damaged('parquet-footer', path, `a footer of ${footerBytes} bytes in a file of ${sizeBytes}`);
  if (footerBytes > FOOTER_LIMIT_BYTES)
    throw tooLarge(path, 'the footer in bytes', footerBytes, FOOTER_LIMIT_BYTES);
  const footer = await file.slice(sizeBytes - TAIL_BYTES - footerBytes, sizeBytes - 1);
  const metadata = metadataIn(footer, path);
  checkClaims(metadata, path);
  return { metadata, ...columnsOf(metadata, path) };
}

const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function metadataIn(footer: Uint8Array, path: string): FileMetaData {
  try {
    readThrift(footer.subarray(0, footer.length - TAIL_BYTES), 0);
    return parquetMetadata(new Uint8Array(footer), { parsers: QUIET_PARSERS, geoparquet: false });
  } catch (cause) {
    throw damaged('parquet-footer', path, 'the footer cannot be read', cause);
  }
}

/** Statistics are not used: what they hold must not make the footer unreadable. */
const QUIET_PARSERS = {
  timestampFromMilliseconds: () => null,
  timestampFromMicroseconds: () => null,
  timestampFromNanoseconds: () => null,
  dateFromDays: () => null,
  stringFromBytes: () => null,
  jsonFromBytes: () => null,
};

function checkClaims({ schema, row_groups, num_rows }: FileMetaData, path: string): void {
  if (schema.length > COLUMN_LIMIT)
    throw tooLarge(path, 'the number of columns', schema.length, COLUMN_LIMIT);
  let rows = 0;
  for (const group of row_groups) {
    const groupRows = Number(group.num_rows);
    if (!(groupRows >= 0)) throw damaged('parquet-footer', path, `a row group of ${groupRows} rows`);
    if (groupRows > GROUP_LIMIT_ROWS)
      throw tooLarge(path, 'the number of rows in a row group', groupRows, GROUP_LIMIT_ROWS);
    rows += groupRows;
  }
  if (rows !== Number(num_rows))
    throw damaged('parquet-footer', path, `${rows} rows in its groups and ${num_rows} in all`);
}

function columnsOf(metadata: FileMetaData, path: string): Pick<ParquetFooter, 'columns' | 'names'> {
  try {
    const { children } = parquetSchema(metadata);
    const plain = children.filter(
      ({ element, children: inner }) =>
        inner.length === 0 && element.repetition_type !== 'REPEATED' && element.type,
    );
    return {
      columns: new Map(plain.map(({ element }) => [element.name, element])),
      names: children.map(({ element }) => element.name),
    };
  } catch (cause) {
    throw damaged('parquet-footer', path, 'its columns cannot be told', cause);
  }
}
