import cdf from '@stdlib/stats-base-dists-t-cdf';
import quantile from '@stdlib/stats-base-dists-t-quantile';

/** Quantile of Student's t with `degreesOfFreedom` > 0 (not only whole numbers), from @stdlib. */
export const tQuantile = (probability: number, degreesOfFreedom: number): number =>
  quantile(probability, degreesOfFreedom);

/** P(T <= t) for Student's t with `degreesOfFreedom` > 0, from @stdlib. */
export const tCdf = (t: number, degreesOfFreedom: number): number => cdf(t, degreesOfFreedom);
