import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { InputError } from '../errors.ts';
import { openProbability, wholeNumber } from './arguments.ts';
import { type ChipValue, type ClusterLayout, chipLayout, hierarchicalLayout } from './cluster-layout.ts';
import { drawUnits, estimate, type Workspace, weighUnits, workspace } from './cluster-resampling.ts';

/** With fewer units than this on a side the percentile interval is too narrow; the studentised one is used. */
export const CLUSTERS_FOR_PERCENTILE = 15;

/** With fewer units than this on a side no bootstrap interval is given: there are too few different resamples. */
export const CLUSTERS_AT_LEAST = 4;

/** Keeps a mistyped option from taking hours. */
const MOST_RESAMPLES = 1_000_000;

export interface BootstrapOptions {
  /** Any 32-bit whole number; the same seed gives the same interval. */
  readonly seed: number;
  /** Number of resamples, from 100; 10,000 for an interval that is to be printed. */
  readonly resamples: number;
  /** Two-sided confidence in (0, 1). */
  readonly confidence: number;
}

/** Interval of mean(candidate) - mean(baseline) of log values: exp of it is a ratio of geometric means. */
export interface BootstrapInterval {
  readonly logRatio: number;
  /** Of the log ratio, from the spread between units (cluster-robust); null below two units on a side. */
  readonly standardError: number | null;
  /** Null where a side has fewer than `CLUSTERS_AT_LEAST` units. */
  readonly low: number | null;
  readonly high: number | null;
  readonly method: Exclude<BootstrapMethod, 'auto'> | 'none';
  readonly candidate: Pick<ClusterLayout, 'unit' | 'units'>;
  readonly baseline: Pick<ClusterLayout, 'unit' | 'units'>;
}

/** The two groups side by side, with the estimate from the sample itself. */
interface Comparison {
  readonly candidate: Workspace;
  readonly baseline: Workspace;
  readonly logRatio: number;
  /** 0 where all values of both sides are the same; null below two units on a side. */
  readonly standardError: number | null;
}

const difference = ({ candidate, baseline }: Pick<Comparison, 'candidate' | 'baseline'>): number =>
  candidate.mean - baseline.mean;

const spread = ({ candidate, baseline }: Pick<Comparison, 'candidate' | 'baseline'>): number =>
  Math.sqrt(candidate.variance + baseline.variance);

function compare(candidateLayout: ClusterLayout, baselineLayout: ClusterLayout): Comparison {
  const sides = { candidate: workspace(candidateLayout), baseline: workspace(baselineLayout) };
  const known = candidateLayout.units > 1 && baselineLayout.units > 1;
  for (const side of [sides.candidate, sides.baseline]) estimate(side, known);
  const standardError = known ? spread(sides) : null;
  const rounding = 1e-13 * (Math.abs(sides.candidate.mean) + Math.abs(sides.baseline.mean));
  return {
    ...sides,
    logRatio: difference(sides),
    standardError: standardError !== null && standardError <= rounding ? 0 : standardError,
  };
}

/** Order statistic of sorted values at `probability`, between (B + 1) p and its neighbour. Source: Davison & Hinkley 1997, 5.2.1. */
function orderStatistic(sorted: Float64Array, probability: number): number {
  const rank = Math.min(Math.max((sorted.length + 1) * probability, 1), sorted.length) - 1;
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Both ends of the central `confidence` of what `next` gives, `resamples` times. */
function centralRange(next: () => number, { resamples, confidence }: BootstrapOptions): [number, number] {
  const drawn = new Float64Array(resamples);
  for (let i = 0; i < resamples; i += 1) drawn[i] = next();
  drawn.sort();
  return [orderStatistic(drawn, (1 - confidence) / 2), orderStatistic(drawn, (1 + confidence) / 2)];
}

function checkOptions({ seed, resamples, confidence }: BootstrapOptions): void {
  wholeNumber('seed', seed, -(2 ** 31));
  wholeNumber('resamples', resamples, 100);
  if (resamples > MOST_RESAMPLES || seed >= 2 ** 32) {
    throw new InputError(
      'bootstrap',
      `resamples ${resamples}, seed ${seed}: expected at most ${MOST_RESAMPLES} and a seed of 32 bits`,
    );
  }
  openProbability('confidence', confidence);
}

/** The generator's first numbers are alike for neighbouring seeds; a jump of 2^64 numbers is not. */
function generator(seed: number): RandomGenerator {
  const random = xoroshiro128plus(seed);
  random.jump();
  return random;
}

function asInterval(
  comparison: Comparison,
  method: BootstrapInterval['method'],
  [low, high]: readonly [number | null, number | null],
): BootstrapInterval {
  const [candidate, baseline] = [comparison.candidate.layout, comparison.baseline.layout];
  return {
    logRatio: comparison.logRatio,
    standardError: comparison.standardError,
    low,
    high,
    method,
    candidate: { unit: candidate.unit, units: candidate.units },
    baseline: { unit: baseline.unit, units: baseline.units },
  };
}

/**
 * Interval from the distribution of t* = (d* - d) / SE*: [d - t*_high SE, d - t*_low SE]. `redraw` fills both
 * workspaces anew. A resample without any spread says nothing of t and is drawn again.
 */
function studentised(
  comparison: Comparison,
  redraw: () => void,
  options: BootstrapOptions,
): [number, number] {
  const { logRatio, standardError, candidate, baseline } = comparison;
  if (!standardError) return [logRatio, logRatio];
  // A resample of equal values may keep a spread of rounding errors.
  const smallest = standardError * 1e-9;
  const next = (): number => {
    for (;;) {
      redraw();
      estimate(candidate, true);
      estimate(baseline, true);
      const error = spread(comparison);
      if (error > smallest) return (difference(comparison) - logRatio) / error;
    }
  };
  const [low, high] = centralRange(next, options);
  return [logRatio - high * standardError, logRatio - low * standardError];
}

function percentile(comparison: Comparison, redraw: () => void, options: BootstrapOptions): [number, number] {
  const next = (): number => {
    redraw();
    estimate(comparison.candidate, false);
    estimate(comparison.baseline, false);
    return difference(comparison);
  };
  return centralRange(next, options);
}

/** Which interval to take; `auto` goes by the number of units on the side that has fewer. */
export type BootstrapMethod = 'auto' | 'percentile' | 'bootstrap-t' | 'wild-rademacher' | 'wild-webb';

/** Random factors of the wild bootstrap, mean 0 and variance 1. Sources: Liu 1988; Webb 2023, for below 12 units. */
const WILD_FACTORS = {
  'wild-rademacher': Float64Array.of(-1, 1),
  'wild-webb': Float64Array.from([-1.5, -1, -0.5, 0.5, 1, 1.5], (x) => Math.sign(x) * Math.sqrt(Math.abs(x))),
} as const;

function bootstrap(
  comparison: Comparison,
  options: BootstrapOptions,
  wanted: BootstrapMethod,
): BootstrapInterval {
  checkOptions(options);
  const { candidate, baseline } = comparison;
  const units = Math.min(candidate.layout.units, baseline.layout.units);
  if (units < CLUSTERS_AT_LEAST) return asInterval(comparison, 'none', [null, null]);
  const byNumber = units < CLUSTERS_FOR_PERCENTILE ? 'bootstrap-t' : 'percentile';
  const method = wanted === 'auto' ? byNumber : wanted;
  const random = generator(options.seed);
  const draw = (): void => {
    drawUnits(candidate, random);
    drawUnits(baseline, random);
  };
  if (method === 'percentile') return asInterval(comparison, method, percentile(comparison, draw, options));
  if (method === 'bootstrap-t') return asInterval(comparison, method, studentised(comparison, draw, options));
  const factors = WILD_FACTORS[method];
  const weigh = (): void => {
    weighUnits(candidate, random, factors);
    weighUnits(baseline, random, factors);
  };
  return asInterval(comparison, method, studentised(comparison, weigh, options));
}

/**
 * Bootstrap over chips: each side's chips are drawn with replacement, whatever their lot and node. Percentile
 * interval from `CLUSTERS_FOR_PERCENTILE` chips a side, studentised (bootstrap-t) below; or wild, where asked for.
 *
 * Source: Efron & Tibshirani 1993, chapters 12 and 13; Cameron, Gelbach & Miller 2008 for few clusters.
 */
export function chipBootstrap(
  candidate: readonly ChipValue[],
  baseline: readonly ChipValue[],
  options: BootstrapOptions,
  method: BootstrapMethod = 'auto',
): BootstrapInterval {
  return bootstrap(
    compare(chipLayout(candidate, 'candidate'), chipLayout(baseline, 'baseline')),
    options,
    method,
  );
}

/**
 * The same over lot > node > chip: whole lots are drawn (or whole nodes, see `hierarchicalLayout`), each with all
 * its chips. Nothing is drawn again inside a unit: the spread between unit means already holds the spread within,
 * and drawing at all three levels would count it up to three times. Source: Davison & Hinkley 1997, 3.8.
 */
export function hierarchicalBootstrap(
  candidate: readonly ChipValue[],
  baseline: readonly ChipValue[],
  options: BootstrapOptions,
  method: BootstrapMethod = 'auto',
): BootstrapInterval {
  return bootstrap(
    compare(hierarchicalLayout(candidate, 'candidate'), hierarchicalLayout(baseline, 'baseline')),
    options,
    method,
  );
}
