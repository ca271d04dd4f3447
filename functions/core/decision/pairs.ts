import type { Evaluation } from '../efficiency/evaluation.ts';
import { distinctRuns } from '../efficiency/scoring.ts';
import { workloadKey } from './sets.ts';

/** All runs of one workload on the chip under test beside all on one baseline chip, whatever system they ran on. */
export interface Pair {
  /** Name of the workload, with both chips where there are several baselines. */
  readonly name: string;
  readonly workload: string;
  readonly workloadKey: string;
  readonly candidateSku: string;
  readonly baselineSku: string;
  readonly candidate: readonly Evaluation[];
  readonly baseline: readonly Evaluation[];
}

/** Every pair of chips by workload; copies of runs count once. */
export function pairsOf(evaluations: readonly Evaluation[]): Pair[] {
  const sides = (role: Evaluation['role']): Map<string, Evaluation[]> =>
    Map.groupBy(
      distinctRuns(evaluations.filter((e) => e.role === role).sort((a, b) => (a.run < b.run ? -1 : 1))),
      (e) => JSON.stringify([workloadKey(e.workload), e.sku]),
    );
  const [candidates, baselines] = [sides('candidate'), sides('baseline')];
  const baselineSkus = new Set([...baselines.values()].map((runs) => runs[0]?.sku));
  return [...candidates.values()].flatMap((candidate) =>
    [...baselines.values()].flatMap((baseline): Pair[] => {
      const [c, b] = [candidate[0] as Evaluation, baseline[0] as Evaluation];
      const key = workloadKey(c.workload);
      if (workloadKey(b.workload) !== key) return [];
      const name = baselineSkus.size > 1 ? `${c.workload.name} against ${b.sku}` : c.workload.name;
      const shared = { name, workload: c.workload.name, workloadKey: key };
      return [{ ...shared, candidateSku: c.sku, baselineSku: b.sku, candidate, baseline }];
    }),
  );
}
