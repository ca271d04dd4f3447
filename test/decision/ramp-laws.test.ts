import { describe, expect, test } from 'vitest';
import { breakEvenMonth, breakEvenScale } from '../../functions/core/decision/ramp-break-even.ts';
import { costParts, rampCosts } from '../../functions/core/decision/ramp-costs.ts';
import { flipPrice, priceKey } from '../../functions/core/decision/ramp-flip.ts';
import { planMillionTokens, rampFlow, savingsAt } from '../../functions/core/decision/ramp-flow.ts';
import {
  centralValues,
  type MeasuredBoth,
  type RampValues,
  rampInputs,
} from '../../functions/core/decision/ramp-inputs.ts';
import { type RampPlan, RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { rampSchedule } from '../../functions/core/decision/ramp-schedule.ts';
import { fc } from '../fast-check.ts';
import { smallMeasurements, smallPlan } from './ramp-plan.fixture.ts';

const money = (max: number) => fc.integer({ min: 1, max }).map((cents) => cents / 100);
const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
const overhead = fc.oneof(
  fc.constant({}),
  fc.record({ powerW: fc.integer({ min: 0, max: 1000 }), capital: fc.integer({ min: 0, max: 20_000 }) }),
  fc.record({ powerShare: share, capitalShare: share }),
);
const life = fc.integer({ min: 1, max: 72 });
const month = fc
  .integer({ min: 0, max: 59 })
  .map((m) => `${2027 + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, '0')}`);
/** Often smaller than the ramp, so that what can be dropped ends what a chip saves. */
const fleet = fc
  .tuple(
    fc.integer({ min: 0, max: 5000 }),
    fc.array(fc.record({ gpus: fc.integer({ min: 1, max: 2000 }), through: month }), { maxLength: 2 }),
  )
  .map(([free, commitments]) => ({
    gpus: commitments.reduce((sum, c) => sum + c.gpus, free),
    commitments,
  }));
const plans: fc.Arbitrary<RampPlan> = fc
  .record(
    {
      schema: fc.constant('wattline/ramp@1'),
      name: fc.constant('any'),
      currency: fc.constant('EUR'),
      startMonth: month,
      chips: fc
        .array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 24 })
        .filter((chips) => chips.some((n) => n > 0)),
      candidate: fc.oneof(
        fc.record({
          basis: fc.constant('bought'),
          chipCost: money(2_000_000),
          yield: share,
          serviceLifeMonths: life,
          overhead,
        }),
        fc.record({ basis: fc.constant('rented'), hourlyPrice: money(1000), serviceLifeMonths: life }),
      ),
      gpu: fc.oneof(
        fc.record({
          basis: fc.constant('bought'),
          chipCost: money(5_000_000),
          serviceLifeMonths: life,
          overhead,
        }),
        fc.record({ basis: fc.constant('rented'), hourlyPrice: money(1000) }),
      ),
      nre: fc.integer({ min: 0, max: 100_000_000 }),
      portingCost: fc.integer({ min: 0, max: 20_000_000 }),
      energyPricePerKwh: money(50),
      pue: fc.integer({ min: 100, max: 180 }).map((p) => p / 100),
      utilization: share,
      discountRatePerYear: fc.constantFrom(0, 0.03, 0.12),
      fleet,
    },
    {
      requiredKeys: [
        'schema',
        'name',
        'currency',
        'startMonth',
        'chips',
        'candidate',
        'gpu',
        'nre',
        'portingCost',
        'energyPricePerKwh',
        'pue',
        'utilization',
        'discountRatePerYear',
      ],
    },
  )
  .map((plan) => RampPlanSchema.parse(plan));

const exact = (ratio: number) => ({ ratio, low: ratio, high: ratio, confidence: 0.9 });
const measured: fc.Arbitrary<MeasuredBoth> = fc
  .tuple(money(300), money(400), money(200), fc.integer({ min: 10, max: 20_000 }))
  .map(([energy, time, energyPerTokenJ, tokensPerSecondPerChip]) => ({
    boundary: 'node-dc' as const,
    energyPerToken: exact(energy),
    timePerToken: exact(time),
    baseline: { energyPerTokenJ, tokensPerSecondPerChip },
  }));

const rampOf = (plan: RampPlan, pilot: MeasuredBoth) => {
  const schedule = rampSchedule(plan);
  const values = centralValues(rampInputs(plan, pilot));
  const at = (change: Partial<RampValues> = {}, scale = 1) =>
    savingsAt(rampCosts(plan, { ...values, ...change }), schedule, scale).total;
  return { schedule, values, costs: rampCosts(plan, values), at };
};

describe('laws of a ramp, for any plan', () => {
  const holds = (law: (plan: RampPlan, pilot: MeasuredBoth) => void) =>
    fc.assert(fc.property(plans, measured, law), { numRuns: 300 });
  /** Sums of a plan cancel: what may be left is judged by what was added up. */
  const near = (flow: ReturnType<typeof rampFlow>): number =>
    1e-9 * [...flow.avoided, ...flow.spend].reduce((sum, amount) => sum + amount, 1);

  test('the cash flow ends at the savings', () =>
    holds((plan, pilot) => {
      const { schedule, costs, at } = rampOf(plan, pilot);
      const flow = rampFlow(costs, schedule);
      expect(Math.abs((flow.cumulative.at(-1) as number) - at())).toBeLessThan(near(flow));
    }));
  test('savings never rise with the price of the candidate nor fall with that of the GPU', () =>
    holds((plan, pilot) => {
      const { values, at } = rampOf(plan, pilot);
      const [own, gpu] = [priceKey(plan, 'candidate'), priceKey(plan, 'gpu')];
      expect(at({ [own]: values[own] * 1.1 })).toBeLessThan(at());
      expect(at({ [gpu]: values[gpu] * 1.1 })).toBeGreaterThanOrEqual(at());
    }));
  test('at the price that flips, savings are nothing', () =>
    holds((plan, pilot) => {
      const { schedule, values, costs, at } = rampOf(plan, pilot);
      for (const side of ['candidate', 'gpu'] as const) {
        const flip = flipPrice(plan, schedule, values, side);
        if (!Number.isFinite(flip) || flip <= 0) continue;
        const key = priceKey(plan, side);
        const scale = Math.max(1, flip / values[key]);
        expect(Math.abs(at({ [key]: flip }))).toBeLessThan(scale * near(rampFlow(costs, schedule)));
      }
    }));
  test('without a fleet, savings are tokens times the difference of costs', () =>
    holds(({ fleet: _, ...plan }, pilot) => {
      const { schedule, costs, at } = rampOf(plan, pilot);
      const tokens = planMillionTokens(costs, schedule);
      const own = costParts(costs.candidate, costs.oneTime / tokens).total;
      const gpu = costParts(costs.gpu, 0).total;
      expect(Math.abs(at() - tokens * (gpu - own))).toBeLessThan(near(rampFlow(costs, schedule)));
    }));
  test('the break-even volume is the first at which nothing is lost', () =>
    holds((plan, pilot) => {
      const { schedule, costs, at } = rampOf(plan, pilot);
      const scale = breakEvenScale(costs, schedule);
      const tolerance = near(rampFlow(costs, schedule));
      if (Number.isFinite(scale)) {
        expect(Math.abs(at({}, scale))).toBeLessThan(tolerance * Math.max(1, scale));
        for (const part of [0.2, 0.5, 0.99])
          expect(at({}, scale * part)).toBeLessThanOrEqual(tolerance * Math.max(1, scale * part));
      } else {
        for (const part of [0.01, 0.1, 0.5, 1, 2, 10])
          expect(at({}, part)).toBeLessThanOrEqual(tolerance * Math.max(1, part));
      }
    }));
  test('a fleet that is used up moves the break-even volume, and may end it', () => {
    // A chip replaces one GPU, at 365 a month, for two months. Half of the fleet is committed in the first of them.
    const scale = (gpus: number, chipCost: number, nre: number) => {
      const plan = smallPlan({
        candidate: { basis: 'bought', chipCost, yield: 1, serviceLifeMonths: 2 },
        chips: [10],
        nre,
        portingCost: 0,
        energyPricePerKwh: 1e-9,
        gpu: { basis: 'rented', hourlyPrice: 0.5 },
        fleet: { gpus, commitments: [{ gpus: gpus / 2, through: '2027-12' }] },
      });
      const { costs, schedule } = rampOf(plan, {
        ...(smallMeasurements() as MeasuredBoth),
        timePerToken: exact(1),
      });
      return breakEvenScale(costs, schedule);
    };
    expect(scale(20, 400, 3000) * 10).toBeCloseTo(3000 / 330, 6);
    // Nine chips save 330 each, any further one loses 35: 3000 is out of reach.
    expect(scale(18, 400, 3000)).toBe(Number.POSITIVE_INFINITY);
    // Nine save 430 each and a further one 65: half a chip more is needed.
    expect(scale(18, 300, 9 * 430 + 65 / 2) * 10).toBeCloseTo(9.5, 6);
  });
  test('a chip that costs what the GPUs cost whose work it does never pays its one-time cost back', () => {
    for (let tenths = 2; tenths < 80; tenths += 1) {
      const hourlyPrice = tenths / 10;
      const plan = smallPlan({
        candidate: { basis: 'rented', hourlyPrice: hourlyPrice / 0.7, serviceLifeMonths: 9 },
        gpu: { basis: 'rented', hourlyPrice },
        chips: [3, 0, 0, 7],
        discountRatePerYear: 0.07,
      });
      const { costs, schedule } = rampOf(plan, {
        ...(smallMeasurements() as MeasuredBoth),
        timePerToken: exact(0.7),
      });
      expect(breakEvenScale(costs, schedule)).toBe(Number.POSITIVE_INFINITY);
    }
  });
  test('from the break-even month on, and not before, cumulative savings stay at or above 0', () =>
    holds((plan, pilot) => {
      const { schedule, costs } = rampOf(plan, pilot);
      const flow = rampFlow(costs, schedule);
      const paid = breakEvenMonth(flow);
      if (paid === Number.POSITIVE_INFINITY) expect(flow.cumulative.at(-1)).toBeLessThan(0);
      else {
        expect([...flow.cumulative.slice(paid - 1)].every((sum) => sum >= 0)).toBe(true);
        if (paid > 1) expect(flow.cumulative[paid - 2]).toBeLessThan(0);
      }
    }));
  test('no more GPUs are dropped than replaced, nor than can be', () =>
    holds((plan, pilot) => {
      const { schedule, costs } = rampOf(plan, pilot);
      const { replaced, dropped } = rampFlow(costs, schedule);
      dropped.forEach((gpus, m) => {
        expect(gpus).toBeLessThanOrEqual(replaced[m] as number);
        expect(gpus).toBeLessThanOrEqual(schedule.droppable[m] as number);
      });
    }));
  test('every chip serves its whole life', () =>
    holds((plan, pilot) => {
      const { schedule } = rampOf(plan, pilot);
      const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
      expect(sum(schedule.inService)).toBe(sum(schedule.additions) * plan.candidate.serviceLifeMonths);
      expect(schedule.inService.at(-1)).toBeGreaterThan(0);
    }));
});
