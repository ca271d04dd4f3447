import { tQuantile } from './student-t.ts';

export interface MeanInterval {
  readonly mean: number;
  /** Null below two values: one run says nothing of the spread. */
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number;
  readonly n: number;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;

/** Unbiased sample variance, sum (x - mean)^2 / (n - 1); NaN below two values. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1);
}

/** Mean with its two-sided Student t interval: mean +- t(n - 1) s / sqrt(n). Null for no values. */
export function meanInterval(values: readonly number[], confidence: number): MeanInterval | null {
  const n = values.length;
  if (n === 0) return null;
  const centre = mean(values);
  if (n < 2) return { mean: centre, low: null, high: null, confidence, n };
  const half = tQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance(values) / n);
  return { mean: centre, low: centre - half, high: centre + half, confidence, n };
}
