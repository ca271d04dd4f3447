import { InputError } from '../errors.ts';
import { finite, openProbability } from './arguments.ts';
import { mean, variance } from './mean-interval.ts';
import { tQuantile } from './student-t.ts';

/**
 * The ratios that the two samples do not contradict. Only `bounded` is an interval: where the baseline's mean is not
 * shown to differ from zero, no finite range holds the ratio at this confidence, and a report must say so.
 */
export type FiellerSet =
  | { readonly kind: 'bounded'; readonly low: number; readonly high: number }
  /** Every ratio up to `below` and every ratio from `above`: all but the open interval between them. */
  | { readonly kind: 'complement'; readonly below: number; readonly above: number }
  | { readonly kind: 'whole-line' };

export type Fieller = FiellerSet & {
  /** mean(candidate) / mean(baseline); null where the baseline's mean is zero. */
  readonly ratio: number | null;
  readonly degreesOfFreedom: number;
  readonly confidence: number;
};

interface Side {
  readonly mean: number;
  /** Of the mean: s^2 / n. */
  readonly variance: number;
  readonly n: number;
}

function sideOf(values: readonly number[], name: string): Side {
  if (values.length < 2) {
    throw new InputError('fieller', `${values.length} ${name} values: expected at least two on each side`);
  }
  for (const value of values) finite(`${name} value`, value);
  return { mean: mean(values), variance: variance(values) / values.length, n: values.length };
}

/**
 * Satterthwaite's degrees of freedom of m_c - r m_b at r = m_c/m_b, both terms times m_b^2 so that nothing is divided
 * by a mean near zero. Not pooled: a candidate chip has no reason to spread as the baseline does.
 */
function satterthwaite(c: Side, b: Side): number {
  const [fromC, fromB] = [c.variance * b.mean ** 2, b.variance * c.mean ** 2];
  const total = fromC + fromB;
  if (total === 0) return c.n + b.n - 2;
  // Shares, not squares of the terms, so that nothing leaves the range of a double.
  return 1 / ((fromC / total) ** 2 / (c.n - 1) + (fromB / total) ** 2 / (b.n - 1));
}

/**
 * Where a r^2 - 2 b r + c <= 0, with a = m_b^2 - t^2 s_b, b = m_c m_b, c = m_c^2 - t^2 s_c. `a` > 0 says that the
 * baseline's mean differs from zero, and then there are always roots. At `a` = 0 exactly the set is half a line, of
 * which the whole line is the safe report.
 */
function solve(c: Side, b: Side, t2: number): FiellerSet {
  const [noiseC, noiseB] = [t2 * c.variance, t2 * b.variance];
  const square = b.mean ** 2 - noiseB;
  const product = c.mean * b.mean;
  // b^2 - a c multiplied out: the difference of two nearly equal products would lose half of the digits.
  const discriminant = noiseC * square + c.mean ** 2 * noiseB;
  if (square === 0 || (square < 0 && discriminant <= 0)) return { kind: 'whole-line' };
  // The root of larger size first, the other from the product of the roots: no cancellation.
  const larger = product + (product >= 0 ? 1 : -1) * Math.sqrt(discriminant);
  const smaller = larger === 0 ? 0 : (c.mean ** 2 - noiseC) / larger;
  const [low, high] = [larger / square, smaller].sort((x, y) => x - y) as [number, number];
  return square > 0 ? { kind: 'bounded', low, high } : { kind: 'complement', below: low, above: high };
}

/**
 * Fieller's confidence set for the ratio of the means of two independent samples, candidate over baseline: every r
 * that the test of m_c - r m_b = 0 does not reject,
 *
 *   (m_c - r m_b)^2 <= t^2 (v_c/n_c + r^2 v_b/n_b)
 *
 * with t of Welch-Satterthwaite degrees of freedom at the estimated ratio. Sources: Fieller 1954; Hasler, Vonk &
 * Hothorn 2008 for the degrees of freedom, which make the set approximate where the variances differ.
 *
 * Throws InputError `fieller` below two values on a side and where both baseline mean and spread are zero.
 */
export function fieller(
  candidate: readonly number[],
  baseline: readonly number[],
  confidence: number,
): Fieller {
  openProbability('confidence', confidence);
  const [c, b] = [sideOf(candidate, 'candidate'), sideOf(baseline, 'baseline')];
  if (b.mean === 0 && b.variance === 0) {
    throw new InputError('fieller', 'every baseline value is 0: expected a baseline to divide by');
  }
  const degreesOfFreedom = satterthwaite(c, b);
  const t2 = tQuantile((1 + confidence) / 2, degreesOfFreedom) ** 2;
  return { ...solve(c, b, t2), ratio: b.mean === 0 ? null : c.mean / b.mean, degreesOfFreedom, confidence };
}
