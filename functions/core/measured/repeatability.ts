import { mean, variance } from '../statistics/mean-interval.ts';

/** A figure over the repetitions of one run. */
export interface Repeated {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation / mean. Null below two repetitions. */
  readonly cvRatio: number | null;
  readonly min: number;
  readonly max: number;
}

/** Mean and coefficient of variation over repetitions; null where one of them has no figure, or there is none. */
export function repeated(figures: readonly (number | null | undefined)[]): Repeated | null {
  const values = figures.filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
  if (values.length === 0 || values.length < figures.length) return null;
  const centre = mean(values);
  const hasSpread = values.length > 1 && centre !== 0;
  return {
    n: values.length,
    mean: centre,
    cvRatio: hasSpread ? Math.sqrt(variance(values)) / Math.abs(centre) : null,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
