import { describe, expect, test } from 'vitest';
import { prometheusRange } from '../../../functions/core/telemetry/formats/prometheus-range.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { victoriaMetricsExport } from '../../../functions/core/telemetry/formats/victoriametrics-export.ts';
import { ChipWriter } from '../../../functions/core/telemetry/prometheus/chip-writer.ts';
import { withoutLookBack } from '../../../functions/core/telemetry/prometheus/look-back.ts';
import { seriesPlan } from '../../../functions/core/telemetry/prometheus/series-plan.ts';
import { SeriesStore } from '../../../functions/core/telemetry/prometheus/series-store.ts';
import { RecordingSink, readText } from './recording-sink.ts';

const UUID = 'GPU-1f027ee8-0000-4000-8000-000000000001';
const EPOCH_S = 1_745_519_750;
type Point = readonly [number, unknown];

const metric = (name: string, more: object = {}) => ({
  __name__: `DCGM_FI_DEV_${name}`,
  UUID,
  gpu: '0',
  Hostname: 'n1',
  ...more,
});
const series = (name: string, points: readonly Point[], more: object = {}) => ({
  metric: metric(name, more),
  values: points.map(([s, value]) => [EPOCH_S + s, value]),
});
const answer = (...result: object[]): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });

/** Points `stepS` apart from 0 on. */
const every = (stepS: number, values: readonly unknown[]): Point[] =>
  values.map((value, i) => [i * stepS, value]);

describe('an answer of query_range', () => {
  test('has times in seconds and values as strings; NaN and infinities are no reading', async () => {
    const text = answer(
      series('POWER_USAGE', [
        [0, '631.95'],
        [0.5, 'NaN'],
        [1, '+Inf'],
        [1.5, '632'],
      ]),
      series('TOTAL_ENERGY_CONSUMPTION', [
        [0, '1000'],
        [1.5, '2000'],
      ]),
    );
    const sink = await readText(prometheusRange, text);
    expect(sink.samples).toEqual([
      { scope: UUID, timeMs: EPOCH_S * 1000, values: { power_w: 631.95, energy_j: 1 } },
      { scope: UUID, timeMs: EPOCH_S * 1000 + 1500, values: { power_w: 632, energy_j: 2 } },
    ]);
    expect(sink.rows).toBe(6);
    for (const chunk of [1, 7])
      expect((await readText(prometheusRange, text, { chunk })).calls).toEqual(sink.calls);
  });
  test('several answers in one file, one a metric, are joined by chip', async () => {
    const text = [answer(series('POWER_USAGE', [[0, '5']])), answer(series('GPU_TEMP', [[0, '50']]))].join(
      '\n',
    );
    expect((await readText(prometheusRange, text)).samples).toMatchObject([
      { values: { power_w: 5, temperature_c: 50 } },
    ]);
  });
  test('of two replicas each time counts once (nasty 17)', async () => {
    const points = every(15, ['1', '2', '3']);
    const sink = await readText(
      prometheusRange,
      answer(
        series('POWER_USAGE', points, { replica: 'a' }),
        series('POWER_USAGE', points, { replica: 'b' }),
      ),
    );
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([1, 2, 3]);
    expect(sink.notes.map((n) => n.code)).toEqual(['replica']);
  });
  test('a dead exporter looks alive for five minutes: its repeats are no readings (nasty 44)', async () => {
    const points = every(20, ['601.5', '602.25', ...Array(16).fill('603.75')]);
    const sink = await readText(prometheusRange, answer(series('POWER_USAGE', points)));
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([601.5, 602.25, 603.75]);
    expect(sink.notes).toMatchObject([
      { code: 'look-back', message: expect.stringContaining('last 15 values') },
    ]);
  });
  test.each([
    ['no point is a pair', 'x', 'json'],
    ['a value is a text', [EPOCH_S, 'lots'], 'number'],
    ['a value is nested', [EPOCH_S, [[]]], 'number'],
    ['a time is in milliseconds', [EPOCH_S * 1000, '5'], 'time-stamp'],
    ['a power is beyond any chip', [EPOCH_S, '3690000000000'], 'range'],
  ])('%s: rejected', async (_name, point, reason) => {
    const sink = await readText(prometheusRange, answer({ metric: metric('POWER_USAGE'), values: [point] }));
    expect(sink.rejects).toMatchObject([{ line: 1, reason }]);
    expect([sink.rows, sink.samples.length]).toEqual([1, 0]);
  });
  test('the result of an expression has no name: noted, and alone it is refused', async () => {
    const unnamed = { metric: {}, values: [[EPOCH_S, '1']] };
    const sink = await readText(prometheusRange, answer(unnamed, series('POWER_USAGE', [[0, '5']])));
    expect([sink.samples.length, sink.notes[0]?.code]).toEqual([1, 'series-unnamed']);
    await expect(readText(prometheusRange, answer(unnamed))).rejects.toMatchObject({
      code: 'metrics-unknown',
    });
  });
  test('an error instead of an answer is refused with its text', async () => {
    const text = JSON.stringify({ status: 'error', errorType: 'timeout', error: 'query timed out' });
    await expect(readText(prometheusRange, text, { path: 'q.json' })).rejects.toMatchObject({
      code: 'query-failed',
      message: expect.stringMatching(/q\.json.*query timed out/),
    });
  });
  test('an answer that was cut is rejected, and nothing else throws', async () => {
    const text = answer(series('POWER_USAGE', [[0, '5']]));
    const sink = await readText(prometheusRange, `${text}\n${text.slice(0, -20)}`);
    expect(sink.rejects).toMatchObject([{ line: 2, reason: 'json' }]);
    const deep = `{"data":{"result":[{"metric":{"__name__":${'['.repeat(20_000)}${']'.repeat(20_000)}},"values":[]}]}}`;
    await expect(readText(prometheusRange, deep)).rejects.toMatchObject({ code: 'metrics-unknown' });
  });
});

describe('repeats of the look-back', () => {
  const kept = (points: readonly Point[]): number =>
    withoutLookBack({ times: points.map(([s]) => s * 1000), values: points.map(([, v]) => v as number) })
      .times.length;
  const run = (n: number): number[] => [1, 2, ...Array(n).fill(3)];
  test.each([
    ['fill it exactly at the end: only the first counts', every(20, run(16)), 3],
    ['fill it but for one step', every(20, run(15)), 3],
    ['are shorter: a marker may have ended the series', every(20, run(10)), 12],
    ['are longer: the value may really not change', every(20, run(40)), 42],
    ['lie inside, before the value changes', every(20, [...run(16), 4]), 19],
    ['lie before a hole', [...every(20, run(16)), [900, 5], [920, 6]] as Point[], 5],
    ['are too few to be a pattern', every(150, run(3)), 5],
    ['are none', every(20, [1]), 1],
    ['are nothing at all', [], 0],
  ])('that %s', (_name, points, count) => {
    expect(kept(points)).toBe(count);
  });
});

describe('an export of VictoriaMetrics', () => {
  const line = (values: readonly unknown[], timestamps: readonly number[], more: object = {}): string =>
    JSON.stringify({ metric: metric('POWER_USAGE', more), values, timestamps });
  const MS = EPOCH_S * 1000;

  test('is a series a line; null and NaN are stale markers', async () => {
    const text = `${line([1, null, 3], [MS, MS + 1000, MS + 2000])}\n${line([4], [MS + 3000]).replace('[4]', '[NaN]')}\n`;
    const sink = await readText(victoriaMetricsExport, text);
    expect(sink.samples.map((s) => [s.timeMs - MS, s.values.power_w])).toEqual([
      [0, 1],
      [2000, 3],
    ]);
    expect([sink.rows, sink.rejects]).toEqual([4, []]);
    expect((await readText(victoriaMetricsExport, text, { chunk: 1 })).calls).toEqual(sink.calls);
  });
  test('may give the parts of a series in any order', async () => {
    const text = [line([3, 4], [MS + 2000, MS + 3000]), line([1, 2], [MS, MS + 1000])].join('\n');
    const sink = await readText(victoriaMetricsExport, text);
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([1, 2, 3, 4]);
  });
  test('with lists of unequal length is rejected with its line', async () => {
    const sink = await readText(victoriaMetricsExport, [line([1], [MS]), line([1, 2], [MS])].join('\n'));
    expect(sink.rejects).toMatchObject([{ line: 2, reason: 'json' }]);
    expect(sink.samples).toHaveLength(1);
  });
});

test('more readings than the limit refuse the file', () => {
  const plan = seriesPlan('DCGM_FI_DEV_POWER_USAGE', new Map([['UUID', UUID]]), { path: 'x', rule: {} });
  if (plan === null || typeof plan === 'string') throw new Error('expected a plan');
  const store = new SeriesStore('x.json', 2);
  const kept = store.series(plan);
  store.add(kept, 1, 1);
  store.add(kept, 2, 2);
  expect(() => store.add(kept, 3, 3)).toThrow(expect.objectContaining({ code: 'too-many-readings' }));
  const sink = new RecordingSink();
  store.flush(new ChipWriter(sink));
  expect(sink.samples).toHaveLength(2);
});

test.each([
  ['range.json', `{"status":"success","data":{"resultType":"matrix","result":[]}}`, 'prometheus-range'],
  [
    'range.json',
    JSON.stringify(JSON.parse(answer(series('POWER_USAGE', [[0, '1']]))), null, 2),
    'prometheus-range',
  ],
  [
    'export.jsonl',
    '{"metric":{"__name__":"a"},"values":[1],"timestamps":[1745519750000]}\n',
    'victoriametrics-export',
  ],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});
