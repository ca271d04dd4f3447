import type { RampCosts } from './ramp-costs.ts';
import { type RampFlow, savingsAt } from './ramp-flow.ts';
import type { RampSchedule } from './ramp-schedule.ts';

/** Of a piecewise linear curve with two corners a month each step of Newton's passes at least one corner. */
const STEPS_LIMIT = 1_000;

/**
 * The scale of the ramp at which it saves nothing and loses nothing; infinite where it loses at any scale.
 *
 * Savings are concave in the scale and at most 0 at 0, so that a tangent's root never lies beyond the first root:
 * Newton's steps from 0 rise to it and, the curve being piecewise linear, reach it. Without a fleet one step does:
 * one-time cost / what the plan's chips save over their life.
 */
export function breakEvenScale(costs: RampCosts, schedule: RampSchedule): number {
  let scale = 0;
  for (let step = 0; step < STEPS_LIMIT; step += 1) {
    const { total, slope } = savingsAt(costs, schedule, scale);
    if (total >= 0 && (scale > 0 || slope >= 0)) return scale;
    if (slope <= 0) return Number.POSITIVE_INFINITY;
    const next = scale - total / slope;
    // Rounding: the root is between this number and its neighbour.
    if (next <= scale) return scale;
    scale = next;
  }
  return scale;
}

/** First month (from 1) from which on cumulative savings stay at or above 0; infinite where they end below. */
export function breakEvenMonth({ cumulative }: RampFlow): number {
  const lastLoss = cumulative.findLastIndex((sum) => sum < 0);
  return lastLoss === cumulative.length - 1 ? Number.POSITIVE_INFINITY : lastLoss + 2;
}
