import type { EvidenceGrade } from './evaluation.ts';

/** Grade A needs at least this coverage, ... */
const COVERAGE_A = 0.99;
const COVERAGE_B = 0.95;
const COVERAGE_C = 0.8;
/** ... and no gap longer than this. */
const GAP_A_S = 3;

export interface EvidenceFacts {
  readonly coverageRatio: number | null;
  readonly maxGapInRunS: number | null;
  readonly isBracketed: boolean;
  /** Why the figure rests on something declared rather than measured; empty where it does not. */
  readonly declared: readonly string[];
  /** Why there is no figure that could be relied on at all; empty where there is none. */
  readonly disabling: readonly string[];
}

export interface Evidence {
  readonly grade: EvidenceGrade;
  readonly reasons: readonly string[];
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

/** How good the measurement behind a run's energy is: DESIGN's grades A to D, with what kept it from the next better. */
export function gradeEvidence(facts: EvidenceFacts): Evidence {
  const { coverageRatio, maxGapInRunS, isBracketed, declared, disabling } = facts;
  if (disabling.length > 0) return { grade: 'D', reasons: disabling };
  if (coverageRatio === null) return { grade: 'D', reasons: ['no power reading within the run'] };
  const coverage = `coverage ${percent(coverageRatio)}`;
  if (coverageRatio < COVERAGE_C)
    return { grade: 'D', reasons: [`${coverage} is below ${percent(COVERAGE_C)}`] };
  if (coverageRatio < COVERAGE_B)
    return { grade: 'C', reasons: [`${coverage} is below ${percent(COVERAGE_B)}`, ...declared] };
  if (declared.length > 0) return { grade: 'C', reasons: declared };
  const missing: string[] = [];
  if (coverageRatio < COVERAGE_A) missing.push(`${coverage} is below ${percent(COVERAGE_A)}`);
  if (maxGapInRunS !== null && maxGapInRunS > GAP_A_S)
    missing.push(`largest gap ${maxGapInRunS.toFixed(1)} s is above ${GAP_A_S} s`);
  if (!isBracketed) missing.push('no reading on one side of run start or run stop');
  return missing.length > 0 ? { grade: 'B', reasons: missing } : { grade: 'A', reasons: [] };
}

const ORDER: readonly EvidenceGrade[] = ['A', 'B', 'C', 'D'];

/** The weakest of several grades; D of none. */
export function worstGrade(grades: readonly EvidenceGrade[]): EvidenceGrade {
  return ORDER[
    Math.max(...grades.map((grade) => ORDER.indexOf(grade)), grades.length === 0 ? ORDER.length - 1 : 0)
  ] as EvidenceGrade;
}

/** Whether `grade` is at least as good as `minimum`. */
export const isAtLeast = (grade: EvidenceGrade, minimum: EvidenceGrade): boolean =>
  ORDER.indexOf(grade) <= ORDER.indexOf(minimum);
