import { describe, expect, test } from 'vitest';
import { redfishMetricReport } from '../../../functions/core/telemetry/formats/redfish-metric-report.ts';
import { redfishPower } from '../../../functions/core/telemetry/formats/redfish-power.ts';
import { redfishPowerSupplyMetrics } from '../../../functions/core/telemetry/formats/redfish-power-supply-metrics.ts';
import { redfishSensor } from '../../../functions/core/telemetry/formats/redfish-sensor.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { type RecordingSink, readText } from './recording-sink.ts';

const START = '2026-01-31T12:00:00Z';
const START_MS = Date.parse(START);
const RULE = { startTime: START, periodMs: 10_000, node: 'n1' };
const codes = (sink: RecordingSink): string[] => sink.notes.map((n) => n.code);
const read = (sink: RecordingSink) =>
  sink.samples.map((s) => [s.scope, (s.timeMs - START_MS) / 1000, s.values]);
const formats = (text: string): string[] => FORMATS.filter((f) => f.sniff(text, 'a.json')).map((f) => f.id);

const power = (watts: unknown, chassis = '1', more: object = {}): object => ({
  '@odata.type': '#Power.v1_5_0.Power',
  '@odata.id': `/redfish/v1/Chassis/${chassis}/Power`,
  PowerControl: [{ PowerConsumedWatts: watts }],
  ...more,
});
const lines = (...documents: object[]): string => documents.map((d) => JSON.stringify(d)).join('\n');

describe('what a poller wrote', () => {
  test.each([
    ['a text', [{ timestamp: '2026-01-31T12:00:03.5+00:00', power: power(400) }], 3.5],
    ['seconds', [{ ts: START_MS / 1000 + 3.5, data: { Power: power(400) } }], 3.5],
    ['milliseconds', [{ time: START_MS + 3500, data: power(400) }], 3.5],
    ['a text in the resource', [power(400, '1', { Timestamp: '2026-01-31T12:00:07Z' })], 7],
    ['what date prints', [{ time: 'Sat Jan 31 12:00:09 UTC 2026', power: power(400) }], 9],
  ])('has the time of its wrapper: %s', async (_name, documents, seconds) => {
    const text = lines(...documents);
    expect(formats(text)[0]).toBe('redfish-power');
    const sink = await readText(redfishPower, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([['n1', seconds, { power_w: 400 }]]);
  });
  test('a wrapper without a zone is refused, one without a time that can be read rejected', async () => {
    const local = lines({ time: '2026-01-31T12:00:00', power: power(400) });
    await expect(readText(redfishPower, local)).rejects.toMatchObject({ code: 'time-zone-missing' });
    const odd = lines({ time: 'noon', power: power(400) });
    expect((await readText(redfishPower, odd)).rejects.map((r) => r.reason)).toEqual(['time-stamp']);
  });
  test('hosts that the wrapper tells apart are two', async () => {
    const text = lines(
      { ts: START_MS, host: 'bmc1', power: power(400) },
      { ts: START_MS, host: 'bmc2', power: power(500) },
    );
    expect(read(await readText(redfishPower, text, { rule: RULE }))).toEqual([
      ['bmc1', 0, { power_w: 400 }],
      ['bmc2', 0, { power_w: 500 }],
    ]);
  });
  test('of answers by their path the wanted is read; others are a note, an error is rejected', async () => {
    const thermal = { '@odata.type': '#Thermal.v1_5_0.Thermal' };
    const text = lines(
      { '/redfish/v1/Chassis/1/Thermal': thermal, '/redfish/v1/Chassis/1/Power': power(400) },
      thermal,
      { error: { code: 'Base.1.8.GeneralError' } },
      power(401),
    );
    const sink = await readText(redfishPower, text, { rule: RULE });
    expect(read(sink).map((r) => r[1])).toEqual([0, 10]);
    expect(codes(sink)).toEqual(['resource-left-out']);
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([[3, 'resource']]);
  });
  test('a controller of the chassis stands before those of its parts, and a part alone is no host', async () => {
    const cpu = { PhysicalContext: 'CPU', PowerConsumedWatts: 120 };
    const chassis = { PhysicalContext: 'Chassis', PowerConsumedWatts: 287.5 };
    const text = lines({ PowerControl: [cpu, chassis] }, { PowerControl: [cpu] });
    expect(formats(text)).toEqual(['redfish-power']);
    expect(read(await readText(redfishPower, text, { rule: RULE }))).toEqual([['n1', 0, { power_w: 287.5 }]]);
  });
  test('a second chassis of one host is not read as its next poll', async () => {
    const text = lines(power(400), power(90, 'GPU_Tray'), power(401));
    const sink = await readText(redfishPower, text, { rule: RULE });
    expect(read(sink).map((r) => [r[1], r[2]])).toEqual([
      [0, { power_w: 400 }],
      [10, { power_w: 401 }],
    ]);
    expect(codes(sink)).toEqual(['chassis-left-out']);
  });
  test('members of a collection are read one by one, at one time', async () => {
    const member = (id: number): object => ({
      '@odata.type': '#PowerSupplyMetrics.v1_1_0.PowerSupplyMetrics',
      '@odata.id': `/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/${id}/Metrics`,
      InputPowerWatts: { Reading: 500 + id },
    });
    const text = lines({ collected_at: START, Members: [member(0), member(1)] });
    const sink = await readText(redfishPowerSupplyMetrics, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([
      ['n1/0', 0, { power_w: 500 }],
      ['n1/1', 0, { power_w: 501 }],
    ]);
  });
});

describe('reports of other makers', () => {
  const report = (...MetricValues: object[]): object => ({
    '@odata.type': '#MetricReport.v1_4_1.MetricReport',
    MetricValues: MetricValues.map((value) => ({ Timestamp: '2026-01-31T13:00:00+01:00', ...value })),
  });
  const property = (MetricProperty: string, MetricValue: string): object => ({ MetricProperty, MetricValue });
  test.each([
    ['Lenovo', '/redfish/v1/Chassis/1/Power#/PowerControl/0/PowerConsumedWatts'],
    ['OpenBMC', '/redfish/v1/Chassis/chassis/Sensors/power_total_power'],
    ['a chassis', '/redfish/v1/Chassis/1U/EnvironmentMetrics#/PowerWatts/Reading'],
  ])("%s: the host's power is read, and not its extremes", async (_name, path) => {
    const extreme = '/redfish/v1/Chassis/1/Power#/PowerControl/0/PowerMetrics/MaxConsumedWatts';
    const text = lines(report(property(extreme, '900'), property(path, '230')));
    const sink = await readText(redfishMetricReport, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([['n1', 0, { power_w: 230 }]]);
    expect(sink.facts.n1).toEqual({ kind: 'node' });
    expect(codes(sink)).toEqual(['power-left-out']);
  });
  test('parts of a host are no host', async () => {
    const text = lines(
      report(
        property('/redfish/v1/Chassis/HGX_Chassis_0/EnvironmentMetrics#/PowerWatts/Reading', '5000'),
        property('/redfish/v1/Systems/1/Processors/CPU_0/EnvironmentMetrics#/PowerWatts/Reading', '90'),
      ),
    );
    expect((await readText(redfishMetricReport, text, { rule: { node: 'n1' } })).samples).toEqual([]);
  });
  test('Dell: the input of the host stands before its consumption', async () => {
    const value = (MetricId: string, MetricValue: string): object => ({ MetricId, MetricValue });
    const both = report(value('SystemPowerConsumption', '144'), value('SystemInputPower', '170'));
    const event = `event: report\ndata: ${JSON.stringify(both)}\n`;
    const sink = await readText(redfishMetricReport, event, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([['n1', 0, { power_w: 170 }]]);
    expect(sink.facts.n1).toEqual({ kind: 'node', boundary: 'node-ac' });
    const alone = await readText(redfishMetricReport, lines(report(value('SystemPowerConsumption', '144'))));
    expect(read(alone)).toEqual([['host', 0, { power_w: 144 }]]);
    expect(alone.facts.host).toEqual({ kind: 'node' });
  });
  test('Dell: of a metric under one id the reading or the mean is read, and no extreme; GPUs are in mW', async () => {
    const value = (
      MetricId: string,
      MetricValue: string,
      statistic: string,
      FQDD = 'PowerMetrics',
    ): object => ({
      MetricId,
      MetricValue,
      Oem: { Dell: { FQDD, Label: `PowerMetrics ${MetricId}- ${statistic} (5m0s)` } },
    });
    const text = lines(
      report(
        value('SystemInputPower', '100', 'Minimum'),
        value('SystemInputPower', '140', 'Maximum'),
        value('SystemInputPower', '106.6', 'Average'),
        value('PowerConsumption', '39000', 'Minimum', 'Video.Slot.10-1'),
        value('PowerConsumption', '39100.5', 'Average', 'Video.Slot.10-1'),
        value('PrimaryTemperature', '40', 'Average', 'Video.Slot.10-1'),
        value('PowerConsumption', '0', 'Average', 'PSU.Slot.1'),
      ),
    );
    const sink = await readText(redfishMetricReport, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([
      ['n1', 0, { power_w: 106.6 }],
      ['n1/Video.Slot.10-1', 0, { power_w: 39.1005 }],
      ['n1/Video.Slot.10-1', 0, { temperature_c: 40 }],
    ]);
    expect(sink.facts.n1).toEqual({ kind: 'node', boundary: 'node-ac' });
  });
  test('a part of a resource is no resource', async () => {
    const control = { '@odata.type': '#Power.v1_0_0.PowerControl', PowerConsumedWatts: 145 };
    const sink = await readText(redfishPower, lines(control), { rule: RULE });
    expect([sink.samples, codes(sink)]).toEqual([[], ['resource-left-out']]);
  });
  test("NVIDIA: a processor's clock, tensor activity and throttling are of the GPU that its sensors are of", async () => {
    const of = '/redfish/v1/Systems/HGX_Baseboard_0/Processors/GPU_0/ProcessorMetrics#/';
    const text = lines(
      report(
        property(`${of}OperatingSpeedMHz`, '2070'),
        property(`${of}Oem/Nvidia/TensorCoreActivityPercent`, '45.5'),
        property(`${of}PowerLimitThrottleDuration`, 'P1DT1H2M3.5S'),
        property(`${of}Oem/Nvidia/ThrottleReasons`, 'None'),
        property('/redfish/v1/Chassis/HGX_GPU_0/Sensors/HGX_GPU_0_Power_0', '900'),
      ),
    );
    const sink = await readText(redfishMetricReport, text, { rule: { node: 'n1' } });
    expect(read(sink)).toEqual([
      ['n1/HGX_GPU_0', 0, { clock_hz: 2.07e9 }],
      ['n1/HGX_GPU_0', 0, { tensor_active_ratio: 0.455 }],
      ['n1/HGX_GPU_0', 0, { throttled_power_s: 90_123.5 }],
      ['n1/HGX_GPU_0', 0, { power_w: 900 }],
    ]);
  });
});

describe('EnvironmentMetrics and collections of sensors', () => {
  const metrics = (path: string, watts: unknown): object => ({
    '@odata.type': '#EnvironmentMetrics.v1_3_0.EnvironmentMetrics',
    '@odata.id': `/redfish/v1/${path}/EnvironmentMetrics`,
    PowerWatts: { Reading: watts, DataSourceUri: 'x' },
    EnergyJoules: { Reading: 1000 },
    TemperatureCelsius: { Reading: 50 },
  });
  test('of a GPU power, energy and temperature, of a chassis its power', async () => {
    const gpu = lines(
      ...[700, 701].map((watts) => metrics('Systems/HGX_Baseboard_0/Processors/GPU_SXM_1', watts)),
    );
    expect(formats(gpu)).toEqual(['redfish-sensor']);
    const sink = await readText(redfishSensor, gpu, { rule: RULE });
    expect(read(sink)).toEqual([
      ['n1/HGX_GPU_SXM_1', 0, { power_w: 700, energy_j: 1000, temperature_c: 50 }],
      ['n1/HGX_GPU_SXM_1', 10, { power_w: 701, energy_j: 1000, temperature_c: 50 }],
    ]);
    expect(sink.facts['n1/HGX_GPU_SXM_1']).toEqual({ kind: 'chip', boundary: 'chip' });
    const host = await readText(redfishSensor, lines(metrics('Chassis/1U', 374)), { rule: RULE });
    expect(read(host)).toEqual([['n1', 0, { power_w: 374 }]]);
  });
  test('of parts nothing, and of a GPU that two paths lead to the first', async () => {
    const text = lines(
      metrics('Systems/1/Memory/DIMM1', 5),
      metrics('Chassis/HGX_Chassis_0', 5000),
      metrics('Chassis/HGX_GPU_0', 700),
      metrics('Systems/HGX_Baseboard_0/Processors/GPU_0', 700),
    );
    const sink = await readText(redfishSensor, text, { rule: RULE });
    expect(read(sink).map((r) => r[0])).toEqual(['n1/HGX_GPU_0']);
    expect(new Set(codes(sink))).toEqual(new Set(['resource-left-out', 'duplicate-series']));
  });
  test('the members of a collection, of which the total power is the host', async () => {
    const sensor = (id: string, ReadingUnits: string, ReadingType: string): object => ({
      '@odata.type': '#Sensor.v1_7_0.Sensor',
      '@odata.id': `/redfish/v1/Chassis/chassis/Sensors/${id}`,
      Id: id,
      Reading: 512.5,
      ReadingType,
      ReadingUnits,
    });
    const text = lines({
      '@odata.type': '#SensorCollection.SensorCollection',
      Members: [sensor('fan', 'RPM', 'Rotational'), sensor('power_total_power', 'W', 'Power')],
    });
    const sink = await readText(redfishSensor, text, { rule: RULE });
    expect(read(sink)).toEqual([['n1/power_total_power', 0, { power_w: 512.5 }]]);
    expect(codes(sink)).toEqual(['sensor-left-out']);
  });
});
