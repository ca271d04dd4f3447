import { InputError } from '../errors.ts';
import { finite, openProbability } from './arguments.ts';
import type { LogRatio } from './log-ratio.ts';
import { tCdf } from './student-t.ts';

/**
 * Tests of a ratio candidate / baseline of which LESS is better (energy, time, cost per unit of work), from its
 * logarithm, standard error and degrees of freedom. `margin` is a share of the baseline: 0.05 is 5 %.
 */
export interface RatioTest {
  /** Against the null hypothesis that the test wants to refuse; null where no spread is known. */
  readonly pValue: number | null;
  /** pValue < alpha; null, which is never a pass, where no spread is known. */
  readonly passes: boolean | null;
}

export interface EquivalenceTest extends RatioTest {
  /** For "the ratio is at least 1 + margin" and "the ratio is at most 1 - margin": the larger of them is `pValue`. */
  readonly pAtLeastHigh: number | null;
  readonly pAtMostLow: number | null;
}

function marginOf(margin: number): number {
  if (margin >= 0 && margin < 1) return margin;
  throw new InputError('margin', `margin ${margin}: expected a number from 0 up to, not including, 1`);
}

/** One-sided p-value against "the log ratio is at least ln(threshold)": P(T <= (L - ln threshold) / SE). */
function pBelow(spread: LogRatio, threshold: number): number | null {
  const { logRatio, standardError, degreesOfFreedom } = spread;
  if (standardError === null || degreesOfFreedom === null) return null;
  const distance = finite('log ratio', logRatio) - Math.log(threshold);
  if (standardError === 0) return distance < 0 ? 0 : 1;
  return tCdf(distance / standardError, degreesOfFreedom);
}

/** Against "at most ln(threshold)", as the lower tail of the mirrored ratio: a small p keeps its digits. */
const pAbove = (spread: LogRatio, threshold: number): number | null =>
  pBelow({ ...spread, logRatio: -spread.logRatio }, 1 / threshold);

const decide = (pValue: number | null, alpha: number): RatioTest => ({
  pValue,
  passes: pValue === null ? null : pValue < alpha,
});

/** Better by more than the margin: passes where the one-sided upper bound of confidence 1 - alpha is < 1 - margin. */
export const superiority = (spread: LogRatio, margin: number, alpha: number): RatioTest =>
  decide(pBelow(spread, 1 - marginOf(margin)), openProbability('alpha', alpha));

/** Not worse by more than the margin: passes where that bound is < 1 + margin. */
export const nonInferiority = (spread: LogRatio, margin: number, alpha: number): RatioTest =>
  decide(pBelow(spread, 1 + marginOf(margin)), openProbability('alpha', alpha));

/**
 * Two one-sided tests: passes where the interval of confidence 1 - 2 alpha lies wholly inside 1 - margin .. 1 + margin.
 * Both tests are at alpha, with no correction, as both must pass. Source: Schuirmann 1987.
 */
export function equivalence(spread: LogRatio, margin: number, alpha: number): EquivalenceTest {
  openProbability('alpha', alpha);
  const pAtLeastHigh = pBelow(spread, 1 + marginOf(margin));
  const pAtMostLow = pAbove(spread, 1 - margin);
  const pValue = pAtLeastHigh === null || pAtMostLow === null ? null : Math.max(pAtLeastHigh, pAtMostLow);
  return { ...decide(pValue, alpha), pAtLeastHigh, pAtMostLow };
}
