import { describe, expect, test } from 'vitest';
import { grafanaCsv } from '../../../functions/core/telemetry/formats/grafana-csv.ts';
import { mappedCsv } from '../../../functions/core/telemetry/formats/mapped-csv.ts';
import { sniffFormat } from '../../../functions/core/telemetry/formats/registry.ts';
import { MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { readText } from './recording-sink.ts';

const ID = 'GPU-1f027ee8-0000-4000-8000-00000000000a';
const T = Date.UTC(2026, 0, 31, 12);
const series = (name: string): string => `"${name}{gpu=""0"", UUID=""${ID}""}"`;
const rule = { timeZone: '+01:00' };

describe("a Grafana panel's CSV", () => {
  test.each([
    ['commas', ','],
    ['semicolons', ';'],
  ])(
    'with %s, sep=, a mark and units in its cells is read by the names of its series (nasty 56)',
    async (_n, d) => {
      const text = [
        `\ufeffsep=${d}`,
        ['"Time"', series('DCGM_FI_DEV_POWER_USAGE'), series('DCGM_FI_DEV_GPU_UTIL'), '"Total"'].join(d),
        ['2026-01-31 13:00:00', '632 W', '97%', '5 kW'].join(d),
        ['2026-01-31 13:00:15', '1.2 kW', '', '5 kW'].join(d),
        ['2026-01-31 13:00:30', '631.95', '45.5 %', 'x'].join(d),
      ].join('\r\n');
      expect(sniffFormat(text, 'panel.csv')?.id).toBe('grafana-csv');
      for (const chunk of [1, 65_536]) {
        const sink = await readText(grafanaCsv, text, { rule, chunk });
        expect(sink.samples).toEqual([
          { scope: ID, timeMs: T, values: { power_w: 632, utilization_ratio: 0.97 } },
          { scope: ID, timeMs: T + 15_000, values: { power_w: 1200 } },
          { scope: ID, timeMs: T + 30_000, values: { power_w: 631.95, utilization_ratio: 0.455 } },
        ]);
        expect(sink.facts[ID]).toEqual({ kind: 'chip', boundary: 'chip' });
        expect(sink.notes).toMatchObject([
          { code: 'column-unread', message: expect.stringContaining('"Total"') },
        ]);
      }
    },
  );

  test('has local times, which need a zone', async () => {
    const text = `Time,${series('DCGM_FI_DEV_POWER_USAGE')}\n2026-01-31 13:00:00,5\n`;
    await expect(readText(grafanaCsv, text)).rejects.toMatchObject({ code: 'time-zone-missing' });
    const unix = text.replace('2026-01-31 13:00:00', String(T));
    expect((await readText(grafanaCsv, unix)).samples).toMatchObject([{ timeMs: T }]);
  });

  test('whose legend names its series is refused, and read by a mapping', async () => {
    const text = 'sep=;\n"Time";"chip 3"\n2026-01-31 13:00:00;1.2 kW\n';
    await expect(readText(grafanaCsv, text, { rule })).rejects.toMatchObject({
      code: 'mapping-missing',
      message: expect.stringContaining('"chip 3"'),
    });
    const mapping = MappingSchema.parse({
      form: 'csv',
      delimiter: ';',
      time: { column: 'Time', form: 'iso' },
      readings: [{ column: 'chip 3', field: 'power_w', unit: 'W', scope: 'c3' }],
    });
    const sink = await readText(mappedCsv, text, { rule: { ...rule, mapping } });
    expect(sink.samples).toEqual([{ scope: 'c3', timeMs: T, values: { power_w: 1200 } }]);
  });

  test.each([
    [
      'a meter',
      'Time,07-13-2024 17:49:20.063,Watts,2368.200000\nTime,07-13-2024 17:49:21.063,Watts,2368.2\n',
    ],
    ['our own', 'time,scope,power_w\n2026-01-31T13:00:00Z,a,5\n'],
    ['text', 'Time,is,money\nand,no,time\n'],
  ])('is not told from %s', (_name, text) => {
    expect(grafanaCsv.sniff(text, 'a.csv')).toBe(false);
  });
});
