import { SPIKE_W } from './dirty.ts';
import type { TelemetryFile } from './plan-run.ts';
import { pollsOf, type Reading } from './readings.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

/** Bits of NVML's clocks event reasons: idle, software power cap, software thermal slowdown. */
const IDLE = 0x1;
const SW_POWER_CAP = 0x4;
const SW_THERMAL = 0x20;

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly value: (r: Reading) => string;
}

const POWER = 'DCGM_FI_DEV_POWER_USAGE';

const METRICS: readonly Metric[] = [
  {
    name: 'DCGM_FI_DEV_SM_CLOCK',
    type: 'gauge',
    help: 'SM clock frequency (in MHz).',
    value: (r) => r.clockMhz.toFixed(0),
  },
  {
    name: 'DCGM_FI_DEV_GPU_TEMP',
    type: 'gauge',
    help: 'GPU temperature (in C).',
    value: (r) => r.temperatureC.toFixed(0),
  },
  { name: POWER, type: 'gauge', help: 'Power draw (in W).', value: (r) => r.powerW.toFixed(3) },
  {
    name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    type: 'counter',
    help: 'Total energy consumption since boot (in mJ).',
    value: (r) => (r.energyJ * 1000).toFixed(0),
  },
  {
    name: 'DCGM_FI_DEV_GPU_UTIL',
    type: 'gauge',
    help: 'GPU utilization (in %).',
    value: (r) => (r.utilizationRatio * 100).toFixed(0),
  },
  {
    name: 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL',
    type: 'counter',
    help: 'Total number of double-bit volatile ECC errors.',
    value: (r) => String(r.eccUncorrected),
  },
  {
    name: 'DCGM_FI_DEV_CLOCKS_EVENT_REASONS',
    type: 'gauge',
    help: 'Current clock event reasons (bitmask of DCGM_CLOCKS_EVENT_REASON_*).',
    value: (r) =>
      String((r.isIdle ? IDLE : 0) | (r.isPowerCap ? SW_POWER_CAP : 0) | (r.isThermal ? SW_THERMAL : 0)),
  },
];

function lineOf(metric: Metric, reading: Reading, file: TelemetryFile): string {
  const { slot, uuid } = reading.chip.chip;
  const name = `${metric.name}{gpu="${slot}",UUID="${uuid}",Hostname="${file.node}"}`;
  const dirt = metric.name === POWER ? file.dirty.get(reading.row) : undefined;
  if (dirt === 'cut') return name.slice(0, -10);
  const value = metric.value(reading);
  return `${name} ${dirt === 'spike' ? SPIKE_W : dirt === 'text' ? `${value}W` : value}`;
}

/** Pages of dcgm-exporter as a loop with curl keeps them, one behind another: no time is in them. */
export function dcgmPages(spec: PilotSpec, run: PlannedRun, file: TelemetryFile): string {
  const lines: string[] = [];
  for (const readings of pollsOf(spec, run, file)) {
    for (const metric of METRICS) {
      lines.push(`# HELP ${metric.name} ${metric.help}`, `# TYPE ${metric.name} ${metric.type}`);
      for (const reading of readings) lines.push(lineOf(metric, reading, file));
    }
  }
  return `${lines.join('\n')}\n`;
}
