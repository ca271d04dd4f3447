import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { breakEvenMonth, breakEvenScale } from './ramp-break-even.ts';
import { costParts, rampCosts } from './ramp-costs.ts';
import { flipPrice } from './ramp-flip.ts';
import { planMillionTokens, rampFlow, savingsAt } from './ramp-flow.ts';
import { type RampInput, type RampValues, rampValues } from './ramp-inputs.ts';
import type { RampPlan } from './ramp-plan.ts';
import type { RampSchedule } from './ramp-schedule.ts';

/** The 5 % quantile of so many draws has a standard error of 0.15 % of probability. */
export const DRAWS = 20_000;

/**
 * Draws of all inputs, one after the other. Every input has a stream of its own, 2^64 numbers from the next one's, so
 * that making one input certain leaves the draws of the others as they were.
 */
export function drawer(inputs: readonly RampInput[], seed: number): () => RampValues {
  const first = xoroshiro128plus(seed);
  const streams = inputs.map(() => {
    first.jump();
    return first.clone();
  });
  return () => rampValues(inputs, (input, at) => input.distribution.draw(streams[at] as typeof first));
}

/** Quantile by linear interpolation between order statistics. Infinite values stand for "never" and stay infinite. */
export function quantile(sorted: Float64Array, probability: number): number {
  const at = (sorted.length - 1) * probability;
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

/** What each draw of the inputs leads to; all but `cumulative` sorted upwards. */
export interface RampSample {
  readonly savings: Float64Array;
  readonly meanSavings: number;
  readonly breakEvenScale: Float64Array;
  readonly breakEvenMonth: Float64Array;
  readonly costPerMillion: { readonly candidate: Float64Array; readonly gpu: Float64Array };
  readonly flip: { readonly candidate: Float64Array; readonly gpu: Float64Array };
  /** By month of the plan. */
  readonly cumulative: readonly Float64Array[];
}

export function sampleRamp(
  plan: RampPlan,
  schedule: RampSchedule,
  inputs: readonly RampInput[],
  seed: number,
): RampSample {
  const empty = (): Float64Array => new Float64Array(DRAWS);
  const sample = {
    savings: empty(),
    breakEvenScale: empty(),
    breakEvenMonth: empty(),
    costPerMillion: { candidate: empty(), gpu: empty() },
    flip: { candidate: empty(), gpu: empty() },
    cumulative: schedule.months.map(empty),
  };
  const next = drawer(inputs, seed);
  for (let i = 0; i < DRAWS; i += 1) {
    const values = next();
    const costs = rampCosts(plan, values);
    const flow = rampFlow(costs, schedule);
    flow.cumulative.forEach((sum, m) => {
      (sample.cumulative[m] as Float64Array)[i] = sum;
    });
    sample.savings[i] = flow.cumulative.at(-1) as number;
    sample.breakEvenScale[i] = breakEvenScale(costs, schedule);
    sample.breakEvenMonth[i] = breakEvenMonth(flow);
    const oneTime = costs.oneTime / planMillionTokens(costs, schedule);
    sample.costPerMillion.candidate[i] = costParts(costs.candidate, oneTime).total;
    sample.costPerMillion.gpu[i] = costParts(costs.gpu, 0).total;
    sample.flip.candidate[i] = flipPrice(plan, schedule, values, 'candidate');
    sample.flip.gpu[i] = flipPrice(plan, schedule, values, 'gpu');
  }
  const meanSavings = sample.savings.reduce((sum, s) => sum + s, 0) / DRAWS;
  const { savings, costPerMillion, flip, cumulative } = sample;
  for (const values of [savings, sample.breakEvenScale, sample.breakEvenMonth, ...cumulative]) values.sort();
  for (const values of [costPerMillion, flip].flatMap((pair) => Object.values(pair))) values.sort();
  return { ...sample, meanSavings };
}

/** Standard deviation of the savings where only some of the inputs vary and the others keep their medians. */
export function savingsSpread(
  plan: RampPlan,
  schedule: RampSchedule,
  inputs: readonly RampInput[],
  seed: number,
  varies: (input: RampInput) => boolean,
): number {
  const next = drawer(
    inputs.map((input) => {
      const { central } = input.distribution;
      const fixed = { central, low: central, high: central, draw: () => central };
      return varies(input) ? input : { ...input, distribution: fixed };
    }),
    seed,
  );
  let [sum, squares] = [0, 0];
  const reference = savingsAt(rampCosts(plan, next()), schedule, 1).total;
  for (let i = 0; i < DRAWS; i += 1) {
    const off = savingsAt(rampCosts(plan, next()), schedule, 1).total - reference;
    sum += off;
    squares += off * off;
  }
  return Math.sqrt(Math.max(0, squares / DRAWS - (sum / DRAWS) ** 2));
}
