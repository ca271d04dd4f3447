import { SPIKE_W } from './dirty.ts';
import { nvidiaTime } from './local-time.ts';
import type { TelemetryFile } from './plan-run.ts';
import { pollsOf, type Reading } from './readings.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

const HEADER = [
  'timestamp',
  'index',
  'uuid',
  'power.draw.instant [W]',
  'temperature.gpu',
  'clocks.current.sm [MHz]',
  'utilization.gpu [%]',
  'clocks_event_reasons.sw_power_cap',
  'clocks_event_reasons.sw_thermal_slowdown',
  'ecc.errors.uncorrected.volatile.total',
].join(', ');
const CUT_CELLS = 3;
/** `nvidia-smi --loop-ms` comes late by some milliseconds, each time anew. */
const LATE_MS = 12;

const state = (isActive: boolean): string => (isActive ? 'Active' : 'Not Active');

const cellsOf = (r: Reading, offsetMs: number, powerText: string): string[] => [
  nvidiaTime(r.timeMs, offsetMs),
  String(r.chip.chip.slot),
  r.chip.chip.uuid,
  powerText,
  r.temperatureC.toFixed(0),
  `${r.clockMhz.toFixed(0)} MHz`,
  `${(r.utilizationRatio * 100).toFixed(0)} %`,
  state(r.isPowerCap),
  state(r.isThermal),
  String(r.eccUncorrected),
];

/** `nvidia-smi --query-gpu=... --format=csv --loop-ms=...` on one node: units in the cells, local time without a zone. */
export function nvidiaSmiCsv(spec: PilotSpec, run: PlannedRun, file: TelemetryFile): string {
  const lines = [HEADER];
  const lateMs = Math.min(LATE_MS, Math.floor(spec.telemetry.periodMs / 10));
  for (const readings of pollsOf(spec, run, file, lateMs)) {
    for (const reading of readings) {
      const dirt = file.dirty.get(reading.row);
      const power = `${reading.powerW.toFixed(2)} W`;
      const powerText = dirt === 'spike' ? `${SPIKE_W} W` : dirt === 'text' ? `${power}?` : power;
      const cells = cellsOf(reading, run.offsetMs, powerText);
      lines.push((dirt === 'cut' ? cells.slice(0, CUT_CELLS) : cells).join(', '));
    }
  }
  return `${lines.join('\n')}\n`;
}
