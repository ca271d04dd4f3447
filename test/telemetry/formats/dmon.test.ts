import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dcgmiDmon } from '../../../functions/core/telemetry/formats/dcgmi-dmon.ts';
import { nvidiaSmiDmon } from '../../../functions/core/telemetry/formats/nvidia-smi-dmon.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const START = '2026-07-14T08:00:00Z';
const START_MS = Date.parse(START);
const timed = { startTime: START, periodMs: 1000 };

const DMON = [
  '# gpu    pwr  gtemp  mtemp     sm    mem   mclk   pclk ',
  '# Idx      W      C      C      %      %    MHz    MHz ',
  '    0    631     63     57    100     10   2619   1980 ',
  '    1    500     60      -     90     10   2619   1900 ',
  '    0    634     63     58      -     10   2619   1980 ',
  '    1      -     61      -     91     10   2619   1905 ',
].join('\n');

describe('nvidia-smi dmon', () => {
  test('gives SI values; all GPUs of one poll have its time, a dash is no reading (nasty 41)', async () => {
    const sink = await readText(nvidiaSmiDmon, DMON, { path: 'node7/dmon.txt', rule: timed });
    expect(sink.samples).toEqual([
      {
        scope: 'node7/gpu0',
        timeMs: START_MS,
        values: { power_w: 631, temperature_c: 63, utilization_ratio: 1, clock_hz: 1.98e9 },
      },
      {
        scope: 'node7/gpu1',
        timeMs: START_MS,
        values: { power_w: 500, temperature_c: 60, utilization_ratio: 0.9, clock_hz: 1.9e9 },
      },
      {
        scope: 'node7/gpu0',
        timeMs: START_MS + 1000,
        values: { power_w: 634, temperature_c: 63, clock_hz: 1.98e9 },
      },
      {
        scope: 'node7/gpu1',
        timeMs: START_MS + 1000,
        values: { temperature_c: 61, utilization_ratio: 0.91, clock_hz: 1.905e9 },
      },
    ]);
    expect(sink.facts['node7/gpu0']).toEqual({ kind: 'chip', boundary: 'chip' });
    expect([sink.rows, sink.rejects.length]).toEqual([4, 0]);
  });

  test('a header that comes again is no row, also with other columns (nasty 55)', async () => {
    const again = `${DMON}\n# gpu    pwr  sm\n# Idx      W   %\n    0    635  99\n`;
    const sink = await readText(nvidiaSmiDmon, `${DMON}\n${DMON}\n${again}`, { rule: timed });
    expect([sink.rows, sink.rejects.length]).toEqual([13, 0]);
    expect(sink.samples.at(-1)).toEqual({
      scope: 'gpu0',
      timeMs: START_MS + 6000,
      values: { power_w: 635, utilization_ratio: 0.99 },
    });
  });

  test('a GPU that is lost does not stop the clock, and the sentence about it is told (nasty 54)', async () => {
    const lines = [
      ...DMON.split('\n').slice(0, 4),
      'Unable to determine the device handle for GPU0000:4F:00.0',
    ];
    const text = [
      ...lines,
      '    1    501     60      -     90     10   2619   1900',
      '    1    502 60 - 90 1 1 1',
    ];
    const sink = await readText(nvidiaSmiDmon, text.join('\n'), { rule: timed });
    expect(sink.samples.map((s) => [s.scope, s.timeMs - START_MS])).toEqual([
      ['gpu0', 0],
      ['gpu1', 0],
      ['gpu1', 1000],
      ['gpu1', 2000],
    ]);
    expect(sink.notes.map((n) => n.code)).toEqual(['prose']);
    expect(sink.rejects).toEqual([]);
  });

  test('a sentence before the header is told, too (nasty 54)', async () => {
    const sink = await readText(nvidiaSmiDmon, `Warning: persistence mode is off\n${DMON}`, { rule: timed });
    expect([sink.notes.map((n) => n.code), sink.samples.length]).toEqual([['prose'], 4]);
  });

  test.each([
    ['-o DT', '#Date       Time        gpu    pwr', '20260714   10:00:05      0', { timeZone: '+02:00' }],
    [
      '-o DT of other drivers',
      '#Date       Time        gpu    pwr',
      '2026/07/14 10:00:05 0',
      { timeZone: '+02:00' },
    ],
    ['-o T', '#Time        gpu    pwr', '08:00:05   0', { timeZone: 'UTC', startTime: START }],
    ['-o D', '#Date        gpu    pwr', '20260714   0', { startTime: '2026-07-14T08:00:05Z' }],
    ['a wrapper', '1784016005.5 # gpu pwr', '1784016005 0', {}],
  ])('takes the time of %s', async (_name, header, row, rule) => {
    const sink = await readText(nvidiaSmiDmon, `${header}\n${row} 300\n`, { rule });
    expect(sink.samples).toEqual([{ scope: 'gpu0', timeMs: START_MS + 5000, values: { power_w: 300 } }]);
  });

  test('times of day go on over midnight (nasty 40)', async () => {
    const text = '#Time gpu pwr\n23:59:59 0 1\n#Time gpu pwr\n00:00:00 0 2\n00:00:01 0 3';
    const rule = { timeZone: 'UTC', startTime: '2026-07-14T23:00:00Z' };
    const { samples } = await readText(nvidiaSmiDmon, text, { rule });
    expect(samples.map((s) => new Date(s.timeMs).toISOString())).toEqual([
      '2026-07-14T23:59:59.000Z',
      '2026-07-15T00:00:00.000Z',
      '2026-07-15T00:00:01.000Z',
    ]);
  });

  test.each([
    ['no time at all', DMON, {}, 'start-time-missing'],
    ['two polls and no period', DMON, { startTime: START }, 'period-missing'],
    ['a local time', '#Date Time gpu pwr\n20260714 10:00:05 0 3', {}, 'time-zone-missing'],
    ['a time of day without a day', '#Time gpu pwr\n10:00:05 0 3', { timeZone: 'UTC' }, 'time-day-missing'],
    ['rows before the header', '0 631 63', timed, 'header-missing'],
  ])('refuses by name: %s', async (_name, text, rule, code) => {
    await expect(readText(nvidiaSmiDmon, text, { rule })).rejects.toMatchObject({ code });
  });

  test('a row that is cut, of no device or without the time that others have is rejected', async () => {
    const text = '#Time gpu pwr\n10:00:05 0 3\n10:00:06 0\n0 3\n?? !!\n10:00:07 0 x';
    const rule = { timeZone: 'UTC', startTime: START };
    const sink = await readText(nvidiaSmiDmon, text, { rule });
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([
      [3, 'cells'],
      [4, 'time-stamp'],
      [5, 'device'],
      [6, 'number'],
    ]);
    expect([sink.rows, sink.samples.length]).toEqual([5, 1]);
  });

  test('violations are ratios, ECC errors are counters', async () => {
    const text = '# gpu pviol tviol sbecc dbecc\n# Idx % bool errs errs\n 0 25 1 7 2';
    const { samples } = await readText(nvidiaSmiDmon, text, { rule: timed });
    expect(samples[0]?.values).toEqual({
      throttled_power_ratio: 0.25,
      throttled_thermal_ratio: 1,
      ecc_corrected_total: 7,
      ecc_uncorrected_total: 2,
    });
  });

  test('CRLF, UTF-16 and any chunk give the same (nasty 50)', async () => {
    const plain = await readText(nvidiaSmiDmon, DMON, { rule: timed });
    for (const bytes of [
      Buffer.from(DMON.replaceAll('\n', '\r\n')),
      Buffer.from(`\ufeff${DMON}`),
      Buffer.from(`\ufeff${DMON}`, 'utf16le'),
    ])
      for (const chunk of [1, 7])
        expect((await readText(nvidiaSmiDmon, bytes, { rule: timed, chunk })).calls).toEqual(plain.calls);
  });
});

const DCGMI = [
  '#Entity   POWER        TOTEC        SMCLK        TMPTR    MMTMP   TENSO ',
  'ID        W            mJ           MHz          C        C             ',
  'GPU 0     120.500      1234567      1410         41       55      0.250 ',
  'GPU 1     N/A          2234567      1400         42       56      0.750 ',
  'GPU-I 0   120.500      1234567      N/A          N/A      N/A     0.125 ',
  'GPU 0     121.500      1355567      1410         41       55      0.250 ',
].join('\n');

describe('dcgmi dmon', () => {
  test('has two words for a device under one; 150 is the GPU and 140 its memory (nasty 55)', async () => {
    const sink = await readText(dcgmiDmon, DCGMI, { rule: { ...timed, node: 'n1' } });
    expect(sink.samples).toEqual([
      {
        scope: 'n1/gpu0',
        timeMs: START_MS,
        values: {
          power_w: 120.5,
          energy_j: 1234.567,
          clock_hz: 1.41e9,
          temperature_c: 41,
          tensor_active_ratio: 0.25,
        },
      },
      {
        scope: 'n1/gpu1',
        timeMs: START_MS,
        values: { energy_j: 2234.567, clock_hz: 1.4e9, temperature_c: 42, tensor_active_ratio: 0.75 },
      },
      {
        scope: 'n1/gpu0',
        timeMs: START_MS + 1000,
        values: {
          power_w: 121.5,
          energy_j: 1355.567,
          clock_hz: 1.41e9,
          temperature_c: 41,
          tensor_active_ratio: 0.25,
        },
      },
    ]);
  });

  test('an instance repeats its GPU, which counts once (nasty 11)', async () => {
    const sink = await readText(dcgmiDmon, DCGMI, { rule: timed });
    expect(sink.samples.map((s) => s.scope)).toEqual(['gpu0', 'gpu1', 'gpu0']);
    expect(sink.notes).toMatchObject([
      { code: 'entity-left-out', message: expect.stringContaining('GPU-I') },
    ]);
    expect([sink.rows, sink.rejects.length]).toEqual([4, 0]);
  });

  test('takes the time that a wrapper puts before every line, headers too', async () => {
    for (const [stamp, rule] of [
      ['1784016000.500', {}],
      ['1784016000500', {}],
      ['2026-07-14T08:00:00.5Z', {}],
      ['2026-07-14 10:00:00.5', { timeZone: '+02:00' }],
    ] as const) {
      const text = DCGMI.split('\n').map((line) => `${stamp} ${line}`);
      const sink = await readText(dcgmiDmon, text.join('\n'), { rule });
      expect(sink.samples.map((s) => s.timeMs)).toEqual([START_MS + 500, START_MS + 500, START_MS + 500]);
      expect(dcgmiDmon.sniff(text.join('\n'), 'x.txt')).toBe(true);
    }
  });

  test('numbers that mean nothing are no readings (nasty 1, nasty 2)', async () => {
    const text = [
      '#Entity POWER TOTEC GPUTL SMCLK TENSO XIDER DVCCTR',
      'GPU 0 140737488355328.000 9223372036854775794 4294967295 2147483632 140737488355330 2147483633 9223372036854775792',
      'GPU 1 300 0 50 1000 0 0 0',
    ].join('\n');
    const sink = await readText(dcgmiDmon, text, { rule: timed });
    expect([sink.rejects, sink.samples.map((s) => s.scope)]).toEqual([[], ['gpu1']]);
  });

  test('the last fault counts where it changes, not while it stays (nasty 23)', async () => {
    const codes = [31, 31, 79, 79, 0, 79];
    const text = `#Entity XIDER POWER\n${codes.map((code) => `GPU 0 ${code} 300`).join('\n')}`;
    const sink = await readText(dcgmiDmon, text, { rule: timed });
    expect(sink.samples.map((s) => s.values.faults_total)).toEqual([0, 0, 1, 1, 1, 2]);
    expect(sink.notes.map((n) => n.code)).toContain('sticky-fault');
  });

  test.each([
    [0x1 | 0x2 | 0x100, [0, 0, 0]],
    [0x4, [1, 0, 0]],
    [0x80, [1, 0, 0]],
    [0x20, [0, 1, 0]],
    [0x40 | 0x8, [0, 1, 1]],
    [0x10, [0, 0, 1]],
  ])('event reasons %i', async (mask, [power, thermal, other]) => {
    const { samples } = await readText(dcgmiDmon, `#Entity DVCCTR\nGPU 0 ${mask}`, { rule: timed });
    expect(samples[0]?.values).toEqual({
      throttled_power_ratio: power,
      throttled_thermal_ratio: thermal,
      throttled_other_ratio: other,
    });
  });

  test('of two powers the average is read, and said so (nasty 31)', async () => {
    const text = '#Entity POWINST POWER PVIOL\nGPU 0 700 650 1500000000';
    const sink = await readText(dcgmiDmon, text, { rule: timed });
    expect(sink.samples[0]?.values).toEqual({ power_w: 650, throttled_power_s: 1.5 });
    expect(sink.notes).toMatchObject([
      { code: 'power-kind', message: expect.stringContaining('POWER is read') },
    ]);
  });

  test('any chunk gives the same', async () => {
    const plain = await readText(dcgmiDmon, DCGMI, { rule: timed });
    expect((await readText(dcgmiDmon, DCGMI, { rule: timed, chunk: 1 })).calls).toEqual(plain.calls);
  });
});

test.each([
  ['a.txt', DMON, 'nvidia-smi-dmon'],
  ['a.log', '#Time        gpu    pwr\n08:00:00 0 5', 'nvidia-smi-dmon'],
  ['a.txt', DCGMI, 'dcgmi-dmon'],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});

test('the table of processes is another one', () => {
  const pmon = '# gpu        pid  type    sm   mem   enc   dec   command\n# Idx          #   C/G     %     %';
  expect(nvidiaSmiDmon.sniff(pmon, 'pmon.txt')).toBe(false);
  expect(nvidiaSmiDmon.sniff('#gpu, pid, type, sm\n', 'pmon.csv')).toBe(false);
});

describe.runIf(hasSamples)('real captures of nvidia-smi dmon', () => {
  test.each([
    ['linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01__load', [631, 634, 633, 634, 636], 64, 1, 1.98e9],
    ['linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01__idle', [69, 69, 69, 69, 69], 41, 0, 345e6],
    ['windows-x86_64__nvidia-geforce-rtx-2080-super__610.62__load', [97, 97, 97, 98, 97], 44, 0.07, 2.04e9],
    ['windows-x86_64__nvidia-geforce-rtx-2080-super__610.62__idle', [37, 37, 37, 37, 37], 39, 0, 300e6],
  ])('%s', async (name, powers, temperature, utilization, clock) => {
    const text = readFileSync(join(SAMPLES, `nvidia-smi/${name}__dmon.txt`));
    const sink = await readText(nvidiaSmiDmon, text, { rule: timed });
    expect(sink.samples.map((s) => s.values.power_w)).toEqual(powers);
    expect(sink.samples[2]).toEqual({
      scope: 'gpu0',
      timeMs: START_MS + 2000,
      values: {
        power_w: powers[2],
        temperature_c: temperature,
        utilization_ratio: utilization,
        clock_hz: clock,
      },
    });
    expect([sink.rows, sink.rejects.length]).toEqual([5, 0]);
  });
});
