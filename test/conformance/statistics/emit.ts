import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { spendingBounds } from '../../../functions/core/statistics/alpha-spending.ts';
import {
  anytimePValue,
  oneSidedHalfWidth,
  twoSidedHalfWidth,
} from '../../../functions/core/statistics/confidence-sequence.ts';
import {
  mtbfInterval,
  poissonInterval,
  poissonUpperBound,
  pRateAbove,
  rateRatioInterval,
} from '../../../functions/core/statistics/counts.ts';
import {
  betaCdf,
  betaQuantile,
  gammaCdf,
  gammaQuantile,
  normalCdf,
  normalQuantile,
} from '../../../functions/core/statistics/distributions.ts';
import { equivalence, nonInferiority, superiority } from '../../../functions/core/statistics/equivalence.ts';
import { fieller } from '../../../functions/core/statistics/fieller.ts';
import { holm } from '../../../functions/core/statistics/holm.ts';
import { ratioInterval, welchLogRatio } from '../../../functions/core/statistics/log-ratio.ts';
import { meanInterval } from '../../../functions/core/statistics/mean-interval.ts';
import { pairedInterval, pairedLogRatio } from '../../../functions/core/statistics/paired.ts';
import { percentiles } from '../../../functions/core/statistics/percentiles.ts';
import { logEAbove, logEBelow } from '../../../functions/core/statistics/poisson-e-process.ts';
import { tCdf, tQuantile } from '../../../functions/core/statistics/student-t.ts';
import { predictAt, type Trend, trend } from '../../../functions/core/statistics/trend.ts';
import { varianceComponents } from '../../../functions/core/statistics/variance-components.ts';

/*
 * Writes random inputs with our results as JSON to standard output, for check.py to compute again with SciPy.
 * To add a function: a line in CASES here, and a function of the same name in CASES of check.py. Each case is
 * [number of inputs, make an input, compute]; the result is a number, a boolean, a text, null or a list of these.
 */

const generator = xoroshiro128plus(Number(process.argv[2] ?? 1));
const uniform = (): number => uniformFloat64(generator);
const between = (low: number, high: number): number => low + uniform() * (high - low);
const logBetween = (low: number, high: number): number => Math.exp(between(Math.log(low), Math.log(high)));
const whole = (low: number, high: number): number => Math.floor(between(low, high + 1));
const pick = <T>(options: readonly T[]): T => options[whole(0, options.length - 1)] as T;
const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const list = <T>(low: number, high: number, make: () => T): T[] =>
  Array.from({ length: whole(low, high) }, make);
/** Two of three far out in a tail. */
const probability = (): number =>
  pick([() => uniform(), () => logBetween(1e-12, 0.1), () => 1 - logBetween(1e-12, 0.1)])();
const confidence = (): number => pick([0.8, 0.9, 0.95, 0.99, 0.999]);
const positives = (): number[] => list(2, 30, () => Math.exp(0.2 * normal()));
// SciPy's own gamma functions lose digits far from the mean above a shape of about 1e6: their series stops at 2000 terms.
const shape = (): number => pick([() => logBetween(0.1, 3e5), () => whole(1, 3000)])();
const count = (): { events: number; exposure: number } => ({
  events: pick([() => whole(0, 4), () => whole(0, 400), () => Math.round(logBetween(1, 1e5))])(),
  exposure: logBetween(0.01, 1e7),
});
const spread = () => ({
  logRatio: between(-0.3, 0.3),
  standardError: logBetween(0.001, 0.3),
  degreesOfFreedom: logBetween(1, 200),
});

type Result = number | boolean | string | null | readonly Result[];

interface Case {
  readonly name: string;
  readonly input: readonly unknown[];
  readonly result: Result;
}

function cases<I extends [unknown, ...unknown[]]>(
  name: string,
  times: number,
  make: () => I,
  compute: (...input: I) => Result,
): Case[] {
  return Array.from({ length: times }, () => {
    const input = make();
    return { name, input, result: compute(...input) };
  });
}

const numbered = (values: readonly number[]): Map<string, number> =>
  new Map(values.map((v, i) => [String(i).padStart(3, '0'), v]));

const CASES: Case[] = [
  cases('t_quantile', 500, () => [probability(), logBetween(1, 1000)], tQuantile),
  cases('t_cdf', 500, () => [between(-10, 10), logBetween(1, 1000)], tCdf),
  cases('normal_quantile', 500, () => [probability()], normalQuantile),
  cases('normal_cdf', 500, () => [between(-10, 10)], normalCdf),
  cases('gamma_quantile', 1000, () => [probability(), shape(), logBetween(1e-3, 1e3)], gammaQuantile),
  cases(
    'gamma_cdf',
    1000,
    () => {
      const a = shape();
      return [Math.max(a / 20, a + between(-6, 6) * Math.sqrt(a)), a];
    },
    gammaCdf,
  ),
  cases(
    'beta_quantile',
    500,
    () => [probability(), logBetween(0.1, 1e4), logBetween(0.1, 1e4)],
    betaQuantile,
  ),
  cases('beta_cdf', 500, () => [uniform(), logBetween(0.1, 1e4), logBetween(0.1, 1e4)], betaCdf),

  cases(
    'poisson_interval',
    500,
    () => [count(), confidence()],
    (c, level) => {
      const { low, high } = poissonInterval(c, level);
      return [low, high];
    },
  ),
  cases('poisson_upper_bound', 300, () => [count(), confidence()], poissonUpperBound),
  cases(
    'mtbf_interval',
    200,
    () => [count(), confidence()],
    (c, level) => {
      const { low, high } = mtbfInterval(c, level);
      return [low, high];
    },
  ),
  cases(
    'rate_ratio_interval',
    500,
    () => [count(), count(), confidence()],
    (c, b, level) => {
      const { low, high } = rateRatioInterval(c, b, level);
      return [low, high];
    },
  ),
  cases(
    'p_rate_above',
    300,
    () => {
      const [c, b] = [count(), count()];
      // Near the observed ratio, where a p-value is worth something.
      const ratio = ((c.events + 1) / c.exposure / ((b.events + 1) / b.exposure)) * logBetween(0.5, 2);
      return [c, b, ratio];
    },
    pRateAbove,
  ),

  cases(
    'mean_interval',
    200,
    () => [list(2, 30, normal), confidence()],
    (x, level) => {
      const interval = meanInterval(x, level);
      return [interval?.low ?? null, interval?.high ?? null];
    },
  ),
  cases(
    'welch_interval',
    300,
    () => [positives(), positives(), confidence()],
    (c, b, level) => {
      const found = welchLogRatio(c, b);
      const { low, high } = ratioInterval(Math.exp(found.logRatio), found, level);
      return [found.degreesOfFreedom, low, high];
    },
  ),
  cases(
    'paired_interval',
    300,
    () => [list(2, 30, () => [Math.exp(0.2 * normal()), Math.exp(0.2 * normal())] as const), confidence()],
    (pairs, level) => {
      const paired = pairedLogRatio(numbered(pairs.map((p) => p[0])), numbered(pairs.map((p) => p[1])));
      const { ratio, low, high } = pairedInterval(paired, level);
      return [ratio, low, high];
    },
  ),
  cases(
    'fieller',
    500,
    () => {
      const sample = (): number[] => {
        const [centre, sd] = [between(-3, 12), logBetween(0.01, 5)];
        return list(2, 20, () => centre + sd * normal());
      };
      return [sample(), sample(), confidence()];
    },
    (c, b, level) => {
      const set = fieller(c, b, level);
      if (set.kind === 'whole-line') return [set.kind];
      return set.kind === 'bounded' ? [set.kind, set.low, set.high] : [set.kind, set.below, set.above];
    },
  ),
  cases(
    'ratio_tests',
    300,
    () => [spread(), between(0, 0.2)],
    (s, margin) => [
      superiority(s, margin, 0.05).pValue,
      nonInferiority(s, margin, 0.05).pValue,
      equivalence(s, margin, 0.05).pValue,
    ],
  ),
  cases('holm', 300, () => [list(0, 12, () => uniform() ** 3), pick([0.01, 0.05, 0.2])], holm),
  cases(
    'percentiles',
    300,
    () => [list(1, 300, normal), [5, 50, 95], confidence()],
    (x, wanted, level) => percentiles(x, wanted, level).flatMap(({ value, low, high }) => [value, low, high]),
  ),
  cases(
    'log_e_values',
    150,
    () => {
      const c = { events: whole(0, 60), exposure: logBetween(0.1, 1e4) };
      return [c, ((c.events + 1) / c.exposure) * logBetween(0.3, 3)];
    },
    (c, rate0) => [logEAbove(c, rate0), logEBelow(c, rate0)],
  ),

  cases(
    'confidence_sequence',
    300,
    () => {
      const look = {
        standardError: logBetween(0.1, 10),
        n: whole(7, 3000),
        tunedFor: whole(10, 3000),
        alpha: logBetween(1e-3, 0.2),
      };
      return [look, look.standardError * between(0, 6)];
    },
    (look, distance) => [twoSidedHalfWidth(look), oneSidedHalfWidth(look), anytimePValue(distance, look)],
  ),
  cases(
    'spending_bounds',
    60,
    () => {
      const steps = list(1, 5, () => between(1, 5));
      const total = steps.reduce((sum, step) => sum + step, 0);
      const upTo = (end: number): number => steps.slice(0, end).reduce((sum, step) => sum + step, 0);
      const fractions = steps.map((_, i) => (i + 1 === steps.length ? 1 : upTo(i + 1) / total));
      const spending = {
        alpha: logBetween(0.001, 0.2),
        phi: between(0.5, 3),
        sides: pick<1 | 2>([1, 2]),
      };
      return [fractions, spending];
    },
    (fractions, spending) => spendingBounds(fractions, spending).map(({ bound }) => bound),
  ),
  cases(
    'variance_components',
    60,
    () => {
      // Of order one: the limit of check.py is absolute as well as relative.
      const [ofLot, ofChip, ofNight] = [between(0, 3), between(0, 3), between(0.3, 3)];
      // Two lots, two chips and two nights at least, so that every component can be told.
      const values = Array.from({ length: whole(2, 5) }, (_, l) => {
        const lot = ofLot * normal();
        return Array.from({ length: whole(2, 5) }, (__, c) => {
          const chip = lot + ofChip * normal();
          return list(2, 6, () => ({ lot: `${l}`, chip: `${l}/${c}`, logValue: chip + ofNight * normal() }));
        });
      });
      return [values.flat(2)];
    },
    (values) => {
      const { lot, chip, night } = varianceComponents(values);
      return [lot?.variance ?? null, chip?.variance ?? null, night?.variance ?? null];
    },
  ),
  cases(
    'trend',
    200,
    () => {
      const [slope, first] = [between(-1, 1), whole(0, 20_000)];
      let day = first;
      const points = list(3, 60, () => {
        day += whole(1, 3);
        return { day, logValue: slope * (day - first) + 2 * normal() };
      });
      return [points, day + whole(-5, 60), confidence()];
    },
    (points, day, level) => {
      const found = trend(points) as Trend;
      const { logValue, line, newNight } = predictAt(found, day, level);
      const ends = [line.low, line.high, newNight.low, newNight.high];
      return [found.slope, found.slopeStandardError, logValue, ...ends];
    },
  ),
].flat();

process.stdout.write(JSON.stringify(CASES));
