import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { rocmSmiCsv } from '../../../functions/core/telemetry/formats/rocm-smi-csv.ts';
import { rocmSmiJson } from '../../../functions/core/telemetry/formats/rocm-smi-json.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const START_MS = Date.parse(START);
const rule = { startTime: START };

describe('rocm-smi JSON', () => {
  const CARD = {
    'Unique ID': '0x79cc',
    'Temperature (Sensor edge) (C)': '53.0',
    'Temperature (Sensor junction) (C)': '55.0',
    'sclk clock speed:': '(1502Mhz)',
    'Average Graphics Package Power (W)': '36.0',
    'GPU use (%)': '7',
    'PCI Bus': '0000:83:00.0',
  };
  const VALUES = { power_w: 36, temperature_c: 55, clock_hz: 1.502e9, utilization_ratio: 0.07 };
  const read = (cards: object, options = {}) =>
    readText(rocmSmiJson, JSON.stringify({ ...cards, system: { 'Driver version': '6.3.6' } }), {
      rule,
      ...options,
    });

  test('all values are texts; the second die has no power, which is not 0 (nasty 14)', async () => {
    const second = {
      'Unique ID': '0x4edf',
      'Average Graphics Package Power (W)': 'N/A (Secondary die)',
      'GPU use (%)': '9',
    };
    for (const chunk of [1, 65_536]) {
      const sink = await read({ card0: CARD, card1: second }, { chunk });
      expect(sink.samples).toEqual([
        { scope: '0x79cc', timeMs: START_MS, values: VALUES },
        { scope: '0x4edf', timeMs: START_MS, values: { utilization_ratio: 0.09 } },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([2, []]);
      expect(sink.facts['0x79cc']).toEqual({ kind: 'chip', boundary: 'chip' });
    }
  });
  test.each([
    ['Current Socket Graphics Package Power (W)', '550.0', { power_w: 550 }],
    ['Average Graphics Package Power', '36.0', { power_w: 36 }],
    ['GPU USE (%)', '7', { utilization_ratio: 0.07 }],
    ['sclk clock speed', '(65535Mhz)', {}],
    ['Accumulated Energy (uJ)', '962825096297442.9', { energy_j: 962_825_096.297_442_9 }],
  ])('%s (nasty 8, 27, 32)', async (label, text, values) => {
    const sink = await read({ card0: { 'Unique ID': 'x', [label]: text } });
    expect(sink.samples.map((sample) => sample.values)).toEqual(
      Object.keys(values).length === 0 ? [] : [values],
    );
    expect(sink.rejects).toEqual([]);
  });
  test.each([
    [{ 'Unique ID': 'N/A', 'PCI Bus': '0000:07:00.0' }, {}, 'n1/0000:07:00.0'],
    [{ 'Unique ID': 'N/A' }, {}, 'n1/gpu0'],
    [{ 'Unique ID': '0x79cc' }, { card0: 'chip-x' }, 'chip-x'],
    [{ 'Unique ID': '0x79cc' }, { '0x79cc': 'chip-y' }, 'chip-y'],
  ])('a card with %j and %j is %s', async (names, scopes, scope) => {
    const card = { ...names, 'GPU use (%)': '1' };
    const sink = await read({ card0: card }, { rule: { ...rule, node: 'n1', scopes } });
    expect(sink.samples.map((sample) => sample.scope)).toEqual([scope]);
  });
  test('has the time that a script put beside the cards', async () => {
    const sink = await read({ timestamp: 1769860801.5, card0: CARD }, { rule: {} });
    expect(sink.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([1500]);
  });
  test('0 W is no reading (nasty 14)', async () => {
    const sink = await read({ card0: { ...CARD, 'Average Graphics Package Power (W)': '0.0' } });
    expect(sink.samples.map(({ values }) => values.power_w)).toEqual([undefined]);
  });
  test('needs the time that it does not say', async () => {
    await expect(read({ card0: CARD }, { rule: {} })).rejects.toMatchObject({ code: 'start-time-missing' });
  });
});

describe('the concise table of rocm-smi', () => {
  const frame = (lines: readonly string[]) =>
    ['===== ROCm System Management Interface =====', '===== Concise Info =====', ...lines, '=========='].join(
      '\n',
    );
  const NEW = frame([
    'Device  Node  IDs              Temp        Power     Partitions          SCLK    MCLK    Fan  Perf  VRAM%  GPU%  ',
    '              (DID,     GUID)  (Junction)  (Socket)  (Mem, Compute, ID)                                         ',
    '======',
    '0       2     0x74a1,   28851  35.0°C      133.0W    NPS1, SPX, 0        131Mhz  900Mhz  0%   auto  0%     7%    ',
    '1       3     0x74a1,   51499  37.0°C      N/A       NPS1, SPX, 0        132Mhz  900Mhz  0%   auto  0%     8%    ',
  ]);
  const OLD = frame([
    'GPU  Temp (DieEdge)  AvgPwr  SCLK    MCLK     Fan  Perf  PwrCap  VRAM%  GPU%  ',
    '0    35.0c           133.0W  131Mhz  1200Mhz  0%   auto  290.0W    0%   7%    ',
    '1    37.0c           N/A     132Mhz  1200Mhz  0%   auto  0.0W      0%   8%    ',
  ]);

  test.each([
    ['of ROCm 6', NEW],
    ['of ROCm 5', OLD],
  ])('%s is read as its CSV', async (_name, text) => {
    for (const chunk of [1, 65_536]) {
      const sink = await readText(rocmSmiCsv, text, { rule, chunk });
      expect(sink.samples).toEqual([
        {
          scope: 'gpu0',
          timeMs: START_MS,
          values: { power_w: 133, temperature_c: 35, clock_hz: 131e6, utilization_ratio: 0.07 },
        },
        {
          scope: 'gpu1',
          timeMs: START_MS,
          values: { temperature_c: 37, clock_hz: 132e6, utilization_ratio: 0.08 },
        },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([2, []]);
    }
    expect(FORMATS.filter((f) => f.sniff(text, 'x')).map((f) => f.id)).toEqual(['rocm-smi-csv']);
  });
  test('a row that was cut is rejected: its cells stand below other headers', async () => {
    const cut = '0       2     0x74a1,   28851  35.0°C      133.0W    NPS1, SPX, 0        131Mhz  900Mhz  0%';
    const sink = await readText(rocmSmiCsv, `${NEW}\n${cut}`, { rule: { ...rule, periodMs: 1000 } });
    expect(sink.samples).toHaveLength(2);
    expect(sink.rejects).toMatchObject([{ reason: 'cells' }]);
  });
  test('poll after poll stand periodMs apart', async () => {
    const sink = await readText(rocmSmiCsv, `${OLD}\n\n${OLD}`, { rule: { ...rule, periodMs: 1000 } });
    expect(sink.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([0, 0, 1000, 1000]);
  });
});

describe('rocm-smi CSV', () => {
  const TEXT = [
    '',
    'device,Unique ID,Average Graphics Package Power (W),Temperature (Sensor edge) (C),GPU use (%),GFX Version  ',
    'card0,0x79cc,36.0,53.0,7,gfx908  ',
    'card1,0x4edf,N/A (Secondary die),54.0,8,gfx908  ',
    '',
  ].join('\n');
  test('blank lines and blanks behind the last cell change nothing (nasty 55)', async () => {
    for (const chunk of [1, 65_536]) {
      const sink = await readText(rocmSmiCsv, TEXT, { rule, chunk });
      expect(sink.samples).toEqual([
        {
          scope: '0x79cc',
          timeMs: START_MS,
          values: { power_w: 36, temperature_c: 53, utilization_ratio: 0.07 },
        },
        { scope: '0x4edf', timeMs: START_MS, values: { temperature_c: 54, utilization_ratio: 0.08 } },
      ]);
      expect([sink.rows, sink.rejects]).toEqual([2, []]);
    }
  });
  test('clocks stand in brackets, also in a table (nasty 8)', async () => {
    const text = [
      'device,sclk clock speed:,sclk clock level:,Current Socket Graphics Package Power (W)',
      'card0,(1502Mhz),3,133.0',
      'card1,(65535Mhz),3,131.0',
      'card2,fast,3,131.0',
    ].join('\n');
    const sink = await readText(rocmSmiCsv, text, { rule });
    expect(sink.samples.map(({ values }) => values)).toEqual([
      { power_w: 133, clock_hz: 1.502e9 },
      { power_w: 131 },
    ]);
    expect(sink.rejects).toMatchObject([{ line: 4, column: 'sclk clock speed:', reason: 'number' }]);
  });
  test('0 W is no reading: it is what a second die writes (nasty 14)', async () => {
    const text = 'device,Average Graphics Package Power (W),GPU use (%)\ncard0,300.0,90\ncard1,0.0,91\n';
    const sink = await readText(rocmSmiCsv, text, { rule });
    expect(sink.samples.map(({ values }) => values)).toEqual([
      { power_w: 300, utilization_ratio: 0.9 },
      { utilization_ratio: 0.91 },
    ]);
  });
  test('a time that a script put in front', async () => {
    const text = 'timestamp,device,GPU use (%)\n1769860800,card0,7\n1769860801,card0,8\n';
    const sink = await readText(rocmSmiCsv, text);
    expect(sink.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([0, 1000]);
    expect(rocmSmiCsv.sniff(text, 'x')).toBe(true);
  });
  test('poll after poll in one file stand periodMs apart, each with its header', async () => {
    const sink = await readText(rocmSmiCsv, TEXT + TEXT, { rule: { ...rule, periodMs: 2000 } });
    expect(sink.samples.map(({ timeMs }) => timeMs - START_MS)).toEqual([0, 0, 2000, 2000]);
  });
  test('a card without a better name goes by its index', async () => {
    const sink = await readText(rocmSmiCsv, 'device,GPU use (%)\ncard3,5', { rule, path: 'n1/rocm.csv' });
    expect(sink.samples.map(({ scope }) => scope)).toEqual(['n1/gpu3']);
  });
});

test.each([
  ['rocm-smi-json', '\n{"card0": {"GPU use (%)": "0"}}'],
  ['rocm-smi-csv', '\ndevice,GPU use (%)\ncard0,5\n'],
])('exactly one format recognises %s', (id, head) => {
  expect(FORMATS.filter((f) => f.sniff(head, 'x')).map((f) => f.id)).toEqual([id]);
});

describe.runIf(hasSamples)('real files', () => {
  const folder = join(SAMPLES, 'amd', 'rocm-smi-json');
  test('four MI100', async () => {
    const sink = await readText(rocmSmiJson, readFileSync(join(folder, 'mi100_rocm602.json')), { rule });
    expect(sink.samples.map(({ scope, values }) => [scope, values.power_w, values.temperature_c])).toEqual([
      ['0x79ccd55167a2124a', 36, 55],
      ['0x4edfb117a17a07d', 44, 58],
      ['0xd4a9ec48d03d261d', 43, 57],
      ['0x1b9dd972253c3736', 39, 53],
    ]);
  });
  test('a Radeon without a unique id', async () => {
    const file = readFileSync(join(folder, 'rx6700xt_rocm612.json'));
    const sink = await readText(rocmSmiJson, file, { rule: { ...rule, node: 'desk' } });
    expect(sink.samples).toEqual([
      {
        scope: 'desk/0000:07:00.0',
        timeMs: START_MS,
        values: { power_w: 6, temperature_c: 47, clock_hz: 0, utilization_ratio: 0 },
      },
    ]);
  });
});
