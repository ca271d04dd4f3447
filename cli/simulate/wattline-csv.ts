import { SPIKE_W } from './dirty.ts';
import type { TelemetryFile } from './plan-run.ts';
import { pollsOf, type Reading } from './readings.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

const HEADER =
  'time_unix_ms,scope,power_w,energy_j,temperature_c,clock_hz,utilization_ratio,throttled_power_ratio,throttled_thermal_ratio,ecc_uncorrected_total';
/** Where a row that is cut short ends: behind its power. */
const CUT_CELLS = 3;

function cellsOf(r: Reading, powerText: string): string[] {
  return [
    r.timeMs.toFixed(0),
    r.chip.chip.id,
    powerText,
    r.energyJ.toFixed(1),
    r.temperatureC.toFixed(1),
    (r.clockMhz * 1e6).toFixed(0),
    r.utilizationRatio.toFixed(3),
    r.powerCapRatio.toFixed(3),
    r.thermalRatio.toFixed(3),
    String(r.eccUncorrected),
  ];
}

/** Telemetry of the chips of one node as Wattline's own CSV, with power and an energy counter a chip. */
export function wattlineCsv(spec: PilotSpec, run: PlannedRun, file: TelemetryFile): string {
  const lines = [HEADER];
  for (const readings of pollsOf(spec, run, file)) {
    for (const reading of readings) {
      const dirt = file.dirty.get(reading.row);
      const power = reading.powerW.toFixed(2);
      const powerText = dirt === 'spike' ? SPIKE_W : dirt === 'text' ? `${power} W?` : power;
      const cells = cellsOf(reading, powerText);
      lines.push((dirt === 'cut' ? cells.slice(0, CUT_CELLS) : cells).join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
