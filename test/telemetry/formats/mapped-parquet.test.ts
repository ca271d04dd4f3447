import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../functions/core/errors.ts';
import type { RandomAccess } from '../../../functions/core/telemetry/formats/format.ts';
import { mappedParquet } from '../../../functions/core/telemetry/formats/mapped-parquet.ts';
import { type Mapping, MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { openPages } from '../../../functions/core/telemetry/parquet/pages.ts';
import { snappy } from '../../../functions/core/telemetry/parquet/snappy.ts';
import { readThrift } from '../../../functions/core/telemetry/parquet/thrift.ts';
import { RecordingSink, readText } from './recording-sink.ts';

const T = Date.UTC(2026, 0, 31, 12);
const TAIL_BYTES = 8;

const ruleOf = (mapping: Partial<Mapping>) => ({
  mapping: MappingSchema.parse({ form: 'parquet', ...mapping }),
});
const RULE = ruleOf({
  time: { column: 'ts', form: 'unix-us' },
  scope: ['chip'],
  readings: [
    { column: 'power_mw', field: 'power_w', unit: 'mW' },
    { column: 'temp', field: 'temperature_c' },
    { column: 'hot', field: 'throttled_thermal_ratio' },
  ],
});

type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];
const rows = Array.from({ length: 250 }, (_, i) => i);
const COLUMNS: Columns = [
  { name: 'ts', type: 'INT64', data: rows.map((i) => BigInt(T + i * 1000) * 1000n) },
  { name: 'chip', type: 'STRING', data: rows.map((i) => `chip-${i % 3}`) },
  { name: 'power_mw', type: 'INT32', data: rows.map((i) => 150_000 + i) },
  { name: 'temp', type: 'DOUBLE', nullable: true, data: rows.map((i) => (i % 5 === 0 ? null : 60.5)) },
  { name: 'hot', type: 'BOOLEAN', nullable: true, data: rows.map((i) => i % 2 === 0) },
  { name: 'unused', type: 'STRING', data: rows.map(String) },
];
const file = (columnData: Columns, options: object = {}): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, codec: 'SNAPPY', rowGroupSize: 100, ...options }));

/** A file whose footer says something else. */
function withFooter(bytes: Uint8Array, change: (metadata: FileMetaData) => void): Uint8Array {
  const metadata = parquetMetadata(bytes);
  change(metadata);
  const writer = new ByteWriter();
  writeMetadata(writer, metadata);
  const end = bytes.length - TAIL_BYTES - metadata.metadata_length;
  return Buffer.concat([bytes.subarray(0, end), writer.getBytes(), Buffer.from('PAR1')]);
}

const expected = rows.map((i) => ({
  scope: `chip-${i % 3}`,
  timeMs: T + i * 1000,
  values: {
    power_w: (150_000 + i) / 1000,
    ...(i % 5 === 0 ? {} : { temperature_c: 60.5 }),
    throttled_thermal_ratio: i % 2 === 0 ? 1 : 0,
  },
}));

describe('Parquet of your own', () => {
  test.each([
    ['SNAPPY', {}],
    ['UNCOMPRESSED', { codec: 'UNCOMPRESSED' }],
    ['small pages', { pageSize: 64 }],
    ['one row group', { rowGroupSize: 1000 }],
  ])('is read row group by row group: %s', async (_name, options) => {
    const sink = await readText(mappedParquet, file(COLUMNS, options), { rule: RULE, chunk: 1000 });
    expect(sink.samples).toEqual(expected);
    expect([sink.rows, sink.rejects]).toEqual([250, []]);
  });

  test('is read in ranges where its store allows: the footer and the mapped columns', async () => {
    const bytes = file(COLUMNS);
    const ranges: [number, number][] = [];
    const access: RandomAccess = {
      sizeBytes: bytes.length,
      slice: async (first, last) => {
        ranges.push([first, last]);
        return bytes.subarray(first, last + 1);
      },
    };
    const sink = new RecordingSink();
    const nothing = (async function* () {})();
    await mappedParquet.read(nothing, { path: 'a.parquet', rule: RULE, file: access }, sink);
    expect(sink.samples).toEqual(expected);
    expect(ranges).toHaveLength(3 + 3 * 5);
  });

  test.each([
    [
      'TIMESTAMP',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } },
      0,
    ],
    [
      'local',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' } },
      -3_600_000,
    ],
  ] as const)('has time stamps of its own type by their own unit: %s', async (_name, element, shiftMs) => {
    const schema = [
      { name: 'root', num_children: 2 },
      { name: 'at', repetition_type: 'REQUIRED' as const, ...element },
      { name: 'w', repetition_type: 'REQUIRED' as const, type: 'DOUBLE' as const },
    ];
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        schema,
        columnData: [
          { name: 'at', data: [BigInt(T) * 1_000_000n + 1_250_000n] },
          { name: 'w', data: [5] },
        ],
      }),
    );
    const mapping = { scopeId: 'x', readings: [{ column: 'w', field: 'power_w' as const }] };
    const iso = ruleOf({ ...mapping, time: { column: 'at', form: 'iso' } });
    const sink = await readText(mappedParquet, bytes, { rule: { ...iso, timeZone: '+01:00' } });
    expect(sink.samples).toEqual([{ scope: 'x', timeMs: T + 1.25 + shiftMs, values: { power_w: 5 } }]);
    const unix = ruleOf({ ...mapping, time: { column: 'at', form: 'unix-ms' } });
    await expect(readText(mappedParquet, bytes, { rule: unix })).rejects.toMatchObject({
      code: 'mapping-time',
    });
  });

  test('leaves codecs to its store, and is refused by name where that has none', async () => {
    const gzip = (bytes: Uint8Array): Uint8Array => bytes.map((b) => b ^ 0xff);
    const bytes = file(COLUMNS, { codec: 'GZIP', compressors: { GZIP: gzip } });
    await expect(readText(mappedParquet, bytes, { rule: RULE })).rejects.toMatchObject({
      code: 'parquet-codec',
      message: expect.stringContaining('GZIP'),
    });
    const sink = new RecordingSink();
    const access: RandomAccess = {
      sizeBytes: bytes.length,
      slice: async (first, last) => bytes.subarray(first, last + 1),
      decompress: (_codec, packed) => gzip(packed),
    };
    await mappedParquet.read((async function* () {})(), { path: 'a', rule: RULE, file: access }, sink);
    expect(sink.samples).toEqual(expected);
  });

  test('is refused where it lacks a mapped column or has lists in it', async () => {
    const lacking = ruleOf({ scopeId: 'x', progress: { step: 'step' } });
    await expect(readText(mappedParquet, file(COLUMNS), { rule: lacking })).rejects.toMatchObject({
      code: 'column-missing',
      message: expect.stringMatching(/"step".*it has "ts", "chip"/),
    });
    const listed = withFooter(file(COLUMNS), (m) => {
      (m.schema[1] as { repetition_type: string }).repetition_type = 'REPEATED';
    });
    await expect(readText(mappedParquet, listed, { rule: RULE })).rejects.toMatchObject({
      code: 'parquet-type',
    });
  });
});

/** Bytes of the first column chunk of a file. */
const START = 4;

describe('a Parquet file made to hurt (fault 22)', () => {
  const whole = file(COLUMNS);
  const cut = (end: number): Uint8Array => whole.subarray(0, end);
  const patched = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = whole.slice();
    copy.set(bytes, at < 0 ? copy.length + at : at);
    return copy;
  };
  test.each<[string, Uint8Array, string, RegExp]>([
    ['no Parquet at its beginning', patched(0, 0x51), 'parquet-magic', /"QAR1"/],
    ['no Parquet at its end', patched(-1, 0x32), 'parquet-magic', /"PAR2"/],
    ['cut', cut(whole.length - 20), 'parquet-magic', /PAR1/],
    ['too short', cut(7), 'parquet-magic', /7 bytes/],
    [
      'a footer longer than the file',
      patched(-TAIL_BYTES, 0xff, 0xff, 0xff, 0x7f),
      'parquet-footer',
      /a footer of 2147483647 bytes/,
    ],
    ['a footer that is none', patched(-TAIL_BYTES, 3, 0, 0, 0), 'parquet-footer', /cannot be read/],
    [
      'two billion rows claimed',
      withFooter(whole, (m) => {
        m.num_rows = 2n ** 31n;
        (m.row_groups[0] as { num_rows: bigint }).num_rows = 2n ** 31n - 150n;
      }),
      'parquet-too-large',
      /rows in a row group claims 2147483498/,
    ],
    [
      'more rows claimed than there are',
      withFooter(whole, (m) => {
        m.num_rows += 1n;
        (m.row_groups[2] as { num_rows: bigint }).num_rows += 1n;
      }),
      'parquet-corrupt',
      /"ts" cannot be read/,
    ],
    [
      'rows that do not add up',
      withFooter(whole, (m) => {
        m.num_rows += 1n;
      }),
      'parquet-footer',
      /250 rows in its groups and 251 in all/,
    ],
    [
      'a column of exabytes',
      withFooter(whole, (m) => {
        const meta = m.row_groups[0]?.columns[0]?.meta_data;
        if (meta) meta.total_uncompressed_size = 2n ** 60n;
      }),
      'parquet-too-large',
      /row group in bytes/,
    ],
    [
      'a column behind the end',
      withFooter(whole, (m) => {
        const meta = m.row_groups[0]?.columns[0]?.meta_data;
        if (meta) meta.data_page_offset = 2n ** 40n;
      }),
      'parquet-corrupt',
      /at byte 1099511627776/,
    ],
    ['a damaged page header', patched(START, 0xff, 0xff, 0xff), 'parquet-corrupt', /"ts" cannot be read/],
  ])('is refused: %s', async (_name, bytes, code, message) => {
    await expect(readText(mappedParquet, bytes, { rule: RULE })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('is refused or read, and never anything else, whatever bytes of it are changed', async () => {
    const small = file(COLUMNS, { pageSize: 256 });
    let seed = 1;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 1_500; i += 1) {
      const bytes = small.slice();
      for (let k = next(3); k >= 0; k -= 1) bytes[next(bytes.length)] = next(256);
      try {
        await readText(mappedParquet, bytes, { rule: RULE });
        outcomes.read += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        outcomes.refused += 1;
      }
    }
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(100);
  }, 60_000);
});

describe('a column chunk (fault 22)', () => {
  const [DATA, DICTIONARY] = [0, 2];
  const head = (type: number, sizeBytes: number, packedBytes: number, values: number, encoding = 8) => {
    const writer = new ByteWriter();
    const own = { field_1: values, field_2: encoding, field_3: 3, field_4: 3 };
    serializeTCompactProtocol(writer, {
      field_1: type,
      field_2: sizeBytes,
      field_3: packedBytes,
      ...(type === DATA ? { field_5: own } : { field_7: { field_1: values, field_2: encoding } }),
    });
    return writer.getBytes();
  };
  const open = (...parts: readonly (Uint8Array | readonly number[])[]) =>
    openPages({
      name: 'a',
      bytes: Buffer.concat(parts.map((part) => Uint8Array.from(part))),
      rows: 100,
      isOptional: false,
      isBoolean: false,
      limitBytes: 1e6,
      decompress: null,
    });

  test('of whole pages is opened', () => {
    const page = [1, 200, 1, 0];
    expect([
      ...open(head(DICTIONARY, 4, 4, 1, 0), [1, 2, 3, 4], head(DATA, 4, 4, 100), page).values(),
    ]).toEqual([Buffer.from([1, 2, 3, 4]), Buffer.from(page)]);
  });
  test.each([
    [
      'a dictionary of a billion values',
      [head(DICTIONARY, 4, 4, 2 ** 30, 0), [1, 2, 3, 4]],
      /dictionary claims/,
    ],
    [
      'a page of two gigabytes',
      [head(DATA, 2 ** 31 - 1, 4, 100), [1, 2, 3, 4]],
      /page claims 2147483647 bytes/,
    ],
    ['pages that add up beyond the limit', Array(9).fill(head(DICTIONARY, 2 ** 17, 0, 0, 0)), /bytes/],
    ['a page of more values than rows', [head(DATA, 4, 4, 101), [1, 200, 1, 0]], /101 values of 100 rows/],
    [
      'a run of two billion values',
      [head(DATA, 7, 7, 100), [1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0]],
      /a run .* claims/,
    ],
    [
      'packed runs of two billion values',
      [head(DATA, 6, 6, 100), [0, 0xff, 0xff, 0xff, 0xff, 0x0f]],
      /a run .* claims/,
    ],
    [
      'a delta block in a billion parts',
      [head(DATA, 7, 7, 100, 5), [128, 1, 0x80, 0x80, 0x80, 0x80, 4]],
      /parts/,
    ],
    ['prefixes that grow from value to value', [head(DATA, 4, 4, 100, 7), [1, 2, 3, 4]], /encoding 7/],
    ['a page that is cut', [head(DATA, 4, 4, 100), [1]], /is cut/],
    ['a negative size', [head(DATA, -1, 4, 100), [1, 2, 3, 4]], /says -1/],
    ['too few pages', [], /0 values of 100 rows/],
  ])('is refused: %s', (_name, parts, message) => {
    expect(() => open(...parts)).toThrow(message);
  });
});

describe('a Thrift structure', () => {
  test.each([
    ['with a list of a billion elements', [0x19, 0xf5, 0x80, 0x80, 0x80, 0x80, 4, 0]],
    ['nested without end', Array(100).fill(0x1c)],
    ['with a number that has no end', [0x15, 0xff, 0xff]],
    ['with a text longer than what is left', [0x18, 0x7f, 1]],
    ['without end', [0x15, 2]],
  ])('is refused: %s', (_name, bytes) => {
    expect(() => readThrift(Uint8Array.from(bytes), 0)).toThrow(RangeError);
  });
});

describe('a Snappy block', () => {
  const block = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  test('may copy from what it has just written', () => {
    expect([...snappy(block(6, 0x04, 1, 2, 0x01, 2), 6)]).toEqual([1, 2, 1, 2, 1, 2]);
  });
  test.each([
    ['of another size', block(6, 0x04, 1, 2), 6],
    ['whose stated size is another', block(7, 0x04, 1, 2), 2],
    ['with a literal of minus one bytes', block(2, 0xfc, 0xff, 0xff, 0xff, 0xff, 1), 2],
    ['that copies from before its beginning', block(6, 0x00, 1, 0x01, 9), 6],
    ['that copies from nowhere', block(6, 0x00, 1, 0x01, 0), 6],
  ])('is refused: %s', (_name, bytes, size) => {
    expect(() => snappy(bytes, size)).toThrow(RangeError);
  });
});
