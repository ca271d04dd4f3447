import { oneSidedHalfWidth, SEQUENCE_BURN_IN } from '../statistics/confidence-sequence.ts';
import { tQuantile } from '../statistics/student-t.ts';
import type { Spread } from './contrast.ts';
import type { Monitoring } from './policy.ts';

/** One-sided bounds of a figure: each holds with probability 1 - alpha by itself. */
export interface Bounds {
  readonly lower: (alpha: number) => number;
  readonly upper: (alpha: number) => number;
}

/** Bounds, or why there are none yet. */
export type Monitored = Bounds | { readonly reason: string };

export const hasBounds = (m: Monitored): m is Bounds => 'lower' in m;

/**
 * Share of alpha that the looking every night may cost; the rest is for what the chips of a pilot may differ from
 * those to come. Nights are many and chips are few, so that most of it is better spent on the chips.
 */
export const NIGHTLY_SHARE = 0.2;

const around = (centre: number, half: (alpha: number) => number): Bounds => ({
  lower: (alpha) => centre - half(alpha),
  upper: (alpha) => centre + half(alpha),
});

/** Looked at once: Student t with the spread between units. */
export function onceBounds(centre: number, { between }: Spread): Monitored {
  if (!between) return { reason: 'no interval: fewer than two units on a side' };
  return around(centre, (alpha) => tQuantile(1 - alpha, between.degreesOfFreedom) * between.standardError);
}

/**
 * Bounds that hold over all nights at once, for the population that the chips were drawn from:
 *
 *   t(1 - 0.8 alpha, df) SE_between  +  one-sided confidence sequence over nights at 0.2 alpha
 *
 * The chips of a pilot are drawn once, so that how far their mean lies from that of the population does not change
 * from night to night, and one interval is enough for it; a confidence sequence covers how far the estimate is from
 * the mean of these chips at every night. The two errors add up to at most alpha. More nights shrink the second term
 * alone; the first is the floor that only more chips lower.
 */
export function nightlyBounds(centre: number, { between, night }: Spread, plannedNights: number): Monitored {
  if (!between) return { reason: 'no interval: fewer than two units on a side' };
  if (!night || night.nights < SEQUENCE_BURN_IN) {
    return {
      reason: `${night?.nights ?? 1} of the first ${SEQUENCE_BURN_IN} nights, before which the spread over nights is not known well enough`,
    };
  }
  const { standardError, nights: n } = night;
  return around(
    centre,
    (alpha) =>
      tQuantile(1 - (1 - NIGHTLY_SHARE) * alpha, between.degreesOfFreedom) * between.standardError +
      oneSidedHalfWidth({ standardError, n, tunedFor: plannedNights, alpha: NIGHTLY_SHARE * alpha }),
  );
}

/** Runs that come one after another, each a unit: the sequence is over runs. */
export function runBounds(
  centre: number,
  standardError: number | null,
  degreesOfFreedom: number | null,
  runs: number,
  monitoring: Monitoring,
): Monitored {
  if (standardError === null || degreesOfFreedom === null)
    return { reason: 'no interval: fewer than two runs on a side' };
  if (monitoring.kind === 'once')
    return around(centre, (alpha) => tQuantile(1 - alpha, degreesOfFreedom) * standardError);
  if (runs < SEQUENCE_BURN_IN) {
    return {
      reason: `${runs} runs on the smaller side; expected ${SEQUENCE_BURN_IN} before runs are looked at every night`,
    };
  }
  const tunedFor = monitoring.kind === 'nightly' ? monitoring.plannedNights : Math.max(...monitoring.nights);
  return around(centre, (alpha) => oneSidedHalfWidth({ standardError, n: runs, tunedFor, alpha }));
}

/** The smallest error at which `lower` still lies above `threshold`: between 0 and 1/2, 1 where it never does. */
export function pAbove({ lower }: Bounds, threshold: number): number {
  let [no, yes] = [Math.log(SMALLEST_P), Math.log(LARGEST_P)];
  if (!(lower(LARGEST_P) > threshold)) return 1;
  if (lower(SMALLEST_P) > threshold) return 0;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (no + yes) / 2;
    if (lower(Math.exp(middle)) > threshold) yes = middle;
    else no = middle;
  }
  return Math.exp(yes);
}

const SMALLEST_P = 1e-12;
const LARGEST_P = 0.49;
const BISECTIONS = 50;
