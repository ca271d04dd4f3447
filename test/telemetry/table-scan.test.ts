import { describe, expect, test } from 'vitest';
import { canonicalCsv } from '../../functions/core/telemetry/formats/canonical-csv.ts';
import type { Format } from '../../functions/core/telemetry/formats/format.ts';
import { readTable } from '../../functions/core/telemetry/table.ts';
import type { ColumnPlan, TablePlan } from '../../functions/core/telemetry/table-plan.ts';
import { scaleOf } from '../../functions/core/telemetry/units.ts';
import { fc } from '../fast-check.ts';
import { type RecordingSink, readText } from './formats/recording-sink.ts';

const reading = (field: 'power_w' | 'temperature_c' | 'energy_j', unit: string, more = {}): ColumnPlan => ({
  role: 'reading',
  field,
  scale: scaleOf(unit) as { multiply: number; divide: number },
  ...more,
});

const PLAN: TablePlan = {
  names: ['at', 'host', 'gpu', 'note', 'power', 'temp', 'energy', 'mask', 'step'],
  columns: [
    { role: 'time', form: 'iso' },
    { role: 'scope' },
    { role: 'scope' },
    { role: 'skip' },
    reading('power_w', 'W', {
      suffixes: new Map([
        ['W', scaleOf('W')],
        ['kW', scaleOf('kW')],
      ]),
    }),
    reading('temperature_c', 'C', { sentinels: [99] }),
    reading('energy_j', 'mJ'),
    {
      role: 'text',
      read: (text, row) => {
        if (!/^0x[0-9a-f]+$/.test(text)) return { column: 'mask', reason: 'mask', expected: 'a hex mask' };
        row.set('throttled_power_ratio', Number(text) & 4 ? 1 : 0);
        return null;
      },
    },
    { role: 'progress', property: 'step' },
  ],
  kind: 'chip',
  scopeId: ([host, gpu]) => (host === '' || gpu === '' ? null : `${host}/${gpu}`),
  nulls: new Set(['lost']),
};

const format = (plan: TablePlan, delimiter: ',' | ';', isTextOnly: boolean): Format => ({
  id: 'test',
  title: 'test',
  sniff: () => true,
  read: (chunks, context, sink) =>
    readTable(chunks, context, sink, {
      delimiter,
      isTextOnly,
      header: (cells) => (cells[0] === plan.names[0] ? plan : null),
      isNoise: (line) => line.startsWith('#'),
    }),
});

const number = fc.oneof(
  { weight: 16, arbitrary: fc.tuple(fc.nat(9_999), fc.nat(999)).map(([a, b]) => `${a}.${b}`) },
  { weight: 8, arbitrary: fc.nat(30_000).map(String) },
  fc.constantFrom(
    '',
    'N/A',
    '[N/A]',
    'nan',
    'lost',
    '-',
    '0',
    '-0',
    '255',
    '1e3',
    '2.5E-1',
    '+5',
    '.5',
    '5.',
    '007',
  ),
  fc.constantFrom(
    '-3',
    '1,5',
    '12 W',
    '1.2 kW',
    '9 V',
    '12W',
    'x',
    '1.2.3',
    '99999999999999999',
    '0.30000000000000004',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e6 }).map(String),
);
const blanks = fc.oneof({ weight: 20, arbitrary: fc.constantFrom('', ' ', '  ') }, fc.constant('\t'));
const padded = (cell: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(blanks, cell, blanks).map((parts) => parts.join(''));
const quoted = (cell: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: cell },
    cell.map((text) => `"${text}"`),
  );
const stamp = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.nat(100_000),
        fc.constantFrom('T', ' '),
        fc.constantFrom('Z', '+02:00', '-0530', ''),
        fc.nat(9),
      )
      .map(([s, separator, zone, digits]) => {
        const [day = '', clock = ''] = new Date(1_790_000_000_000 + s * 1_001).toISOString().split('T');
        const fraction = digits === 0 ? '' : `.${'035791246'.slice(0, digits)}`;
        return `${day}${separator}${clock.slice(0, 8)}${fraction}${zone}`;
      }),
  },
  fc.constantFrom(
    '',
    'now',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026/01/01 00:00:00',
    '2026-10-25 02:30:00',
  ),
);
const row = fc
  .tuple(
    stamp,
    fc.oneof({ weight: 20, arbitrary: fc.constant('n1') }, fc.constantFrom('n2', 'n 3', 'é', '')),
    fc.oneof({ weight: 9, arbitrary: fc.constant('0') }, fc.constantFrom('1', 'GPU-a')),
    fc.constantFrom('', 'text', 'a b'),
    padded(number),
    padded(
      fc.oneof(
        { weight: 9, arbitrary: fc.nat(120).map((n) => `${n - 19}.5`) },
        fc.constantFrom('99', '99.0'),
        number,
      ),
    ),
    padded(number),
    fc.constantFrom('0x0', '0x4', '0x4', '[N/A]', '', 'Active'),
    fc.oneof({ weight: 9, arbitrary: fc.constant('') }, fc.constantFrom('5', 'x')),
  )
  .chain((cells) =>
    fc.tuple(...cells.map((cell, i) => (i === 3 || i === 4 ? quoted(fc.constant(cell)) : fc.constant(cell)))),
  );
const line = fc.oneof(
  { weight: 14, arbitrary: row.map((cells) => cells.join(',')) },
  row.map((cells) => cells.slice(2).join(',')),
  row.map((cells) => [...cells, 'more'].join(',')),
  fc.constantFrom('', '# comment', 'GPU is lost', ',,,,,,,,', '"open,1,2', PLAN.names.join(',')),
);
const table = fc
  .tuple(fc.array(line, { maxLength: 120 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
  .map(([lines, end, hasMark, hasEnd]) =>
    [`${hasMark ? '\ufeff' : ''}${PLAN.names.join(',')}`, ...lines].join(end).concat(hasEnd ? end : ''),
  );

const seen = ({ calls, rows }: RecordingSink): unknown => ({ calls, rows });
const rule = { timeZone: 'Europe/Berlin' };

describe('a table read from bytes', () => {
  test('gives what it gives read as text, wherever it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 300 }), async (text, chunk) => {
        const expected = await readText(format(PLAN, ',', true), text, { rule });
        const found = await readText(format(PLAN, ',', false), text, { rule, chunk });
        expect(seen(found)).toEqual(seen(expected));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['unix-s', ['1790000000', '1790000000.25', '1790000000.123456', '17', '1790000000000', '1.79e9']],
    ['unix-ms', ['1790000000000', '1790000000000.5', '1790000000', 'x', '']],
    ['unix-us', ['1790000000000001', '1790000000000000.5']],
    ['unix-ns', ['1790000000000000001', '1790000000123456789', '1790000000']],
    ['month-first', ['07-13-2026 17:49:20.063', '13-07-2026 17:49:20.063']],
    ['ctime', ['Sat Jul  4 12:00:00 2026']],
  ] as const)('times in the form %s', async (form, stamps) => {
    const plan: TablePlan = {
      names: ['at', 'power'],
      columns: [{ role: 'time', form }, reading('power_w', 'mW')],
      kind: 'chip',
      scopeId: () => 'one',
    };
    const text = ['at;power', ...stamps.map((at, i) => `${at};${1000 + i}`)].join('\n');
    const options = { rule: { timeZone: '+01:00' } };
    const expected = await readText(format(plan, ';', true), text, options);
    expect(seen(await readText(format(plan, ';', false), text, options))).toEqual(seen(expected));
    expect(expected.samples.length).toBeGreaterThan(0);
  });

  test('a table without times counts its rows, read or rejected', async () => {
    const plan: TablePlan = {
      names: ['power'],
      columns: [reading('power_w', 'W')],
      kind: 'chip',
      scopeId: () => 'one',
      clock: { startMs: 1_790_000_000_000, periodMs: 500 },
    };
    const sink = await readText(format(plan, ',', false), 'power\n1\nx\n3\n4\n', { chunk: 3 });
    expect(sink.samples.map((s) => [s.timeMs - 1_790_000_000_000, s.values.power_w])).toEqual([
      [0, 1],
      [1_000, 3],
      [1_500, 4],
    ]);
    expect(sink.rejects.map((r) => r.line)).toEqual([3]);
  });

  test('rows of Wattline CSV with and without progress, in any chunks', async () => {
    const text = [
      'time,scope,kind,boundary,power_w,energy_j,event,step,text',
      '2026-07-01T00:00:00Z,a,,chip,100.5,10,,,',
      '2026-07-01T00:00:01Z,a,,chip,101,20,,,',
      '2026-07-01T00:00:01Z,rack-1,rack,rack,90000,,,,',
      '2026-07-01T00:00:02Z,a,,,102,30,step,7,',
      '2026-07-01T00:00:03Z,a,node,,103,40,,,',
      '2026-07-01T00:00:04Z,a,,,25000,50,,,',
    ].join('\n');
    const whole = await readText(canonicalCsv, text);
    expect(whole.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      ['a', 100.5],
      ['a', 101],
      ['rack-1', 90_000],
      ['a', 102],
    ]);
    expect(whole.rejects.map((r) => [r.line, r.column])).toEqual([
      [6, 'kind'],
      [7, 'power_w'],
    ]);
    for (const chunk of [1, 7, 64])
      expect(seen(await readText(canonicalCsv, text, { chunk }))).toEqual(seen(whole));
  });

  test('a time beyond what times may be is rejected, as it is where rows are read as text', async () => {
    const row = (time: string) => `${time},a,chip,100\n`;
    const text = `time,scope,kind,power_w\n${row('2026-07-01T00:00:00Z')}${row('3026-01-31T00:00:00Z')}${row('1969-12-31T00:00:00Z')}${row('2026-07-01T00:00:01Z')}`;
    const sink = await readText(canonicalCsv, text);
    expect(sink.samples).toHaveLength(2);
    expect(sink.rejects.map((r) => [r.line, r.column])).toEqual([
      [3, 'time'],
      [4, 'time'],
    ]);
  });
});
