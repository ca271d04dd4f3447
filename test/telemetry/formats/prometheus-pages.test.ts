import { describe, expect, test } from 'vitest';
import { prometheusText } from '../../../functions/core/telemetry/formats/prometheus-text.ts';
import { sniffFormat } from '../../../functions/core/telemetry/formats/registry.ts';
import { pageStamp } from '../../../functions/core/telemetry/prometheus/page-stamp.ts';
import { readText } from './recording-sink.ts';

const page = (power: number, gpu = 'GPU-a'): string =>
  [
    '# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).',
    '# TYPE DCGM_FI_DEV_POWER_USAGE gauge',
    `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="${gpu}",hostname="node-1"} ${power}`,
    '',
  ].join('\n');
const T = Date.UTC(2026, 0, 31, 12, 0, 0);
const times = async (text: string, rule = {}) =>
  (await readText(prometheusText, text, { rule })).samples.map((s) => [
    s.scope,
    s.timeMs - T,
    s.values.power_w,
  ]);

describe('a time that a collector wrote between pages', () => {
  test.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:07Z'],
    ['# 2026-01-31T12:00:00+00:00', '# 2026-01-31T12:00:07+00:00'],
    ['# timestamp: 1769860800', '# timestamp: 1769860807'],
    ['# Scraped at 1769860800000', '# Scraped at 1769860807000'],
    ['1769860800', '1769860807'],
    ['=== Sat Jan 31 12:00:00 UTC 2026 ===', '=== Sat Jan 31 12:00:07 UTC 2026 ==='],
    ['Sat Jan 31 12:00:00 UTC 2026', 'Sat Jan 31 12:00:07 UTC 2026'],
    [
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sat, 31 Jan 2026 12:00:00 GMT\r\n\r',
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sat, 31 Jan 2026 12:00:07 GMT\r\n\r',
    ],
  ])('is that of the page behind it: %s', async (first, second) => {
    const text = `${first}\n${page(300)}${second}\n${page(310)}`;
    expect(sniffFormat(text, 'node-1/metrics.prom')?.id).toBe('prometheus-text');
    expect(await times(text)).toEqual([
      ['GPU-a', 0, 300],
      ['GPU-a', 7000, 310],
    ]);
  });

  test('is that of the pages of several hosts', async () => {
    const text = `# 2026-01-31T12:00:00Z\n${page(300)}${page(200, 'GPU-b')}# 2026-01-31T12:00:05Z\n${page(301)}${page(201, 'GPU-b')}`;
    expect(await times(text)).toEqual([
      ['GPU-a', 0, 300],
      ['GPU-b', 0, 200],
      ['GPU-a', 5000, 301],
      ['GPU-b', 5000, 201],
    ]);
  });

  test('is of no page that tells of a chip again: that needs a period', async () => {
    const text = `# 2026-01-31T12:00:00Z\n${page(300)}${page(301)}`;
    await expect(times(text)).rejects.toMatchObject({ code: 'period-missing' });
    expect(await times(text, { periodMs: 1000 })).toEqual([
      ['GPU-a', 0, 300],
      ['GPU-a', 1000, 301],
    ]);
  });

  test('needs a zone, unless run.json says when the file begins', async () => {
    const text = `# 2026-01-31 12:00:00\n${page(300)}`;
    await expect(times(text)).rejects.toMatchObject({ code: 'time-zone-missing' });
    expect(await times(text, { timeZone: '+01:00' })).toEqual([['GPU-a', -3_600_000, 300]]);
    expect(await times(text, { startTime: '2026-01-31T12:00:09Z' })).toEqual([['GPU-a', 9000, 300]]);
  });

  test('behind the first page is none that its readings were taken at', async () => {
    await expect(times(`${page(300)}# 2026-01-31T12:00:00Z\n${page(301)}`)).rejects.toMatchObject({
      code: 'start-time-missing',
    });
  });

  test.each([
    'up 1769860800',
    'time 1769860800',
    'Expires: Sat, 31 Jan 2026 12:00:00 GMT',
    '# HELP last_scrape 12:00:00',
    '01/02/2026 12:00:00',
    '12:00:00',
  ])('is none: %s', (line) => {
    expect(pageStamp(line)).toBeNull();
  });
});
