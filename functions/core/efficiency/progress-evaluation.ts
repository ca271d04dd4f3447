import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { WorkTotals } from '../telemetry/work-totals.ts';
import type { Finding, ProgressEvaluation } from './evaluation.ts';
import { modelFlops } from './mfu.ts';
import { progressFindings } from './progress-findings.ts';
import { completed, type Work } from './work.ts';
import { chipsOf, NO_RATES, ratesOf, yardstickOf } from './yardstick.ts';

const inS = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

/** Tokens that model FLOPs are counted over: padding does not count, where it is known. */
export const trainedTokens = ({
  tokens,
  realTokens,
}: Pick<WorkTotals, 'tokens' | 'realTokens'>): number | null => realTokens ?? tokens;

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
