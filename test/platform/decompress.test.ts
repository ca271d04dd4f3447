import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { collect } from '../../functions/platform/bytes.ts';
import { decompress, innerPath } from '../../functions/platform/decompress.ts';
import { fc } from '../fast-check.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
const plain = async (
  bytes: Uint8Array,
  size = 1000,
  limits?: { maxBytes: number; maxRatio: number },
): Promise<string> =>
  Buffer.from(await collect(decompress(chunked(bytes, size), 'file', limits ? { limits } : {}))).toString(
    'utf8',
  );

const COMPRESSORS = {
  plain: (b: Uint8Array) => b,
  gzip: (b: Uint8Array) => gzipSync(b),
  zstd: (b: Uint8Array) => zstdCompressSync(b),
};

describe.each(Object.entries(COMPRESSORS))('%s', (_name, compress) => {
  test('comes out as it went in, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ maxLength: 200 }).map((text) => `line ${text}`),
          { minLength: 1, maxLength: 4 },
        ),
        fc.integer({ min: 1, max: 50 }),
        async (members, size) => {
          const whole = members.join('');
          const stored = Buffer.concat(members.map((m) => compress(Buffer.from(m))));
          expect(await plain(stored, size)).toBe(Buffer.from(whole).toString('utf8'));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a compressed stream', () => {
  const text = Buffer.from('line of text\n'.repeat(500));
  test.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('%s that was cut is refused', async (_name, stored) => {
    await expect(plain(stored.subarray(0, stored.length - 6))).rejects.toMatchObject({ code: 'truncated' });
  });
  test.each([
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('%s with other bytes behind it is refused', async (_name, stored) => {
    await expect(plain(Buffer.concat([stored, Buffer.from('other bytes')]))).rejects.toMatchObject({
      code: expect.stringMatching(/trailing-garbage|corrupt/),
    });
  });
  test('zeros behind the end are padding', async () => {
    expect(await plain(Buffer.concat([gzipSync(text), Buffer.alloc(64)]))).toBe(text.toString());
  });
  test.each([1, 2, 3, 7, 64])(
    'nothing may come behind padding, however it arrives: %d bytes at a time',
    async (size) => {
      const stored = Buffer.concat([gzipSync(text), Buffer.alloc(1), gzipSync(text)]);
      await expect(plain(stored, size)).rejects.toMatchObject({ code: 'trailing-garbage' });
    },
  );
  test('a bomb is refused before it fills the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(plain(bomb)).rejects.toMatchObject({ code: 'decompressed-too-large' });
    await expect(plain(gzipSync(text), 1000, { maxBytes: 100, maxRatio: 1e6 })).rejects.toMatchObject({
      code: 'decompressed-too-large',
    });
  });
  test('an error of the source stays what it is', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield gzipSync(text).subarray(0, 20);
      throw new Error('connection reset');
    }
    await expect(collect(decompress(failing(), 'file'))).rejects.toThrow('connection reset');
  });
});

test('the inner path drops the suffix of the compression', () => {
  expect(['a/b.csv.gz', 'b.txt.zst', 'c.csv', 'd.GZ'].map(innerPath)).toEqual([
    'a/b.csv',
    'b.txt',
    'c.csv',
    'd',
  ]);
});
