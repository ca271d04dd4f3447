import type { RampCosts } from './ramp-costs.ts';
import type { RampSchedule } from './ramp-schedule.ts';

/** What a GPU that is not needed saves a month: by not being there, and by not running. */
interface GpuMonth {
  readonly hold: number;
  readonly run: number;
}

/** A bought GPU costs its capital spread over its service life, by the month: what a rent would be without a profit. */
function gpuMonth({ gpu }: RampCosts): GpuMonth {
  return {
    hold: gpu.rent + (gpu.capital + gpu.overheadCapital) / gpu.lifeFactor,
    run: gpu.power + gpu.overheadPower,
  };
}

/** Present values by month, `scale` times the plan's chips. */
export interface RampFlow {
  /** GPUs whose work the candidate does. */
  readonly replaced: Float64Array;
  /** Of these, GPUs that are no longer paid for. */
  readonly dropped: Float64Array;
  readonly avoided: Float64Array;
  readonly spend: Float64Array;
  /** Savings up to and with the month. */
  readonly cumulative: Float64Array;
}

export function rampFlow(costs: RampCosts, schedule: RampSchedule): RampFlow {
  const { additions, inService, fleet, droppable, weights } = schedule;
  const { candidate, gpusPerChip, oneTime } = costs;
  const gpu = gpuMonth(costs);
  const buy = candidate.capital + candidate.overheadCapital;
  const serve = candidate.rent + candidate.power + candidate.overheadPower;
  const empty = (): Float64Array => new Float64Array(weights.length);
  const flow = { replaced: empty(), dropped: empty(), avoided: empty(), spend: empty(), cumulative: empty() };
  let sum = 0;
  for (let m = 0; m < weights.length; m += 1) {
    const [n, w] = [inService[m] as number, weights[m] as number];
    const replaced = n * gpusPerChip;
    const dropped = Math.min(replaced, droppable[m] as number);
    const avoided = w * (gpu.hold * dropped + gpu.run * Math.min(replaced, fleet));
    const spend = w * ((additions[m] as number) * buy + n * serve) + (m === 0 ? oneTime : 0);
    sum += avoided - spend;
    flow.replaced[m] = replaced;
    flow.dropped[m] = dropped;
    flow.avoided[m] = avoided;
    flow.spend[m] = spend;
    flow.cumulative[m] = sum;
  }
  return flow;
}

export interface Savings {
  readonly total: number;
  /** Of the total over the scale, to the right; 0 where what is left of its parts is their rounding. */
  readonly slope: number;
}

/** Parts of a slope cancel: below this share of them, what is left says nothing. */
const ROUNDING = 1e-12;

/**
 * Present value of what the ramp saves over its life where it has `scale` times the plan's chips. It is concave in the
 * scale: the first chips replace GPUs that can be dropped, the last perhaps none.
 */
export function savingsAt(costs: RampCosts, schedule: RampSchedule, scale: number): Savings {
  const { additions, inService, fleet, droppable, weights } = schedule;
  const { candidate, gpusPerChip, oneTime } = costs;
  const { hold, run } = gpuMonth(costs);
  const buy = candidate.capital + candidate.overheadCapital;
  const serve = candidate.rent + candidate.power + candidate.overheadPower;
  let total = -oneTime;
  let [gain, expense] = [0, 0];
  for (let m = 0; m < weights.length; m += 1) {
    const [n, w, limit] = [inService[m] as number, weights[m] as number, droppable[m] as number];
    const each = n * gpusPerChip;
    const spend = (additions[m] as number) * buy + n * serve;
    const replaced = scale * each;
    total += w * (hold * Math.min(replaced, limit) + run * Math.min(replaced, fleet) - scale * spend);
    gain += w * ((replaced < limit ? hold * each : 0) + (replaced < fleet ? run * each : 0));
    expense += w * spend;
  }
  const slope = gain - expense;
  return { total, slope: Math.abs(slope) <= ROUNDING * (gain + expense) ? 0 : slope };
}

/** Present value of the useful tokens of all months of the plan, in millions. */
export function planMillionTokens(costs: RampCosts, schedule: RampSchedule): number {
  return schedule.inService.reduce(
    (sum, n, m) => sum + n * costs.candidate.millionTokens * (schedule.weights[m] as number),
    0,
  );
}
