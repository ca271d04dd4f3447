import { describe, expect, test } from 'vitest';
import { mappedCsv } from '../../../functions/core/telemetry/formats/mapped-csv.ts';
import { mappedJsonl } from '../../../functions/core/telemetry/formats/mapped-jsonl.ts';
import { FileRuleSchema } from '../../../functions/core/telemetry/manifest.ts';
import { type Mapping, MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { readTelemetry } from '../../../functions/core/telemetry/read.ts';
import { SourceReading } from '../../../functions/core/telemetry/source-reading.ts';
import { fc } from '../../fast-check.ts';
import { RecordingSink, readText } from './recording-sink.ts';

const T = Date.UTC(2026, 0, 31, 12);

/** A rule with a mapping, checked as run.json would be. */
const ruleOf = (mapping: Partial<Mapping>, rest: object = {}) => {
  const { pattern, ...rule } = FileRuleSchema.parse({
    pattern: '**',
    mapping: MappingSchema.parse({ form: 'csv', ...mapping }),
    ...rest,
  });
  return rule;
};
const TIME = { column: 'ts', form: 'unix-ms' } as const;
const POWER = { column: 'w', field: 'power_w' } as const;

describe('a CSV of your own', () => {
  test('is read by its mapping: scopes, units, counters, spellings of nothing', async () => {
    const sink = await readText(
      mappedCsv,
      [
        '# board logger 1.2',
        'ts,rack,chip,power_mw,energy_uj,temp,note',
        `${T},r1,c7,150000,1000000,61.5,ok`,
        `${T + 1000},r1,c7,-1,2500000,missing,`,
        `${T + 1000},r1,c8,oops,1,1,`,
      ].join('\n'),
      {
        rule: ruleOf({
          time: TIME,
          scope: ['rack', 'chip'],
          nulls: ['Missing'],
          readings: [
            { column: 'power_mw', field: 'power_w', unit: 'mW', sentinels: [-1] },
            { column: 'energy_uj', field: 'energy_j', unit: 'uJ' },
            { column: 'temp', field: 'temperature_c' },
          ],
        }),
      },
    );
    expect(sink.samples).toEqual([
      { scope: 'r1/c7', timeMs: T, values: { power_w: 150, energy_j: 1, temperature_c: 61.5 } },
      { scope: 'r1/c7', timeMs: T + 1000, values: { energy_j: 2.5 } },
    ]);
    expect(sink.rejects).toMatchObject([{ line: 5, column: 'power_mw', reason: 'number' }]);
    expect(sink.rows).toBe(3);
  });

  test('has the scope columns joined in the order of the mapping, not of the file', async () => {
    const sink = await readText(mappedCsv, `slot,ts,node,w\n3,${T},n1,5\n`, {
      rule: ruleOf({ time: TIME, scope: ['node', 'slot'], readings: [POWER] }),
    });
    expect(sink.samples[0]?.scope).toBe('n1/3');
  });

  test.each([
    ['the node of its rule', 'power/a.csv', { node: 'n4' }, 'n4/0'],
    ['its folder', 'n5/a.csv', {}, 'n5/0'],
    ['nothing, where there is none', 'a.csv', {}, '0'],
    ['the name that the run has for it', 'a.csv', { scopes: { 0: 'chip-17' } }, 'chip-17'],
  ])('with a bare index as scope is told apart by %s', async (_name, path, rest, scope) => {
    const sink = await readText(mappedCsv, `ts,i,w\n${T},0,5\n`, {
      path,
      rule: ruleOf({ time: TIME, scope: ['i'], readings: [POWER] }, rest),
    });
    expect(sink.samples[0]?.scope).toBe(scope);
  });

  test('wide, has a scope for each column; total_watts beside its parts is not read (nasty 19)', async () => {
    const sink = await readText(
      mappedCsv,
      'timestamp,n1_watts,n2_watts,total_watts\n2026-01-31T13:00:00,2492,2579,5071\n',
      {
        rule: ruleOf(
          {
            time: { column: 'timestamp', form: 'iso' },
            kind: 'node',
            readings: [
              { column: 'n1_watts', field: 'power_w', scope: 'n1' },
              { column: 'n2_watts', field: 'power_w', scope: 'n2' },
            ],
          },
          { timeZone: '+01:00' },
        ),
      },
    );
    expect(sink.samples).toEqual([
      { scope: 'n1', timeMs: T, values: { power_w: 2492 } },
      { scope: 'n2', timeMs: T, values: { power_w: 2579 } },
    ]);
    expect(sink.facts).toEqual({ n1: { kind: 'node' }, n2: { kind: 'node' } });
  });

  test('long, has the metrics that its mapping names; others are left', async () => {
    const sink = await readText(
      mappedCsv,
      `ts;id;name;val\n${T};a;PWR;150\n${T};a;FAN;3000\n${T};a;ENG;2.5\n`,
      {
        rule: ruleOf({
          delimiter: ';',
          time: TIME,
          scope: ['id'],
          long: {
            metric: 'name',
            value: 'val',
            readings: {
              PWR: { field: 'power_w' },
              ENG: { field: 'energy_j', unit: 'kWh' },
            },
          },
        }),
      },
    );
    expect(sink.samples.map((s) => s.values)).toEqual([{ power_w: 150 }, { energy_j: 9_000_000 }]);
    expect([sink.rows, sink.rejects]).toEqual([3, []]);
  });

  test('of values alone needs startTime and periodMs, and counts rows (nasty 41)', async () => {
    const mapping = { scopeId: 'board', readings: [POWER] };
    const times = { startTime: '2026-01-31T12:00:00Z', periodMs: 250 };
    const sink = await readText(mappedCsv, '10\nx\n30\n', {
      rule: ruleOf(mapping, { ...times, columns: ['w'] }),
    });
    expect(sink.samples).toMatchObject([
      { timeMs: T, values: { power_w: 10 } },
      { timeMs: T + 500, values: { power_w: 30 } },
    ]);
    await expect(readText(mappedCsv, 'w\n1\n', { rule: ruleOf(mapping) })).rejects.toMatchObject({
      code: 'period-missing',
    });
    await expect(
      readText(mappedCsv, 'w\n1\n', { rule: ruleOf(mapping, { periodMs: 1 }) }),
    ).rejects.toMatchObject({ code: 'start-time-missing' });
    const several = ruleOf({ scope: ['id'], readings: [POWER] }, times);
    await expect(readText(mappedCsv, 'id,w\na,1\n', { rule: several })).rejects.toMatchObject({
      code: 'mapping-time',
    });
  });

  test.each([
    ['month-first', '01-31-2026 12:00:00.5', T + 500],
    ['day-first', '31-01-2026 12:00:00', T],
    ['iso', '2026/01/31 12:00:00', T],
    ['unix-s', String(T / 1000), T],
  ] as const)('tells day and month apart by the form alone: %s (nasty 40)', async (form, text, timeMs) => {
    const sink = await readText(mappedCsv, `ts,w\n${text},1\n`, {
      rule: ruleOf({ time: { column: 'ts', form }, scopeId: 'x', readings: [POWER] }, { timeZone: 'UTC' }),
    });
    expect(sink.samples).toMatchObject([{ timeMs }]);
  });

  test('of times of day goes over midnight, milliseconds behind a colon too (nasty 40)', async () => {
    const rule = ruleOf(
      { time: { column: 'ts', form: 'clock' }, scopeId: 'pdu', kind: 'rack', readings: [POWER] },
      { timeZone: '+00:00', startTime: '2026-01-30T20:00:00Z' },
    );
    const sink = await readText(mappedCsv, 'ts,w\n23:59:59:500,1\n00:00:00,2\n', { rule });
    expect(sink.samples.map((s) => s.timeMs)).toEqual([
      Date.UTC(2026, 0, 30, 23, 59, 59, 500),
      Date.UTC(2026, 0, 31),
    ]);
  });

  test.each([
    ['power1_input', 'power_w', 'µW', '225000000', 225],
    ['energy1_input', 'energy_j', 'uJ', '9000000', 9],
    ['pdu', 'power_w', 'kW', '1.25', 1250],
    ['clk', 'clock_hz', 'MHz', '1980', 1.98e9],
    ['util', 'utilization_ratio', '%', '97', 0.97],
    ['throttle', 'throttled_power_s', 'us', '1500000', 1.5],
    ['with a unit in the cell', 'power_w', 'W', '1.2 kW', 1200],
  ] as const)('has %s in SI (nasty 27)', async (column, field, unit, cell, value) => {
    const sink = await readText(mappedCsv, `ts,${column}\n${T},${cell}\n`, {
      rule: ruleOf({ time: TIME, scopeId: 'x', readings: [{ column, field, unit }] }),
    });
    expect(sink.samples).toMatchObject([{ values: { [field]: value } }]);
  });

  test('may have a scale instead of a unit: tenths of kW (nasty 27)', async () => {
    const sink = await readText(mappedCsv, `ts,w\n${T},125\n`, {
      rule: ruleOf({ time: TIME, scopeId: 'x', readings: [{ ...POWER, scale: 100 }] }),
    });
    expect(sink.samples).toMatchObject([{ values: { power_w: 12_500 } }]);
  });

  test('gives progress beside readings, and alone without a clock', async () => {
    const progress = { step: 'it', tokens: 'tok', loss: 'loss' };
    const both = await readText(mappedCsv, `ts,w,it,tok,loss\n${T},5,1,4096,2.5\n`, {
      rule: ruleOf({ time: TIME, scopeId: 'x', readings: [POWER], progress }),
    });
    expect(both.samples).toHaveLength(1);
    expect(both.progressed).toMatchObject([
      { kind: 'step', timeMs: T, step: 1, tokens: 4096, key: 'loss', value: 2.5 },
    ]);
    const alone = await readText(mappedCsv, 'it,tok,loss\n1,4096,2.5\n', { rule: ruleOf({ progress }) });
    expect(alone.progressed).toMatchObject([{ timeMs: null, tokens: 4096 }]);
  });

  test('may be joined from files whose columns are in another order', async () => {
    const sink = await readText(mappedCsv, `ts,w\n${T},1\nts,w\n${T + 1},2\nw,ts\n3,${T + 2}\n`, {
      rule: ruleOf({ time: TIME, scopeId: 'x', readings: [POWER] }),
    });
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([1, 2, 3]);
    expect(sink.rejects).toEqual([]);
  });

  test.each([
    [
      'a column that the file lacks',
      { time: TIME, scopeId: 'x', readings: [{ ...POWER, column: 'watts' }] },
      'column-missing',
      /"watts".*it has "ts", "w"/,
    ],
    ['nothing of what was read', { time: TIME, readings: [POWER] }, 'scope-missing', /scopeId/],
    [
      'a unit of something else',
      { time: TIME, scopeId: 'x', readings: [{ ...POWER, unit: 'MHz' }] },
      'mapping-unit',
      /"MHz".*power/,
    ],
    [
      'a unit and a scale',
      { time: TIME, scopeId: 'x', readings: [{ ...POWER, unit: 'W', scale: 2 }] },
      'mapping-unit',
      /one of them/,
    ],
    ['a column twice', { time: TIME, scope: ['ts'], readings: [POWER] }, 'mapping-twice', /"ts"/],
    [
      'a field of one scope twice',
      { time: TIME, scopeId: 'x', readings: [POWER, { ...POWER, column: 'w2' }] },
      'mapping-twice',
      /power_w/,
    ],
    [
      'a node that nobody names',
      { time: TIME, scopeId: '{node}', readings: [POWER] },
      'node-missing',
      /\{node\}/,
    ],
  ])('is refused where its mapping names %s', async (_name, mapping, code, message) => {
    const read = readText(mappedCsv, `ts,w\n${T},1\n`, { rule: ruleOf(mapping as Partial<Mapping>) });
    await expect(read).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('is refused where a mapped column stands twice, and without a mapping', async () => {
    const rule = ruleOf({ time: TIME, scopeId: 'x', readings: [POWER] });
    await expect(readText(mappedCsv, `ts,w,w\n${T},1,2\n`, { rule })).rejects.toMatchObject({
      code: 'column-twice',
    });
    await expect(readText(mappedCsv, 'ts,w\n')).rejects.toMatchObject({ code: 'mapping-missing' });
  });

  test('takes its scope from the node in its path', async () => {
    const rule = ruleOf({ time: TIME, scopeId: '{node}/bmc', readings: [POWER] }, { node: 'n7' });
    const sink = await readText(mappedCsv, `ts,w\n${T},1\n`, { rule });
    expect(sink.samples[0]?.scope).toBe('n7/bmc');
  });
});

describe('JSON lines of your own', () => {
  const rule = ruleOf({
    form: 'jsonl',
    time: { column: 't.ms', form: 'unix-ms' },
    scope: ['id'],
    readings: [{ column: 'chip.power', field: 'power_w' }],
  });

  test('are read by paths, glued or over many lines; bare NaN is no reading (nasty 52, 53)', async () => {
    const text = [
      'WARNING: one device is slow',
      `{"t":{"ms":${T}},"id":"a","chip":{"power":150.5}}{"t":{"ms":${T + 1}},"id":"a","chip":{"power":NaN}}`,
      `{"t":\n{"ms":${T + 2}},"id":"a","chip.power":"151"}`,
      `{"t":{"ms":${T + 3}},"id":"a","chip":{"power":{"value":1}}}`,
      '{"t":{"ms":',
    ].join('\n');
    for (const chunk of [1, 65_536]) {
      const sink = await readText(mappedJsonl, text, { rule, chunk });
      expect(sink.samples).toEqual([
        { scope: 'a', timeMs: T, values: { power_w: 150.5 } },
        { scope: 'a', timeMs: T + 2, values: { power_w: 151 } },
      ]);
      expect(sink.rejects).toMatchObject([
        { line: 5, column: 'chip.power', reason: 'json' },
        { line: 6, reason: 'json' },
      ]);
      expect(sink.notes).toMatchObject([{ code: 'prose' }]);
      expect(sink.rows).toBe(5);
    }
  });

  test('may hold an array whose elements are rows, and arrays of objects as a whole', async () => {
    const each = ruleOf({
      form: 'jsonl',
      time: TIME,
      scope: ['host', 'chips[].slot'],
      readings: [{ column: 'chips[].env.watts', field: 'power_w' }],
    });
    const object = {
      ts: T,
      host: 'n1',
      chips: [
        { slot: 0, env: { watts: 5 } },
        { slot: 1, env: { watts: null } },
        { slot: 2, env: { watts: 7 } },
      ],
    };
    const sink = await readText(mappedJsonl, JSON.stringify([object, { ts: T, host: 'n2' }]), { rule: each });
    expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      ['n1/0', 5],
      ['n1/2', 7],
    ]);
    expect(sink.rejects).toMatchObject([{ column: 'chips', reason: 'json' }]);
  });

  test('are refused where no object has a path, with those that the first has', async () => {
    const text = `{"t":{"ms":${T}},"id":"a","power":1,"x":[{"y":1}]}\n`;
    await expect(readText(mappedJsonl, text, { rule })).rejects.toMatchObject({
      code: 'column-missing',
      message: expect.stringMatching(/"chip.power".*it has "t.ms", "id", "power", "x\[\].y"/),
    });
  });

  test('reads a flag as one or zero', async () => {
    const flags = ruleOf({
      form: 'jsonl',
      time: TIME,
      scopeId: 'x',
      readings: [{ column: 'hot', field: 'throttled_thermal_ratio' }],
    });
    const sink = await readText(mappedJsonl, `{"ts":${T},"hot":true}\n{"ts":${T},"hot":false}`, {
      rule: flags,
    });
    expect(sink.samples.map((s) => s.values.throttled_thermal_ratio)).toEqual([1, 0]);
  });
});

test('a poller that writes 0 for no answer is noted, where a scope has nothing else (nasty 5)', async () => {
  const rule = ruleOf({
    time: TIME,
    readings: [
      { column: 'n1', field: 'power_w', scope: 'n1' },
      { column: 'n2', field: 'power_w', scope: 'n2' },
    ],
  });
  const reading = new SourceReading(rule, { addScope: () => {}, sample: () => {} });
  const chunks = (async function* () {
    yield Buffer.from(`ts,n1,n2\n${T},0,0\n${T + 1000},0,2500\n${T + 2000},0,0\n`);
  })();
  await readTelemetry(chunks, 'a.csv', rule, reading);
  reading.finish();
  expect(reading.notes).toMatchObject([
    { code: 'power-all-zero', severity: 'warning', message: expect.stringContaining('of n1 '), count: 1 },
  ]);
});

test('a file with a mapping is read by it, whatever it looks like', async () => {
  const chunks = (async function* () {
    yield Buffer.from(`time,w\n${T},1\n`);
  })();
  const rule = ruleOf({
    time: { column: 'time', form: 'unix-ms' },
    scopeId: 'x',
    readings: [POWER],
  });
  const sink = new RecordingSink();
  const format = await readTelemetry(chunks, 'a.csv', rule, sink);
  expect([format.id, sink.samples.length]).toEqual(['mapped-csv', 1]);
});

test('CSV and JSON lines of the same rows say the same, at any chunk boundary', async () => {
  const row = fc.record({ t: fc.nat(100_000), id: fc.constantFrom('a', 'b'), w: fc.option(fc.nat(5000)) });
  const mapping = { time: TIME, scope: ['id'], readings: [POWER] };
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, chunk) => {
        const csv = ['ts,id,w', ...rows.map((r) => `${T + r.t},${r.id},${r.w ?? ''}`)].join('\n');
        const json = rows.map((r) => JSON.stringify({ ts: T + r.t, id: r.id, w: r.w })).join('\n');
        const fromCsv = await readText(mappedCsv, csv, { chunk, rule: ruleOf(mapping) });
        const fromJson = await readText(mappedJsonl, json, {
          chunk,
          rule: ruleOf({ ...mapping, form: 'jsonl' }),
        });
        expect(fromJson.calls).toEqual(fromCsv.calls);
      },
    ),
    { numRuns: 50 },
  );
});
