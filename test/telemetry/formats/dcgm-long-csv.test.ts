import { describe, expect, test } from 'vitest';
import { dcgmLongCsv } from '../../../functions/core/telemetry/formats/dcgm-long-csv.ts';
import { sniffFormat } from '../../../functions/core/telemetry/formats/registry.ts';
import { readText } from './recording-sink.ts';

const HEADER =
  'timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw';
const UUID = '1F027EE8-0000-4000-8000-00000000000a';
const ID = `GPU-${UUID.toLowerCase()}`;
const T = Date.UTC(2025, 6, 18, 13, 42, 33);

const row = (second: number, metric: string, value: string, labels = ''): string =>
  `2025-07-18 13:42:${33 + second},${metric},0,nvidia0,${UUID},NVIDIA H100,host-1,,,,${value},"gpu=""0"",device=""nvidia0""${labels}"`;
const csv = (...rows: string[]): string => [HEADER, ...rows].join('\n');
const rule = { timeZone: 'UTC' };

describe('DCGM metrics, one a row', () => {
  const text = csv(
    row(0, 'DCGM_FI_DEV_POWER_USAGE', '631.95'),
    row(0, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', '257858316'),
    row(0, 'DCGM_FI_DEV_GPU_UTIL', '97'),
    row(0, 'DCGM_FI_DEV_FB_USED', '1000'),
    row(1, 'DCGM_FI_DEV_POWER_USAGE', '640'),
    row(1, 'DCGM_FI_DEV_GPU_TEMP', '9223372036854775794'),
  );
  test('become a sample a chip and scrape, at any chunk boundary', async () => {
    for (const chunk of [1, 65_536]) {
      const sink = await readText(dcgmLongCsv, text, { rule, chunk });
      expect(sink.samples).toEqual([
        {
          scope: ID,
          timeMs: T,
          values: { power_w: 631.95, energy_j: 257_858.316, utilization_ratio: 0.97 },
        },
        { scope: ID, timeMs: T + 1000, values: { power_w: 640 } },
      ]);
      expect(sink.facts[ID]).toEqual({ kind: 'chip', boundary: 'chip' });
      expect([sink.rows, sink.rejects]).toEqual([6, []]);
    }
  });

  test('are known by their header, and no other table is', () => {
    expect(sniffFormat(text, 'dcgm.csv')?.id).toBe('dcgm-long-csv');
    expect(dcgmLongCsv.sniff('timestamp,metric,value\n', 'a.csv')).toBe(false);
  });

  test('need a zone, where their times have none', async () => {
    await expect(readText(dcgmLongCsv, text)).rejects.toMatchObject({ code: 'time-zone-missing' });
    const unix = csv(row(0, 'DCGM_FI_DEV_POWER_USAGE', '5').replace('2025-07-18 13:42:33', String(T / 1000)));
    expect((await readText(dcgmLongCsv, unix)).samples).toMatchObject([{ timeMs: T }]);
  });

  test('repeat the power of the board on MIG instances, which counts once (nasty 11)', async () => {
    const sink = await readText(
      dcgmLongCsv,
      csv(
        row(0, 'DCGM_FI_DEV_POWER_USAGE', '470', ',GPU_I_ID=""3""'),
        row(0, 'DCGM_FI_DEV_POWER_USAGE', '470', ',GPU_I_ID=""5""'),
      ),
      { rule },
    );
    expect(sink.samples).toEqual([{ scope: ID, timeMs: T, values: { power_w: 470 } }]);
    expect(sink.notes).toMatchObject([{ code: 'mig-folded' }]);
  });

  test('have one power: that of another name is left out, series by series too', async () => {
    const sink = await readText(
      dcgmLongCsv,
      csv(
        row(0, 'DCGM_FI_DEV_POWER_USAGE', '1'),
        row(1, 'DCGM_FI_DEV_POWER_USAGE', '2'),
        row(0, 'DCGM_FI_DEV_POWER_USAGE_INSTANT', '3'),
        row(1, 'DCGM_FI_DEV_POWER_USAGE_INSTANT', '4'),
      ),
      { rule },
    );
    expect(sink.samples.map((s) => s.values.power_w)).toEqual([1, 2]);
    expect(sink.notes).toMatchObject([{ code: 'series-chosen' }]);
  });

  test('count changes of the last XID, not the XID (nasty 23)', async () => {
    const sink = await readText(
      dcgmLongCsv,
      csv(...[31, 31, 79].map((code, i) => row(i, 'DCGM_FI_DEV_XID_ERRORS', String(code)))),
      { rule },
    );
    expect(sink.samples.map((s) => s.values.faults_total)).toEqual([0, 0, 1]);
  });

  test('are rejected row by row where they cannot be read', async () => {
    const sink = await readText(
      dcgmLongCsv,
      csv(
        row(0, 'DCGM_FI_DEV_POWER_USAGE', '5'),
        row(1, 'DCGM_FI_DEV_POWER_USAGE', 'many'),
        row(2, 'DCGM_FI_DEV_POWER_USAGE', '631950'),
        row(3, 'DCGM_FI_DEV_POWER_USAGE', '5').replace('2025-07-18 ', ''),
        '2025-07-18 13:42:33,DCGM_FI',
      ),
      { rule },
    );
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([
      [3, 'number'],
      [4, 'range'],
      [5, 'time-stamp'],
      [6, 'cells'],
    ]);
    expect(sink.samples).toHaveLength(1);
  });
});
