/**
 * Walks Thrift's compact protocol, in which Parquet writes its footer and page headers, and checks it before a
 * reader allocates by it: no list may claim more elements than bytes are left. Source: apache/thrift,
 * thrift-compact-protocol.md.
 */

/** Deeper nesting is no Parquet. */
const DEPTH_LIMIT = 32;
const VARINT_BYTES = 10;

const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Numbers and structures by field id. Texts and lists are checked, and not kept. */
export type ThriftFields = ReadonlyMap<number, number | ThriftStruct>;
interface ThriftStruct extends ReadonlyMap<number, number | ThriftStruct> {}

export interface ThriftEnd {
  readonly fields: ThriftFields;
  /** Place of the first byte behind the structure. */
  readonly end: number;
}

/** One structure that begins at `offset`. @throws RangeError where it is none, or claims what is not there. */
export function readThrift(bytes: Uint8Array, offset: number): ThriftEnd {
  const walker = new ThriftWalker(bytes, offset);
  return { fields: walker.struct(0), end: walker.offset };
}

/** A number in 7-bit groups, and the place behind it. @throws RangeError where it has no end. */
export function readVarint(bytes: Uint8Array, offset: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < VARINT_BYTES; i += 1) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw new RangeError(`a number at byte ${offset} has no end`);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: offset + i + 1 };
  }
  throw new RangeError(`a number at byte ${offset} has more than ${VARINT_BYTES} bytes`);
}

class ThriftWalker {
  offset: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  struct(depth: number): ThriftStruct {
    if (depth > DEPTH_LIMIT) throw new RangeError(`structures are nested more than ${DEPTH_LIMIT} deep`);
    const fields = new Map<number, number | ThriftStruct>();
    let id = 0;
    for (let head = this.byte(); (head & 0x0f) !== STOP; head = this.byte()) {
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4);
      const value = this.element(head & 0x0f, depth, false);
      if (value !== null) fields.set(id, value);
    }
    return fields;
  }

  private element(type: number, depth: number, isInList: boolean): number | ThriftStruct | null {
    if (type === TRUE || type === FALSE) return isInList ? this.byte() : Number(type === TRUE);
    if (type === BYTE) return this.byte();
    if (type === DOUBLE) return this.skip(8);
    if (type === BINARY) return this.skip(this.varint());
    if (type === LIST) return this.list(depth);
    if (type === STRUCT) return this.struct(depth + 1);
    if (type > BYTE && type < DOUBLE) return this.zigzag();
    throw new RangeError(`a value of the unknown type ${type} at byte ${this.offset}`);
  }

  private list(depth: number): null {
    const head = this.byte();
    const size = head >> 4 === 15 ? this.varint() : head >> 4;
    if (size > this.bytes.length - this.offset || depth > DEPTH_LIMIT)
      throw new RangeError(`a list claims ${size} elements in ${this.bytes.length - this.offset} bytes`);
    for (let i = 0; i < size; i += 1) this.element(head & 0x0f, depth + 1, true);
    return null;
  }

  private byte(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw new RangeError(`a structure has no end at byte ${this.offset}`);
    this.offset += 1;
    return byte;
  }

  private skip(length: number): null {
    if (length > this.bytes.length - this.offset)
      throw new RangeError(`a value claims ${length} bytes of ${this.bytes.length - this.offset}`);
    this.offset += length;
    return null;
  }

  private varint(): number {
    const { value, end } = readVarint(this.bytes, this.offset);
    this.offset = end;
    return value;
  }

  private zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
