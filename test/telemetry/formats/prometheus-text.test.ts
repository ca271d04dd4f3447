import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMetrics } from '../../../functions/core/telemetry/formats/openmetrics.ts';
import { prometheusText } from '../../../functions/core/telemetry/formats/prometheus-text.ts';
import { promtoolDump } from '../../../functions/core/telemetry/formats/promtool-dump.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { fc } from '../../fast-check.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const UUID = 'GPU-1f027ee8-0000-4000-8000-000000000001';
const OTHER = 'GPU-1f027ee8-0000-4000-8000-000000000002';
const START = '2026-07-14T08:00:00Z';
const START_MS = Date.parse(START);
const timed = { startTime: START, periodMs: 30_000 };

const row = (
  name: string,
  value: number | string,
  labels: Record<string, string> = {},
  uuid = UUID,
): string =>
  `DCGM_FI_DEV_${name}{${Object.entries({ gpu: '0', UUID: uuid, Hostname: 'n1', ...labels })
    .map(([label, text]) => `${label}="${text}"`)
    .join(',')}} ${value}`;
const type = (name: string, kind = 'gauge'): string => `# TYPE DCGM_FI_DEV_${name} ${kind}`;
const lines = (...parts: string[]): string => `${parts.join('\n')}\n`;

const page = (power: number, energy: number): string =>
  lines(
    '# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).',
    type('POWER_USAGE'),
    row('POWER_USAGE', power),
    row('POWER_USAGE', power + 1, {}, OTHER),
    type('FB_USED'),
    row('FB_USED', 19818),
    type('TOTAL_ENERGY_CONSUMPTION', 'counter'),
    row('TOTAL_ENERGY_CONSUMPTION', energy),
    row('TOTAL_ENERGY_CONSUMPTION', energy, {}, OTHER),
  );

const readOne = async (...rows: string[]) => {
  const sink = await readText(prometheusText, lines(...rows), { rule: timed });
  return { sink, values: sink.samples[0]?.values };
};

describe('a page of dcgm-exporter', () => {
  test('gives one sample a GPU, in SI: energy is millijoules (nasty 25)', async () => {
    const sink = await readText(prometheusText, page(631.95, 257_858_316), { rule: { startTime: START } });
    expect(sink.samples).toEqual([
      { scope: UUID, timeMs: START_MS, values: { power_w: 631.95, energy_j: 257_858.316 } },
      { scope: OTHER, timeMs: START_MS, values: { power_w: 632.95, energy_j: 257_858.316 } },
    ]);
    expect(sink.facts[UUID]).toEqual({ kind: 'chip', boundary: 'chip' });
    expect(sink.rows).toBe(5);
  });
  test('has no time: the rule gives it, or the file is refused by name (nasty 41)', async () => {
    const text = page(1, 2) + page(3, 4);
    await expect(readText(prometheusText, page(1, 2), { path: 'a/b.prom' })).rejects.toMatchObject({
      code: 'start-time-missing',
      message: expect.stringContaining('a/b.prom'),
    });
    await expect(readText(prometheusText, text, { rule: { startTime: START } })).rejects.toMatchObject({
      code: 'period-missing',
    });
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.samples.map((s) => [s.timeMs - START_MS, s.values.power_w])).toEqual([
      [0, 1],
      [0, 2],
      [30_000, 3],
      [30_000, 4],
    ]);
  });
  test('begins with the family that the first one began with, though its GPU was not there before', async () => {
    const one = lines(type('POWER_USAGE'), row('POWER_USAGE', 1), type('GPU_TEMP'), row('GPU_TEMP', 50));
    const two = lines(type('POWER_USAGE'), row('POWER_USAGE', 9, {}, OTHER), row('POWER_USAGE', 2));
    const sink = await readText(prometheusText, one + two, { rule: timed });
    expect(sink.samples.map((s) => [s.scope, s.timeMs - START_MS])).toEqual([
      [UUID, 0],
      [OTHER, 30_000],
      [UUID, 30_000],
    ]);
  });
  test('that holds no chip still counts as a page', async () => {
    const empty = lines(type('POWER_USAGE'));
    const sink = await readText(
      prometheusText,
      `${page(1, 2)}# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).\n${empty}${page(3, 4)}`,
      {
        rule: timed,
      },
    );
    expect(sink.samples.map((s) => s.timeMs - START_MS)).toEqual([0, 0, 60_000, 60_000]);
  });
  test.each([
    ['INT64 blank, last digits lost (nasty 1)', '9223372036854775794', 'GPU_TEMP'],
    ['INT32 blank', '2147483633', 'GPU_TEMP'],
    ['unsigned blank (nasty 2)', '4294967295', 'GPU_UTIL'],
    ['double blank', '140737488355330', 'POWER_USAGE'],
    [
      '64-bit blank of the energy counter, never 0 J (nasty 3)',
      '9223372036854775792',
      'TOTAL_ENERGY_CONSUMPTION',
    ],
    ['string blank', '<<<NULL>>>', 'GPU_TEMP'],
    ['NaN', 'NaN', 'POWER_USAGE'],
    ['infinity', '+Inf', 'POWER_USAGE'],
  ])('%s is no reading', async (_name, value, name) => {
    const { sink, values } = await readOne(row(name, value), row('SM_CLOCK', 1980));
    expect(values).toEqual({ clock_hz: 1.98e9 });
    expect(sink.rejects).toEqual([]);
  });
  test('an energy counter may pass through the number that is blank in 32 bits', async () => {
    expect((await readOne(row('TOTAL_ENERGY_CONSUMPTION', 2_147_483_633))).values).toEqual({
      energy_j: 2_147_483.633,
    });
  });
  test.each([
    ['a utilization of 200000 % (nasty 2)', row('GPU_UTIL', 200_000), 'range'],
    ['a text', row('POWER_USAGE', 'lots'), 'number'],
    ['a label that is not closed', 'DCGM_FI_DEV_POWER_USAGE{gpu="0 12', 'series'],
    ['no value', row('POWER_USAGE', '').trimEnd(), 'series'],
    ['a time of another unit', `${row('POWER_USAGE', 5)} 1745519750`, 'time-stamp'],
  ])('%s is rejected with its line', async (_name, bad, reason) => {
    const { sink } = await readOne(row('SM_CLOCK', 1980), bad);
    expect(sink.rejects).toMatchObject([{ line: 2, reason, raw: bad }]);
    expect(sink.samples).toHaveLength(1);
  });
  test('a spike that no chip can draw is rejected (nasty 22)', async () => {
    const text = lines(
      'hw_power_watts{hw_id="a",hw_type="gpu"} 3.69e12',
      'hw_power_watts{hw_id="b",hw_type="gpu"} 300',
    );
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.rejects).toMatchObject([{ line: 1, reason: 'range' }]);
    expect(sink.samples).toMatchObject([{ scope: 'b', values: { power_w: 300 } }]);
  });
  test('MIG instances repeat the board power, which counts once (nasty 11)', async () => {
    const instances = ['3', '4', '5'].map((id, i) =>
      row('POWER_USAGE', 156.6 + i, { GPU_I_PROFILE: '2g.20gb', GPU_I_ID: id }),
    );
    const { sink } = await readOne(...instances, row('TOTAL_ENERGY_CONSUMPTION', 1000, { GPU_I_ID: '3' }));
    expect(sink.samples).toEqual([
      { scope: UUID, timeMs: START_MS, values: { power_w: 156.6, energy_j: 1 } },
    ]);
    expect(sink.notes.map((n) => n.code)).toEqual(['mig-folded']);
  });
  test('a MIG GPU without a GPU_UTIL row counts; its instances’ activity is not its own (nasty 12)', async () => {
    const { sink } = await readOne(
      row('GPU_UTIL', 80, { gpu: '1' }, OTHER),
      row('POWER_USAGE', 150, { GPU_I_ID: '1' }),
      row('POWER_USAGE', 300, { gpu: '1' }, OTHER),
      'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{gpu="0",UUID="GPU-1f027ee8-0000-4000-8000-000000000001",GPU_I_ID="1"} 0.9',
    );
    expect(sink.samples.map((s) => [s.scope, s.values])).toEqual([
      [OTHER, { utilization_ratio: 0.8, power_w: 300 }],
      [UUID, { power_w: 150 }],
    ]);
    expect(sink.notes).toMatchObject([{ code: 'part-of-chip' }]);
  });
  test('the last XID sticks; only its changes in the file are faults (nasty 23)', async () => {
    const codes = [79, 79, 0, 31, 31, 94];
    const sink = await readText(
      prometheusText,
      codes.map((code) => lines(row('XID_ERRORS', code))).join(''),
      {
        rule: timed,
      },
    );
    expect(sink.samples.map((s) => s.values.faults_total)).toEqual([0, 0, 0, 1, 1, 2]);
    expect(sink.notes.map((n) => n.code)).toEqual(['sticky-xid']);
  });
  test('an energy counter that falls is handed on as it is (nasty 20)', async () => {
    const text = [5000, 6000, 100].map((mj) => lines(row('TOTAL_ENERGY_CONSUMPTION', mj))).join('');
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.samples.map((s) => s.values.energy_j)).toEqual([5, 6, 0.1]);
  });
  test.each([
    [0x4, 1, 0, 0],
    [0x80, 1, 0, 0],
    [0x60, 0, 1, 0],
    [0x18, 0, 0, 1],
    [0x103, 0, 0, 0],
  ])(
    'a reason mask of %i is throttled by power %i, heat %i, other %i',
    async (mask, power, thermal, other) => {
      expect((await readOne(row('CLOCK_THROTTLE_REASONS', mask))).values).toEqual({
        throttled_power_ratio: power,
        throttled_thermal_ratio: thermal,
        throttled_other_ratio: other,
      });
    },
  );
  test('spells UUIDs one way (nasty 57)', async () => {
    const bare = '1F027EE8-0000-4000-8000-000000000001';
    const { sink } = await readOne(
      row('POWER_USAGE', 1, {}, bare),
      `DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="${UUID}"} 50`,
      `DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="MIG-${UUID}/3/0",GPU_I_ID="3"} 1000`,
    );
    expect(sink.samples).toEqual([
      { scope: UUID, timeMs: START_MS, values: { power_w: 1, temperature_c: 50, clock_hz: 1e9 } },
    ]);
  });
  test('a GPU that only has an index is one of its host; run.json may name it', async () => {
    const text = lines('DCGM_FI_DEV_POWER_USAGE{gpu="3",Hostname="n7"} 5');
    expect((await readText(prometheusText, text, { rule: timed })).samples[0]?.scope).toBe('n7/gpu3');
    const rule = { ...timed, scopes: { '3': 'chip-a' } };
    expect((await readText(prometheusText, text, { rule })).samples[0]?.scope).toBe('chip-a');
  });
  test('of two powers the first of the aliases is read, whatever their order, and a note says so', async () => {
    const { sink, values } = await readOne(row('POWER_USAGE_INSTANT', 700), row('POWER_USAGE', 600));
    expect(values).toEqual({ power_w: 600 });
    expect(sink.notes).toMatchObject([
      { code: 'series-chosen', message: expect.stringContaining('POWER_USAGE_INSTANT') },
    ]);
  });
  test('a file of other metrics is refused by name', async () => {
    await expect(readText(prometheusText, 'node_load1 0.5\n', { rule: timed })).rejects.toMatchObject({
      code: 'metrics-unknown',
      message: expect.stringContaining('node_load1'),
    });
  });
});

describe('other exporters', () => {
  test.each([
    [
      'AMD energy is microjoules (nasty 27)',
      'gpu_energy_consumed{gpu_id="0",serial_number="S1"} 5000000',
      'S1',
      { energy_j: 5 },
    ],
    [
      'AMD behind its chart’s prefix',
      'amd_gpu_package_power{gpu_id="0",serial_number="S1"} 748',
      'S1',
      { power_w: 748 },
    ],
    ['AMD system clock', 'gpu_clock{clock_type="system",serial_number="S1"} 132', 'S1', { clock_hz: 1.32e8 }],
    [
      'Gaudi milliwatts',
      'habanalabs_power_mW{UUID="01P4-HL3090A0",id="0"} 226000',
      '01P4-HL3090A0',
      { power_w: 226 },
    ],
    [
      'Gaudi milliwatts under a name that says watts (nasty 26)',
      'accelerator_power_usage_watts{UUID="01P4-HL3090A0",id="0",fit="x",spi="y"} 226000',
      '01P4-HL3090A0',
      { power_w: 226 },
    ],
    [
      'Neuron ratio with a three-digit exponent (nasty 28, 56)',
      'neuroncore_utilization_ratio{neuroncore="0",instance_id="i-1"} 8.6e-001',
      'i-1/neuroncore0',
      { utilization_ratio: 0.86 },
    ],
    [
      'DCGM 4.6 ratio that is a percent (nasty 28)',
      row('GPU_UTIL_RATIO', 100),
      UUID,
      { utilization_ratio: 1 },
    ],
    [
      'OpenTelemetry counter',
      'hw_energy_joules_total{hw_id="g0",hw_type="gpu"} 12.5',
      'g0',
      { energy_j: 12.5 },
    ],
    ['XPU manager', 'hw_power_watts{hw_id="g0",hw_sensor_location="card"} 31.5', 'g0', { power_w: 31.5 }],
  ])('%s', async (_name, text, scope, values) => {
    const sink = await readText(prometheusText, lines(text), { rule: timed });
    expect(sink.samples).toEqual([{ scope, timeMs: START_MS, values }]);
  });
  test('accelerator_power_usage_watts of an unknown exporter is not read (nasty 26)', async () => {
    const text = lines(
      'accelerator_power_usage_watts{UUID="a"} 226',
      'habanalabs_power_mW{UUID="b",id="1"} 5000',
    );
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.samples.map((s) => s.scope)).toEqual(['b']);
    expect(sink.notes).toMatchObject([{ code: 'unit-unknown' }]);
  });
  test('of AMD partitions the first carries the power, and their activity is not the chip’s', async () => {
    const part = (id: string) =>
      `gpu_id="${id}",gpu_partition_id="${id}",gpu_compute_partition_type="cpx",serial_number="S1"`;
    const text = lines(
      `gpu_package_power{${part('0')}} 700`,
      `gpu_package_power{${part('1')}} 0`,
      `gpu_gfx_activity{${part('0')}} 90`,
    );
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.samples).toEqual([{ scope: 'S1', timeMs: START_MS, values: { power_w: 700 } }]);
  });
  test('AMD’s 65535 is no clock', async () => {
    const text = lines(
      'gpu_clock{clock_type="system",serial_number="S"} 65535',
      'gpu_power_usage{serial_number="S"} 5',
    );
    expect((await readText(prometheusText, text, { rule: timed })).samples[0]?.values).toEqual({
      power_w: 5,
    });
  });
});

describe('text with time stamps', () => {
  const EPOCH_MS = 1_745_519_750_000;
  const series = (name: string, pod: string, times: readonly number[], value = (t: number) => t): string =>
    lines(...times.map((t) => `${row(name, value(t), { pod })} ${EPOCH_MS + t * 1000}`));

  test('series by series becomes one sample a time, in time order', async () => {
    const text = series('POWER_USAGE', '', [0, 1, 2]) + series('GPU_TEMP', '', [0, 2]);
    const sink = await readText(prometheusText, text);
    expect(sink.samples.map((s) => [s.timeMs - EPOCH_MS, s.values])).toEqual([
      [0, { power_w: 0, temperature_c: 0 }],
      [1000, { power_w: 1 }],
      [2000, { power_w: 2, temperature_c: 2 }],
    ]);
  });
  test('replicas of a scraper count once, and fill one another’s holes (nasty 17)', async () => {
    const a = series('POWER_USAGE', 'a', [0, 30, 60, 150, 180], () => 1);
    const b = series('POWER_USAGE', 'b', [10, 40, 70, 100, 130, 160], () => 2);
    const sink = await readText(prometheusText, b + a);
    expect(sink.samples.map((s) => [(s.timeMs - EPOCH_MS) / 1000, s.values.power_w])).toEqual([
      [10, 2],
      [40, 2],
      [70, 2],
      [100, 2],
      [130, 2],
      [160, 2],
    ]);
    expect(sink.notes.map((n) => n.code)).toEqual(['replica']);
    const holes = await readText(
      prometheusText,
      series('POWER_USAGE', 'a', [0, 30, 60, 150, 180, 210, 240]) + b,
    );
    expect(holes.samples.map((s) => (s.timeMs - EPOCH_MS) / 1000)).toEqual([
      0, 30, 60, 100, 150, 180, 210, 240,
    ]);
  });
  test('series of successive pods are joined, whichever comes first in the file', async () => {
    const idle = series('POWER_USAGE', '', [0, 30, 150, 180], () => 70);
    const busy = series('POWER_USAGE', 'train', [60, 90, 120], () => 600);
    for (const text of [idle + busy, busy + idle]) {
      const sink = await readText(prometheusText, text);
      expect(sink.samples.map((s) => s.values.power_w)).toEqual([70, 70, 600, 600, 600, 70, 70]);
      expect(sink.notes).toEqual([]);
    }
  });
  test('OpenMetrics counts seconds, may have exemplars, and ends with EOF', async () => {
    const text = lines(
      '# TYPE DCGM_FI_DEV_POWER_USAGE gauge',
      `${row('POWER_USAGE', 631.95, { pod: 'a}" # {'.replaceAll('"', '\\"') })} 1745519750.125 # {trace_id="x"} 1 2`,
      `${row('POWER_USAGE', 632, { pod: 'a}" # {'.replaceAll('"', '\\"') })} 1745519751.125`,
    );
    const sink = await readText(openMetrics, `${text}# EOF\n`);
    expect(sink.samples.map((s) => [s.timeMs, s.values.power_w])).toEqual([
      [1_745_519_750_125, 631.95],
      [1_745_519_751_125, 632],
    ]);
    expect(sink.notes).toEqual([]);
    expect((await readText(openMetrics, text)).notes).toMatchObject([
      { code: 'truncated', severity: 'warning' },
    ]);
  });
  test('promtool’s dump names the metric among the labels', async () => {
    const text = lines(
      `{Hostname="n 1", UUID="${UUID}", __name__="DCGM_FI_DEV_POWER_USAGE", gpu="0"} 631.95 1745519750000`,
      `{Hostname="n 1", UUID="${UUID}", __name__="DCGM_FI_DEV_POWER_USAGE", gpu="0"} NaN 1745519751000`,
      '{__name__="up", instance="n:9400"} 1 1745519750000',
    );
    const sink = await readText(promtoolDump, text);
    expect(sink.samples).toEqual([{ scope: UUID, timeMs: 1_745_519_750_000, values: { power_w: 631.95 } }]);
    expect(sink.rows).toBe(3);
  });
});

test('the order of the rows in a page changes nothing', async () => {
  const rows = (i: number): string[] => [
    row('POWER_USAGE', 100 + i),
    row('GPU_TEMP', 50 + i),
    row('POWER_USAGE', 200 + i, {}, OTHER),
    row('FB_USED', 5),
    row('SM_CLOCK', 1000 + i, { pod: 'a}b' }, OTHER),
  ];
  const read = async (text: string): Promise<unknown[]> =>
    (await readText(prometheusText, text, { rule: timed })).samples.toSorted(
      (a, b) => a.timeMs - b.timeMs || (a.scope < b.scope ? -1 : 1),
    );
  const pages = [0, 1, 2];
  const plain = await read(lines(...pages.flatMap(rows)));
  expect(plain).toHaveLength(6);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.shuffledSubarray(pages.concat(3, 4), { minLength: 5 }), { minLength: 3, maxLength: 3 }),
      async (orders) => {
        const shuffled = orders.flatMap((order, i) => order.map((k) => rows(i)[k] as string));
        expect(await read(lines(...shuffled))).toEqual(plain);
      },
    ),
  );
});

test('any chunk boundary and line end give the same calls', async () => {
  const text = page(1, 2) + page(3, 4) + lines(row('GPU_UTIL', 1e9), 'oops', row('XID_ERRORS', 13));
  const plain = await readText(prometheusText, text, { rule: timed });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 90 }), fc.boolean(), async (chunk, isCrlf) => {
      const other = await readText(prometheusText, isCrlf ? text.replaceAll('\n', '\r\n') : text, {
        rule: timed,
        chunk,
      });
      expect(other.calls).toEqual(plain.calls);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ['page.prom', page(1, 2), 'prometheus-text'],
  ['federate.txt', `${row('POWER_USAGE', 1)} 1745519750000\n`, 'prometheus-text'],
  ['dump.om', `${row('POWER_USAGE', 1)} 1745519750.5\n`, 'openmetrics'],
  ['page.om', '# TYPE a gauge\na{b="c"} 1\n# EOF\n', 'openmetrics'],
  ['dump.txt', `{UUID="${UUID}", __name__="DCGM_FI_DEV_POWER_USAGE"} 1 1745519750000\n`, 'promtool-dump'],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});

describe.runIf(hasSamples)('real pages', () => {
  const real = (path: string): string => readFileSync(join(SAMPLES, path), 'utf8');
  test('nvidia_gpu_exporter, H100 under load', async () => {
    const text = real(
      'nvidia-smi/golden-metrics/linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01__load.metrics',
    );
    expect(FORMATS.filter((f) => f.sniff(text.slice(0, 65_536), 'x.metrics')).map((f) => f.id)).toEqual([
      'prometheus-text',
    ]);
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.rejects).toEqual([]);
    expect(sink.samples).toEqual([
      {
        scope: 'GPU-00000000-0000-0000-0000-000000000000',
        timeMs: START_MS,
        values: {
          power_w: 631.95,
          temperature_c: 59,
          clock_hz: 1.98e9,
          utilization_ratio: 1,
          throttled_power_ratio: 0,
          throttled_thermal_ratio: 0,
          throttled_other_ratio: 0,
          ecc_corrected_total: 0,
          ecc_uncorrected_total: 0,
        },
      },
    ]);
  });
  test('device-metrics-exporter', async () => {
    const text = real('amd/device-metrics-exporter/metrics_mini.txt');
    expect(FORMATS.filter((f) => f.sniff(text, 'metrics.txt')).map((f) => f.id)).toEqual(['prometheus-text']);
    const sink = await readText(prometheusText, text, { rule: timed });
    expect(sink.samples).toEqual([
      {
        scope: '6699c0a8-4200-4242-037f-f97e6cae0f09',
        timeMs: START_MS,
        values: { power_w: 41, utilization_ratio: 0 },
      },
    ]);
    expect(sink.facts['6699c0a8-4200-4242-037f-f97e6cae0f09']).toEqual({ kind: 'chip', boundary: 'chip' });
  });
});
