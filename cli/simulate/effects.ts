import type { PilotChip } from './chips.ts';
import { Random } from './random.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

/** Effect of a night on both sides: its weather. */
export const commonNightLog = ({ seed, commonNightSd }: PilotSpec, night: number): number =>
  commonNightSd * new Random(seed, 'night', night).normal();

/**
 * Log of the energy per token of one chip in one run, in J at the chip:
 *
 *   log level + [candidate: log ratio] + lot + chip + night + chip and night + [baseline: drift * night]
 */
export function energyLog(spec: PilotSpec, run: PlannedRun, chip: PilotChip): number {
  const { role, workload, night } = run;
  const ofNight = spec[role].spread.nightSd * new Random(spec.seed, 'chip-night', chip.id, night).normal();
  return (
    Math.log(workload.energyPerTokenJ) +
    (role === 'candidate' ? Math.log(workload.energyRatio) : 0) +
    chip.lotLog +
    chip.chipLog +
    commonNightLog(spec, night) +
    ofNight +
    (role === 'baseline' ? spec.baselineDriftPerDay * night : 0)
  );
}
