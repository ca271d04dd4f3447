import { InputError } from '../errors.ts';
import { finite, openProbability } from './arguments.ts';
import { betaCdf } from './distributions.ts';

/** What is reported over chips: the tail that a fleet is sized for, the middle, and the other tail. */
export const CHIP_PERCENTILES = [5, 50, 95] as const;

export interface Percentile {
  readonly percentile: number;
  /** By linear interpolation between order statistics (type 7 of Hyndman & Fan 1996). */
  readonly value: number;
  /** Null where the sample is too small for a bound at this confidence. */
  readonly low: number | null;
  readonly high: number | null;
}

const sortedFinite = (values: readonly number[]): Float64Array =>
  Float64Array.from(values, (v) => finite('value', v)).sort();

/** Quantile `q` in 0..1 of ascending values, type 7. */
function interpolated(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const low = sorted[below] as number;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

/** P(B <= k) for B binomial of `n` trials with probability `q`. */
const binomialCdf = (k: number, n: number, q: number): number => {
  if (k < 0) return 0;
  return k >= n ? 1 : betaCdf(1 - q, n - k, k + 1);
};

/** The smallest k with P(B <= k) >= `probability`. */
function binomialQuantile(probability: number, n: number, q: number): number {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (binomialCdf(middle, n, q) >= probability) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Percentiles over independent values (one a chip) with distribution-free intervals: of n sorted values the number B
 * below the true quantile q is binomial(n, q), so that x_(l) .. x_(u) holds it with P(l <= B < u). l is the largest
 * rank with P(B < l) <= (1 - confidence)/2, u the smallest with P(B >= u) <= that. For P95 at 95 % an upper bound
 * needs 72 chips, for P50 both bounds need 6. Source: Hahn & Meeker 1991, chapter 5.
 *
 * Throws InputError `percentiles` for no values or a percentile outside 0..100 (both excluded).
 */
export function percentiles(
  values: readonly number[],
  wanted: readonly number[],
  confidence: number,
): Percentile[] {
  const tail = (1 - openProbability('confidence', confidence)) / 2;
  const sorted = sortedFinite(values);
  const n = sorted.length;
  if (n === 0) throw new InputError('percentiles', 'no values: expected at least one');
  return wanted.map((percentile) => {
    const q = percentile / 100;
    if (!(q > 0 && q < 1))
      throw new InputError('percentiles', `percentile ${percentile}: expected one between 0 and 100`);
    // The first k with P(B <= k) >= tail has P(B < k) below it: k is l, and 0 says that there is none.
    const lowRank = binomialQuantile(tail, n, q);
    const highRank = binomialQuantile(1 - tail, n, q) + 1;
    return {
      percentile,
      value: interpolated(sorted, q),
      low: lowRank < 1 ? null : (sorted[lowRank - 1] as number),
      high: highRank > n ? null : (sorted[highRank - 1] as number),
    };
  });
}
