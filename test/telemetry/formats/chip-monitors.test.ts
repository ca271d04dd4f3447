import { describe, expect, test } from 'vitest';
import { cloudwatchMetricStream } from '../../../functions/core/telemetry/formats/cloudwatch-metric-stream.ts';
import { neuronMonitor } from '../../../functions/core/telemetry/formats/neuron-monitor.ts';
import { neuronSysfsPower } from '../../../functions/core/telemetry/formats/neuron-sysfs-power.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { ttSmi } from '../../../functions/core/telemetry/formats/tt-smi.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const START_MS = Date.parse(START);
const read = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values]);
const codes = (sink: RecordingSink): string[] => sink.notes.map((n) => n.code);

describe('neuron-monitor', () => {
  const HARDWARE = { neuron_device_count: 2, neuroncore_per_device_count: 2 };
  const report = (cores: Record<string, number>, more: Record<string, unknown> = {}): string =>
    JSON.stringify({
      neuron_runtime_data: [
        {
          pid: 1,
          error: '',
          report: {
            neuroncore_counters: {
              period: 5,
              neuroncores_in_use: Object.fromEntries(
                Object.entries(cores).map(([core, percent]) => [core, { neuroncore_utilization: percent }]),
              ),
              error: '',
            },
            execution_stats: { period: 5, error_summary: { hardware: 1, model: 7 }, error: '' },
          },
        },
      ],
      system_data: {
        neuron_hw_counters: {
          neuron_devices: [
            { neuron_device_index: 0, mem_ecc_corrected: 2, sram_ecc_corrected: 1, mem_ecc_uncorrected: 0 },
          ],
          error: '',
        },
      },
      instance_info: { instance_id: 'i-1', instance_type: 'trn1.32xlarge' },
      neuron_hardware_info: HARDWARE,
      ...more,
    });
  test('utilization of a device over its cores; events of a period add up; time by the periods it states', async () => {
    const sink = await readText(
      neuronMonitor,
      `${report({ 0: 80, 1: 40, 2: 50 })}\n${report({ 0: 100 })}\n`,
      {
        rule: { startTime: START },
      },
    );
    expect(read(sink)).toEqual([
      [
        'i-1/neuron0',
        0,
        { utilization_ratio: 0.6, faults_total: 1, ecc_corrected_total: 3, ecc_uncorrected_total: 0 },
      ],
      ['i-1/neuron1', 0, { utilization_ratio: 0.25 }],
      [
        'i-1/neuron0',
        5,
        { utilization_ratio: 0.5, faults_total: 2, ecc_corrected_total: 6, ecc_uncorrected_total: 0 },
      ],
    ]);
  });
  test('it holds no time: without a startTime it is refused (nasty 41)', async () => {
    await expect(readText(neuronMonitor, report({ 0: 1 }))).rejects.toMatchObject({
      code: 'start-time-missing',
    });
  });
  test('sections that are an error are no readings', async () => {
    const text = report(
      {},
      { system_data: { neuron_hw_counters: { error: 'cannot open', neuron_devices: null } } },
    );
    const sink = await readText(neuronMonitor, text, { rule: { startTime: START } });
    expect(sink.samples).toEqual([]);
    expect(codes(sink)).toEqual(['section-error']);
  });
  test('cores of a device that nobody counted are of no device', async () => {
    const sink = await readText(
      neuronMonitor,
      report({ 0: 50 }, { neuron_hardware_info: {}, system_data: {} }),
      {
        rule: { startTime: START },
      },
    );
    expect(sink.samples).toEqual([]);
    expect(codes(sink)).toEqual(['cores-unknown']);
  });
  test('any chunk boundary gives the same', async () => {
    const text = `${report({ 0: 80 })}${report({ 0: 120 })}`;
    const rule = { startTime: START, periodMs: 1000 };
    const plain = (await readText(neuronMonitor, text, { rule })).calls;
    expect(plain.length).toBeGreaterThan(2);
    expect((await readText(neuronMonitor, text, { rule, chunk: 1 })).calls).toEqual(plain);
  });
  test('power in % of a maximum that nobody states is no power (nasty 27)', async () => {
    const sink = await readText(neuronSysfsPower, 'POWER_STATUS_VALID,1789180860,0.00,0.00,0.00\n');
    expect([sink.rows, sink.samples, codes(sink)]).toEqual([1, [], ['power-in-percent']]);
  });
});

describe('a CloudWatch metric stream', () => {
  const DIMENSIONS = { InstanceId: 'i-1', index: '0', name: 'NVIDIA A100' };
  const point = (seconds: number, value: object, more: object = {}): string =>
    JSON.stringify({
      metric_stream_name: 'm',
      account_id: '1',
      region: 'us-east-1',
      namespace: 'CWAgent',
      metric_name: 'nvidia_smi_power_draw',
      dimensions: DIMENSIONS,
      timestamp: START_MS + seconds * 1000,
      value,
      unit: 'None',
      ...more,
    });
  const statistic = (sum: number, count = 2): object => ({ count, sum, max: sum, min: 0 });
  test('a value is the mean of its period; objects may be glued (nasty 53)', async () => {
    const objects = [
      point(0, statistic(1000)),
      point(60, statistic(1100)),
      point(120, { count: 0, sum: 0, max: 0, min: 0 }),
    ];
    for (const separator of ['\n', '', ' '])
      for (const chunk of [1, 65_536]) {
        const sink = await readText(cloudwatchMetricStream, objects.join(separator), { chunk });
        expect(read(sink)).toEqual([
          ['i-1/gpu0', 0, { power_w: 500 }],
          ['i-1/gpu0', 60, { power_w: 550 }],
        ]);
        expect(sink.facts['i-1/gpu0']).toEqual({ kind: 'chip', boundary: 'chip' });
        expect(codes(sink)).toEqual(['period-mean']);
      }
  });
  test('a series of several chips, and a second one of the same, are left out', async () => {
    const text = [
      point(0, statistic(1000)),
      point(0, statistic(8000), { dimensions: { InstanceId: 'i-1' } }),
      point(0, statistic(1000), { dimensions: { ...DIMENSIONS, arch: 'Ampere' } }),
      point(0, statistic(1000), { metric_name: 'CPUUtilization' }),
    ].join('\n');
    const sink = await readText(cloudwatchMetricStream, text);
    expect(read(sink)).toEqual([['i-1/gpu0', 0, { power_w: 500 }]]);
    expect(codes(sink)).toEqual(['period-mean', 'aggregate-left-out', 'duplicate-series']);
    expect(sink.rows).toBe(1);
  });
  test('metrics of your own are what the rule says', async () => {
    const rule = {
      format: 'cloudwatch-metric-stream',
      mapping: {
        form: 'jsonl' as const,
        scope: ['Chip'],
        kind: 'chip' as const,
        long: {
          metric: 'metric_name',
          value: 'value',
          readings: { pwr: { field: 'power_w' as const, unit: 'kW' } },
        },
      },
    };
    const text = point(0, statistic(1, 1), { metric_name: 'pwr', dimensions: { Chip: 'S7' } });
    expect(read(await readText(cloudwatchMetricStream, text, { rule }))).toEqual([
      ['S7', 0, { power_w: 1000 }],
    ]);
  });
  test.each([
    ['no statistic', point(0, {}), []],
    ['a statistic that is a text', point(0, { count: 1, sum: 'lots' }), ['number']],
    ['seconds for milliseconds', point(0, statistic(1), { timestamp: START_MS / 1000 }), ['time-stamp']],
    ['an object that is cut', point(0, statistic(1)).slice(0, -4), ['json']],
  ])('%s', async (_name, text, reasons) => {
    const sink = await readText(cloudwatchMetricStream, text);
    expect(sink.rejects.map((r) => r.reason)).toEqual(reasons);
    expect(sink.samples).toEqual([]);
  });
});

describe('tt-smi', () => {
  const device = (telemetry: object, board: object = {}) => ({
    smbus_telem: { TDP: '0x10' },
    board_info: { bus_id: '0000:01:00.0', board_type: 'p150a', board_id: '0100', ...board },
    telemetry: { voltage: '0.72', current: ' 23.0', aiclk: ' 800', asic_temperature: '34.8', ...telemetry },
  });
  const snapshot = (devices: readonly object[], time: string | null = '2026-01-31T12:00:00.483914'): string =>
    JSON.stringify({ time, host_info: { Hostname: 'h1' }, device_info: devices }, null, 2);
  const UTC = { rule: { timeZone: 'UTC' } };
  test('texts padded with blanks, behind a progress bar (nasty 53)', async () => {
    const text = ` Gathering Information ━━━━━━ 100% 0:00:00\n${snapshot([device({ power: ' 16.0' })])}`;
    for (const chunk of [1, 65_536]) {
      const sink = await readText(ttSmi, text, { ...UTC, chunk });
      expect(sink.samples).toHaveLength(1);
      expect(sink.samples[0]).toMatchObject({
        scope: 'h1/0000:01:00.0',
        values: { power_w: 16, clock_hz: 800e6, temperature_c: 34.8 },
      });
      expect(sink.samples[0]?.timeMs).toBeCloseTo(START_MS + 483.914, 6);
      expect(codes(sink)).toEqual(['prose', 'power-is-power']);
    }
  });
  test('0 is a missing power, clock or temperature, 10000 a missing voltage (nasty 7)', async () => {
    const missing = { power: '  0.0', aiclk: '   0', asic_temperature: ' 0.0', voltage: '10000.00' };
    const sink = await readText(
      ttSmi,
      snapshot([device(missing), device({ ...missing, aiclk: '800' })]),
      UTC,
    );
    expect(sink.samples.map((s) => s.values)).toEqual([{ clock_hz: 800e6 }]);
    expect([sink.rows, sink.rejects]).toEqual([2, []]);
  });
  test('the input of the board is read where it is given, and not mixed with the chip (nasty 15)', async () => {
    const text = [
      snapshot([device({ power: '16.0', board_power: ' 45.0' })]),
      snapshot([device({ power: '17.0', board_power: 'N/A' })], '2026-01-31T12:00:01'),
      snapshot([device({ power: '18.0', board_power: '46.0' })], '2026-01-31T12:00:02'),
    ].join('\n');
    const sink = await readText(ttSmi, text, UTC);
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([45, undefined, 46]);
    expect(codes(sink)).toEqual(['power-is-board-power']);
    expect(sink.facts['h1/0000:01:00.0']).toEqual({ kind: 'chip', boundary: 'chip' });
  });
  test('the chip without its board is at no boundary that is known', async () => {
    const sink = await readText(ttSmi, snapshot([device({ power: '16.0', board_power: 'N/A' })]), UTC);
    expect(sink.facts['h1/0000:01:00.0']).toEqual({ kind: 'chip' });
  });
  test('two chips on a board share its input, which counts once', async () => {
    const text = snapshot([
      device({ board_power: '90.0' }),
      device({ board_power: '90.0' }, { bus_id: 'N/A' }),
    ]);
    const sink = await readText(ttSmi, text, UTC);
    expect(sink.samples.map((s) => [s.scope, s.values.power_w])).toEqual([
      ['h1/0000:01:00.0', 90],
      ['h1/tt1', undefined],
    ]);
    expect(codes(sink)).toContain('board-shared');
  });
  test('a second chip without the input of its board is not counted beside it', async () => {
    const devices = [
      device({ power: '16.0', board_power: '42.0' }),
      device({ power: '17.0', board_power: 'N/A', asic_temperature: '42.0' }, { bus_id: '0000:02:00.0' }),
    ];
    const sink = await readText(ttSmi, snapshot(devices), { rule: { timeZone: '+00:00' } });
    expect(sink.samples.map(({ values }) => [values.power_w, values.temperature_c])).toEqual([
      [42, 34.8],
      [undefined, 42],
    ]);
    expect(codes(sink)).toContain('board-shared');
  });
  test('local time needs a zone, no time a start', async () => {
    const one = snapshot([device({ power: '1.0' })]);
    await expect(readText(ttSmi, one)).rejects.toMatchObject({ code: 'time-zone-missing' });
    const none = snapshot([device({ power: '1.0' })], null);
    await expect(readText(ttSmi, none)).rejects.toMatchObject({ code: 'start-time-missing' });
    const rule = { startTime: START, periodMs: 2000 };
    expect((await readText(ttSmi, none + none, { rule })).samples.map((s) => s.timeMs - START_MS)).toEqual([
      0, 2000,
    ]);
  });
  test('a power that is none is rejected', async () => {
    const sink = await readText(ttSmi, snapshot([device({ power: 'much' })]), UTC);
    expect(sink.rejects.map((r) => [r.column, r.reason])).toEqual([['power', 'number']]);
  });
});

test('bare NaN is no reading (nasty 52)', async () => {
  const text =
    '{"time": "2026-01-31T12:00:00Z", "device_info": [{"board_info": {}, "telemetry": {"power": NaN, "aiclk": 800}}]}';
  const sink = await readText(ttSmi, text);
  expect(sink.samples.map((s) => s.values)).toEqual([{ clock_hz: 800e6 }]);
});

test.each([
  ['neuron-monitor', '{"neuron_runtime_data":[],"system_data":{}}'],
  ['neuron-sysfs-power', 'POWER_STATUS_VALID,1789180860,0.00,0.00,0.00\n'],
  [
    'cloudwatch-metric-stream',
    '{"metric_stream_name":"m","namespace":"CWAgent","metric_name":"x","timestamp":1}',
  ],
  ['tt-smi', 'Gathering\n{"time":"x","device_info":[{"board_info":{},"telemetry":{"power":"1"}}]}'],
  ['redfish-metric-report', '{"@odata.type": "#MetricReport.v1_4_2.MetricReport","MetricValues":[]}'],
  ['redfish-sensor', '{"@odata.type":"#Sensor.v1_7_0.Sensor"}'],
])('exactly one format recognises %s', (id, head) => {
  expect(FORMATS.filter((f) => f.sniff(head, 'file.json')).map((f) => f.id)).toEqual([id]);
});
