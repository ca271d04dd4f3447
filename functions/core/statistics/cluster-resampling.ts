import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ClusterLayout } from './cluster-layout.ts';

// The hot path of the bootstrap: typed arrays made once, one pass a resample, no object and no closure inside.
// 10,000 resamples of 1,000 chips take 0.12 to 0.15 s this way, on one core.

/** Work space of one group: sum and number of values of each unit as drawn, and what they give. */
export interface Workspace {
  readonly layout: ClusterLayout;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  mean: number;
  /** Squared standard error of the mean; only after `estimate(…, true)`. */
  variance: number;
}

/** A workspace that holds the sample itself. */
export const workspace = (layout: ClusterLayout): Workspace => ({
  layout,
  sums: layout.sums.slice(),
  counts: layout.counts.slice(),
  mean: Number.NaN,
  variance: Number.NaN,
});

/** Draws as many units as there are, with replacement within each stratum; the bias of a draw is below units / 2^32. */
export function drawUnits({ layout, sums, counts }: Workspace, random: RandomGenerator): void {
  const { stratumStart } = layout;
  for (let h = 0; h + 1 < stratumStart.length; h += 1) {
    const first = stratumStart[h] as number;
    const last = stratumStart[h + 1] as number;
    for (let u = first; u < last; u += 1) {
      const unit = first + Math.floor(((random.next() >>> 0) / 4_294_967_296) * (last - first));
      sums[u] = layout.sums[unit] as number;
      counts[u] = layout.counts[unit] as number;
    }
  }
}

/** Keeps every unit and gives its residual total a random factor: S_j* = N_j m_h + w_j (S_j - N_j m_h). */
export function weighUnits(
  { layout, sums }: Workspace,
  random: RandomGenerator,
  factors: Float64Array,
): void {
  const { stratumStart } = layout;
  for (let h = 0; h + 1 < stratumStart.length; h += 1) {
    const first = stratumStart[h] as number;
    const last = stratumStart[h + 1] as number;
    let sum = 0;
    let count = 0;
    for (let u = first; u < last; u += 1) {
      sum += layout.sums[u] as number;
      count += layout.counts[u] as number;
    }
    const centre = sum / count;
    for (let u = first; u < last; u += 1) {
      const expected = (layout.counts[u] as number) * centre;
      const factor = factors[Math.floor(((random.next() >>> 0) / 4_294_967_296) * factors.length)] as number;
      sums[u] = expected + factor * ((layout.sums[u] as number) - expected);
    }
  }
}

/**
 * Stratified ratio estimate of the group's mean, with its cluster-robust variance, from the units in the workspace:
 *
 *   m = sum_h W_h S_h / N_h,   Var m = sum_h W_h^2 G_h / (G_h - 1) sum_j (S_hj - N_hj m_h)^2 / N_h^2
 *
 * over strata h and their G_h units j, with W_h the stratum's share of the sample's chips. Source: Cochran 1977,
 * chapters 5A and 11. The variance needs two units a stratum.
 */
export function estimate(space: Workspace, wantVariance: boolean): void {
  const { layout, sums, counts } = space;
  const { stratumStart, shares } = layout;
  let mean = 0;
  let variance = 0;
  for (let h = 0; h + 1 < stratumStart.length; h += 1) {
    const first = stratumStart[h] as number;
    const last = stratumStart[h + 1] as number;
    let sum = 0;
    let count = 0;
    for (let u = first; u < last; u += 1) {
      sum += sums[u] as number;
      count += counts[u] as number;
    }
    const centre = sum / count;
    const share = shares[h] as number;
    mean += share * centre;
    if (!wantVariance) continue;
    let squares = 0;
    for (let u = first; u < last; u += 1) {
      const residual = (sums[u] as number) - (counts[u] as number) * centre;
      squares += residual * residual;
    }
    const units = last - first;
    variance += (((share / count) ** 2 * units) / (units - 1)) * squares;
  }
  space.mean = mean;
  space.variance = variance;
}
