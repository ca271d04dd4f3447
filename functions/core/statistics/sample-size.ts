import { InputError } from '../errors.ts';
import { finite, openProbability, positive, wholeNumber } from './arguments.ts';
import { normalCdf } from './distributions.ts';
import { gaussPanels } from './gauss-legendre.ts';
import { logGamma } from './log-gamma.ts';
import { tQuantile } from './student-t.ts';

/** Power that a planned size is meant to reach. */
export const PLANNED_POWER = 0.8;

/** Above this many chips of the candidate nothing is proposed: it would be production, not a pilot. */
export const MOST_CHIPS = 100_000;

/** Above ten years of nights nothing is proposed. */
export const MOST_NIGHTS = 3_650;

/** A comparison as it stands, on the log scale, and what it is to show. */
export interface Plan {
  /** Current estimate of ln(candidate / baseline), taken for the truth. */
  readonly logRatio: number;
  /** ln of the ratio that the interval is to exclude. */
  readonly logThreshold: number;
  /** Whether the ratio is to be shown to lie above or below the threshold. */
  readonly direction: 'above' | 'below';
  /** One-sided. */
  readonly alpha: number;
  /** Variance between chips of a group (with that of lots, where they are drawn too), of log values. */
  readonly chipVariance: number;
  /** Variance between nights of a chip, of log values; times the inflation by autocorrelation, where there is one. */
  readonly nightVariance: number;
  readonly chips: { readonly candidate: number; readonly baseline: number };
  readonly nights: number;
}

/** What is needed in all, not in addition; or why no number is enough. */
export type Needed =
  | { readonly needed: number }
  | { readonly needed: null; readonly reason: 'wrong-side' | 'between-chip-floor' | 'beyond-limit' };

/** Distance from the threshold in the direction to be shown; not positive on the wrong side. */
const distance = ({ logRatio, logThreshold, direction }: Plan): number =>
  direction === 'above' ? logRatio - logThreshold : logThreshold - logRatio;

function check(plan: Plan): void {
  finite('log ratio', plan.logRatio);
  finite('log threshold', plan.logThreshold);
  openProbability('alpha', plan.alpha);
  for (const [name, value] of [
    ['chip variance', plan.chipVariance],
    ['night variance', plan.nightVariance],
  ] as const) {
    if (value !== 0) positive(name, value);
  }
  wholeNumber('chips of the candidate', plan.chips.candidate, 1);
  wholeNumber('chips of the baseline', plan.chips.baseline, 1);
  wholeNumber('nights', plan.nights, 1);
  if (plan.chips.candidate + plan.chips.baseline < 3) {
    throw new InputError('sample-size', 'one chip a side: expected at least three chips in all');
  }
}

/**
 * P(T > critical) for the noncentral t: the normal power given the estimated standard deviation s (in units of the
 * true one), over the distribution of s, that of sqrt(chi^2 / df):
 *
 *   integral Phi(shift - critical s) f(s) ds,   f(s) = 2 (df/2)^(df/2) / Gamma(df/2) s^(df - 1) exp(-df s^2 / 2)
 *
 * Source: Johnson, Kotz & Balakrishnan 1995, 31.
 */
function noncentralTail(critical: number, shift: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  const logScale = Math.LN2 + half * Math.log(half) - logGamma(half);
  // s has a standard deviation of about 1 / sqrt(2 df); ten of them leave out less than 1e-12.
  const sd = 1 / Math.sqrt(2 * degreesOfFreedom);
  const { nodes, weights } = gaussPanels(Math.max(0, 1 - 10 * sd), 1 + 10 * sd, sd / 2);
  let probability = 0;
  for (let i = 0; i < nodes.length; i += 1) {
    const s = nodes[i] as number;
    const logDensity = logScale + (degreesOfFreedom - 1) * Math.log(s) - half * s * s;
    probability += (weights[i] as number) * Math.exp(logDensity) * normalCdf(shift - critical * s);
  }
  return Math.min(1, probability);
}

/** Power of such a comparison at other numbers of chips and nights; nights may be infinite. */
function powerAt(plan: Plan, candidate: number, baseline: number, nights: number): number {
  const variance = (plan.chipVariance + plan.nightVariance / nights) * (1 / candidate + 1 / baseline);
  if (variance === 0) return distance(plan) > 0 ? 1 : 0;
  const degreesOfFreedom = candidate + baseline - 2;
  const critical = tQuantile(1 - plan.alpha, degreesOfFreedom);
  return noncentralTail(critical, distance(plan) / Math.sqrt(variance), degreesOfFreedom);
}

/**
 * Chance that the one-sided interval of such a comparison excludes the threshold, if the estimate is the truth: the
 * noncentral t with n_c + n_b - 2 degrees of freedom, shifted by
 *
 *   distance / SE,   SE^2 = (v_chip + v_night / nights) (1 / n_c + 1 / n_b)
 */
export function powerOf(plan: Plan): number {
  check(plan);
  return powerAt(plan, plan.chips.candidate, plan.chips.baseline, plan.nights);
}

/** The smallest whole number from `from` to `most` that is enough, where larger ones are as well; null: none is. */
function smallest(from: number, most: number, isEnough: (count: number) => boolean): number | null {
  if (!isEnough(most)) return null;
  let [tooFew, enough] = [from - 1, most];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/**
 * Chips of the candidate with which the interval excludes the threshold with power 0.8, at the plan's nights and
 * the plan's proportion of baseline chips to candidate chips (rounded up). At least two a side.
 */
export function chipsNeeded(plan: Plan): Needed {
  check(plan);
  if (distance(plan) <= 0) return { needed: null, reason: 'wrong-side' };
  const baselinePerCandidate = plan.chips.baseline / plan.chips.candidate;
  const needed = smallest(2, MOST_CHIPS, (candidate) => {
    // Rounding must not make 3 x 7 / 7 four.
    const baseline = Math.max(2, Math.ceil(baselinePerCandidate * candidate - 1e-9));
    return powerAt(plan, candidate, baseline, plan.nights) >= PLANNED_POWER;
  });
  return needed === null ? { needed, reason: 'beyond-limit' } : { needed };
}

/**
 * Nights with which the interval excludes the threshold with power 0.8, at the plan's chips. More nights do not
 * shrink the spread between chips: where that alone is too wide, no number is enough.
 */
export function nightsNeeded(plan: Plan): Needed {
  check(plan);
  if (distance(plan) <= 0) return { needed: null, reason: 'wrong-side' };
  const { candidate, baseline } = plan.chips;
  const isEnough = (nights: number): boolean => powerAt(plan, candidate, baseline, nights) >= PLANNED_POWER;
  if (!isEnough(Infinity)) return { needed: null, reason: 'between-chip-floor' };
  const needed = smallest(1, MOST_NIGHTS, isEnough);
  return needed === null ? { needed, reason: 'beyond-limit' } : { needed };
}
