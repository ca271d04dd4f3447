import { describe, expect, test } from 'vitest';
import { splitCells } from '../../../functions/core/telemetry/cells.ts';
import { canonicalCsv } from '../../../functions/core/telemetry/formats/canonical-csv.ts';
import { canonicalJsonl } from '../../../functions/core/telemetry/formats/canonical-jsonl.ts';
import { fc } from '../../fast-check.ts';
import { readText } from './recording-sink.ts';

const csv = (...rows: string[]): string => `time_unix_ms,scope,kind,power_w,energy_j\n${rows.join('\n')}`;
const T = 1_767_225_600_000;

describe('Wattline CSV', () => {
  test('a blank, NA or null cell is no reading; zero is one', async () => {
    const sink = await readText(
      canonicalCsv,
      csv(`${T},a,chip,,5`, `${T + 1},a,chip,0,NA`, `${T + 2},a,chip,[N/A],null`),
    );
    expect(sink.samples.map((s) => s.values)).toEqual([{ energy_j: 5 }, { power_w: 0 }]);
    expect(sink.rejects).toMatchObject([{ line: 4, reason: 'no-reading' }]);
  });
  test.each([
    ['12 W', 'number'],
    ['0x10', 'number'],
    ['1,5', 'cells'],
    ['Infinity', 'number'],
    ['-3', 'range'],
    ['3.69e12', 'range'],
  ])('the power %j is rejected as %s', async (cell, reason) => {
    const sink = await readText(canonicalCsv, csv(`${T},a,chip,${cell},`));
    expect(sink.rejects).toMatchObject([{ line: 2, reason }]);
    expect(sink.samples).toEqual([]);
  });
  test('quoted cells keep commas and doubled quotes', () => {
    expect(splitCells('a,"b, ""c""",d')).toEqual(['a', 'b, "c"', 'd']);
    expect(splitCells('a,"open')).toBeNull();
  });
  test('a header in the middle of joined files is passed over', async () => {
    const one = csv(`${T},a,chip,5,`);
    expect((await readText(canonicalCsv, `${one}\n${one}`)).samples).toHaveLength(2);
  });
  test.each([
    ['time,scope,power_w\n2026-01-01T00:00:00.5+01:00,a,5', undefined, Date.UTC(2025, 11, 31, 23) + 500],
    ['time,scope,power_w\n2026-07-01 12:00:00,a,5', 'Europe/Berlin', Date.UTC(2026, 6, 1, 10)],
    ['time,scope,power_w\n2026-01-01 12:00:00,a,5', 'Europe/Berlin', Date.UTC(2026, 0, 1, 11)],
    ['time,scope,power_w\n2026-01-01 12:00:00,a,5', '-05:30', Date.UTC(2026, 0, 1, 17, 30)],
    ['time_unix_nano,scope,power_w\n1767225600000123456,a,5', undefined, T + 0.123456],
  ])('the time of %j in %s', async (text, timeZone, expected) => {
    const sink = await readText(canonicalCsv, text, { rule: timeZone ? { timeZone } : {} });
    expect(sink.samples[0]?.timeMs).toBe(expected);
  });
  test('a local time that the zone leaves out is rejected', async () => {
    const sink = await readText(canonicalCsv, 'time,scope,power_w\n2026-03-29 02:30:00,a,5', {
      rule: { timeZone: 'Europe/Berlin' },
    });
    expect(sink.rejects).toMatchObject([{ reason: 'time-skipped' }]);
  });
  test.each([['2026-02-30T00:00:00Z'], ['01/02/2026 00:00'], ['']])(
    'the time %j is rejected',
    async (time) => {
      expect((await readText(canonicalCsv, `time,scope,power_w\n${time},a,5`)).rejects).toMatchObject([
        { column: 'time', reason: 'time-stamp' },
      ]);
    },
  );
  test('a duplicated column is an error that names it', async () => {
    await expect(readText(canonicalCsv, 'time,scope,scope\n')).rejects.toThrow(/"scope" stands twice/);
  });
  test('progress and readings may share a file', async () => {
    const sink = await readText(
      canonicalCsv,
      `time_unix_ms,event,samples,loss\n${T},run-start,,\n${T + 1},,8,2.5\n`,
    );
    expect(sink.progressed.map((p) => [p.kind, p.samples, p.value])).toEqual([
      ['run-start', null, null],
      ['step', 8, 2.5],
    ]);
  });
});

test('CSV and JSON lines of the same rows say the same, at any chunk boundary', async () => {
  const row = fc.record({
    step: fc.nat(100_000),
    scope: fc.constantFrom('a', 'node-1'),
    power_w: fc.option(fc.integer({ min: 0, max: 5000 })),
    energy_j: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, chunk) => {
        const lines = rows.map((r) => `${T + r.step},${r.scope},chip,${r.power_w ?? ''},${r.energy_j}`);
        const objects = rows.map(
          ({ step, scope, ...rest }) =>
            `${JSON.stringify({ time_unix_ms: T + step, scope, kind: 'chip', ...rest })}\n`,
        );
        const fromCsv = await readText(canonicalCsv, csv(...lines), { chunk });
        const fromJson = await readText(canonicalJsonl, objects.join(''), { chunk });
        expect(fromJson.calls).toEqual(fromCsv.calls);
      },
    ),
    { numRuns: 50 },
  );
});

test('JSON lines keep nanoseconds, and reject what is no object', async () => {
  const sink = await readText(
    canonicalJsonl,
    '{"time_unix_nano":1767225600000999999,"scope":"a","power_w":1}\n[1]\n{"time_unix_ms":1767225600000,"scope":"a","power_w":NaN}\n{"time',
  );
  expect(sink.samples).toMatchObject([{ timeMs: T + 0.999999 }]);
  expect(sink.rejects.map((r) => r.line)).toEqual([2, 3, 4]);
});
