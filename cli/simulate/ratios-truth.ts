import type { PilotSpec, Role, WorkloadSpec } from './spec.ts';
import type { RunTruth, TrueRatios } from './truth-schema.ts';

const MS_PER_HOUR = 3_600_000;

const meanLog = (values: readonly number[]): number =>
  values.reduce((total, v) => total + Math.log(v), 0) / values.length;

type Pick = (run: RunTruth) => number;

/** Time of training, without what lies between its stretches, s. */
const trainedS: Pick = (r) => (r.usefulSteps + r.lostSteps) * r.stepS;
const runS: Pick = (r) => (r.stopMs - r.startMs) / 1000;

export interface SideRuns {
  readonly candidate: readonly RunTruth[];
  readonly baseline: readonly RunTruth[];
}

/** Quotient of the geometric means of both sides over runs. */
const ratioOf = ({ candidate, baseline }: SideRuns, pick: Pick): number =>
  Math.exp(meanLog(candidate.map(pick)) - meanLog(baseline.map(pick)));

/** Geometric mean over chips and runs of energy per token, as a quotient of the sides. */
function energyRatioOf(
  runs: SideRuns,
  tokensOf: Pick,
  energyOf: (run: RunTruth, chip: string) => number,
): number {
  const side = (of: readonly RunTruth[]): number =>
    meanLog(
      of.flatMap((run) => {
        const chips = Object.keys(run.chipEnergyJ);
        return chips.map((chip) => (energyOf(run, chip) * chips.length) / tokensOf(run));
      }),
    );
  return Math.exp(side(runs.candidate) - side(runs.baseline));
}

const chipHourUsd = (spec: PilotSpec, role: Role): number =>
  spec[role].chips * spec[role].pricePerChipHourUsd;

/** What the drawn runs of one workload come to; `workJ` is what a chip took for training alone. */
export function realisedRatios(
  spec: PilotSpec,
  runs: SideRuns,
  workJ: (run: RunTruth, chip: string) => number,
): TrueRatios {
  const cost = chipHourUsd(spec, 'candidate') / chipHourUsd(spec, 'baseline');
  const timePerToken = ratioOf(runs, (r) => trainedS(r) / r.processedTokens);
  const timePerUsefulToken = ratioOf(runs, (r) => runS(r) / r.usefulTokens);
  return {
    energyPerToken: energyRatioOf(runs, (r) => r.processedTokens, workJ),
    energyPerUsefulToken: energyRatioOf(
      runs,
      (r) => r.usefulTokens,
      (r, chip) => r.chipEnergyJ[chip] as number,
    ),
    timePerToken,
    timePerUsefulToken,
    costPerToken: cost * timePerToken,
    costPerUsefulToken: cost * timePerUsefulToken,
    lossAtEqualTokens: ratioOf(runs, (r) => r.finalLoss),
  };
}

/** What the spec sets; per useful token with the restarts that came, which are no effect of the chips that were drawn. */
export function expectedRatios(spec: PilotSpec, workload: WorkloadSpec, realised: TrueRatios): TrueRatios {
  const cost = chipHourUsd(spec, 'candidate') / chipHourUsd(spec, 'baseline');
  const { energyRatio, timeRatio, loss } = workload;
  const overhead = (useful: keyof TrueRatios, done: keyof TrueRatios): number =>
    realised[useful] / realised[done];
  const timePerUsefulToken = timeRatio * overhead('timePerUsefulToken', 'timePerToken');
  return {
    energyPerToken: energyRatio,
    energyPerUsefulToken: energyRatio * overhead('energyPerUsefulToken', 'energyPerToken'),
    timePerToken: timeRatio,
    timePerUsefulToken,
    costPerToken: cost * timeRatio,
    costPerUsefulToken: cost * timePerUsefulToken,
    lossAtEqualTokens: loss.ratio,
  };
}

export const chipHoursOf = (runs: readonly RunTruth[], chips: number): number =>
  runs.reduce((hours, r) => hours + (chips * (r.stopMs - r.startMs)) / MS_PER_HOUR, 0);
