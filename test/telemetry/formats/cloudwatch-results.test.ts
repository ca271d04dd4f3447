import { describe, expect, test } from 'vitest';
import { cloudwatchMetricStream } from '../../../functions/core/telemetry/formats/cloudwatch-metric-stream.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START_MS = Date.parse('2026-01-31T12:00:00Z');
const read = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values]);

describe('what the CLI prints of CloudWatch', () => {
  const data = JSON.stringify(
    {
      MetricDataResults: [
        {
          Id: 'm1',
          Label: 'nvidia_smi_power_draw',
          Timestamps: ['2026-01-31T12:01:00+00:00', '2026-01-31T12:00:00Z'],
          Values: [401, 400.5],
          StatusCode: 'Complete',
        },
        { Id: 'q', Label: 'i-0a 1 nvidia_smi_temperature_gpu', Timestamps: [START_MS / 1000], Values: [61] },
        { Id: 'cpu', Label: 'CPUUtilization', Timestamps: [START_MS / 1000], Values: [3] },
      ],
      Messages: [],
    },
    null,
    4,
  );
  test('get-metric-data: oldest first, chips as the rule names them', async () => {
    expect(FORMATS.filter((f) => f.sniff(data, 'a.json')).map((f) => f.id)).toEqual([
      'cloudwatch-metric-stream',
    ]);
    const sink = await readText(cloudwatchMetricStream, data, { rule: { scopes: { m1: 'A', q: 'B' } } });
    expect(read(sink)).toEqual([
      ['A', 0, { power_w: 400.5 }],
      ['A', 60, { power_w: 401 }],
      ['B', 0, { temperature_c: 61 }],
    ]);
    expect(sink.facts.A).toEqual({ kind: 'chip', boundary: 'chip' });
    expect(sink.notes.map((n) => n.code)).toEqual(['period-mean', 'period-mean', 'series-left-out']);
  });
  test('which chip a series is of is not guessed', async () => {
    await expect(readText(cloudwatchMetricStream, data)).rejects.toMatchObject({
      code: 'scope-missing',
      message: expect.stringContaining('"m1"'),
    });
  });
  test('get-metric-statistics comes in no order; a time without a zone and a text are rejected', async () => {
    const text = JSON.stringify({
      Label: 'nvidia_smi_power_draw',
      Datapoints: [
        { Timestamp: '2026-01-31T12:05:00+00:00', Average: 401, Unit: 'None' },
        { Timestamp: '2026-01-31T12:00:00+00:00', Average: 400, Unit: 'None' },
        { Timestamp: '2026-01-31T12:10:00', Average: 402, Unit: 'None' },
        { Timestamp: '2026-01-31T12:15:00Z', Average: 'lots', Unit: 'None' },
        { Timestamp: '2026-01-31T12:20:00Z', Maximum: 500, Unit: 'None' },
      ],
    });
    const sink = await readText(cloudwatchMetricStream, text, {
      rule: { scopes: { nvidia_smi_power_draw: 'C' } },
    });
    expect(read(sink)).toEqual([
      ['C', 0, { power_w: 400 }],
      ['C', 300, { power_w: 401 }],
    ]);
    expect(sink.rejects.map((r) => r.reason)).toEqual(['time-stamp', 'number']);
    expect(sink.rows).toBe(5);
  });
});
