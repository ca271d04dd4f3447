import { openProbability, positive, wholeNumber } from './arguments.ts';
import type { Count } from './counts.ts';
import { logGammaTails } from './incomplete-gamma.ts';
import { logGamma } from './log-gamma.ts';

/*
 * Counts that are looked at every night. With N events in exposure E, a rate r0 and theta = r / r0, the likelihood
 * ratio of r against r0 is theta^N exp(-(theta - 1) r0 E). Mixed over theta ~ Gamma(a, b), cut to theta > 1 ("above")
 * or theta < 1 ("below"), it has the closed form
 *
 *   e = Gamma(a+N)/Gamma(a) b^a / (b+mu)^(a+N) exp(mu) P(Gamma(a+N, b+mu) in cut) / P(Gamma(a, b) in cut),  mu = r0 E
 *
 * Cut to theta > 1, every ratio in the mixture has a mean of at most 1 under ANY rates of at most r0, also such that
 * change from night to night; so e is a supermartingale and passes 1/alpha at any look, ever, with probability of at
 * most alpha (Ville 1939). The same holds below. Because the mixture is over r / r0 and not over r, e is monotone in
 * r0, and the bounds are found by bisection. Exposure may grow by any amount that was not chosen by peeking ahead.
 * The counts must be Poisson: events that come in bursts (ECC errors of one bad page) must be counted once a burst.
 *
 * Sources: Robbins 1970 (method of mixtures); Ville 1939; Lindon & Malek 2022, "Anytime-valid inference for
 * multinomial count data" (Poisson counting processes). The cut to one side is Wald's weight function, 1945.
 */

/** Gamma weight of theta = rate / r0. Any choice is valid; it sets which departures are found soonest. */
export interface Mixture {
  readonly shape: number;
  readonly rate: number;
}

/** An exponential weight: above r0 its mean is 2 r0, the size of change that a pilot is stopped for. */
const DEFAULT_MIXTURE: Mixture = { shape: 1, rate: 1 };

type Cut = 'upper' | 'lower';

function checked({ events, exposure }: Count, { shape, rate }: Mixture): void {
  wholeNumber('events', events);
  positive('exposure', exposure);
  positive('shape of the mixture', shape);
  positive('rate of the mixture', rate);
}

/** ln e for `events` where `expected` are expected at r0. */
function logE(events: number, expected: number, { shape, rate }: Mixture, cut: Cut): number {
  const posterior = shape + events;
  const whole =
    logGamma(posterior) -
    logGamma(shape) +
    shape * Math.log(rate) -
    posterior * Math.log(rate + expected) +
    expected;
  return whole + logGammaTails(posterior, rate + expected)[cut] - logGammaTails(shape, rate)[cut];
}

/** ln of the e-value against "the rate is at most `rate0`"; `count` is the total so far. */
export function logEAbove(count: Count, rate0: number, mixture = DEFAULT_MIXTURE): number {
  checked(count, mixture);
  return logE(count.events, positive('rate0', rate0) * count.exposure, mixture, 'upper');
}

/** ln of the e-value against "the rate is at least `rate0`"; `count` is the total so far. */
export function logEBelow(count: Count, rate0: number, mixture = DEFAULT_MIXTURE): number {
  checked(count, mixture);
  return logE(count.events, positive('rate0', rate0) * count.exposure, mixture, 'lower');
}

/** p-value that stays valid at any look: min(1, 1/e). */
export const anytimeP = (logEValue: number): number => Math.min(1, Math.exp(-logEValue));

/** Between `inside`, where e < 1/alpha, and `outside`, where not: the outermost value still outside, to a double's precision. */
function bisect(inside: number, outside: number, isOutside: (expected: number) => boolean): number {
  let [near, far] = [inside, outside];
  for (let i = 0; i < 1100; i += 1) {
    const middle = (near + far) / 2;
    if (middle === near || middle === far) break;
    if (isOutside(middle)) far = middle;
    else near = middle;
  }
  return far;
}

/**
 * Lower confidence sequence of a Poisson rate: with probability of at least 1 - alpha it is below the true rate at
 * every look. 0 where the events are too few to say more.
 */
export function poissonLowerSequence(count: Count, alpha: number, mixture = DEFAULT_MIXTURE): number {
  checked(count, mixture);
  const bar = -Math.log(openProbability('alpha', alpha));
  const isOutside = (expected: number): boolean => logE(count.events, expected, mixture, 'upper') >= bar;
  // At expected = events no likelihood ratio exceeds 1, so that e < 1/alpha there.
  return isOutside(0) ? bisect(count.events, 0, isOutside) / count.exposure : 0;
}

/** Upper confidence sequence of a Poisson rate: at every look above the true rate, with probability of at least 1 - alpha. */
export function poissonUpperSequence(count: Count, alpha: number, mixture = DEFAULT_MIXTURE): number {
  checked(count, mixture);
  const bar = -Math.log(openProbability('alpha', alpha));
  const isOutside = (expected: number): boolean => logE(count.events, expected, mixture, 'lower') >= bar;
  let outside = count.events + 1;
  while (!isOutside(outside)) outside *= 2;
  return bisect(count.events, outside, isOutside) / count.exposure;
}

/** Two-sided confidence sequence, each side at alpha / 2. */
export const poissonConfidenceSequence = (
  count: Count,
  alpha: number,
  mixture = DEFAULT_MIXTURE,
): { readonly rate: number; readonly low: number; readonly high: number } => ({
  rate: count.events / count.exposure,
  low: poissonLowerSequence(count, alpha / 2, mixture),
  high: poissonUpperSequence(count, alpha / 2, mixture),
});
