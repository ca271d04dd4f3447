import { InputError } from '../errors.ts';
import { openProbability } from './arguments.ts';
import { type LogRatio, ratioInterval } from './log-ratio.ts';
import { mean, variance } from './mean-interval.ts';

/** Candidate and baseline compared night by night, on the log scale. */
export interface PairedLogRatio extends LogRatio {
  readonly pairs: number;
  /** Keys that only one side has, sorted: they were left out. */
  readonly unpaired: readonly string[];
}

function logarithm(value: number, side: string, night: string): number {
  if (value > 0 && Number.isFinite(value)) return Math.log(value);
  throw new InputError('paired', `${side} value ${value} of ${night}: expected a finite number above 0`);
}

/**
 * Mean of d_i = ln(candidate_i) - ln(baseline_i) over the nights that both sides have, with SE = s_d / sqrt(n) and
 * n - 1 degrees of freedom. What moves both sides in one night (the hall's weather, the inlet temperature) drops out
 * of the difference, which is why a baseline node stands in the same hall. Night keys are any text, for instance
 * 2026-01-31. No spread is given below two pairs. Source: Student 1908, on logarithms.
 *
 * Throws InputError `paired` for a value that has no logarithm, and where no night is on both sides.
 */
export function pairedLogRatio(
  candidate: ReadonlyMap<string, number>,
  baseline: ReadonlyMap<string, number>,
): PairedLogRatio {
  const differences: number[] = [];
  const unpaired = [...baseline.keys()].filter((night) => !candidate.has(night));
  // In the order of the nights, so that the sum does not depend on the order of arrival.
  for (const night of [...candidate.keys()].sort()) {
    const other = baseline.get(night);
    if (other === undefined) unpaired.push(night);
    else
      differences.push(
        logarithm(candidate.get(night) as number, 'candidate', night) - logarithm(other, 'baseline', night),
      );
  }
  const n = differences.length;
  if (n === 0) throw new InputError('paired', 'no night on both sides: expected at least one pair');
  return {
    logRatio: mean(differences),
    standardError: n < 2 ? null : Math.sqrt(variance(differences) / n),
    degreesOfFreedom: n < 2 ? null : n - 1,
    pairs: n,
    unpaired: unpaired.sort(),
  };
}

/**
 * Ratio of geometric means candidate / baseline with its two-sided interval. Null bounds below two pairs; `high` is
 * also null where it is no finite number, as two wildly different pairs at a high confidence make it.
 */
export function pairedInterval(
  paired: PairedLogRatio,
  confidence: number,
): { readonly ratio: number; readonly low: number | null; readonly high: number | null } {
  const ratio = Math.exp(paired.logRatio);
  const { low, high } = ratioInterval(ratio, paired, openProbability('confidence', confidence));
  return { ratio, low, high: high === Number.POSITIVE_INFINITY ? null : high };
}
