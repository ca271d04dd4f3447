import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nvidiaSmiCsv } from '../../../functions/core/telemetry/formats/nvidia-smi-csv.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { emptySample, POWER } from '../../../functions/core/telemetry/sample.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { ClipAccumulator } from '../reference-fold.ts';
import { meterReadings } from './pmd.ts';
import { readText } from './recording-sink.ts';

const UUID = 'GPU-0123abcd-0000-0000-0000-00000000000a';
const UTC = { timeZone: 'UTC' };
const NAMES = ['timestamp', 'uuid', 'power.draw', 'temperature.gpu', 'clocks.current.sm', 'utilization.gpu'];
const HEADER =
  'timestamp, uuid, power.draw [W], temperature.gpu, clocks.current.sm [MHz], utilization.gpu [%]';
const UNITS = `2026/01/31 12:00:00.250, ${UUID}, 631.95 W, 59, 1980 MHz, 37 %`;
const BARE = `2026/01/31 12:00:00.250, ${UUID}, 631.95, 59, 1980, 37`;
const SAMPLE = {
  scope: UUID,
  timeMs: Date.parse('2026-01-31T12:00:00.250Z'),
  values: { power_w: 631.95, temperature_c: 59, clock_hz: 1.98e9, utilization_ratio: 0.37 },
};

const table = (columns: string, ...rows: string[]): string =>
  [
    `timestamp, uuid, ${columns}`,
    ...rows.map((row, i) => `2026/01/31 12:00:0${i}.000, ${UUID}, ${row}`),
    '',
  ].join('\n');
const valuesOf = async (text: string) =>
  (await readText(nvidiaSmiCsv, text, { rule: UTC })).samples.map(({ values }) => values);

describe('the four ways in which nvidia-smi prints', () => {
  test.each([
    ['units', `${HEADER}\n${UNITS}\n`, UTC],
    ['nounits', `${HEADER}\n${BARE}\n`, UTC],
    ['noheader', `${UNITS}\n`, { ...UTC, columns: NAMES }],
    ['noheader and nounits', `${BARE}\n`, { ...UTC, columns: HEADER.split(', ') }],
  ])('%s', async (_name, text, rule) => {
    for (const chunk of [1, 7, 65_536]) {
      const sink = await readText(nvidiaSmiCsv, text, { rule, chunk });
      expect(sink.samples).toEqual([SAMPLE]);
      expect([sink.rows, sink.rejects]).toEqual([1, []]);
      expect(sink.facts).toEqual({ [UUID]: { kind: 'chip', boundary: 'chip' } });
    }
  });
  test.each([
    ['UTF-16 with a mark and CRLF', Buffer.from(`\ufeff${HEADER}\r\n${UNITS}\r\n`, 'utf16le')],
    ['UTF-8 with a mark and CRLF', Buffer.from(`\ufeff${HEADER}\r\n${UNITS}`)],
  ])('%s, as PowerShell and Windows write it (nasty 50)', async (_name, bytes) => {
    expect((await readText(nvidiaSmiCsv, bytes, { rule: UTC, chunk: 3 })).samples).toEqual([SAMPLE]);
  });
});

describe('a file that does not say enough', () => {
  test.each([
    ['header-missing', UNITS, UTC],
    ['time-zone-missing', `${HEADER}\n${UNITS}`, {}],
    ['start-time-missing', `uuid, power.draw [W]\n${UUID}, 5 W`, {}],
    [
      'period-missing',
      `uuid, power.draw [W]\n${UUID}, 5 W\n${UUID}, 6 W`,
      { startTime: '2026-01-31T12:00:00Z' },
    ],
    ['scope-missing', 'timestamp, power.draw [W]\n2026/01/31 12:00:00.000, 5 W', UTC],
    ['columns-unknown', '2026/01/31 12:00:00.000, 5', { ...UTC, columns: ['timestamp', 'pstate'] }],
    ['unit', `timestamp, uuid, power.draw [BTU]\n2026/01/31 12:00:00.000, ${UUID}, 5`, UTC],
  ])('is refused: %s', async (code, text, rule) => {
    await expect(readText(nvidiaSmiCsv, text, { rule })).rejects.toMatchObject({ code });
  });
  test('is read where run.json says it: one GPU, a start and a period', async () => {
    const rule = { scopes: { '*': 'chip-7' }, startTime: '2026-01-31T12:00:00Z', periodMs: 500 };
    const sink = await readText(nvidiaSmiCsv, 'power.draw [W]\n5 W\n6 W\n', { rule });
    expect(sink.samples.map(({ scope, timeMs }) => [scope, timeMs - Date.parse(rule.startTime)])).toEqual([
      ['chip-7', 0],
      ['chip-7', 500],
    ]);
  });
  test('a row that is cut is rejected whole, with its line', async () => {
    const sink = await readText(nvidiaSmiCsv, `${HEADER}\n${UNITS}\n${UNITS.slice(0, 60)}`, { rule: UTC });
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects).toMatchObject([{ line: 3, reason: 'cells' }]);
  });
});

test.each([
  '[N/A]',
  'N/A',
  '[Not Supported]',
  '[Unknown Error]',
  '[GPU is lost]',
  '[Requested functionality has been deprecated]',
  '[Insufficient Permissions]',
  '[Function Not Found]',
  '',
])('%j is no reading (nasty 10)', async (missing) => {
  const text = table('power.draw [W], temperature.gpu', `5.5 W, ${missing}`, `${missing}, 40`);
  expect(await valuesOf(text)).toEqual([{ power_w: 5.5 }, { temperature_c: 40 }]);
});

describe('power', () => {
  const columns = 'power.draw [W], power.draw.average [W], power.draw.instant [W]';
  test.each([
    ['the average where there is one', '1 W, 2 W, 3 W', 2, 'power.draw.average'],
    ['power.draw where the average is empty', '1 W, [N/A], 3 W', 1, 'power.draw'],
    ['that of the moment where nothing else is', '[N/A], [N/A], 3 W', 3, 'power.draw.instant'],
  ])('is %s, and a note says so (nasty 31)', async (_name, row, powerW, column) => {
    const sink = await readText(nvidiaSmiCsv, table(columns, row, row), { rule: UTC });
    expect(sink.samples.map(({ values }) => values.power_w)).toEqual([powerW, powerW]);
    expect(sink.notes).toMatchObject([
      { code: 'power-kind', message: expect.stringContaining(`the power of ${column} is read`) },
    ]);
  });
  test('of a module holds the CPU: it is never read beside the power of the chip (nasty 15)', async () => {
    const text = table('module.power.draw.average [W], power.draw [W]', '900 W, 600 W');
    const sink = await readText(nvidiaSmiCsv, text, { rule: UTC });
    expect(sink.samples.map(({ values }) => values)).toEqual([{ power_w: 600 }]);
    expect(sink.notes).toMatchObject([{ code: 'module-power', severity: 'info' }]);
    expect(sink.facts[UUID]).toMatchObject({ boundary: 'chip' });
  });
  test('of a module alone is of the boundary module (nasty 15)', async () => {
    const text = table('power.draw [W], module.power.draw.instant [W]', '[N/A], 900 W');
    const sink = await readText(nvidiaSmiCsv, text, { rule: UTC });
    expect(sink.samples.map(({ values }) => values)).toEqual([{ power_w: 900 }]);
    expect(sink.notes).toMatchObject([{ code: 'module-power', severity: 'warning' }]);
    expect(sink.facts[UUID]).toMatchObject({ boundary: 'module' });
  });
  test('in milliwatts is outside what a chip can draw, and rejected', async () => {
    const sink = await readText(nvidiaSmiCsv, table('power.draw [W]', '631950'), { rule: UTC });
    expect(sink.rejects).toMatchObject([{ column: 'power.draw [W]', reason: 'range' }]);
  });
});

describe('reasons of throttling', () => {
  test.each([
    ['0x0000000000000000', [0, 0, 0]],
    ['0x0000000000000001', [0, 0, 0]],
    ['0x0000000000000004', [1, 0, 0]],
    ['0x0000000000000080', [1, 0, 0]],
    ['0x0000000000000060', [0, 1, 0]],
    ['0x000000000000001C', [1, 0, 1]],
    ['0x0000000000000100', [0, 0, 0]],
  ])('%s', async (mask, [power, thermal, other]) => {
    for (const name of ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'])
      expect(await valuesOf(table(name, mask))).toEqual([
        { throttled_power_ratio: power, throttled_thermal_ratio: thermal, throttled_other_ratio: other },
      ]);
  });
  test.each(['clocks_event_reasons', 'clocks_throttle_reasons'])(
    'as columns of %s (nasty 29)',
    async (family) => {
      const columns = ['sw_power_cap', 'hw_power_brake_slowdown', 'sw_thermal_slowdown', 'hw_slowdown'];
      const text = table(
        columns.map((column) => `${family}.${column}`).join(', '),
        'Active, Not Active, Not Active, [N/A]',
        'Not Active, Not Active, Active, Not Active',
      );
      expect(await valuesOf(text)).toEqual([
        { throttled_power_ratio: 1, throttled_thermal_ratio: 0 },
        { throttled_power_ratio: 0, throttled_thermal_ratio: 1, throttled_other_ratio: 0 },
      ]);
    },
  );
  test('as counters in microseconds are added up in seconds', async () => {
    const family = 'clocks_event_reasons_counters';
    const columns = `${family}.sw_power_cap [us], ${family}.hw_power_brake_slowdown [us], ${family}.sync_boost [us]`;
    expect(await valuesOf(table(columns, '834002687 us, 1500000 us, [N/A]'))).toEqual([
      { throttled_power_s: 835.502687 },
    ]);
  });
  test('a mask that is none rejects its row', async () => {
    const sink = await readText(
      nvidiaSmiCsv,
      table('power.draw [W], clocks_event_reasons.active', '5 W, 0xZZ'),
      {
        rule: UTC,
      },
    );
    expect(sink.samples).toEqual([]);
    expect(sink.rejects).toMatchObject([{ column: 'clocks_event_reasons.active', reason: 'number' }]);
  });
});

describe('the GPU of a row', () => {
  const read = async (names: string, cells: string, rule = {}) => {
    const text = `timestamp, ${names}, power.draw [W]\n2026/01/31 12:00:00.000, ${cells}, 5 W`;
    const sink = await readText(nvidiaSmiCsv, text, { path: 'node3/gpu.csv', rule: { ...UTC, ...rule } });
    return sink.samples[0]?.scope;
  };
  test.each([
    [
      'its UUID, however it is spelled (nasty 57)',
      'index, uuid',
      '0, 0123ABCD-0000-0000-0000-00000000000A',
      UUID,
    ],
    [
      'its bus id, where the UUID is not there',
      'uuid, pci.bus_id',
      '[N/A], 00000000:4F:00.0',
      'node3/00000000:4F:00.0',
    ],
    ['its index on its host', 'index', '3', 'node3/gpu3'],
  ])('is %s', async (_name, names, cells, scope) => {
    expect(await read(names, cells)).toBe(scope);
  });
  test.each([
    ['index', '3', { '3': 'chip-x' }],
    ['index, uuid', `3, ${UUID.toUpperCase()}`, { [UUID]: 'chip-x' }],
    ['index, uuid', `3, ${UUID}`, { '3': 'chip-x' }],
  ])('is what run.json calls it: %s %s', async (names, cells, scopes) => {
    expect(await read(names, cells, { scopes })).toBe('chip-x');
  });
  test('keeps one id: a row whose UUID is missing is rejected, not given another', async () => {
    const rows = [`0, ${UUID}, 5 W`, '0, [Unknown Error], 6 W'].map(
      (row) => `2026/01/31 12:00:00.000, ${row}`,
    );
    const sink = await readText(
      nvidiaSmiCsv,
      ['timestamp, index, uuid, power.draw [W]', ...rows].join('\n'),
      {
        rule: UTC,
      },
    );
    expect(sink.samples).toHaveLength(1);
    expect(sink.rejects).toMatchObject([{ line: 3, reason: 'scope' }]);
  });
  test('a GPU that is lost is told, and the UUID keeps the others apart (nasty 54)', async () => {
    const other = UUID.replace(/a$/, 'b');
    const text = [
      'timestamp, index, uuid, power.draw [W]',
      `2026/01/31 12:00:00.000, 0, ${UUID}, 5 W`,
      `2026/01/31 12:00:00.001, 1, ${other}, 6 W`,
      'Unable to determine the device handle for GPU0000:4F:00.0: GPU is lost.  Reboot the system to recover this GPU',
      '',
      `2026/01/31 12:00:01.000, 0, ${other}, 7 W`,
      'No devices were found',
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that it is running.",
    ].join('\n');
    const sink = await readText(nvidiaSmiCsv, text, { rule: UTC, chunk: 11 });
    expect(sink.samples.map(({ scope, values }) => [scope, values.power_w])).toEqual([
      [UUID, 5],
      [other, 6],
      [other, 7],
    ]);
    expect([sink.rows, sink.rejects]).toEqual([3, []]);
    expect(sink.notes.map(({ code }) => code)).toEqual(['gpu-lost', 'prose', 'prose']);
  });
});

test('polls without a time are periodMs apart, whatever the number of GPUs', async () => {
  const startTime = '2026-01-31T12:00:00Z';
  const sink = await readText(nvidiaSmiCsv, 'index, power.draw [W]\n0, 1\n1, 2\n0, 3\n1, [N/A]\n1, 4\n', {
    rule: { startTime, periodMs: 1000 },
  });
  expect(sink.samples.map(({ scope, timeMs }) => [scope, timeMs - Date.parse(startTime)])).toEqual([
    ['gpu0', 0],
    ['gpu1', 0],
    ['gpu0', 1000],
    ['gpu1', 2000],
  ]);
});

test('a log that goes on with other columns is read by its new header', async () => {
  const text = `${HEADER}\n${UNITS}\ntimestamp, uuid, power.draw [W]\n2026/01/31 12:00:01.000, ${UUID}, 7 W\n`;
  expect((await valuesOf(text)).map((values) => values.power_w)).toEqual([631.95, 7]);
});

test.each([
  ['with a header', `${HEADER}\n${UNITS}`],
  ['without one', UNITS],
  ['behind prose', `WARNING: infoROM is corrupted at gpu 0000:3B:00.0\n${HEADER}`],
])('exactly one format recognises a file %s', (_name, head) => {
  expect(FORMATS.filter((f) => f.sniff(head, 'gpu.csv')).map((f) => f.id)).toEqual(['nvidia-smi-csv']);
});

describe.runIf(hasSamples)('real files', () => {
  const folder = join(SAMPLES, 'nvidia-smi');
  const H100 = 'linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01__load';

  /** What another exporter made of the same capture, in base units. */
  function golden(): (name: string) => number {
    const text = readFileSync(join(folder, 'golden-metrics', `${H100}.metrics`), 'utf8');
    return (name) => Number(new RegExp(`^nvidia_smi_${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  test('every field of the H100 capture is what the exporter made of it', async () => {
    const of = golden();
    const seconds = (name: string) => of(`clocks_event_reasons_counters_${name}_seconds`);
    const sink = await readText(nvidiaSmiCsv, readFileSync(join(folder, `${H100}__query-gpu.csv`)), {
      rule: UTC,
    });
    expect(sink.samples.map(({ values }) => values)).toEqual([
      {
        power_w: of('power_draw_average_watts'),
        temperature_c: of('temperature_gpu'),
        clock_hz: of('clocks_current_sm_clock_hz'),
        utilization_ratio: of('utilization_gpu_ratio'),
        ecc_corrected_total: of('ecc_errors_corrected_volatile_total'),
        ecc_uncorrected_total: of('ecc_errors_uncorrected_volatile_total'),
        throttled_power_ratio: of('clocks_event_reasons_sw_power_cap'),
        throttled_thermal_ratio: of('clocks_event_reasons_sw_thermal_slowdown'),
        throttled_other_ratio: of('clocks_event_reasons_sync_boost'),
        throttled_power_s: seconds('sw_power_cap') + seconds('hw_power_brake_slowdown'),
        throttled_thermal_s: seconds('sw_thermal_slowdown') + seconds('hw_thermal_slowdown'),
        throttled_other_s: seconds('sync_boost'),
      },
    ]);
    expect(sink.samples[0]?.values.power_w).toBe(631.95);
  });

  test('the columns that a driver prints and a GPU does not fill are passed over', async () => {
    const file = 'windows-x86_64__nvidia-geforce-rtx-2080-super__610.62__load__query-gpu.csv';
    const sink = await readText(nvidiaSmiCsv, readFileSync(join(folder, file)), { rule: UTC });
    expect(sink.rejects).toEqual([]);
    expect(sink.samples[0]?.values).toMatchObject({ power_w: 97.99, throttled_power_s: 834.002687 });
    expect(sink.samples[0]?.values).not.toHaveProperty('ecc_corrected_total');
  });

  /** The run of A100 load that an external meter saw too: bursts of 50 ms, 50 ms apart. */
  const meterFolder = join(folder, 'external-meter', '5050_A100');
  const meterFile = (name: string): Buffer => readFileSync(join(meterFolder, name));

  const energyJ = (
    readings: readonly { readonly timeMs: number; readonly powerW: number }[],
    [startMs, stopMs]: readonly [number, number],
  ): number => {
    const accumulator = new ClipAccumulator(startMs, stopMs);
    const values = emptySample();
    for (const { timeMs, powerW } of readings) {
      values[POWER] = powerW;
      accumulator.sample(timeMs, values);
    }
    return accumulator.build().gauges.power_w?.integral ?? Number.NaN;
  };

  /** First and last edge of the load, in ms, from the host's own clock in microseconds. */
  function loadWindow(): readonly [number, number] {
    const stamps = meterFile('timestamps.csv').toString().trim().split(/\s+/).slice(1).map(Number);
    return [(stamps[0] as number) / 1000, (stamps.at(-1) as number) / 1000];
  }

  test('energy of an A100 is that of an external meter, once its local time has its zone (nasty 35)', async () => {
    const rule = { timeZone: 'Europe/London', scopes: { '*': 'a100' } };
    const sink = await readText(nvidiaSmiCsv, meterFile('gpudata.csv'), { rule });
    const sensor = sink.samples.map(({ timeMs, values }) => ({ timeMs, powerW: values.power_w as number }));
    const meter = meterReadings(meterFile('PMD_data.bin'), Number(meterFile('PMD_start_ts.txt').toString()));
    const window = loadWindow();
    expect(window[1] - window[0]).toBeCloseTo(7929.7, 1);
    expect(energyJ(sensor, window)).toBeCloseTo(1024.87, 2);
    // Another decoding of the same bytes came to 1024.02 J.
    expect(Math.abs(energyJ(meter, window) / 1024.02 - 1)).toBeLessThan(1e-3);
    expect(Math.abs(energyJ(sensor, window) / energyJ(meter, window) - 1)).toBeLessThan(1e-3);
    const shifted = sensor.map(({ timeMs, powerW }) => ({ timeMs: timeMs + 3_600_000, powerW }));
    expect(energyJ(shifted, window)).toBeNaN();
  });
});
