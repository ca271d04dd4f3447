import { modifiedZ } from '../statistics/outliers.ts';
import type { UnitEvaluation } from './evaluation.ts';

/** By what units are compared: the first of these that most of them have. */
const KEYS = ['energyPerUsefulTokenJ', 'energyPerTokenJ', 'energyPerSampleJ', 'energyJ'] as const;
/** Of fewer units the median says too little of what is usual. */
const UNITS_FOR_OUTLIERS = 5;

export interface OutlyingUnit {
  readonly unit: UnitEvaluation;
  /** Modified z of its figure; above 0: more energy than the median. */
  readonly z: number;
}

/** How the units of one kind lie about their median. */
export interface UnitSpread {
  readonly key: (typeof KEYS)[number];
  readonly best: UnitEvaluation;
  readonly worst: UnitEvaluation;
  readonly median: number;
  /** By the modified z, the furthest first; none where there are too few units. */
  readonly outliers: readonly OutlyingUnit[];
}

/**
 * Best, worst and outlying units by energy per useful token, or what comes nearest to it; units of evidence D do not
 * take part. Null where no unit has a figure. Ties go to the lower id.
 */
export function unitSpread(units: readonly UnitEvaluation[]): UnitSpread | null {
  const judged = units.filter((u) => u.evidence !== 'D');
  const having = (key: UnitSpread['key']): UnitEvaluation[] => judged.filter((u) => u[key] !== null);
  const key = KEYS.find((k) => having(k).length > 0 && having(k).length * 2 >= judged.length);
  if (!key) return null;
  const value = (u: UnitEvaluation): number => u[key] as number;
  const sorted = having(key).sort((a, b) => value(a) - value(b) || (a.id < b.id ? -1 : 1));
  const [best, worst] = [sorted[0] as UnitEvaluation, sorted.at(-1) as UnitEvaluation];
  const { median, outliers, scores } = modifiedZ(sorted.map(value));
  const outlying = outliers
    .map((i): OutlyingUnit => ({ unit: sorted[i] as UnitEvaluation, z: scores[i] as number }))
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || (a.unit.id < b.unit.id ? -1 : 1));
  return { key, best, worst, median, outliers: sorted.length < UNITS_FOR_OUTLIERS ? [] : outlying };
}
