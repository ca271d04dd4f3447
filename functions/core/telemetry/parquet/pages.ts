import { InputError } from '../../errors.ts';
import { PAGE_LIMIT_BYTES } from './limits.ts';
import { checkDeltaHead, checkRuns } from './runs.ts';
import { readThrift, type ThriftFields } from './thrift.ts';

/** Page types and encodings by number. Source: apache/parquet-format, parquet.thrift. */
const DATA_PAGE = 0;
const INDEX_PAGE = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;
const READABLE = [
  PLAIN,
  PLAIN_DICTIONARY,
  RLE,
  DELTA_BINARY_PACKED,
  DELTA_LENGTH_BYTE_ARRAY,
  RLE_DICTIONARY,
  BYTE_STREAM_SPLIT,
];
const LENGTH_BYTES = 4;

/** One column of one row group, as it stands in the file. */
export interface ColumnChunk {
  /** File and column, for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly isOptional: boolean;
  readonly isBoolean: boolean;
  /** Bytes that the pages may have together, decompressed. */
  readonly limitBytes: number;
  /** Null: not compressed. */
  readonly decompress: ((bytes: Uint8Array, sizeBytes: number) => Uint8Array) | null;
}

/**
 * Decompresses the pages of a column chunk, after checking every size that they claim: by place of their compressed
 * bytes in the chunk. What comes out is safe to decode.
 *
 * @throws RangeError where a page is damaged or claims more than there is; InputError `parquet-encoding`.
 */
export function openPages(chunk: ColumnChunk): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  let values = 0;
  let sizeBytes = 0;
  for (let at = 0; at < chunk.bytes.length && values < chunk.rows; ) {
    const { fields, end } = readThrift(chunk.bytes, at);
    const head = pageHead(fields);
    if (head.packedBytes > chunk.bytes.length - end)
      throw new RangeError(`a page of ${head.packedBytes} bytes at byte ${end} is cut`);
    sizeBytes += head.sizeBytes;
    if (head.sizeBytes > PAGE_LIMIT_BYTES || sizeBytes > chunk.limitBytes)
      throw new RangeError(`a page claims ${head.sizeBytes} bytes`);
    if (head.type !== DICTIONARY_PAGE) values += head.values;
    if (values > chunk.rows) throw new RangeError(`pages claim ${values} values of ${chunk.rows} rows`);
    const packed = chunk.bytes.subarray(end, end + head.packedBytes);
    const page = openPage(packed, head, chunk);
    pages.set(end + head.levelBytes, page);
    checkPage(page, packed, head, chunk);
    at = end + head.packedBytes;
  }
  if (values !== chunk.rows) throw new RangeError(`pages hold ${values} values of ${chunk.rows} rows`);
  return pages;
}

interface PageHead {
  readonly type: number;
  readonly sizeBytes: number;
  readonly packedBytes: number;
  readonly values: number;
  readonly encoding: number;
  /** Levels before the values that are never compressed (version 2). */
  readonly levelBytes: number;
  readonly isPacked: boolean;
}

/** Field numbers of each page type's own header: where it is, and of its values, encoding and levels. */
const HEADS: Readonly<
  Record<number, { own: number; encoding: number; levels: readonly number[]; packed: number }>
> = {
  [DATA_PAGE]: { own: 5, encoding: 2, levels: [], packed: 0 },
  [DICTIONARY_PAGE]: { own: 7, encoding: 2, levels: [], packed: 0 },
  [DATA_PAGE_V2]: { own: 8, encoding: 4, levels: [5, 6], packed: 7 },
};

function pageHead(fields: ThriftFields): PageHead {
  const type = whole(fields, 1);
  const places = HEADS[type];
  if (!places) throw new RangeError(type === INDEX_PAGE ? 'an index page' : `a page of the type ${type}`);
  const own = fields.get(places.own);
  if (own === undefined || typeof own === 'number') throw new RangeError('a page without its header');
  return {
    type,
    sizeBytes: whole(fields, 2),
    packedBytes: whole(fields, 3),
    values: whole(own, 1),
    encoding: whole(own, places.encoding),
    levelBytes: places.levels.reduce((sum, id) => sum + whole(own, id), 0),
    isPacked: own.get(places.packed) !== 0,
  };
}

function whole(fields: ThriftFields, id: number): number {
  const value = fields.get(id);
  if (typeof value === 'number' && value >= 0) return value;
  throw new RangeError(`a page header says ${typeof value === 'number' ? value : 'nothing'} as field ${id}`);
}

function openPage(packed: Uint8Array, head: PageHead, { decompress }: ColumnChunk): Uint8Array {
  const body = packed.subarray(head.levelBytes);
  const sizeBytes = head.sizeBytes - head.levelBytes;
  if (sizeBytes < 0)
    throw new RangeError(`levels of ${head.levelBytes} bytes in a page of ${head.sizeBytes}`);
  const page = decompress && head.isPacked ? decompress(body, sizeBytes) : body;
  if (page.length !== sizeBytes)
    throw new RangeError(`a page of ${page.length} bytes; expected ${sizeBytes}`);
  return page;
}

/** Checks what the decoder would allocate or run through by the page's own word. */
function checkPage(page: Uint8Array, packed: Uint8Array, head: PageHead, chunk: ColumnChunk): void {
  const { type, encoding, values, levelBytes } = head;
  if (!READABLE.includes(encoding))
    throw new InputError(
      'parquet-encoding',
      `${chunk.name}: values in Parquet's encoding ${encoding}; expected ${READABLE.join(', ')}`,
    );
  if (type === DICTIONARY_PAGE) {
    if (values > page.length)
      throw new RangeError(`a dictionary claims ${values} values in ${page.length} bytes`);
    return;
  }
  let at = 0;
  if (chunk.isOptional && type === DATA_PAGE) at = checkPrefixed(page, 0, values);
  else if (chunk.isOptional) checkRuns(packed, 0, levelBytes, 1, values);
  if (at === page.length) return;
  if (encoding === RLE && chunk.isBoolean) checkPrefixed(page, at, values);
  else if (encoding === RLE || encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY)
    checkRuns(page, at + 1, page.length, page[at] as number, values);
  else if (encoding === DELTA_BINARY_PACKED || encoding === DELTA_LENGTH_BYTE_ARRAY) checkDeltaHead(page, at);
}

/** Runs behind their length in four bytes; the place behind them. */
function checkPrefixed(page: Uint8Array, at: number, values: number): number {
  if (at + LENGTH_BYTES > page.length) throw new RangeError(`levels are cut at byte ${at}`);
  const start = at + LENGTH_BYTES;
  const length = new DataView(page.buffer, page.byteOffset).getUint32(at, true);
  if (length > page.length - start)
    throw new RangeError(`levels claim ${length} bytes of ${page.length - start}`);
  checkRuns(page, start, start + length, 1, values);
  return start + length;
}
