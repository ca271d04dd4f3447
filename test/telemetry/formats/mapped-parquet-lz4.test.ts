import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { RandomAccess } from '../../../functions/core/telemetry/formats/format.ts';
import { mappedParquet } from '../../../functions/core/telemetry/formats/mapped-parquet.ts';
import { sampleOfParquet } from '../../../functions/core/telemetry/map/parquet-sample.ts';
import { proposeMapping } from '../../../functions/core/telemetry/map/proposal.ts';
import { MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { lz4 } from '../../../functions/core/telemetry/parquet/lz4.ts';
import { readText } from './recording-sink.ts';

/** By the reference implementation (PyArrow): repeats near and far, long literals, runs that overlap themselves. */
const PACKED = Buffer.from(
  'j2FiY2RlZmdoCAD/Jv8yAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P2EBAP8ZcHRoZSBlbmQ=',
  'base64',
);
const PLAIN = Buffer.concat([
  Buffer.from('abcdefgh'.repeat(40)),
  Buffer.from(Array.from({ length: 64 }, (_, i) => i)),
  Buffer.from(`${'a'.repeat(300)}the end`),
]);

describe('a block of LZ4', () => {
  test('is read as the reference implementation wrote it', () => {
    expect(Buffer.from(lz4(PACKED, PLAIN.length))).toEqual(PLAIN);
  });

  test('is nothing where it is empty', () => {
    expect(lz4(new Uint8Array([0]), 0)).toEqual(new Uint8Array(0));
  });

  test.each([
    ['another size', PACKED, PLAIN.length + 1],
    ['a smaller size', PACKED, PLAIN.length - 1],
    ['a cut', PACKED.subarray(0, 40), PLAIN.length],
    ['a copy from before its beginning', Buffer.from([0x10, 97, 2, 0]), 5],
    ['a copy from nowhere', Buffer.from([0x10, 97, 0, 0]), 5],
    ['a length without end', Buffer.from([0xf0, 255, 255]), 1_000],
  ])('of %s is refused', (_name, bytes, size) => {
    expect(() => lz4(bytes, size)).toThrow(RangeError);
  });

  test('is refused or of its size, whatever byte of it is changed', () => {
    for (let at = 0; at < PACKED.length; at += 1)
      for (const value of [0, 1, 15, 16, 240, 255]) {
        const bytes = Uint8Array.from(PACKED);
        bytes[at] = value;
        try {
          expect(lz4(bytes, PLAIN.length)).toHaveLength(PLAIN.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
  });
});

/** Literals alone are LZ4 too. */
function packed(input: Uint8Array): Uint8Array {
  const more = input.length - 15;
  const head =
    more < 0 ? [input.length << 4] : [0xf0, ...Array(Math.floor(more / 255)).fill(255), more % 255];
  return Buffer.concat([Buffer.from(head), input]);
}

describe('a Parquet file in LZ4_RAW, as Polars and DuckDB write it on request', () => {
  const rows = Array.from({ length: 50 }, (_, i) => i);
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'ts', type: 'INT64', data: rows.map((i) => BigInt(1_769_860_800 + i)) },
        { name: 'power_w', type: 'DOUBLE', data: rows.map((i) => 150 + i) },
      ],
      codec: 'LZ4_RAW',
      compressors: { LZ4_RAW: packed },
    }),
  );

  test('is read by a store that has no codecs', async () => {
    const mapping = MappingSchema.parse({
      form: 'parquet',
      time: { column: 'ts', form: 'unix-s' },
      scopeId: 'c1',
      readings: [{ column: 'power_w', field: 'power_w' }],
    });
    const { samples, rejects } = await readText(mappedParquet, bytes, { rule: { mapping } });
    expect(rejects).toEqual([]);
    expect(samples.map(({ values }) => values.power_w)).toEqual(rows.map((i) => 150 + i));
  });

  test('gets a proposal', async () => {
    const file: RandomAccess = {
      sizeBytes: bytes.length,
      slice: async (first, last) => bytes.slice(first, last + 1),
    };
    const proposal = proposeMapping(await sampleOfParquet(file, 'a.parquet'), 'a.parquet');
    expect(proposal.mapping).toMatchObject({ time: { column: 'ts', form: 'unix-s' } });
  });
});

describe('a sample of a Parquet file', () => {
  test('is made of the columns that can be read, where one cannot', async () => {
    const whole = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'ts', type: 'INT64', data: [1_769_860_800n, 1_769_860_801n] },
          { name: 'note', type: 'STRING', data: ['xxxxxxxxxxxx', 'yyyyyyyyyyyy'] },
          { name: 'power_w', type: 'DOUBLE', data: [150, 151] },
        ],
        codec: 'UNCOMPRESSED',
      }),
    );
    // The header of the page of texts, which begins behind the eight bytes of each of two times.
    const at = Buffer.from(whole).indexOf('xxxxxxxxxxxx') - 4;
    const bytes = Uint8Array.from(whole);
    bytes.fill(0xff, at - 8, at);
    const file: RandomAccess = {
      sizeBytes: bytes.length,
      slice: async (first, last) => bytes.slice(first, last + 1),
    };
    const { names } = await sampleOfParquet(file, 'a.parquet');
    expect(names).toEqual(['ts', 'power_w']);
  });
});
