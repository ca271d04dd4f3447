import { rampCosts } from './ramp-costs.ts';
import { savingsAt } from './ramp-flow.ts';
import type { RampKey, RampValues } from './ramp-inputs.ts';
import type { RampPlan } from './ramp-plan.ts';
import type { RampSchedule } from './ramp-schedule.ts';

export const FLIP_SIDES = ['candidate', 'gpu'] as const;
export type FlipSide = (typeof FLIP_SIDES)[number];

/** The price that a side is bought or rented at. */
export function priceKey(plan: RampPlan, side: FlipSide): RampKey {
  const isRented = plan[side].basis === 'rented';
  if (side === 'candidate') return isRented ? 'candidateHourlyPrice' : 'candidateChipCost';
  return isRented ? 'gpuHourlyPrice' : 'gpuChipCost';
}

/**
 * The price at which the plan saves nothing, all else as it is. Savings are linear in every price, so that two points
 * give it: p - S(p) p / (S(2p) - S(p)). At or below 0 where no price does; infinite where the price moves nothing.
 */
export function flipPrice(
  plan: RampPlan,
  schedule: RampSchedule,
  values: RampValues,
  side: FlipSide,
): number {
  const key = priceKey(plan, side);
  const price = values[key];
  const saved = (at: RampValues): number => savingsAt(rampCosts(plan, at), schedule, 1).total;
  const here = saved(values);
  const change = saved({ ...values, [key]: 2 * price }) - here;
  return change === 0 ? Number.POSITIVE_INFINITY : price - (here * price) / change;
}
