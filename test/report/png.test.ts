import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { colourScale } from '../../functions/core/report/colour-scale.ts';
import { pngUri } from '../../functions/core/report/png.ts';
import { fc } from '../fast-check.ts';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Chunks of an image, each with a checksum that is right. */
function chunksOf(uri: string): Chunk[] {
  const bytes = Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64');
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

/** Places in the palette, pixel by pixel, as another decoder reads them. */
function pixelsOf(uri: string): number[][] {
  const chunks = chunksOf(uri);
  const head = chunks[0]?.data as Buffer;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const raw = inflateSync(chunks.find((c) => c.type === 'IDAT')?.data as Buffer);
  const stride = 1 + Math.ceil(width / 2);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const byte = raw[y * stride + 1 + (x >> 1)] as number;
      return x % 2 === 0 ? byte >> 4 : byte & 15;
    }),
  );
}

const PALETTE = Array.from({ length: 16 }, (_, i) => `#${i.toString(16).repeat(6)}`);

describe('an image', () => {
  test('holds the pixels that it was made of', () => {
    const images = fc
      .tuple(fc.integer({ min: 1, max: 41 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, height]) =>
        fc.array(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: width, maxLength: width }), {
          minLength: height,
          maxLength: height,
        }),
      );
    fc.assert(
      fc.property(images, (rows) => {
        expect(pixelsOf(pngUri(rows, PALETTE))).toEqual(rows);
      }),
    );
  });

  test('may be larger than one block of its stream', () => {
    const rows = Array.from({ length: 400 }, (_, y) => Array.from({ length: 400 }, (_, x) => (x * y) % 16));
    expect(pixelsOf(pngUri(rows, PALETTE))).toEqual(rows);
  });

  test('has the first colour transparent', () => {
    const chunks = chunksOf(pngUri([[0, 1]], ['#000000', '#fde725']));
    expect(chunks.map((c) => c.type)).toEqual(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
    expect([...(chunks[1]?.data ?? [])]).toEqual([0, 0, 0, 0xfd, 0xe7, 0x25]);
    expect([...(chunks[2]?.data ?? [])]).toEqual([0]);
  });
});

describe('a scale of colours', () => {
  test('has one more class than edges, all in order and of different colours', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const { edges, colours, classOf } = colourScale(values);
        expect(colours).toHaveLength(edges.length + 1);
        expect(colours.length).toBeLessThanOrEqual(8);
        expect(new Set(colours).size).toBe(colours.length);
        expect(edges).toEqual([...edges].sort((a, b) => a - b));
        for (const value of values) expect(colours[classOf(value)]).toBeDefined();
      }),
    );
  });

  test('gives a ramp and an odd reading to its outer classes', () => {
    const values = [...Array.from({ length: 95 }, (_, i) => 500 + (i % 50)), 100, 101, 102, 103, 9000];
    const { edges, classOf } = colourScale(values);
    expect(edges.length).toBeGreaterThan(2);
    expect(edges[0]).toBeGreaterThan(490);
    expect(classOf(100)).toBe(0);
    expect(classOf(9000)).toBe(edges.length);
  });
});
