import type { Evaluation } from '../efficiency/evaluation.ts';
import { scoreSet } from '../efficiency/scoring.ts';
import { InputError } from '../errors.ts';
import type { Workload } from '../telemetry/manifest.ts';
import type { SetScore } from './decision.ts';

/**
 * Two runs may be compared only where this is equal: what was trained, how, and up to where. What a manifest tells of
 * the model for MFU alone does not count, since one side may leave it out.
 */
export const workloadKey = ({
  name,
  precision,
  sequenceLength,
  globalBatchSize,
  qualityTarget,
}: Workload): string => JSON.stringify([name, precision, sequenceLength, globalBatchSize, qualityTarget]);

export interface ScoredSet {
  readonly score: SetScore;
  readonly evaluations: readonly Evaluation[];
}

/** Runs that are scored together: same role, workload, chip and system, and the same declared set. */
export function groupSets(evaluations: readonly Evaluation[]): Evaluation[][] {
  const groups = new Map<string, Evaluation[]>();
  for (const e of evaluations) {
    const key = JSON.stringify([e.role, workloadKey(e.workload), e.sku, e.system, e.scoring?.set ?? null]);
    groups.set(key, [...(groups.get(key) ?? []), e]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, runs]) => runs);
}

/** Scores every set; one that cannot be scored becomes a reason instead of a score. */
export function scoreSets(evaluations: readonly Evaluation[]): { sets: ScoredSet[]; unscored: string[] } {
  const sets: ScoredSet[] = [];
  const unscored: string[] = [];
  for (const runs of groupSets(evaluations)) {
    try {
      sets.push({ score: scoreSet(runs), evaluations: runs });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unscored.push(error.message);
    }
  }
  return { sets, unscored };
}
