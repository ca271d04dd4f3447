import type { PriceBasis } from '../efficiency/catalogue.ts';
import { costUsd } from '../efficiency/cost.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { pricePerChipHour } from '../efficiency/prices.ts';
import { CONFIDENCE, distinctRuns } from '../efficiency/scoring.ts';
import { type LogRatio, ratioInterval, welchLogRatio } from '../statistics/log-ratio.ts';
import type { Ratio, Score } from './decision.ts';
import type { Metric } from './policy.ts';
import { type ScoredSet, workloadKey } from './sets.ts';

/** A ratio with the spread that its gates are judged by. */
export interface ComparedRatio {
  readonly ratio: Ratio;
  readonly spread: LogRatio;
  /** What the gates look at; false for the as-published figure of a set that holds copies. */
  readonly isForGates: boolean;
}

export interface Comparison {
  readonly candidate: ScoredSet;
  readonly baseline: ScoredSet;
  readonly ratios: readonly ComparedRatio[];
  /** Why a metric has no ratio. */
  readonly absent: ReadonlyMap<Metric, string>;
}

/** Why two sets may not be compared; null where they may. */
export function refusalOf(candidate: ScoredSet, baseline: ScoredSet): string | null {
  const [c, b] = [candidate.score, baseline.score];
  if (workloadKey(c.workload) !== workloadKey(b.workload)) {
    return `different workloads: candidate ${JSON.stringify(c.workload)}, baseline ${JSON.stringify(b.workload)}`;
  }
  if (c.boundary === null || b.boundary === null || c.boundary !== b.boundary) {
    return `different boundaries: candidate ${c.boundary ?? 'not one boundary'}, baseline ${b.boundary ?? 'not one boundary'}; a ratio across boundaries is no ratio`;
  }
  return null;
}

const successful = (set: ScoredSet): Evaluation[] =>
  distinctRuns([...set.evaluations].sort((a, b) => (a.run < b.run ? -1 : 1))).filter(
    (e) => e.status === 'success',
  );

function valuesOf(set: ScoredSet, pick: (e: Evaluation) => number | null): number[] {
  return successful(set)
    .map(pick)
    .filter((v): v is number => v !== null && v > 0);
}

const ENERGY_METHODS = [
  { method: 'clipped-trapezoid', pick: (s: Pick<Score, 'energy'>) => s.energy.clippedTrapezoidJ },
  { method: 'mlperf-training-v4.0', pick: (s: Pick<Score, 'energy'>) => s.energy.mlperfTrainingV40J },
  { method: 'counter', pick: (s: Pick<Score, 'energy'>) => s.energy.counterJ },
] as const;

interface ScoredMetric {
  readonly metric: Metric;
  readonly method: string;
  readonly ofScore: (score: Score, set: ScoredSet) => number | null;
  readonly ofRun: (e: Evaluation) => number | null;
}

/**
 * Ratio of two scores. The scored value is a trimmed mean; its interval takes the Welch spread of the logs of
 * all distinct successful runs, untrimmed, so that dropping extremes does not make it narrower. Where a set
 * holds copies, the figure as published comes first and the one without them is what gates look at.
 */
function scoredRatios(candidate: ScoredSet, baseline: ScoredSet, metric: ScoredMetric): ComparedRatio[] {
  const values = [valuesOf(candidate, metric.ofRun), valuesOf(baseline, metric.ofRun)] as const;
  if (values[0].length === 0 || values[1].length === 0) return [];
  const spread = welchLogRatio(...values);
  const pair = (c: Score, b: Score, method: string, isForGates: boolean): ComparedRatio[] => {
    const [cv, bv] = [metric.ofScore(c, candidate), metric.ofScore(b, baseline)];
    if (cv === null || bv === null || cv <= 0 || bv <= 0) return [];
    const ratio: Ratio = {
      workload: candidate.score.workload.name,
      metric: metric.metric,
      method,
      basis: 'scored',
      ratio: cv / bv,
      ...ratioInterval(cv / bv, spread, CONFIDENCE),
      confidence: CONFIDENCE,
      unit: 'run',
      n: { candidate: values[0].length, baseline: values[1].length },
      candidate: cv,
      baseline: bv,
    };
    return [{ ratio, spread, isForGates }];
  };
  const [c, b] = [candidate.score, baseline.score];
  if (!c.corrected && !b.corrected) return pair(c, b, metric.method, true);
  return [
    ...pair(c, b, metric.method, false),
    ...pair(c.corrected ?? c, b.corrected ?? b, `${metric.method}, copied runs left out`, true),
  ];
}

/** How the energies of the runs were measured; where runs differ in it, the label says so. */
function methodsOf(sets: readonly ScoredSet[]): string {
  const methods = new Set(sets.flatMap((set) => successful(set).flatMap((e) => e.energyMethod ?? [])));
  return [...methods].sort().join(' and ');
}

/** Ratio of geometric means over all distinct successful runs. */
function meanRatio(
  candidate: ScoredSet,
  baseline: ScoredSet,
  metric: Metric,
  pick: (e: Evaluation) => number | null,
): ComparedRatio[] {
  const values = [valuesOf(candidate, pick), valuesOf(baseline, pick)] as const;
  if (values[0].length === 0 || values[1].length === 0) return [];
  const spread = welchLogRatio(...values);
  const [cv, bv] = values.map((v) => Math.exp(v.reduce((s, x) => s + Math.log(x), 0) / v.length)) as [
    number,
    number,
  ];
  const ratio: Ratio = {
    workload: candidate.score.workload.name,
    metric,
    method: methodsOf([candidate, baseline]),
    basis: 'mean',
    ratio: cv / bv,
    ...ratioInterval(cv / bv, spread, CONFIDENCE),
    confidence: CONFIDENCE,
    unit: 'run',
    n: { candidate: values[0].length, baseline: values[1].length },
    candidate: cv,
    baseline: bv,
  };
  return [{ ratio, spread, isForGates: true }];
}

/** What a set costs an hour; or why that is not known. */
function pricedChips(set: ScoredSet, prices: PriceBasis | null): { perHourUsd: number } | { reason: string } {
  const { sku, system } = set.score;
  if (!prices) return { reason: 'no price basis' };
  if (system.chipsPerNode === null)
    return { reason: `no number of chips for ${sku}: run.json and logs do not say it` };
  const price = pricePerChipHour(prices, sku);
  if (price === null) return { reason: `no price for ${sku} in the basis ${prices.name} (${prices.date})` };
  return {
    perHourUsd: costUsd({ chips: system.nodes * system.chipsPerNode, hours: 1, pricePerChipHourUsd: price }),
  };
}

function costRatios(
  candidate: ScoredSet,
  baseline: ScoredSet,
  prices: PriceBasis | null,
): ComparedRatio[] | string {
  const [c, b] = [pricedChips(candidate, prices), pricedChips(baseline, prices)];
  if ('reason' in c) return c.reason;
  if ('reason' in b) return b.reason;
  const perHour = (set: ScoredSet): number => (set === candidate ? c.perHourUsd : b.perHourUsd);
  return scoredRatios(candidate, baseline, {
    metric: 'cost-to-train',
    method: prices?.name ?? '',
    ofScore: (score, set) => (score.timeToTrainMin / 60) * perHour(set),
    ofRun: (e) => e.timeToTrainS,
  });
}

/** Every ratio candidate / baseline that the data carries, energy first. Assumes that the sets may be compared. */
export function compareSets(
  candidate: ScoredSet,
  baseline: ScoredSet,
  prices: PriceBasis | null,
): Comparison {
  const absent = new Map<Metric, string>();
  const energy = ENERGY_METHODS.flatMap(({ method, pick }) =>
    scoredRatios(candidate, baseline, { metric: 'energy-to-train', method, ofScore: pick, ofRun: pick }),
  );
  if (energy.length === 0) absent.set('energy-to-train', 'one side has no system energy');
  const time = scoredRatios(candidate, baseline, {
    metric: 'time-to-train',
    method: 'run start to run stop',
    ofScore: (score) => score.timeToTrainMin,
    ofRun: (e) => e.timeToTrainS,
  });
  const perSample = meanRatio(candidate, baseline, 'energy-per-sample', (e) => e.energyPerSampleJ);
  const perToken = meanRatio(candidate, baseline, 'energy-per-token', (e) => e.energyPerTokenJ);
  if (perSample.length === 0) absent.set('energy-per-sample', 'one side counts no samples');
  if (perToken.length === 0) absent.set('energy-per-token', 'one side counts no tokens');
  const cost = costRatios(candidate, baseline, prices);
  if (typeof cost === 'string') absent.set('cost-to-train', cost);
  return {
    candidate,
    baseline,
    ratios: [...energy, ...perSample, ...perToken, ...time, ...(typeof cost === 'string' ? [] : cost)],
    absent,
  };
}
