import type * as z from 'zod';
import { InputError } from '../errors.ts';
import { breakEvenMonth, breakEvenScale } from './ramp-break-even.ts';
import { costParts, type RampCosts, rampCosts, type SideCosts } from './ramp-costs.ts';
import { hasSpread, RAMP_CONFIDENCE } from './ramp-distribution.ts';
import { FLIP_SIDES, type FlipSide, flipPrice, priceKey } from './ramp-flip.ts';
import { planMillionTokens, type RampFlow, rampFlow } from './ramp-flow.ts';
import {
  centralValues,
  isUncertain,
  type MeasuredBoth,
  type RampInput,
  type RampValues,
  rampInputs,
} from './ramp-inputs.ts';
import { type RampMeasurements, RampMeasurementsSchema } from './ramp-measurements.ts';
import { notesOf, refusalOf } from './ramp-notes.ts';
import { type RampPlan, RampPlanSchema } from './ramp-plan.ts';
import {
  type ComputedRamp,
  type FlipPrice,
  type Interval,
  type RampCost,
  type RampMonth,
  type RampResult,
  RampResultSchema,
} from './ramp-result.ts';
import { DRAWS, quantile, type RampSample, sampleRamp, savingsSpread } from './ramp-sampling.ts';
import { type RampSchedule, rampSchedule } from './ramp-schedule.ts';
import { tornado } from './ramp-tornado.ts';
import { valueOfOneMoreWeek } from './ramp-week.ts';

export interface RampQuestion {
  readonly plan: RampPlan;
  readonly measurements: RampMeasurements;
  /** Of the draws, a whole number of 32 bits: the same seed gives the same bytes. */
  readonly seed: number;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5);
  const text = issues.map((i) => `${i.path.join('.') || 'the whole'}: ${i.message}`).join('; ');
  throw new InputError(code, `ramp: ${text}`, { cause: parsed.error });
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The 90 % interval of a sample around a central value; what is infinite ("never") has no bound. */
function interval<T extends number | null>(
  central: T,
  sorted: Float64Array | null,
): { central: T; low: number | null; high: number | null } {
  if (sorted === null) return { central, low: null, high: null };
  const tail = (1 - RAMP_CONFIDENCE) / 2;
  return { central, low: finite(quantile(sorted, tail)), high: finite(quantile(sorted, 1 - tail)) };
}

function rampCost(side: SideCosts, oneTime: number, totals: Float64Array | null): RampCost {
  const { total, ...parts } = costParts(side, oneTime);
  return { ...parts, total: interval(total, totals) };
}

const NO_FLIP: Record<FlipSide, string> = {
  candidate: 'the ramp loses even where chips cost nothing',
  gpu: 'the ramp saves even where GPUs cost nothing',
};

function flipOf(
  { plan, schedule, inputs, values }: Ramp,
  side: FlipSide,
  sample: RampSample | null,
): FlipPrice {
  const key = priceKey(plan, side);
  const input = inputs.find((i) => i.key === key) as RampInput;
  const price = flipPrice(plan, schedule, values, side);
  const positive = (bound: number | null): number | null => (bound !== null && bound > 0 ? bound : null);
  const { central, low, high } = interval(finite(price), sample?.flip[side] ?? null);
  return {
    price: input.label,
    unit: input.unit,
    side,
    planned: values[key],
    flip: { central: positive(central), low: positive(low), high: positive(high) },
    reason: price > 0 ? (central === null ? 'no GPU can be dropped during the plan' : null) : NO_FLIP[side],
  };
}

interface Ramp {
  readonly plan: RampPlan;
  readonly measured: MeasuredBoth;
  readonly schedule: RampSchedule;
  readonly inputs: readonly RampInput[];
  readonly values: RampValues;
  readonly costs: RampCosts;
  readonly flow: RampFlow;
  readonly chips: number;
}

const monthsOf = ({ schedule, flow }: Ramp, sample: RampSample | null): RampMonth[] =>
  schedule.months.map((month, m) => ({
    month,
    chips: schedule.inService[m] as number,
    gpusReplaced: flow.replaced[m] as number,
    gpusDropped: flow.dropped[m] as number,
    gpuSpendAvoided: flow.avoided[m] as number,
    candidateSpend: flow.spend[m] as number,
    cumulativeSavings: interval(flow.cumulative[m] as number, sample?.cumulative[m] ?? null),
  }));

function breakEven(
  { schedule, costs, flow, chips }: Ramp,
  sample: RampSample | null,
): ComputedRamp['breakEven'] {
  const month = finite(breakEvenMonth(flow));
  const scale = breakEvenScale(costs, schedule);
  const volumes = sample === null ? null : sample.breakEvenScale.map((s) => s * chips);
  // Rounding must not ask for one chip more than the volume itself.
  const whole = (volume: number | null): number | null =>
    volume === null ? null : Math.ceil(volume * (1 - 1e-12));
  const { low, high } = interval(0, volumes);
  return {
    goodChips: { central: whole(finite(scale * chips)), low: whole(low), high: whole(high) },
    month: interval(month, sample?.breakEvenMonth ?? null),
    monthName: month === null ? null : (schedule.months[month - 1] ?? null),
  };
}

function rampOf(plan: RampPlan, measured: MeasuredBoth): Ramp {
  const schedule = rampSchedule(plan);
  const inputs = rampInputs(plan, measured);
  const values = centralValues(inputs);
  const costs = rampCosts(plan, values);
  const chips = schedule.additions.reduce((sum, n) => sum + n, 0);
  return { plan, measured, schedule, inputs, values, costs, flow: rampFlow(costs, schedule), chips };
}

function inverse(ratio: Interval): Interval {
  const of = (bound: number | null): number | null => (bound === null ? null : 1 / bound);
  return { central: 1 / ratio.central, low: of(ratio.high), high: of(ratio.low) };
}

function gpusPerChip({ inputs }: Ramp, isKnown: boolean): Interval {
  const { central, low, high } = (inputs.find((i) => i.key === 'timeRatio') as RampInput).distribution;
  return inverse(isKnown ? { central, low, high } : { central, low: null, high: null });
}

function computed(ramp: Ramp, seed: number): ComputedRamp {
  const { plan, measured, schedule, inputs, costs, flow, chips } = ramp;
  const isKnown = hasSpread(measured.energyPerToken) && hasSpread(measured.timePerToken);
  const sample = isKnown ? sampleRamp(plan, schedule, inputs, seed) : null;
  const oneTime = costs.oneTime / planMillionTokens(costs, schedule);
  const week =
    sample === null || measured.pilotWeeks === undefined
      ? null
      : valueOfOneMoreWeek(
          sample.meanSavings,
          savingsSpread(plan, schedule, inputs, seed, (input) => input.isMeasured),
          measured.pilotWeeks,
          schedule.months.length,
        );
  return {
    status: 'computed',
    plan: plan.name,
    currency: plan.currency,
    discountRatePerYear: plan.discountRatePerYear,
    confidence: RAMP_CONFIDENCE,
    draws: sample === null ? 0 : DRAWS,
    seed,
    chips,
    gpusPerChip: gpusPerChip(ramp, isKnown),
    cost: {
      candidate: rampCost(costs.candidate, oneTime, sample?.costPerMillion.candidate ?? null),
      gpu: rampCost(costs.gpu, 0, sample?.costPerMillion.gpu ?? null),
    },
    savings: interval(flow.cumulative.at(-1) as number, sample?.savings ?? null),
    meanSavings: sample?.meanSavings ?? null,
    probabilityOfSaving:
      sample === null ? null : sample.savings.filter((saved) => saved > 0).length / sample.savings.length,
    breakEven: breakEven(ramp, sample),
    flipPrices: FLIP_SIDES.map((side) => flipOf(ramp, side, sample)),
    tornado: tornado(plan, schedule, inputs),
    months: monthsOf(ramp, sample),
    oneMoreWeek: week,
    exact: inputs.filter((input) => !isUncertain(input)).map((input) => input.label),
    notes: notesOf(plan, measured, schedule, flow),
  };
}

/**
 * What a ramp saves or costs for a plan and what the pilot measured. Amounts are in the plan's currency and, where the
 * plan has a discount rate, present values in its first month. Method: docs/methods.md, Ramp economics.
 *
 * @throws InputError `ramp-plan`, `ramp-measurements`, `ramp-seed` for input that is wrong in itself, `ramp-range`
 * where amounts that follow from it are past what a number holds. What the pilot does not say yet is no error: the
 * result is "not computable", with the reason.
 */
export function computeRamp(question: RampQuestion): RampResult {
  const plan = checked(RampPlanSchema, question.plan, 'ramp-plan');
  const measurements = checked(RampMeasurementsSchema, question.measurements, 'ramp-measurements');
  if (!Number.isInteger(question.seed) || Math.abs(question.seed) > 2 ** 32)
    throw new InputError('ramp-seed', `seed ${question.seed}: expected a whole number of at most 32 bits`);
  const refusal = refusalOf(plan, measurements);
  if ('reason' in refusal) return { status: 'not computable', plan: plan.name, reason: refusal.reason };
  return checked(RampResultSchema, computed(rampOf(plan, refusal.measured), question.seed), 'ramp-range');
}
