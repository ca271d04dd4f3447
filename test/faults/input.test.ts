import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { LINE_LIMIT_BYTES } from '../../functions/core/telemetry/lines.ts';
import { MappingSchema } from '../../functions/core/telemetry/mapping.ts';
import { readTelemetry } from '../../functions/core/telemetry/read.ts';
import { SourceReading } from '../../functions/core/telemetry/source-reading.ts';
import { COLUMN_LIMIT } from '../../functions/core/telemetry/table.ts';
import { decompress } from '../../functions/platform/decompress.ts';
import { eventTimeMs } from '../../functions/platform/event-time.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { type QuarantinedFile, readQuarantine } from '../../functions/platform/quarantine.ts';
import { fc } from '../fast-check.ts';
import { type Rule, receiptOf } from '../ingested.ts';
import {
  contentsOf,
  HEADER,
  KEY,
  keysOf,
  latestJoules,
  lostUploads,
  MANIFEST,
  powerCsv,
  QUIET,
  receiptOfPath,
  START_MS,
  withRun,
} from './uploads.ts';

const DC = { boundary: 'node-dc' } as const;
const row = (i: number, power = '1000'): string => `${START_MS + i * 1000},node-0,node,${power}`;
const rows = (count: number): string[] => Array.from({ length: count }, (_, i) => row(i));
const csv = (lines: readonly string[], header = HEADER): string => `${[header, ...lines].join('\n')}\n`;

/** What an operator sees of a file that was uploaded to a run whose other file is well. */
async function quarantined(bytes: Uint8Array | string): Promise<QuarantinedFile | undefined> {
  const pipeline = await withRun();
  await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
  await pipeline.stores.landing.put('p/r/bad.csv', Buffer.from(bytes));
  await pipeline.drain();
  expect(pipeline.deadLetters).toEqual([]);
  expect(await lostUploads(pipeline)).toEqual([]);
  expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
  return (await readQuarantine(pipeline.stores)).find((file) => file.path === 'bad.csv');
}

describe('a poisoned table', () => {
  test.each([
    ['the wrong header', 'when,what\n1,2\n', 'format-unknown'],
    ['a column twice', csv(rows(3), `${HEADER},power_w`).replaceAll(',1000', ',1000,1000'), 'column-twice'],
    ['a unit that is another', csv(rows(3), 'time_unix_ms,scope,kind,power_kw'), 'column-unknown'],
    ['semicolons', csv(rows(3)).replaceAll(',', ';'), 'format-unknown'],
    [
      'text where power should be, throughout',
      csv(rows(200)).replaceAll(',1000', ',n/a'),
      'too-many-rejects',
    ],
  ])(
    'fault 16: with %s is refused as a whole, with its reason, and acknowledged',
    async (_name, text, code) => {
      const file = await quarantined(text);
      expect(file).toMatchObject({ status: 'refused', refusal: { code } });
      expect(file?.refusal?.message).toMatch(/^bad\.csv: /);
      expect(file?.refusal?.fix.length).toBeGreaterThan(10);
    },
  );

  test.each(['NaN', 'Infinity', '-Infinity', '-5', '1e9', '1000 W', '0x10', '1,5'])(
    'fault 16: a row with a power of %s is counted and kept with line, column and text; the others are read',
    async (power) => {
      const lines = rows(200);
      lines[7] = row(7, power);
      const file = await quarantined(csv(lines));
      expect(file).toMatchObject({ status: 'accepted', rows: 200, rejected: 1 });
      expect(file?.rejects[0]?.example).toMatchObject({ line: 9, raw: row(7, power) });
    },
  );

  test('fault 16: one row in a hundred is counted, two refuse the file', async () => {
    const withBad = (bad: number): string => csv(rows(1000).map((line, i) => (i < bad ? row(i, 'x') : line)));
    expect(await quarantined(withBad(10))).toMatchObject({ status: 'accepted', rejected: 10 });
    expect(await quarantined(withBad(11))).toMatchObject({
      status: 'refused',
      refusal: { code: 'too-many-rejects' },
    });
  });

  test.each([
    ['a byte order mark', (text: string) => Buffer.from(`\u{feff}${text}`)],
    ['CRLF', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['UTF-16', (text: string) => Buffer.from(`\u{feff}${text}`, 'utf16le')],
    ['no line end at its end', (text: string) => Buffer.from(text.trimEnd())],
  ])('fault 16: %s changes nothing of what is read', async (_name, encode) => {
    const plain = await receiptOf('power.csv', powerCsv(), DC);
    const { sha256, contentSha256, source, ...rest } = await receiptOf('power.csv', encode(powerCsv()), DC);
    expect({ ...rest, outputs: null }).toEqual({ ...withoutIdentity(plain), outputs: null });
  });

  test('fault 17: a quote that is never closed does not swallow what follows', async () => {
    const lines = rows(200);
    lines[50] = `${START_MS + 50_000},"node-0,node,1000`;
    const receipt = await receiptOf('power.csv', csv(lines), DC);
    // A quote ends with its line: 150 rows do not vanish in a cell.
    expect(receipt).toMatchObject({ status: 'accepted', rows: 200, rejected: 1 });
  });

  test('fault 17: a quote that is never closed before megabytes of rows ends at the limit of a line', async () => {
    const body = `${HEADER}\n${START_MS},"${`${row(1)}\n`.repeat(60_000)}`;
    expect(body.length).toBeGreaterThan(LINE_LIMIT_BYTES);
    const receipt = await receiptOf('power.csv', body, DC);
    expect(receipt).toMatchObject({ status: 'accepted', rows: 60_000, rejected: 1 });
  });

  test('fault 21: a line without an end is refused at the limit, however much follows', async () => {
    const rule = { ...DC, format: 'wattline-csv' };
    let served = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(65_536, 'x');
      yield Buffer.from(`${HEADER}\n`);
      for (; served < 2 ** 31; served += piece.length) yield piece;
    }
    const reading = new SourceReading(rule, { addScope: () => {}, sample: () => {} });
    const read = readTelemetry(endless(), 'power.csv', rule, reading);
    await expect(read).rejects.toMatchObject({ code: 'line-too-long' });
    expect(served).toBeLessThan(4 * LINE_LIMIT_BYTES);
    const long = `${HEADER}\n${'x'.repeat(2 * LINE_LIMIT_BYTES)}\n`;
    expect((await receiptOf('power.csv', long, rule)).refusal?.code).toBe('line-too-long');
  });

  test('fault 21: a hundred thousand columns are refused by number', async () => {
    const header = `${HEADER},${Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',')}`;
    const receipt = await receiptOf('power.csv', csv(rows(1), header), DC);
    expect(receipt.status).toBe('refused');
    expect(receipt.refusal?.message).toContain(`expected at most ${COLUMN_LIMIT}`);
  });
});

const withoutIdentity = <T extends { sha256: string; contentSha256: string; source: unknown }>(
  receipt: T,
): Omit<T, 'sha256' | 'contentSha256' | 'source'> => {
  const { sha256, contentSha256, source, ...rest } = receipt;
  return rest;
};

describe('a compressed file', () => {
  const packed = gzipSync(csv(rows(20_000)));

  test('fault 18: that was cut publishes nothing of what came out of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: packed.length - 1 }), async (length) => {
        const pipeline = await withRun();
        await pipeline.stores.landing.put(KEY, packed.subarray(0, length));
        await pipeline.drain();
        const receipt = await receiptOfPath(pipeline.stores.lake, 'power.csv');
        expect(receipt).toMatchObject({ status: 'refused', refusal: { code: 'truncated' } });
        expect(receipt?.outputs).toMatchObject({ segments: null, progress: null });
        expect(await keysOf(pipeline.stores.lake, 'segments/')).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('fault 19: that swells ends at the ratio, and memory stays flat', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 9 });
    let out = 0;
    const before = process.memoryUsage().rss;
    let most = 0;
    const inflating = (async () => {
      for await (const chunk of decompress(one(bomb), 'bomb.gz')) {
        out += chunk.length;
        most = Math.max(most, process.memoryUsage().rss - before);
      }
    })();
    await expect(inflating).rejects.toMatchObject({ code: 'decompressed-too-large' });
    expect(out).toBeLessThan(200 * bomb.length + 2 ** 21);
    expect(most).toBeLessThan(200 * 2 ** 20);
    const receipt = await receiptOf('power.csv.gz', bomb, DC);
    expect(receipt.refusal?.code).toBe('decompressed-too-large');
  });

  test('fault 19: a gzip inside a gzip is no telemetry', async () => {
    const receipt = await receiptOf('power.csv.gz', gzipSync(packed), DC);
    expect(receipt).toMatchObject({ status: 'refused', refusal: { code: 'format-unknown' } });
  });

  test('fault 20: in several members is read as one', async () => {
    const lines = rows(200);
    const members = [csv(lines.slice(0, 100)), `${lines.slice(100).join('\n')}\n`].map((text) =>
      gzipSync(text),
    );
    const receipt = await receiptOf('power.csv.gz', Buffer.concat(members), DC);
    expect(receipt).toMatchObject({ status: 'accepted', rows: 200, rejected: 0 });
  });

  test('fault 20: with other bytes behind its end is refused', async () => {
    const receipt = await receiptOf('power.csv.gz', Buffer.concat([packed, Buffer.from('garbage')]), DC);
    expect(receipt.refusal?.code).toMatch(/^(?:trailing-garbage|corrupt)$/);
  });
});

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

describe('a Parquet file', async () => {
  const seconds = Array.from({ length: 250 }, (_, i) => i);
  const whole = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'ts', type: 'INT64', data: seconds.map((i) => BigInt(START_MS + i * 1000)) },
        { name: 'node', type: 'STRING', data: seconds.map((i) => `node-${i % 3}`) },
        { name: 'power', type: 'DOUBLE', data: seconds.map(() => 1000) },
      ],
      codec: 'SNAPPY',
      rowGroupSize: 100,
    }),
  );
  const rule: Rule = {
    boundary: 'node-dc',
    mapping: MappingSchema.parse({
      form: 'parquet',
      kind: 'node',
      time: { column: 'ts', form: 'unix-ms' },
      scope: ['node'],
      readings: [{ column: 'power', field: 'power_w', unit: 'W' }],
    }),
  };
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(whole);
    change(bytes);
    return bytes;
  };
  const footerAt = whole.length - 8 - Buffer.from(whole).readUInt32LE(whole.length - 8);

  test('fault 22: that is whole is read', async () => {
    expect(await receiptOf('power.parquet', whole, rule)).toMatchObject({ status: 'accepted', rows: 250 });
  });

  test.each([
    ['without its magic', changed((b) => b.write('PAR2', b.length - 4)), 'parquet-magic'],
    ['whose footer claims 2 GB', changed((b) => b.writeUInt32LE(2 ** 31, b.length - 8)), /^parquet-/],
    ['whose footer is noise', changed((b) => b.fill(0xff, footerAt, b.length - 8)), /^parquet-/],
    ['whose pages are noise', changed((b) => b.fill(0xff, 4, footerAt)), /^parquet-/],
    ['that was cut', Buffer.from(whole.subarray(0, whole.length - 20)), /^parquet-/],
  ])('fault 22: %s is refused with a code', async (_name, bytes, code) => {
    const receipt = await receiptOf('power.parquet', bytes, rule);
    expect(receipt.status).toBe('refused');
    expect(receipt.refusal?.code).toMatch(code);
  });

  test('fault 22: whatever byte is changed, it is read or refused, and memory stays bounded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: footerAt, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, byte) => {
          const receipt = await receiptOf(
            'power.parquet',
            changed((b) => b.fill(byte, at, at + 1)),
            rule,
          );
          expect(['accepted', 'refused']).toContain(receipt.status);
          expect(process.memoryUsage().rss).toBeLessThan(2 * 2 ** 30);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('clocks that are off', () => {
  const at = (time: string): string =>
    `${HEADER.replace('time_unix_ms', 'time')}\n${time},node-0,node,1000\n`;

  test.each(['1970-01-01T00:00:00Z', '2262-04-11T23:47:16Z', '2026-03-29T01:30:00+01:00'])(
    'fault 35: a reading at %s is read as what it says, and moves nothing in the run',
    async (time) => {
      const pipeline = await withRun();
      await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
      await pipeline.stores.landing.put('p/r/far.csv', Buffer.from(at(time)));
      await pipeline.drain();
      expect(await receiptOfPath(pipeline.stores.lake, 'far.csv')).toMatchObject({
        status: 'accepted',
        timeRange: { startMs: Date.parse(time), stopMs: Date.parse(time) },
      });
      expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
    },
  );

  test.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'fault 35: a reading at %s is rejected and counted',
    async (time) => {
      expect(await receiptOf('power.csv', at(time), DC)).toMatchObject({
        rows: 1,
        rejected: 1,
        timeRange: null,
      });
    },
  );

  test('fault 35: a leap second is rejected by name, not read as another second', async () => {
    const lines = Array.from({ length: 200 }, (_, i) =>
      [new Date(Date.UTC(2016, 11, 31, 23, 58) + i * 1000).toISOString(), 'node-0,node,1000'].join(','),
    );
    lines[120] = '2016-12-31T23:59:60Z,node-0,node,1000';
    const receipt = await receiptOf('power.csv', csv(lines, HEADER.replace('time_unix_ms', 'time')), DC);
    expect(receipt).toMatchObject({ status: 'accepted', rows: 200, rejected: 1 });
  });

  test('fault 35: readings outside the run are read, counted and left out of its energy', async () => {
    const pipeline = await withRun();
    await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv(1000, 3_000)));
    await pipeline.drain();
    expect(await receiptOfPath(pipeline.stores.lake, 'power.csv')).toMatchObject({ rows: 3_001 });
    expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
  });

  test('fault 35: the clock of a function, ten minutes off either way, changes no byte of a result', async () => {
    const results = await Promise.all(
      [-600_000, 0, 600_000].map(async (offMs) => {
        const stores = memoryStores();
        const pipeline = new Pipeline(stores, QUIET, () => START_MS + offMs);
        await pipeline.stores.landing.put('p/r/run.json', prettyJson(MANIFEST));
        await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
        await pipeline.drain();
        await pipeline.night('2026-01-02T00:10:00Z');
        return [...(await contentsOf(stores.lake)), ...(await contentsOf(stores.reports))];
      }),
    );
    expect(results[0]).toEqual(results[1]);
    expect(results[2]).toEqual(results[1]);
  });

  test('fault 35: the day of a decision is that of UTC, on the day that clocks are set forward as well', async () => {
    const pipeline = await withRun();
    await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
    await pipeline.drain();
    await pipeline.night('2026-03-29T01:59:59+02:00');
    await pipeline.night('2026-03-29T02:00:01+02:00');
    const days = (await keysOf(pipeline.stores.reports, 'programs/p/'))
      .filter((key) => key.endsWith('/report.html'))
      .map((key) => key.split('/')[2]);
    expect([...new Set(days)].sort()).toEqual(['2026-03-28', '2026-03-29']);
  });

  test('fault 35: an event whose time is no time is read all the same', () => {
    expect(eventTimeMs(JSON.stringify({ time: '2262-99-99' }))).toBeNull();
  });
});
