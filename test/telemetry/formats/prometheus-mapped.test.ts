import { describe, expect, test } from 'vitest';
import { prometheusRange } from '../../../functions/core/telemetry/formats/prometheus-range.ts';
import { prometheusText } from '../../../functions/core/telemetry/formats/prometheus-text.ts';
import { MappingSchema } from '../../../functions/core/telemetry/mapping.ts';
import { readText } from './recording-sink.ts';

const T = 1_769_860_800_000;
const mapping = MappingSchema.parse({
  form: 'csv',
  scope: ['host', 'asic'],
  long: {
    metric: '__name__',
    value: 'value',
    readings: {
      asic_power_milliwatts: { field: 'power_w', unit: 'mW', sentinels: [0] },
      'asic_energy_total{rail="board"}': { field: 'energy_j', unit: 'uJ' },
    },
  },
});
const node = MappingSchema.parse({
  form: 'csv',
  kind: 'node',
  scopeId: '{node}',
  long: {
    metric: '__name__',
    value: 'value',
    readings: { ipmi_dcmi_power_consumption_watts: { field: 'power_w', unit: 'W' } },
  },
});
const PAGE = `# TYPE asic_power_milliwatts gauge
asic_power_milliwatts{host="n1",asic="S7"} 250500 ${T}
asic_power_milliwatts{host="n1",asic="S8"} 0 ${T}
asic_energy_total{host="n1",asic="S7",rail="board"} 5e6 ${T}
asic_energy_total{host="n1",asic="S7",rail="core"} 4e6 ${T}
asic_fan{host="n1",asic="S7"} 1 ${T}
`;

describe('metrics of an exporter of your own', () => {
  test('are what the mapping of the rule says, labels and sentinels too', async () => {
    const sink = await readText(prometheusText, PAGE, { rule: { mapping } });
    expect(sink.samples).toEqual([{ scope: 'n1/S7', timeMs: T, values: { power_w: 250.5, energy_j: 5 } }]);
    expect(sink.facts).toEqual({ 'n1/S7': { kind: 'chip' } });
    expect(sink.rejects).toEqual([]);
  });

  test('stand beside those that are known', async () => {
    const text = `${PAGE}DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a"} 300 ${T}\n`;
    const sink = await readText(prometheusText, text, { rule: { mapping } });
    expect(sink.samples.map((s) => s.scope).sort()).toEqual(['GPU-a', 'n1/S7']);
  });

  test('are read from answers of query_range', async () => {
    const text = JSON.stringify({
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'asic_power_milliwatts', host: 'n1', asic: 'S7' },
            values: [[T / 1000, '250500']],
          },
        ],
      },
    });
    const sink = await readText(prometheusRange, text, { rule: { mapping } });
    expect(sink.samples).toEqual([{ scope: 'n1/S7', timeMs: T, values: { power_w: 250.5 } }]);
  });

  test('may be of a host, up to what a host can draw', async () => {
    const text = `# TYPE ipmi_dcmi_power_consumption_watts gauge\nipmi_dcmi_power_consumption_watts 25000 ${T}\n`;
    const sink = await readText(prometheusText, text, { rule: { mapping: node, node: 'n1' } });
    expect(sink.samples).toEqual([{ scope: 'n1', timeMs: T, values: { power_w: 25_000 } }]);
    expect(sink.facts).toEqual({ n1: { kind: 'node' } });
    await expect(readText(prometheusText, text, { rule: { mapping: node } })).rejects.toMatchObject({
      code: 'node-missing',
    });
  });

  test('without a label that the mapping names are not read, and told', async () => {
    const text = `asic_power_milliwatts{host="n1"} 250500 ${T}\n`;
    const sink = await readText(prometheusText, text, { rule: { mapping } });
    expect(sink.samples).toEqual([]);
    expect(sink.notes).toMatchObject([{ code: 'chip-unnamed' }]);
  });

  test('without a mapping are refused, and the mapping named', async () => {
    await expect(readText(prometheusText, PAGE)).rejects.toThrow(/asic_power_milliwatts.*mapping/);
  });
});
