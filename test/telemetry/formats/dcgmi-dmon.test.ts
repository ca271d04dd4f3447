import { describe, expect, test } from 'vitest';
import { dcgmiDmon } from '../../../functions/core/telemetry/formats/dcgmi-dmon.ts';
import { readText } from './recording-sink.ts';

const LINES = ['#Entity   POWER    TMPTR', 'ID        W        C', 'GPU 0     120.5    41'];
const read = (prefix: string) =>
  readText(dcgmiDmon, LINES.map((line) => `${prefix}${line}`).join('\n'), {
    path: 'node-1/dmon.txt',
    rule: { timeZone: '+00:00' },
  });

describe('a time in front of the rows of dcgmi dmon', () => {
  test.each([
    '[2026-01-31 12:00:00] ',
    '[2026-01-31T12:00:00Z]: ',
    '2026-01-31 12:00:00, ',
    '2026-01-31T12:00:00+00:00 | ',
    '1769860800.000: ',
  ])('is read as wrappers write it: %s', async (prefix) => {
    const sink = await read(prefix);
    expect(sink.samples).toEqual([
      {
        scope: 'node-1/gpu0',
        timeMs: Date.UTC(2026, 0, 31, 12),
        values: { power_w: 120.5, temperature_c: 41 },
      },
    ]);
    expect([sink.rejects, sink.notes]).toEqual([[], []]);
  });

  test('without a year is rejected, and its month is no device', async () => {
    const sink = await read('Jan 31 12:00:00 ');
    expect(sink.samples).toEqual([]);
    expect(sink.rejects).toMatchObject([{ line: 3, reason: 'time-stamp' }]);
    expect(sink.notes).toEqual([]);
  });
});
