import { openProbability, positive, wholeNumber } from './arguments.ts';
import { betaCdf, betaQuantile, gammaQuantile } from './distributions.ts';

/** Events (failures, ECC errors, hangs) and the exposure they were seen in, for instance chip-hours. */
export interface Count {
  readonly events: number;
  readonly exposure: number;
}

/** Events per unit of exposure. */
export interface RateInterval {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

function checked(count: Count): Count {
  wholeNumber('events', count.events);
  positive('exposure', count.exposure);
  return count;
}

/** Upper bound of the rate at which `events` or fewer have probability `tail`: Gamma quantile, Garwood 1936. */
const upper = ({ events, exposure }: Count, tail: number): number =>
  gammaQuantile(1 - tail, events + 1) / exposure;

/**
 * Exact two-sided interval of a Poisson rate, each side at (1 - confidence)/2; its low end is 0 where nothing
 * happened. It covers at least `confidence` at every true rate. Source: Garwood 1936.
 */
export function poissonInterval(count: Count, confidence: number): RateInterval {
  const { events, exposure } = checked(count);
  const tail = (1 - openProbability('confidence', confidence)) / 2;
  const low = events === 0 ? 0 : gammaQuantile(tail, events) / exposure;
  return { rate: events / exposure, low, high: upper(count, tail) };
}

/** Exact one-sided upper bound of a Poisson rate: lower than the two-sided interval's high end. */
export const poissonUpperBound = (count: Count, confidence: number): number =>
  upper(checked(count), 1 - openProbability('confidence', confidence));

/**
 * Upper bound of the rate where nothing happened in `exposure`: -ln(1 - confidence) / exposure. The rule of three is
 * its rounding at 95 %: 2.996 / exposure. Source: Hanley & Lippman-Hand 1983.
 */
export const zeroEventUpperBound = (exposure: number, confidence: number): number =>
  -Math.log1p(-openProbability('confidence', confidence)) / positive('exposure', exposure);

/** Exposure without an event after which the rate is shown to be below `targetRate`. */
export const zeroEventExposure = (targetRate: number, confidence: number): number =>
  -Math.log1p(-openProbability('confidence', confidence)) / positive('target rate', targetRate);

/** Mean time between failures, in the unit of exposure. Null is "no finite value": nothing failed. */
export interface MtbfInterval {
  readonly mtbf: number | null;
  readonly low: number;
  readonly high: number | null;
}

/** Exposure per failure with its exact interval, the reciprocal of `poissonInterval` (test ended by time, not by a failure). */
export function mtbfInterval(count: Count, confidence: number): MtbfInterval {
  const { rate, low, high } = poissonInterval(count, confidence);
  return { mtbf: rate === 0 ? null : 1 / rate, low: 1 / high, high: low === 0 ? null : 1 / low };
}

/** Candidate rate over baseline rate. Null is "no finite value": the baseline had no event. */
export interface RateRatio {
  readonly ratio: number | null;
  readonly low: number;
  readonly high: number | null;
}

/**
 * Exact interval of a ratio of two Poisson rates. Given the sum n of the events, the candidate's are binomial with
 * p = r E_c / (r E_c + E_b); Clopper and Pearson's interval for p is turned into one for r. Source: Przyborowski &
 * Wilenski 1940; Clopper & Pearson 1934.
 */
export function rateRatioInterval(candidate: Count, baseline: Count, confidence: number): RateRatio {
  const [c, b] = [checked(candidate), checked(baseline)];
  const tail = (1 - openProbability('confidence', confidence)) / 2;
  const exposures = b.exposure / c.exposure;
  // The odds p / (1 - p), with 1 - p from the mirrored quantile, so that a large ratio keeps its digits.
  const odds = (p: number, events: number, others: number): number =>
    betaQuantile(p, events, others) / betaQuantile(1 - p, others, events);
  return {
    ratio: b.events === 0 ? null : (c.events / b.events) * exposures,
    low: c.events === 0 ? 0 : odds(tail, c.events, b.events + 1) * exposures,
    high: b.events === 0 ? null : odds(1 - tail, c.events + 1, b.events) * exposures,
  };
}

/** Exact one-sided p-value against "the candidate's rate is at most `ratio` times the baseline's". 1 where nothing happened to it. */
export function pRateAbove(candidate: Count, baseline: Count, ratio: number): number {
  const [c, b] = [checked(candidate), checked(baseline)];
  const share = 1 / (1 + b.exposure / (positive('ratio', ratio) * c.exposure));
  return c.events === 0 ? 1 : betaCdf(share, c.events, b.events + 1);
}
