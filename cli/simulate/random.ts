import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { sha256 } from '../../functions/platform/hash.ts';

/** Half of the step between uniform numbers: keeps them off 0, where the normal quantile is infinite. */
const HALF_STEP = 2 ** -54;
/** Above this mean exp(-mean) loses its digits; a sum of smaller counts is the same distribution. */
const LARGEST_MEAN = 30;

/**
 * Random numbers of one thing, named by seed and path. What one thing draws never depends on how many numbers
 * another one drew, so that one run can be made alone.
 */
export class Random {
  private readonly generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(seed: number, ...path: readonly (string | number)[]) {
    const hash = sha256(JSON.stringify([seed, ...path]));
    const word = (at: number): number => Number.parseInt(hash.slice(8 * at, 8 * at + 8), 16) | 0;
    this.generator = xoroshiro128plusFromState([word(0), word(1), word(2), word(3)]);
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.generator);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Mean 0, SD 1, by the inverse of the distribution function. */
  normal(): number {
    return normalQuantile(this.uniform() + HALF_STEP, 0, 1);
  }

  /** A count with this mean: multiplies uniform numbers until they fall below exp(-mean) (Knuth). */
  poisson(mean: number): number {
    if (mean > LARGEST_MEAN) return this.poisson(mean / 2) + this.poisson(mean / 2);
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1;
    return count;
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
  }
}
