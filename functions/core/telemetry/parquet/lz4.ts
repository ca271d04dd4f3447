const LONG = 15;
const SHORTEST_MATCH = 4;
const MORE = 255;

/**
 * Decompresses one raw LZ4 block (LZ4_RAW in Parquet) into exactly `sizeBytes`, which the caller has checked to be
 * bearable. Every length is checked before it is used. Source: lz4/lz4, doc/lz4_Block_format.md.
 *
 * @throws RangeError where the block is damaged or of another size.
 */
export function lz4(input: Uint8Array, sizeBytes: number): Uint8Array {
  const output = new Uint8Array(sizeBytes);
  let from = 0;
  let to = 0;
  const byte = (): number => {
    const value = input[from];
    if (value === undefined) throw new RangeError(`a block is cut at byte ${from}`);
    from += 1;
    return value;
  };
  /** A length that goes on in further bytes where its four bits are full. */
  const lengthFrom = (bits: number): number => {
    if (bits < LONG) return bits;
    let length = bits;
    for (let next = byte(); ; next = byte()) {
      length += next;
      if (next !== MORE) return length;
    }
  };
  while (from < input.length) {
    const token = byte();
    const literal = lengthFrom(token >> 4);
    if (literal > input.length - from || literal > sizeBytes - to)
      throw new RangeError(`a literal of ${literal} bytes at byte ${from} does not fit`);
    output.set(input.subarray(from, from + literal), to);
    from += literal;
    to += literal;
    // The last sequence of a block has a literal alone.
    if (from === input.length) break;
    const back = byte() + byte() * 256;
    const length = lengthFrom(token & LONG) + SHORTEST_MATCH;
    if (back === 0 || back > to || length > sizeBytes - to)
      throw new RangeError(`a copy of ${length} bytes from ${back} back at byte ${from} does not fit`);
    if (back >= length) output.copyWithin(to, to - back, to - back + length);
    else for (let i = 0; i < length; i += 1) output[to + i] = output[to + i - back] as number;
    to += length;
  }
  if (to !== sizeBytes) throw new RangeError(`a block ends after ${to} of ${sizeBytes} bytes`);
  return output;
}
