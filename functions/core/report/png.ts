/** Cyclic redundancy check of PNG chunks. Source: W3C PNG (third edition), annex D. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 0xff] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Checksum of a zlib stream. Source: RFC 1950, section 9. */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

const bigEndian = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
const littleEndian = (value: number): number[] => [value & 0xff, value >>> 8];
const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));

function chunk(type: string, data: readonly number[]): number[] {
  const body = Uint8Array.from([...ascii(type), ...data]);
  return [...bigEndian(data.length), ...body, ...bigEndian(crc32(body))];
}

const LARGEST_BLOCK = 65_535;

/**
 * A zlib stream of stored blocks. A compressor would make it smaller, and different from one version and processor to
 * the next; a report must be the same bytes everywhere.
 */
function stored(bytes: Uint8Array): number[] {
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += LARGEST_BLOCK) {
    const block = bytes.subarray(at, at + LARGEST_BLOCK);
    const isLast = at + LARGEST_BLOCK >= bytes.length;
    blocks.push(
      isLast ? 1 : 0,
      ...littleEndian(block.length),
      ...littleEndian(~block.length & 0xffff),
      ...block,
    );
  }
  return [0x78, 0x01, ...blocks, ...bigEndian(adler32(bytes))];
}

/** Colours of an image: at most 16, as #rrggbb; the first one is transparent. */
export type Palette = readonly string[];

/** Four bits a pixel: the high half of a byte is the left one. */
function packed(rows: readonly (readonly number[])[], width: number): Uint8Array {
  const stride = 1 + Math.ceil(width / 2);
  const bytes = new Uint8Array(rows.length * stride);
  for (const [y, row] of rows.entries())
    for (const [x, colour] of row.entries()) {
      const at = y * stride + 1 + (x >> 1);
      bytes[at] = (bytes[at] as number) | (x % 2 === 0 ? colour << 4 : colour);
    }
  return bytes;
}

/** A PNG of colours by their place in a palette, as a data URI. Rows are of one length. */
export function pngUri(rows: readonly (readonly number[])[], palette: Palette): string {
  const width = rows[0]?.length ?? 0;
  const colours = palette.flatMap((c) => [1, 3, 5].map((at) => Number.parseInt(c.slice(at, at + 2), 16)));
  const bytes = [
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk('IHDR', [...bigEndian(width), ...bigEndian(rows.length), 4, 3, 0, 0, 0]),
    ...chunk('PLTE', colours),
    ...chunk('tRNS', [0]),
    ...chunk('IDAT', stored(packed(rows, width))),
    ...chunk('IEND', []),
  ];
  return `data:image/png;base64,${base64(bytes)}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: readonly number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63]);
    const missing = Math.max(0, i + 3 - bytes.length);
    text += characters.slice(0, 4 - missing).join('') + '='.repeat(missing);
  }
  return text;
}
