import { InputError } from '../errors.ts';
import { mean, variance } from './mean-interval.ts';
import { tCdf, tQuantile } from './student-t.ts';

/** Two independent samples compared on the log scale. */
export interface LogRatio {
  /** mean(ln candidate) - mean(ln baseline). */
  readonly logRatio: number;
  /** Null below two values on either side. */
  readonly standardError: number | null;
  readonly degreesOfFreedom: number | null;
}

function logs(values: readonly number[], side: string): number[] {
  return values.map((value) => {
    if (!(value > 0) || !Number.isFinite(value)) {
      throw new InputError(
        'log-ratio',
        `${side} value ${value}: expected a positive number to take the logarithm of`,
      );
    }
    return Math.log(value);
  });
}

/**
 * Welch's comparison on the log scale, with Satterthwaite's degrees of freedom:
 *
 *   SE^2 = v_c/n_c + v_b/n_b,   df = SE^4 / ((v_c/n_c)^2/(n_c - 1) + (v_b/n_b)^2/(n_b - 1))
 *
 * exp of it is the ratio of geometric means. Source: Welch 1947, Satterthwaite 1946.
 */
export function welchLogRatio(candidate: readonly number[], baseline: readonly number[]): LogRatio {
  const [c, b] = [logs(candidate, 'candidate'), logs(baseline, 'baseline')];
  if (c.length === 0 || b.length === 0)
    throw new InputError('log-ratio', 'no value on one side; expected at least one on each');
  const logRatio = mean(c) - mean(b);
  if (c.length < 2 || b.length < 2) return { logRatio, standardError: null, degreesOfFreedom: null };
  const [vc, vb] = [variance(c) / c.length, variance(b) / b.length];
  const total = vc + vb;
  const degreesOfFreedom =
    total === 0
      ? c.length + b.length - 2
      : total ** 2 / (vc ** 2 / (c.length - 1) + vb ** 2 / (b.length - 1));
  return { logRatio, standardError: Math.sqrt(total), degreesOfFreedom };
}

/** Interval around `ratio` with the spread of a log ratio: ratio exp(+-t SE). Null bounds where there is no spread known. */
export function ratioInterval(
  ratio: number,
  { standardError, degreesOfFreedom }: LogRatio,
  confidence: number,
): { low: number | null; high: number | null } {
  if (standardError === null || degreesOfFreedom === null) return { low: null, high: null };
  const half = tQuantile((1 + confidence) / 2, degreesOfFreedom) * standardError;
  return { low: ratio * Math.exp(-half), high: ratio * Math.exp(half) };
}

/** One-sided p-value for "the ratio is at most `threshold`", against it being above. Null where no spread is known. */
export function pAbove(
  ratio: number,
  threshold: number,
  { standardError, degreesOfFreedom }: LogRatio,
): number | null {
  if (standardError === null || degreesOfFreedom === null) return null;
  const distance = Math.log(ratio / threshold);
  if (standardError === 0) return distance > 0 ? 0 : 1;
  return 1 - tCdf(distance / standardError, degreesOfFreedom);
}
