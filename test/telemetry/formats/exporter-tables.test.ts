import { describe, expect, test } from 'vitest';
import { dcgmLongCsv } from '../../../functions/core/telemetry/formats/dcgm-long-csv.ts';
import { sniffFormat } from '../../../functions/core/telemetry/formats/registry.ts';
import { readText } from './recording-sink.ts';

const T = Date.UTC(2026, 0, 31, 12);
const SAMPLES = [
  { scope: 'GPU-a', timeMs: T, values: { power_w: 260, temperature_c: 41 } },
  { scope: 'GPU-a', timeMs: T + 10_000, values: { power_w: 261 } },
];
const POWER = 'DCGM_FI_DEV_POWER_USAGE';
const TEMPERATURE = 'DCGM_FI_DEV_GPU_TEMP';
const grafana = (name: string): string => `"${name}{gpu=""0"", UUID=""GPU-a""}"`;

describe('tables of the metrics of exporters', () => {
  test.each([
    [
      'a published data set, in UTC by the name of its column',
      `timeUtc,node,metric,value,gpu,device,uuid,job
2026-01-31 12:00:00,n1,DCGM_FI_DEV_FB_USED,20480,0,nvidia0,GPU-a,x
2026-01-31 12:00:00,n1,${POWER},260,0,nvidia0,GPU-a,x
2026-01-31 12:00:00,n1,${TEMPERATURE},41,0,nvidia0,GPU-a,x
2026-01-31 12:00:10,n1,${POWER},261,0,nvidia0,GPU-a,x`,
    ],
    [
      'series by series, as Grafana once wrote them',
      `sep=;
"Series";"Time";"Value"
${grafana(POWER)};"2026-01-31T12:00:00+00:00";260
${grafana(POWER)};"2026-01-31T12:00:10+00:00";261
${grafana(TEMPERATURE)};"2026-01-31T12:00:00+00:00";41
${grafana(TEMPERATURE)};"2026-01-31T12:00:10+00:00";null`,
    ],
    [
      'a table of Grafana, whose columns are labels',
      `"Time","__name__","UUID","gpu","Value #A"
1769860800000,${POWER},GPU-a,0,260
1769860800000,${TEMPERATURE},GPU-a,0,41
1769860810000,${POWER},GPU-a,0,261`,
    ],
    [
      'labels in one cell, as an object',
      `timestamp,metric,labels,value
1769860800,${POWER},"{'UUID': 'GPU-a', 'gpu': '0'}",260
1769860800,${TEMPERATURE},"{""UUID"": ""GPU-a""}",41
1769860810,${POWER},"{""UUID"": ""GPU-a""}",261`,
    ],
    [
      'columns that are named by metrics',
      `timestamp,Hostname,GPU-Id,gpu_uuid,${TEMPERATURE},${POWER},DCGM_FI_DEV_FB_USED
2026-01-31T12:00:00Z,n1,0,GPU-a,41,260,1
2026-01-31T12:00:10Z,n1,0,GPU-a,,261,2`,
    ],
  ])('are read: %s', async (_, text) => {
    expect(sniffFormat(`${text}\n`, 'gpu.csv')?.id).toBe('dcgm-long-csv');
    for (const chunk of [7, 65_536]) {
      const sink = await readText(dcgmLongCsv, text, { chunk });
      expect(sink.samples).toEqual(SAMPLES);
      expect(sink.rejects).toEqual([]);
      expect(sink.facts['GPU-a']).toEqual({ kind: 'chip', boundary: 'chip' });
    }
  });

  test('name the chip by host and index where there is no UUID', async () => {
    const text = `timestamp,Hostname,GPU-Id,${POWER}\n2026-01-31T12:00:00Z,n1,3,260\n`;
    expect((await readText(dcgmLongCsv, text)).samples).toEqual([
      { scope: 'n1/gpu3', timeMs: T, values: { power_w: 260 } },
    ]);
  });

  test('say which columns of metrics are not read', async () => {
    const text = `timestamp,uuid,${POWER},DCGM_FI_DEV_FB_USED\n2026-01-31T12:00:00Z,GPU-a,260,5\n`;
    expect((await readText(dcgmLongCsv, text)).notes).toMatchObject([
      { code: 'column-unread', message: expect.stringContaining('DCGM_FI_DEV_FB_USED') },
    ]);
  });

  test('reject a row with a value that is no number, whole', async () => {
    const text = `timestamp,uuid,${POWER},${TEMPERATURE}\n2026-01-31T12:00:00Z,GPU-a,260 W?,41\n`;
    const sink = await readText(dcgmLongCsv, text);
    expect(sink.samples).toEqual([]);
    expect(sink.rejects).toMatchObject([{ line: 2, column: POWER, reason: 'number' }]);
  });

  test.each([
    [
      'names that home-made tables use in other units too',
      'timestamp,gpu_id,gpu_power_usage\n1769860800,0,260000\n',
    ],
    ['the same, one a row', 'timestamp,metric,gpu_id,value\n1769860800,gpu_power_usage,0,260000\n'],
    ['no column that tells the chip', `timestamp,${POWER}\n1769860800,260\n`],
    ['two columns of values', `Time,__name__,uuid,Value #A,Value #B\n1769860800,${POWER},GPU-a,1,2\n`],
  ])('are not taken for such: %s', (_, text) => {
    expect(dcgmLongCsv.sniff(text, 'gpu.csv')).toBe(false);
  });
});
