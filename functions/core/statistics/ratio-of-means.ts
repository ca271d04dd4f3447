import { InputError } from '../errors.ts';

/** Sufficient statistics of one group: its values' sum, sum of squares and number. */
export interface Moments {
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly n: number;
}

/** Mean and unbiased variance of a group given by its sums. */
function meanAndVariance(
  { sum, sumOfSquares, n }: Moments,
  side: string,
): { mean: number; variance: number } {
  if (!(Number.isInteger(n) && n >= 2 && Number.isFinite(sum) && Number.isFinite(sumOfSquares))) {
    throw new InputError(
      'ratio-of-means',
      `${side} sum ${sum}, sum of squares ${sumOfSquares}, n ${n}: expected finite sums of at least two values`,
    );
  }
  // Rounding may leave a hair below zero where all values are the same.
  return { mean: sum / n, variance: Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1)) };
}

/**
 * Relative difference of two independent means with its standard error by the delta method:
 *
 *   r = m_c / m_b - 1,   Var r = v_c / (n_c m_b^2) + v_b m_c^2 / (n_b m_b^4)
 *
 * Throws where the baseline's mean is zero. Source: GrowthBook's gbstats.
 */
export function ratioOfMeans(
  candidate: Moments,
  baseline: Moments,
): { readonly relative: number; readonly standardError: number; readonly n: number } {
  const c = meanAndVariance(candidate, 'candidate');
  const b = meanAndVariance(baseline, 'baseline');
  if (b.mean === 0)
    throw new InputError('ratio-of-means', 'baseline mean 0: expected something to divide by');
  const ofCandidate = c.variance / (candidate.n * b.mean ** 2);
  const ofBaseline = (b.variance * c.mean ** 2) / (baseline.n * b.mean ** 4);
  return {
    relative: c.mean / b.mean - 1,
    standardError: Math.sqrt(ofCandidate + ofBaseline),
    n: candidate.n + baseline.n,
  };
}
