import type { Evaluation, EvidenceGrade, Finding } from '../efficiency/evaluation.ts';
import { worstGrade } from '../efficiency/evidence.ts';
import { InputError } from '../errors.ts';
import { type CeilingRate, ceilingRate } from './ceiling.ts';
import { type EnergyDifference, energyDifference } from './energy-difference.ts';
import { measuredFindings } from './measured-findings.ts';
import type { MeasuredSet } from './measured-set.ts';
import { type Repeated, repeated } from './repeatability.ts';
import { integralBetween, type SensorPeriod, type Series, sensorPeriod } from './series.ts';

/** The raw readings of one run that a period can be seen in; null where a file has none of the kind. */
export interface RunReadings {
  /** power.draw.average and power.draw.instant of nvidia-smi, W. */
  readonly averageW: Series | null;
  readonly instantW: Series | null;
  /** NVML's total energy counter, J. */
  readonly counterJ: Series | null;
}

export interface MeasuredRun {
  readonly run: string;
  readonly evaluation: Evaluation;
  readonly readings: RunReadings;
}

export interface RunResult {
  readonly run: string;
  readonly durationS: number;
  readonly tokens: number | null;
  readonly meanPowerW: number | null;
  readonly energy: EnergyDifference;
  readonly energyPerTokenJ: { readonly trapezoid: number | null; readonly counter: number | null };
  readonly tokensPerSecond: number | null;
  readonly stepTimeS: number | null;
  readonly tflops: number | null;
  readonly mfuRatio: number | null;
  /** Achieved / measured ceiling of the same precision. */
  readonly ofCeilingRatio: number | null;
  readonly powerCappedRatio: number | null;
  readonly evidence: EvidenceGrade;
  readonly rejectedRows: number;
}

export interface PrecisionResult {
  readonly precision: string;
  readonly flopsFormula: string | null;
  readonly flopsPerToken: number | null;
  /** Share of the attention term 12 L h s in the FLOPs of a token: a causal kernel does half of it. */
  readonly attentionShare: number | null;
  readonly peakFlops: number | null;
  readonly peakSource: string | null;
  readonly ceiling: CeilingRate | null;
  readonly energyPerTokenJ: Repeated | null;
  readonly energyPerTokenByCounterJ: Repeated | null;
  readonly meanPowerW: Repeated | null;
  readonly tokensPerSecond: Repeated | null;
  readonly stepTimeS: Repeated | null;
  readonly tflops: Repeated | null;
  readonly mfuRatio: Repeated | null;
  readonly ofCeilingRatio: Repeated | null;
  readonly counterDifferenceRatio: Repeated | null;
  readonly evidence: EvidenceGrade;
  readonly runs: readonly RunResult[];
}

export interface MeasuredBaseline {
  readonly schema: 'wattline/measured-baseline@1';
  readonly name: string;
  readonly board: MeasuredSet['board'];
  readonly software: MeasuredSet['software'];
  readonly model: MeasuredSet['model'];
  readonly capturedFrom: string;
  readonly capturedTo: string;
  readonly simulated: boolean;
  readonly licence: string;
  /** Mean power of the idle stretches; the program that trains is loaded and waits. */
  readonly idlePowerW: Repeated | null;
  readonly precisions: readonly PrecisionResult[];
  readonly sensor: {
    readonly average: SensorPeriod;
    readonly instant: SensorPeriod;
    readonly counter: SensorPeriod;
  };
  readonly findings: readonly Finding[];
}

const NO_READINGS: Series = { timesMs: [], values: [] };

const over = (a: number | null, b: number | null): number | null => (a === null || !b ? null : a / b);

function runResult({ run, evaluation, readings }: MeasuredRun, ceiling: CeilingRate | null): RunResult {
  const { startMs, stopMs, energy, progress, inputs } = evaluation;
  const tokens = evaluation.work.tokens;
  const tflops = progress?.overRun.tflopsPerChip ?? null;
  const instantJ = readings.instantW && integralBetween(readings.instantW, startMs, stopMs);
  return {
    run,
    durationS: (stopMs - startMs) / 1000,
    tokens,
    meanPowerW: evaluation.meanPowerW,
    energy: energyDifference(evaluation, {
      trapezoidJ: energy.clippedTrapezoidJ,
      instantJ,
      counterJ: energy.counterJ,
    }),
    energyPerTokenJ: {
      trapezoid: over(energy.clippedTrapezoidJ, tokens),
      counter: over(energy.counterJ, tokens),
    },
    tokensPerSecond: progress?.overRun.tokensPerSecondPerChip ?? null,
    stepTimeS: progress?.meanStepTimeS ?? null,
    tflops,
    mfuRatio: progress?.overRun.mfuRatio ?? null,
    ofCeilingRatio: ceiling && over(tflops === null ? null : tflops * 1e12, ceiling.bestFlops),
    powerCappedRatio: evaluation.health?.throttledRatio.power ?? null,
    evidence: evaluation.evidence,
    rejectedRows: inputs.reduce((sum, input) => sum + input.rejected, 0),
  };
}

function precisionResult(set: MeasuredSet, precision: string, runs: readonly MeasuredRun[]): PrecisionResult {
  const timed = set.ceilings.find((c) => c.precision === precision);
  const ceiling = timed ? ceilingRate(timed) : null;
  const results = runs.map((run) => runResult(run, ceiling));
  const { model } = set;
  const progress = runs[0]?.evaluation.progress;
  const flopsPerToken = progress?.flopsPerToken ?? null;
  const isPalm = progress?.flopsFormula === 'palm';
  const over12 = 12 * model.layers * model.hidden * model.sequence;
  const of = (pick: (run: RunResult) => number | null): Repeated | null => repeated(results.map(pick));
  return {
    precision,
    flopsFormula: progress?.flopsFormula ?? null,
    flopsPerToken,
    attentionShare: isPalm ? over(over12, flopsPerToken) : null,
    peakFlops: progress?.peakFlopsPerChip ?? null,
    peakSource: progress?.peakSource ?? null,
    ceiling,
    energyPerTokenJ: of((r) => r.energyPerTokenJ.trapezoid),
    energyPerTokenByCounterJ: of((r) => r.energyPerTokenJ.counter),
    meanPowerW: of((r) => r.meanPowerW),
    tokensPerSecond: of((r) => r.tokensPerSecond),
    stepTimeS: of((r) => r.stepTimeS),
    tflops: of((r) => r.tflops),
    mfuRatio: of((r) => r.mfuRatio),
    ofCeilingRatio: of((r) => r.ofCeilingRatio),
    counterDifferenceRatio: of((r) => r.energy.differenceRatio),
    evidence: worstGrade(results.map((r) => r.evidence)),
    runs: results,
  };
}

/** The shortest period that a run under load shows, of each kind: what hardly changes shows a longer one. */
function sensorOf(runs: readonly MeasuredRun[]): MeasuredBaseline['sensor'] {
  const period = (pick: (readings: RunReadings) => Series | null): SensorPeriod =>
    runs
      .map(({ readings }) => sensorPeriod(pick(readings) ?? NO_READINGS))
      .reduce((a, b) => ((b.changesS ?? Infinity) < (a.changesS ?? Infinity) ? b : a));
  return {
    average: period((r) => r.averageW),
    instant: period((r) => r.instantW),
    counter: period((r) => r.counterJ),
  };
}

/**
 * What a measured set comes to, from the evaluations of its runs: per precision energy per token by readings and by
 * the counter, speed, MFU beside the measured ceiling, and how alike the repetitions are.
 *
 * @throws InputError `measured-runs` where a run that set.json names was not evaluated.
 */
export function measuredBaseline(set: MeasuredSet, runs: readonly MeasuredRun[]): MeasuredBaseline {
  const named = (names: readonly string[]): MeasuredRun[] =>
    names.map((name) => {
      const run = runs.find((r) => r.run === name);
      if (!run)
        throw new InputError(
          'measured-runs',
          `${set.name}: set.json names the run ${name}; expected its folder`,
        );
      return run;
    });
  const precisions = set.plans.map((plan) => precisionResult(set, plan.precision, named(plan.runs)));
  const idle = named(set.idleRuns);
  const idlePowerW = repeated(idle.map(({ evaluation }) => evaluation.meanPowerW));
  const { name, board, software, model, capturedFrom, capturedTo, simulated, licence } = set;
  return {
    schema: 'wattline/measured-baseline@1',
    ...{ name, board, software, model, capturedFrom, capturedTo, simulated, licence },
    idlePowerW,
    precisions,
    sensor: sensorOf(set.plans.flatMap((plan) => named(plan.runs))),
    findings: measuredFindings({ simulated, board, idlePowerW, precisions }),
  };
}
