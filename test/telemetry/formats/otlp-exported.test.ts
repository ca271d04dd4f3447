import { describe, expect, test } from 'vitest';
import { otlpJson } from '../../../functions/core/telemetry/formats/otlp-json.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START_MS = 1_769_860_800_000;
const UUID = 'GPU-00000001-1111-2222-3333-444444444444';
const nanos = (seconds: number): string => `${START_MS + seconds * 1000}000000`;
const attributes = (named: Record<string, string>) =>
  Object.entries(named).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const point = (seconds: number, asDouble: number, of: Record<string, string> = {}) => ({
  timeUnixNano: nanos(seconds),
  asDouble,
  attributes: attributes(of),
});
const request = (metrics: readonly object[], resource: Record<string, string> = { 'host.name': 'h1' }) => ({
  resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics }] }],
});
const gauge = (name: string, dataPoints: readonly object[], unit = '') => ({
  name,
  unit,
  gauge: { dataPoints },
});
const read = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values]);
const readOf = (...documents: object[]) =>
  readText(otlpJson, documents.map((d) => JSON.stringify(d)).join('\n'), { path: 'm.json' });

describe('metrics that a collector scraped from an exporter', () => {
  const labels = { gpu: '1', UUID, Hostname: 'node7', pod: 'a' };
  const energy = (seconds: number, mJ: number, pod: string) => ({
    name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [point(seconds, mJ, { ...labels, pod })],
    },
  });
  test('are read as the exporter names them: units, chips, blanks', async () => {
    const sink = await readOf(
      request([
        gauge('DCGM_FI_DEV_POWER_USAGE', [point(0, 300, labels), point(0, 310, { gpu: '2' })]),
        gauge('DCGM_FI_DEV_GPU_TEMP', [point(0, 2_147_483_632, labels)]),
        gauge('DCGM_FI_DEV_XID_ERRORS', [point(0, 79, labels)]),
        gauge('up', [point(0, 1)]),
        energy(0, 1e6, 'a'),
      ]),
    );
    expect(read(sink)).toEqual([
      [UUID, 0, { power_w: 300 }],
      ['h1/gpu2', 0, { power_w: 310 }],
      [UUID, 0, { energy_j: 1000 }],
    ]);
    expect(sink.facts[UUID]).toEqual({ kind: 'chip', boundary: 'chip' });
    expect(sink.notes.map((n) => n.code)).toEqual(['metric-left-out']);
  });
  test('a pod that changes makes no second counter', async () => {
    const sink = await readOf(
      ...[0, 1, 2].map((i) => request([energy(i, 1e6 + i * 3e5, i < 2 ? 'a' : 'b')])),
    );
    expect(read(sink).map((r) => r[2])).toEqual([{ energy_j: 1000 }, { energy_j: 1300 }, { energy_j: 1600 }]);
  });
  test('an instance repeats what is of its chip', async () => {
    const of = (id: string) => point(0, 300, { ...labels, GPU_I_ID: id });
    const sink = await readOf(request([gauge('DCGM_FI_DEV_POWER_USAGE', [of('1'), of('2')])]));
    expect(read(sink)).toEqual([[UUID, 0, { power_w: 300 }]]);
    expect(sink.notes.map((n) => n.code)).toEqual(['duplicate-series']);
  });
});

describe('other spellings', () => {
  test.each([
    ['before hw.id', { id: 'g0', 'hw.type': 'gpu' }, 'hw.power', 'h1/g0'],
    ['hw.gpu.power', { 'hw.id': 'g0' }, 'hw.gpu.power', 'h1/g0'],
    ['OpenLIT', { gpu_uuid: UUID, gpu_index: '0' }, 'gpu.power.draw', UUID],
    ['an index with its word', { gpu: 'GPU_3' }, 'hw.gpu.power', 'h1/gpu3'],
    ['a name of the conventions beside a plain one', { 'hw.id': 'g0', id: 'x' }, 'hw.gpu.power', 'h1/g0'],
  ])('%s', async (_name, of, metric, scope) => {
    expect(read(await readOf(request([gauge(metric, [point(1, 285, of)], 'W')])))).toEqual([
      [scope, 1, { power_w: 285 }],
    ]);
  });
  test("Google's agent: a prefix, and plain names of attributes", async () => {
    const metric = {
      name: 'workload.googleapis.com/gpu.dcgm.clock.throttle_duration.time',
      unit: 's',
      sum: {
        aggregationTemporality: 2,
        dataPoints: [point(1, 4, { gpu_number: '0', uuid: UUID, violation: 'power' })],
      },
    };
    expect(read(await readOf(request([metric])))).toEqual([[UUID, 1, { throttled_power_s: 4 }]]);
  });
  test('a chip that nothing names is left out with what to declare', async () => {
    const sink = await readOf(request([gauge('hw.gpu.power', [point(1, 285)], 'W')]));
    expect(sink.samples).toEqual([]);
    expect(sink.notes.map((n) => n.message)).toEqual([expect.stringContaining('mapping.scope')]);
  });
  test.each(['histogram', 'exponentialHistogram', 'summary'])(
    'a %s of a metric is no reading',
    async (kind) => {
      const metric = { name: 'hw.power', unit: 'W', [kind]: { dataPoints: [{ count: '3', sum: 900 }] } };
      const sink = await readOf(request([metric]));
      expect([sink.rows, sink.samples]).toEqual([0, []]);
      expect(sink.notes.map((n) => n.code)).toEqual(['distribution-left-out']);
    },
  );
  test('what the Python SDK writes to the console, over several lines', async () => {
    const of = { 'hw.id': 'g0', 'hw.type': 'gpu' };
    const at = { time_unix_nano: START_MS * 1e6, start_time_unix_nano: START_MS * 1e6 - 1e9 };
    const metrics = [
      { name: 'hw.power', unit: 'W', data: { data_points: [{ attributes: of, ...at, value: 512.5 }] } },
      {
        name: 'hw.energy',
        unit: 'J',
        data: {
          data_points: [{ attributes: of, ...at, value: 100 }],
          aggregation_temporality: 1,
          is_monotonic: true,
        },
      },
      { name: 'hw.temperature', data: { data_points: [{ ...at, count: 1, bucket_counts: [1] }] } },
    ];
    const document = {
      resource_metrics: [{ resource: { attributes: { 'host.name': 'h1' } }, scope_metrics: [{ metrics }] }],
    };
    const text = `starting\n${JSON.stringify(document, null, 4)}\n`;
    expect(FORMATS.filter((f) => f.sniff(text, 'a.txt')).map((f) => f.id)).toEqual(['otlp-json']);
    expect(read(await readText(otlpJson, text))).toEqual([
      ['h1/g0', 0, { power_w: 512.5 }],
      ['h1/g0', -1, { energy_j: 0 }],
      ['h1/g0', 0, { energy_j: 100 }],
    ]);
  });
});
