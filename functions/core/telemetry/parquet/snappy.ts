import { readVarint } from './thrift.ts';

const LONG_LITERAL = 60;

/**
 * Decompresses one raw Snappy block into exactly `sizeBytes`, which the caller has checked to be bearable. Every
 * length is checked before it is used. Source: google/snappy, format_description.txt.
 *
 * @throws RangeError where the block is damaged or of another size.
 */
export function snappy(input: Uint8Array, sizeBytes: number): Uint8Array {
  const { value: stated, end } = readVarint(input, 0);
  if (stated !== sizeBytes) throw new RangeError(`a block of ${stated} bytes; expected ${sizeBytes}`);
  const output = new Uint8Array(sizeBytes);
  let from = end;
  let to = 0;
  while (from < input.length) {
    const tag = input[from] as number;
    from += 1;
    const { length, extra, back } = (tag & 3) === 0 ? literal(input, tag, from) : copy(input, tag, from);
    from += extra;
    if (length > output.length - to || back > to || (back === 0 && length > input.length - from))
      throw new RangeError(`an element of ${length} bytes at byte ${from} does not fit`);
    if (back === 0) {
      output.set(input.subarray(from, from + length), to);
      from += length;
    } else if (back >= length) output.copyWithin(to, to - back, to - back + length);
    else for (let i = 0; i < length; i += 1) output[to + i] = output[to + i - back] as number;
    to += length;
  }
  if (to !== sizeBytes) throw new RangeError(`a block ends after ${to} of ${sizeBytes} bytes`);
  return output;
}

/** An element: its length, the bytes of its head behind the tag, and how far back it copies from (0: literal). */
interface Element {
  readonly length: number;
  readonly extra: number;
  readonly back: number;
}

function literal(input: Uint8Array, tag: number, at: number): Element {
  const short = tag >> 2;
  if (short < LONG_LITERAL) return { length: short + 1, extra: 0, back: 0 };
  const extra = short - LONG_LITERAL + 1;
  return { length: little(input, at, extra) + 1, extra, back: 0 };
}

function copy(input: Uint8Array, tag: number, at: number): Element {
  const kind = tag & 3;
  const extra = kind === 3 ? 4 : kind;
  const near = little(input, at, extra);
  const back = kind === 1 ? near + (tag >> 5) * 256 : near;
  if (back === 0) throw new RangeError(`a copy from nowhere at byte ${at}`);
  return { length: kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1, extra, back };
}

function little(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new RangeError(`a block is cut at byte ${at}`);
  let value = 0;
  for (let i = bytes - 1; i >= 0; i -= 1) value = value * 256 + (input[at + i] as number);
  return value;
}
