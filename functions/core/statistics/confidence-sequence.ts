import { finite, openProbability, positive } from './arguments.ts';

/**
 * The sequence holds asymptotically: below this number of independent units the variance is not known well enough
 * for it. From it on, 84 nightly looks without a true difference err in under 5 % of simulated pilots at alpha 0.05.
 */
export const SEQUENCE_BURN_IN = 7;

/** What is known of a mean after n independent units, and how the sequence was tuned before the first of them. */
export interface SequenceLook {
  /** Standard error of the mean at this look, in the unit of the mean. */
  readonly standardError: number;
  /** Independent units behind it. */
  readonly n: number;
  /** N*: the number of units at which the sequence is to be narrowest; chosen once, before looking. */
  readonly tunedFor: number;
  /** Error over all looks together, in (0, 1); below 0.5 for one side. */
  readonly alpha: number;
}

function checked(look: SequenceLook): SequenceLook {
  if (look.standardError !== 0) positive('standard error', look.standardError);
  positive('n', look.n);
  positive('N*', look.tunedFor);
  openProbability('alpha', look.alpha);
  return look;
}

/** One side uses rho of 2 alpha. */
function checkedOneSided(look: SequenceLook): SequenceLook {
  openProbability('twice the one-sided alpha', 2 * look.alpha);
  return checked(look);
}

/** rho^2 = (-2 ln alpha + ln(-2 ln alpha + 1)) / N*, eq. 161 of Waudby-Smith et al. */
const mixingSquared = (alpha: number, tunedFor: number): number =>
  (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tunedFor;

/** SE sqrt(n) sqrt(2 (n rho^2 + 1) / (n rho)^2 x logTerm), common to both sides. */
const halfWidth = ({ standardError, n }: SequenceLook, rhoSquared: number, logTerm: number): number =>
  standardError * Math.sqrt(((2 * (n * rhoSquared + 1)) / (n * rhoSquared)) * logTerm);

/**
 * Half-width of the two-sided asymptotic confidence sequence: mean +- it covers the truth at all looks at once
 * with probability 1 - alpha, however often it is looked at.
 *
 *   SE sqrt(n) sqrt(2 (n rho^2 + 1) / (n rho)^2 ln(sqrt(n rho^2 + 1) / alpha))
 *
 * Source: Waudby-Smith et al., arXiv 2103.06476, as GrowthBook computes it.
 */
export function twoSidedHalfWidth(look: SequenceLook): number {
  const { n, tunedFor, alpha } = checked(look);
  const rhoSquared = mixingSquared(alpha, tunedFor);
  return halfWidth(look, rhoSquared, Math.log(Math.sqrt(n * rhoSquared + 1) / alpha));
}

/**
 * The same for one side: mean - it is a lower bound at all looks at once (or mean + it an upper one, not both).
 *
 *   SE sqrt(n) sqrt(2 (n rho^2 + 1) / (n rho)^2 ln(1 + sqrt(n rho^2 + 1) / (2 alpha))),   rho of 2 alpha
 */
export function oneSidedHalfWidth(look: SequenceLook): number {
  const { n, tunedFor, alpha } = checkedOneSided(look);
  const rhoSquared = mixingSquared(2 * alpha, tunedFor);
  return halfWidth(look, rhoSquared, Math.log1p(Math.sqrt(n * rhoSquared + 1) / (2 * alpha)));
}

/** rho^2 t^2 / (2 (n rho^2 + 1)) with t^2 = n (distance / SE)^2; 0 at no distance, even without spread. */
function exponent(distance: number, { standardError, n }: SequenceLook, rhoSquared: number): number {
  if (finite('distance', distance) === 0) return 0;
  return ((n * rhoSquared) / (2 * (n * rhoSquared + 1))) * (distance / standardError) ** 2;
}

/**
 * Two-sided evidence against "the mean is `distance` away from its estimate":
 *
 *   e = exp(rho^2 t^2 / (2 (n rho^2 + 1))) / sqrt(n rho^2 + 1)
 *
 * e >= 1 / alpha just where the two-sided sequence excludes that value. Held at the largest double.
 */
export function eValue(distance: number, look: SequenceLook): number {
  const { n, tunedFor, alpha } = checked(look);
  const rhoSquared = mixingSquared(alpha, tunedFor);
  const logE = exponent(distance, look, rhoSquared) - Math.log(n * rhoSquared + 1) / 2;
  return Math.min(Number.MAX_VALUE, Math.exp(logE));
}

/** Two-sided p-value that may be read at any look: min(1, 1 / e). */
export const anytimePValue = (distance: number, look: SequenceLook): number => {
  const e = eValue(distance, look);
  return Math.min(1, 1 / e);
};

/**
 * One-sided p-value that may be read at any look, against "the mean is at most `distance` below its estimate":
 * the smallest alpha at which the one-sided sequence excludes it, with rho held at the one of `look.alpha`.
 *
 *   p = min(1, sqrt(n rho^2 + 1) / (2 (exp(rho^2 t^2 / (2 (n rho^2 + 1))) - 1))),   1 where distance <= 0
 */
export function anytimePAbove(distance: number, look: SequenceLook): number {
  const { n, tunedFor, alpha } = checkedOneSided(look);
  const rhoSquared = mixingSquared(2 * alpha, tunedFor);
  const grown = Math.expm1(exponent(distance, look, rhoSquared));
  if (distance <= 0 || grown === 0) return 1;
  return Math.min(1, Math.sqrt(n * rhoSquared + 1) / (2 * grown));
}
