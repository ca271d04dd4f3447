import { random } from './generate.ts';

/** One host of eight accelerators, as its collectors write it. */
const GPUS = Array.from({ length: 8 }, (_, i) => `GPU-1f027ee8-0000-4000-8000-00000000000${i}`);
export const START = '2026-01-31T12:00:00.000Z';
const START_MS = Date.parse(START);
export const PERIOD_MS = 1000;

const watts = (next: () => number): string => (350 + 250 * next()).toFixed(2);
const degrees = (next: () => number): string => (45 + 25 * next()).toFixed(0);

/** The collector line that the format's reference asks for, with units in the cells. */
export function* nvidiaSmi(): Generator<string> {
  const next = random(2);
  yield 'timestamp, index, uuid, name, driver_version, power.draw.average [W], power.draw.instant [W], ' +
    'utilization.gpu [%], clocks.current.sm [MHz], temperature.gpu, temperature.memory, memory.used [MiB], ' +
    'enforced.power.limit [W], clocks_event_reasons.active\n';
  for (let poll = 0; ; poll += 1)
    for (const [index, uuid] of GPUS.entries()) {
      const iso = new Date(START_MS + poll * 100 + index).toISOString();
      const time = `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 23)}`;
      yield `${time}, ${index}, ${uuid}, NVIDIA H100 80GB HBM3, 590.48.01, ${watts(next)} W, ${watts(next)} W, ` +
        `${Math.floor(90 + 10 * next())} %, ${Math.floor(1500 + 480 * next())} MHz, ${degrees(next)}, ${degrees(next)}, ` +
        `70213 MiB, 700.00 W, 0x000000000000000${next() < 0.1 ? 4 : 0}\n`;
    }
}

type Family = readonly [
  name: string,
  help: string,
  type: string,
  value: (next: () => number, poll: number) => string,
];

/** Most of dcgm-exporter's default counters. */
const FAMILIES: readonly Family[] = [
  [
    'DCGM_FI_DEV_SM_CLOCK',
    'SM clock frequency (in MHz).',
    'gauge',
    (next) => (1500 + 480 * next()).toFixed(0),
  ],
  ['DCGM_FI_DEV_MEM_CLOCK', 'Memory clock frequency (in MHz).', 'gauge', () => '2619'],
  ['DCGM_FI_DEV_MEMORY_TEMP', 'Memory temperature (in C).', 'gauge', degrees],
  ['DCGM_FI_DEV_GPU_TEMP', 'GPU temperature (in C).', 'gauge', degrees],
  ['DCGM_FI_DEV_POWER_USAGE', 'Power draw (in W).', 'gauge', watts],
  [
    'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    'Total energy consumption since boot (in mJ).',
    'counter',
    (_, poll) => String(257_858_316 + poll * 500_000),
  ],
  ['DCGM_FI_DEV_GPU_UTIL', 'GPU utilization (in %).', 'gauge', (next) => (90 + 10 * next()).toFixed(0)],
  ['DCGM_FI_DEV_XID_ERRORS', 'Value of the last XID error encountered.', 'gauge', () => '0'],
  ['DCGM_FI_DEV_FB_USED', 'Framebuffer memory used (in MiB).', 'gauge', () => '70213'],
  [
    'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
    'Ratio of cycles the tensor (HMMA) pipe is active.',
    'gauge',
    (next) => (0.3 + 0.4 * next()).toFixed(6),
  ],
];

const GPU_LABELS = GPUS.map(
  (uuid, i) =>
    `{gpu="${i}",UUID="${uuid}",pci_bus_id="00000000:${i + 1}B:00.0",device="nvidia${i}",` +
    'modelName="NVIDIA H100 80GB HBM3",Hostname="node-17",DCGM_FI_DRIVER_VERSION="590.48.01"}',
);

/** Pages of dcgm-exporter, one behind the other, as a loop of curl leaves them. */
export function* dcgmPages(): Generator<string> {
  const next = random(3);
  for (let poll = 0; ; poll += 1)
    for (const [name, help, type, value] of FAMILIES) {
      yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
      for (const labels of GPU_LABELS) yield `${name}${labels} ${value(next, poll)}\n`;
    }
}

const mllog = (type: string, key: string, timeMs: number, value: string, extra = ''): string =>
  `:::MLLOG {"namespace": "", "time_ms": ${timeMs}, "event_type": "${type}", "key": "${key}", "value": ${value}, ` +
  `"metadata": {"file": "mllog/examples/power/power_measurement.py", "lineno": 174${extra}}}\n`;

/** The power log of a node, as MLPerf Training asks for it. */
export function* mlperfPower(): Generator<string> {
  const next = random(4);
  yield mllog('INTERVAL_START', 'power_measurement_start', START_MS, 'null');
  yield mllog('POINT_IN_TIME', 'conversion_eff', START_MS, '0.94', ', "measurement_type": "AC"');
  for (let poll = 1; ; poll += 1)
    yield mllog(
      'POINT_IN_TIME',
      'power_reading',
      START_MS + poll * PERIOD_MS,
      (5000 + 3000 * next()).toFixed(1),
    );
}

type Otlp = readonly [
  name: string,
  unit: string,
  isSum: boolean,
  value: (next: () => number, poll: number) => number,
];

const METRICS: readonly Otlp[] = [
  ['hw.power', 'W', false, (next) => Number(watts(next))],
  ['hw.energy', 'J', true, (_, poll) => 257_858 + poll * 500],
  ['hw.temperature', 'Cel', false, (next) => Number(degrees(next))],
  ['hw.gpu.utilization', '1', false, (next) => Number((0.9 + 0.1 * next()).toFixed(3))],
];

const attribute = (key: string, text: string): object => ({ key, value: { stringValue: text } });

/** Requests of the OpenTelemetry collector's file exporter, one a line. */
export function* otlpLines(): Generator<string> {
  const next = random(5);
  const attributes = GPUS.map((uuid) => [attribute('hw.id', uuid), attribute('hw.type', 'gpu')]);
  const resource = { attributes: [attribute('host.name', 'node-17')] };
  for (let poll = 0; ; poll += 1) {
    const timeUnixNano = `${START_MS + poll * PERIOD_MS}000000`;
    const metrics = METRICS.map(([name, unit, isSum, value]) => {
      const dataPoints = attributes.map((own) => ({
        attributes: own,
        timeUnixNano,
        asDouble: value(next, poll),
      }));
      return isSum
        ? { name, unit, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }
        : { name, unit, gauge: { dataPoints } };
    });
    yield `${JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })}\n`;
  }
}

/** The first lines that make up so many bytes; what stands together (a page of the exporter) may be cut. */
export function* firstBytes(lines: Iterable<string>, bytes: number): Generator<string> {
  let written = 0;
  for (const line of lines) {
    yield line;
    written += line.length;
    if (written >= bytes) return;
  }
}
