import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redfishMetricReport } from '../../../functions/core/telemetry/formats/redfish-metric-report.ts';
import { redfishPower } from '../../../functions/core/telemetry/formats/redfish-power.ts';
import { redfishPowerSupplyMetrics } from '../../../functions/core/telemetry/formats/redfish-power-supply-metrics.ts';
import { redfishSensor } from '../../../functions/core/telemetry/formats/redfish-sensor.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const START_MS = Date.parse(START);
const RULE = { startTime: START, periodMs: 10_000, node: 'n1' };
const codes = (sink: RecordingSink): string[] => sink.notes.map((n) => n.code);
const powers = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values.power_w]);

interface Supply {
  readonly watts: unknown;
  readonly type?: string;
  readonly state?: string;
}
const power = (consumed: readonly unknown[], supplies: readonly Supply[] = []): string =>
  JSON.stringify({
    '@odata.id': '/redfish/v1/Chassis/1U/Power',
    '@odata.type': '#Power.v1_5_0.Power',
    PowerControl: consumed.map((PowerConsumedWatts) => ({ PowerConsumedWatts })),
    PowerSupplies: supplies.map(({ watts, type = 'AC', state = 'Enabled' }) => ({
      PowerInputWatts: watts,
      PowerSupplyType: type,
      Status: { State: state },
    })),
  });

describe('Redfish Power', () => {
  test('documents of one file stand a period apart; the boundary is not said', async () => {
    const sink = await readText(redfishPower, `${power([429])}\n${power([431.5])}`, { rule: RULE });
    expect(powers(sink)).toEqual([
      ['n1', 0, 429],
      ['n1', 10, 431.5],
    ]);
    expect(sink.facts.n1).toEqual({ kind: 'node' });
  });
  test('of several controllers the first is the host, and the supplies are of the same power', async () => {
    const sink = await readText(redfishPower, power([429, 120, 30], [{ watts: 450 }]), { rule: RULE });
    expect(powers(sink)).toEqual([['n1', 0, 429]]);
    expect(codes(sink)).toEqual(['power-supplies-left-out']);
  });
  test('supplies add up where no controller is read, at the AC side where they say so', async () => {
    const supplies = [{ watts: 200 }, { watts: '210.5' }, { watts: null, state: 'Absent' }];
    const sink = await readText(redfishPower, power([null], supplies), { rule: RULE });
    expect(powers(sink)).toEqual([['n1', 0, 410.5]]);
    expect(sink.facts.n1).toEqual({ kind: 'node', boundary: 'node-ac' });
  });
  test('supplies of which one is not read are no power of the host', async () => {
    const sink = await readText(redfishPower, power([], [{ watts: 200 }, { watts: null }]), { rule: RULE });
    expect(sink.samples).toEqual([]);
  });
  test('what the first document has is read throughout: the two are not mixed', async () => {
    const text = [power([429]), power([null], [{ watts: 450 }]), power([430])].join('\n');
    expect(powers(await readText(redfishPower, text, { rule: RULE }))).toEqual([
      ['n1', 0, 429],
      ['n1', 20, 430],
    ]);
  });
  test('a power that is a text or beyond any host is rejected', async () => {
    const sink = await readText(redfishPower, `${power(['lots'])}\n${power([1e9])}\n${power([{}])}`, {
      rule: RULE,
    });
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([
      [1, 'number'],
      [2, 'range'],
      [3, 'number'],
    ]);
  });
  test('a document without a time is refused by name (nasty 41)', async () => {
    await expect(readText(redfishPower, power([1]))).rejects.toMatchObject({ code: 'start-time-missing' });
    await expect(
      readText(redfishPower, `${power([1])}${power([1])}`, { rule: { startTime: START } }),
    ).rejects.toMatchObject({ code: 'period-missing' });
  });
  test('a list of documents, and prose between them (nasty 53)', async () => {
    const text = `polling 10.0.0.7\n[${power([1])},\n${power([2])}]\ndone\n`;
    for (const chunk of [1, 65_536]) {
      const sink = await readText(redfishPower, text, { rule: RULE, chunk });
      expect(powers(sink).map((p) => p[2])).toEqual([1, 2]);
      expect(codes(sink)).toEqual(['prose', 'prose']);
    }
  });
});

describe('Redfish PowerSupplyMetrics', () => {
  const supply = (bay: string, watts: unknown): string =>
    JSON.stringify({
      '@odata.type': '#PowerSupplyMetrics.v1_2_0.PowerSupplyMetrics',
      InputPowerWatts: { Reading: watts },
      '@odata.id': `/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/${bay}/Metrics`,
    });
  test('supplies are scopes of their own; one poll reads each once', async () => {
    const text = ['Bay1', 'Bay2', 'Bay1', 'Bay2'].map((bay, i) => supply(bay, 500 + i)).join('\n');
    const sink = await readText(redfishPowerSupplyMetrics, text, { rule: RULE });
    expect(powers(sink)).toEqual([
      ['n1/Bay1', 0, 500],
      ['n1/Bay2', 0, 501],
      ['n1/Bay1', 10, 502],
      ['n1/Bay2', 10, 503],
    ]);
    expect(sink.facts['n1/Bay1']).toEqual({ kind: 'node', boundary: 'node-ac' });
  });
  test('no reading is none', async () => {
    const sink = await readText(redfishPowerSupplyMetrics, supply('Bay1', null), { rule: RULE });
    expect([sink.rows, sink.samples, sink.rejects]).toEqual([1, [], []]);
  });
});

describe('a Redfish MetricReport', () => {
  const at = (ms: number): string => new Date(START_MS + ms).toISOString().replace('Z', '+00:00');
  const metric = (name: string, value: unknown, more: object = {}) => ({
    MetricProperty: `/redfish/v1/Chassis/HGX_Chassis_0/Sensors/${name}`,
    MetricValue: value,
    Timestamp: at(0),
    ...more,
  });
  const report = (...MetricValues: object[]): string =>
    JSON.stringify({ '@odata.type': '#MetricReport.v1_4_2.MetricReport', MetricValues });
  const read = (text: string) => readText(redfishMetricReport, text, { rule: { node: 'n1' } });
  const stale = { Oem: { Nvidia: { MetricValueStale: true } } };

  test('only what is of one GPU counts: 953.769 W and not 2040.975 (nasty 13)', async () => {
    const gpus = [119.5, 118.25, 120.019, 119, 118.5, 119.75, 120, 118.75];
    const text = report(
      ...gpus.map((watts, i) => metric(`HGX_GPU_${i}_Power_0`, String(watts))),
      ...gpus.map((_, i) => metric(`HGX_GPU_${i}_DRAM_0_Power_0`, '16.679625')),
      metric('HGX_Chassis_0_TotalGPU_Power_0', '953.769'),
      metric('ProcessorModule_0_CPU_0_Power_0', '88.2'),
    );
    const sink = await read(text);
    const total = sink.samples.reduce((sum, s) => sum + (s.values.power_w ?? 0), 0);
    expect(total).toBeCloseTo(953.769, 9);
    expect(sink.samples.map((s) => s.scope)).toEqual(gpus.map((_, i) => `n1/HGX_GPU_${i}`));
    expect(new Set(codes(sink))).toEqual(
      new Set(['memory-power-left-out', 'total-power-left-out', 'component-power-left-out']),
    );
    expect(sink.facts['n1/HGX_GPU_0']).toEqual({ kind: 'chip', boundary: 'chip' });
  });
  test('stale values and "nan" are no readings (nasty 9)', async () => {
    const sink = await read(
      report(
        metric('HGX_GPU_0_Power_0', '500', stale),
        metric('HGX_GPU_1_Power_0', 'nan', stale),
        metric('HGX_GPU_2_Power_0', 'nan'),
        metric('HGX_GPU_3_Power_0', '501', { Oem: { Nvidia: { MetricValueStale: false } } }),
      ),
    );
    expect(powers(sink)).toEqual([['n1/HGX_GPU_3', 0, 501]]);
    expect(codes(sink)).toEqual(['stale-value', 'stale-value']);
    expect([sink.rows, sink.rejects]).toEqual([4, []]);
  });
  test('each metric has the time of its own sensor; energy is in joules, temperature its first', async () => {
    const sink = await read(
      report(
        metric('HGX_GPU_SXM_1_Power_0', '700', { Timestamp: at(12) }),
        metric('HGX_GPU_SXM_1_Energy_0', '123456.5', { Timestamp: at(90) }),
        metric('HGX_GPU_SXM_1_TEMP_0', '61'),
        metric('HGX_GPU_SXM_1_TEMP_1', '26'),
      ),
    );
    expect(sink.samples.map((s) => [s.scope, s.timeMs - START_MS, s.values])).toEqual([
      ['n1/HGX_GPU_SXM_1', 12, { power_w: 700 }],
      ['n1/HGX_GPU_SXM_1', 90, { energy_j: 123456.5 }],
      ['n1/HGX_GPU_SXM_1', 0, { temperature_c: 61 }],
    ]);
  });
  test('a sensor that two paths lead to is read by the first', async () => {
    const again = { MetricProperty: '/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Power_0' };
    const text = report(metric('HGX_GPU_0_Power_0', '1'), metric('HGX_GPU_0_Power_0', '1', again));
    const sink = await read(text);
    expect(powers(sink)).toEqual([['n1/HGX_GPU_0', 0, 1]]);
    expect(codes(sink)).toEqual(['duplicate-series']);
  });
  test('a clock that was never set is no time; a time without a zone is refused', async () => {
    const sink = await read(report(metric('HGX_GPU_0_Power_0', '1', { Timestamp: '1970-01-01T00:10:00Z' })));
    expect(sink.rejects.map((r) => r.reason)).toEqual(['time-stamp']);
    const local = report(metric('HGX_GPU_0_Power_0', '1', { Timestamp: '2026-01-31T12:00:00' }));
    await expect(read(local)).rejects.toMatchObject({ code: 'time-zone-missing' });
  });
  test('any chunk boundary gives the same', async () => {
    const text = `${report(metric('HGX_GPU_0_Power_0', '1'))}\n${report(metric('HGX_GPU_0_Power_0', 'x'))}`;
    const plain = await read(text);
    expect(plain.calls).toHaveLength(3);
    const cut = await readText(redfishMetricReport, text, { rule: { node: 'n1' }, chunk: 1 });
    expect(cut.calls).toEqual(plain.calls);
  });
});

describe('a Redfish Sensor', () => {
  const sensor = (id: string, more: object): string =>
    JSON.stringify({
      '@odata.type': '#Sensor.v1_7_0.Sensor',
      '@odata.id': `/redfish/v1/Chassis/C/Sensors/${id}`,
      ...more,
    });
  test.each([
    ['HGX_GPU_0_Power_0', { Reading: 500 }, [['n1/HGX_GPU_0', 0, 500]]],
    [
      'HGX_Chassis_0_TotalGPU_Power_0',
      { Reading: 9000, ReadingType: 'Power', ReadingUnits: 'W', PhysicalContext: 'Chassis' },
      [],
    ],
    [
      'Sys',
      { Reading: 9000, ReadingType: 'Power', ReadingUnits: 'W', PhysicalContext: 'Chassis' },
      [['n1/Sys', 0, 9000]],
    ],
    ['PS1', { Reading: 900, ReadingType: 'Power', ReadingUnits: 'W', PhysicalContext: 'PowerSupply' }, []],
    ['Fan1', { Reading: 50, ReadingType: 'Percent', ReadingUnits: '%', PhysicalContext: 'Chassis' }, []],
  ])('%s', async (id, more, expected) => {
    const sink = await readText(redfishSensor, sensor(id, more), { rule: RULE });
    expect(powers(sink)).toEqual(expected);
    expect(sink.notes).toHaveLength(expected.length === 0 ? 1 : 0);
  });
  test('has a time of its own where it gives one', async () => {
    const text = sensor('HGX_GPU_0_Power_0', { Reading: 500, ReadingTime: '2026-01-31T12:00:05Z' });
    expect(powers(await readText(redfishSensor, text, { rule: { node: 'n1' } }))).toEqual([
      ['n1/HGX_GPU_0', 5, 500],
    ]);
  });
});

describe.runIf(hasSamples)('real documents', () => {
  const text = (name: string): string =>
    hasSamples ? readFileSync(join(SAMPLES, 'redfish', name), 'utf8') : '';
  test.each([
    ['dell_power.json', ['redfish-power']],
    ['hp_power_subsys_metrics.json', ['redfish-power-supply-metrics']],
    ['hp_power_subsys.json', []],
  ])('%s is recognised as %s', (name, ids) => {
    expect(FORMATS.filter((f) => f.sniff(text(name), name)).map((f) => f.id)).toEqual(ids);
  });
  test('a Dell host draws 429 W, whatever its supply says of itself', async () => {
    expect(powers(await readText(redfishPower, text('dell_power.json'), { rule: RULE }))).toEqual([
      ['n1', 0, 429],
    ]);
  });
  test('a supply of an HPE host takes 937.4 W', async () => {
    const sink = await readText(redfishPowerSupplyMetrics, text('hp_power_subsys_metrics.json'), {
      rule: RULE,
    });
    expect(powers(sink)).toEqual([['n1/Bay1', 0, 937.4]]);
  });
});
