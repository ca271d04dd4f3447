import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { ChipRates } from '../telemetry/step-fold.ts';
import type { WorkTotals } from '../telemetry/work-totals.ts';
import { modelFlopsUtilization } from './baselines.ts';
import type { Finding, ProgressEvaluation } from './evaluation.ts';
import { type ModelFlops, modelFlops, peakFor } from './mfu.ts';
import { progressFindings } from './progress-findings.ts';
import type { Work } from './work.ts';

const NO_RATES: ChipRates = { tokensPerSecondPerChip: null, tflopsPerChip: null, mfuRatio: null };

/** What turns tokens into utilization; null with the reason where run.json or the catalogue does not say. */
interface Yardstick {
  readonly flops: ModelFlops | null;
  readonly peak: { readonly value: number; readonly source: string } | null;
  /** Why there is no utilization. */
  readonly reason: string | null;
}

function yardstickOf({ workload, sku }: RunManifest): Yardstick {
  const flops = modelFlops(workload);
  if (flops === null) return { flops, peak: null, reason: 'run.json says no FLOPs of the model' };
  if ('missing' in flops) {
    const reason = `the formula ${workload.flopsFormula} needs ${flops.missing.join(', ')} in run.json`;
    return { flops: null, peak: null, reason };
  }
  const peak = peakFor(sku, workload);
  if ('reason' in peak) return { flops, peak: null, reason: peak.reason };
  return { flops, peak: { value: peak.value, source: peak.source }, reason: null };
}

const chipsOf = ({ system, chips }: RunManifest): number | null =>
  system.chipsPerNode === undefined ? (chips?.length ?? null) : system.nodes * system.chipsPerNode;

/** Rates of one chip for tokens in a time; nothing where one of them is unknown. */
function ratesOf(
  tokens: number | null,
  durationS: number | null,
  chips: number | null,
  { flops, peak }: Yardstick,
): ChipRates {
  if (!tokens || !durationS || !chips) return NO_RATES;
  const use = { modelFlops: (flops?.perToken ?? 0) * tokens, durationS, chips };
  return {
    tokensPerSecondPerChip: tokens / durationS / chips,
    tflopsPerChip: flops ? use.modelFlops / durationS / chips / 1e12 : null,
    mfuRatio: flops && peak ? modelFlopsUtilization({ ...use, peakFlops: peak.value }) : null,
  };
}

const times = (a: number | null, b: number | undefined): number | null =>
  a === null || b === undefined ? null : a * b;

/** What the log does not count of the work that it lost, where run.json declares what a step holds. */
function completed(totals: WorkTotals, { workload, tokensPerSample }: RunManifest): WorkTotals {
  const samples = totals.samples ?? times(totals.steps, workload.globalBatchSize);
  return { ...totals, samples, tokens: totals.tokens ?? times(samples, tokensPerSample) };
}

const inS = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

/** Tokens that model FLOPs are counted over: padding does not count, where it is known. */
const trainedTokens = ({ tokens, realTokens }: WorkTotals): number | null => realTokens ?? tokens;

export interface RunFigures {
  readonly runMs: number;
  /** Energy of the run by the method that stands for it. */
  readonly energyJ: number | null;
  readonly work: Pick<Work, 'samples' | 'tokens'>;
}

/**
 * What the training logs of a run come to: work kept and done, goodput, utilization. Goodput is productive step time
 * over run time (AI-Hypercomputer/ml-goodput-measurement). Null where no log reports steps and no MFU is asked for.
 */
export function evaluateProgress(
  manifest: RunManifest,
  { steps, realTokens }: Pick<RunProgress, 'steps' | 'realTokens'>,
  { runMs, energyJ, work }: RunFigures,
): { progress: ProgressEvaluation | null; findings: Finding[] } {
  if (!steps && modelFlops(manifest.workload) === null) return { progress: null, findings: [] };
  const { samples, tokens } = work;
  const useful = { steps: steps?.useful.steps ?? null, samples, tokens, realTokens };
  const yardstick = yardstickOf(manifest);
  const chips = chipsOf(manifest);
  const trained = trainedTokens(useful);
  const stepTokens = useful.steps && trained !== null ? trained / useful.steps : null;
  const result: ProgressEvaluation = {
    logs: [...(steps?.paths ?? [])],
    useful,
    processed: steps && steps.restarts > 0 ? completed(steps.processed, manifest) : useful,
    restarts: steps?.restarts ?? 0,
    skippedSteps: steps?.skippedSteps ?? null,
    meanStepTimeS: inS(steps?.meanStepMs ?? null),
    stepTimeBasis: steps?.stepTimeBasis ?? null,
    goodputRatio: steps?.usefulStepMs == null ? null : steps.usefulStepMs / runMs,
    energyPerUsefulTokenJ: energyJ !== null && trained ? energyJ / trained : null,
    precision: manifest.workload.precision ?? null,
    flopsFormula: yardstick.flops?.formula ?? null,
    flopsPerToken: yardstick.flops?.perToken ?? null,
    peakFlopsPerChip: yardstick.peak?.value ?? null,
    peakSource: yardstick.peak?.source ?? null,
    overRun: ratesOf(trained, runMs / 1000, chips, yardstick),
    overSteps: ratesOf(stepTokens, inS(steps?.meanStepMs ?? null), chips, yardstick),
    logged: steps?.logged ?? NO_RATES,
  };
  return { progress: result, findings: progressFindings(result, steps, yardstick.reason) };
}
