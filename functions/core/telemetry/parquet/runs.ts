import { readVarint } from './thrift.ts';

/** Bit-packed runs are padded to eight values, by some writers to more. */
const PADDING_VALUES = 512;
/** Delta-encoded blocks are of 128 values in 4 parts; nobody writes anything near these. */
const DELTA_BLOCK_LIMIT = 2 ** 20;
const DELTA_PARTS_LIMIT = 512;

/**
 * Checks levels or dictionary indices before they are decoded: a run of five bytes can claim two billion values.
 * Source: apache/parquet-format, Encodings.md, run length encoding and bit-packing hybrid.
 *
 * @throws RangeError where a run is longer than the page has values, or its bytes are not there.
 */
export function checkRuns(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  values: number,
): void {
  if (width > 32 || end > bytes.length || start > end)
    throw new RangeError(`levels of ${width} bits from byte ${start} to ${end} of ${bytes.length}`);
  let seen = 0;
  for (let at = start; at < end && seen < values; ) {
    const head = readVarint(bytes, at);
    const isPacked = head.value % 2 === 1;
    const units = Math.floor(head.value / 2);
    const count = isPacked ? units * 8 : units;
    if (count > values + PADDING_VALUES)
      throw new RangeError(`a run at byte ${at} claims ${count} values of ${values}`);
    seen += count;
    at = head.end + (isPacked ? units * width : Math.ceil(width / 8));
  }
}

/** Checks the head of delta-encoded numbers, by which their reader allocates. @throws RangeError */
export function checkDeltaHead(bytes: Uint8Array, start: number): void {
  const block = readVarint(bytes, start);
  const parts = readVarint(bytes, block.end);
  if (block.value > DELTA_BLOCK_LIMIT || parts.value > DELTA_PARTS_LIMIT || parts.value === 0)
    throw new RangeError(`a delta block of ${block.value} values in ${parts.value} parts`);
}
