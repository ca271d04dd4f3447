import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import example from '../../data/examples/ramp.json' with { type: 'json' };
import { computeRamp } from '../../functions/core/decision/ramp.ts';
import {
  drawT,
  planDistribution,
  ratioDistribution,
} from '../../functions/core/decision/ramp-distribution.ts';
import { rampInputs } from '../../functions/core/decision/ramp-inputs.ts';
import { type RampPlan, RampPlanSchema, type Uncertain } from '../../functions/core/decision/ramp-plan.ts';
import { drawer, quantile } from '../../functions/core/decision/ramp-sampling.ts';
import { monthAfter } from '../../functions/core/decision/ramp-schedule.ts';
import { valueOfOneMoreWeek } from '../../functions/core/decision/ramp-week.ts';
import { ratioInterval } from '../../functions/core/statistics/log-ratio.ts';
import { tQuantile } from '../../functions/core/statistics/student-t.ts';
import { pilotMeasurements, smallMeasurements, smallPlan } from './ramp-plan.fixture.ts';

const DRAWS = 40_000;
const NO_LIMIT = { min: 0, max: Number.MAX_VALUE };

function sorted(draw: () => number): Float64Array {
  return Float64Array.from({ length: DRAWS }, draw).sort();
}
const generator = (seed: number) => {
  const made = xoroshiro128plus(seed);
  made.jump();
  return made;
};
/** Share of draws below a value. */
const below = (draws: Float64Array, value: number) => draws.filter((d) => d < value).length / draws.length;

describe('distributions', () => {
  test.each([
    { value: 10, low: 8, high: 20 },
    { value: 3, low: 3, high: 4 },
    { value: 1e6, low: 1e5, high: 2e6 },
  ])('%j are the 5 %, 50 % and 95 % quantiles', ({ value, low, high }) => {
    const distribution = planDistribution({ value, low, high }, NO_LIMIT);
    const g = generator(3);
    const draws = sorted(() => distribution.draw(g));
    expect(below(draws, low * (1 - 1e-12))).toBeCloseTo(low === value ? 0 : 0.05, 2);
    expect(below(draws, value * (1 + 1e-12))).toBeCloseTo(0.5, low === value ? 1 : 2);
    expect(below(draws, high)).toBeCloseTo(0.95, 2);
    expect(distribution).toMatchObject({ low, central: value, high });
  });
  test('a share stays within 0 and 1', () => {
    const distribution = planDistribution({ value: 0.9, low: 0.5, high: 0.99 }, { min: 0, max: 1 });
    const g = generator(4);
    const draws = sorted(() => distribution.draw(g));
    expect(draws.at(-1)).toBe(1);
    expect(draws[0]).toBeGreaterThan(0);
  });
  test.each([1, 2.7, 9, 200])("Student's t of %d degrees of freedom", (degreesOfFreedom) => {
    const g = generator(5);
    const draws = sorted(() => drawT(degreesOfFreedom, g));
    for (const p of [0.025, 0.25, 0.5, 0.9])
      expect(Math.abs(below(draws, tQuantile(p, degreesOfFreedom)) - p)).toBeLessThan(0.008);
  });
  test('a log ratio is drawn as its Welch interval says', () => {
    const spread = { logRatio: Math.log(0.8), standardError: 0.1, degreesOfFreedom: 4 };
    const { low, high } = ratioInterval(0.8, spread, 0.9);
    expect(ratioDistribution(spread)).toMatchObject({
      central: expect.closeTo(0.8, 12),
      low: expect.closeTo(low as number, 12),
      high: expect.closeTo(high as number, 12),
    });
  });
  test('an interval of another confidence is brought to 90 %', () => {
    const distribution = ratioDistribution({ ratio: 1, low: 1 / 1.5, high: 1.5, confidence: 0.95 });
    expect(distribution.high).toBeCloseTo(1.5 ** (1.6448536269514722 / 1.959963984540054), 9);
  });
  test('the heaviest tails stay finite', () => {
    const distribution = ratioDistribution({ logRatio: 0, standardError: 10, degreesOfFreedom: 1 });
    const g = generator(6);
    const draws = sorted(() => distribution.draw(g));
    expect(draws[0]).toBeCloseTo(0.001, 9);
    expect(draws.at(-1)).toBeCloseTo(1000, 6);
  });
});

describe('draws', () => {
  const measured = {
    ...pilotMeasurements(),
    energyPerToken: { logRatio: 0, standardError: 0.1, degreesOfFreedom: 5 },
  };
  const values = (plan: RampPlan) => {
    const next = drawer(rampInputs(plan, measured as Parameters<typeof rampInputs>[1]), 7);
    return Array.from({ length: 20 }, next);
  };
  test('of other inputs stay as they were where one becomes certain', () => {
    const plan = RampPlanSchema.parse(example);
    const [all, fewer] = [values(plan), values({ ...plan, nre: 45e6 })];
    expect(fewer.every((v) => v.nre === 45e6)).toBe(true);
    expect(fewer.map((v) => v.portingCost)).toEqual(all.map((v) => v.portingCost));
    expect(fewer.map((v) => v.energyRatio)).toEqual(all.map((v) => v.energyRatio));
  });
  test('of two inputs are not the same', () => {
    const ranks = (key: 'nre' | 'portingCost') =>
      values(RampPlanSchema.parse(example)).map((v) => v[key] > (key === 'nre' ? 45e6 : 12e6));
    expect(ranks('nre')).not.toEqual(ranks('portingCost'));
  });
});

describe('the interval', () => {
  const chipCost: Uncertain = { value: 1000, low: 600, high: 2000 };
  const plan = smallPlan({
    candidate: { ...smallPlan().candidate, chipCost },
    gpu: { basis: 'rented', hourlyPrice: 4.2 },
  });
  const ramp = computeRamp({ plan, measurements: smallMeasurements(), seed: 11 });
  if (ramp.status !== 'computed') throw new Error(ramp.reason);
  const at = (cost: number) => 14_600 * 2.1 - 6000 - 10 * (cost / 0.5 + 100) - 365;

  test('of savings is that of the only input that is uncertain', () => {
    expect(ramp.savings.central).toBeCloseTo(at(1000), 6);
    // 20,000 draws: 5 % +- 0.5 % of probability, which is this much of the cost.
    expect(Math.abs((ramp.savings.low as number) - at(2000))).toBeLessThan(0.03 * 2000 * 20);
    expect(Math.abs((ramp.savings.high as number) - at(600))).toBeLessThan(0.03 * 600 * 20);
  });
  test('of the tornado is exact at its ends', () => {
    expect(ramp.tornado).toHaveLength(1);
    expect(ramp.tornado[0]).toMatchObject({
      input: 'candidate chip cost',
      low: 600,
      high: 2000,
      savingsAtLow: expect.closeTo(at(600), 6),
      savingsAtHigh: expect.closeTo(at(2000), 6),
    });
  });
  test('probability of saving is that of a cost below the price that flips', () => {
    // ln(flip / 1000) above the median in units of the upper spread.
    const flip = ramp.flipPrices[0]?.flip.central as number;
    expect(flip).toBeCloseTo(1000 + at(1000) / 20, 6);
    const z = Math.log(flip / 1000) / (Math.log(2) / 1.6448536269514722);
    // Phi(0.2935...) by its series to the third order, good to 1e-4 below 0.3.
    const phi = 0.5 + (z - z ** 3 / 6 + z ** 5 / 40) / Math.sqrt(2 * Math.PI);
    expect(ramp.probabilityOfSaving).toBeCloseTo(phi, 2);
  });
  test('of the price that flips is none where nothing else is uncertain', () => {
    const { flip } = ramp.flipPrices[0] as { flip: { central: number; low: number; high: number } };
    expect(flip.high - flip.low).toBeLessThan(1e-6);
  });
});

describe('the tornado', () => {
  test('has the widest bar first, and what it says is what a plan of that value says', () => {
    const plan = RampPlanSchema.parse(example);
    const ramp = computeRamp({ plan, measurements: pilotMeasurements(), seed: 1 });
    if (ramp.status !== 'computed') throw new Error(ramp.reason);
    const widths = ramp.tornado.map((b) => Math.abs(b.savingsAtHigh - b.savingsAtLow));
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    const bar = ramp.tornado.find((b) => b.input === 'non-recurring cost');
    const other = computeRamp({ plan: { ...plan, nre: 65e6 }, measurements: pilotMeasurements(), seed: 1 });
    expect(other.status === 'computed' && other.savings.central).toBeCloseTo(bar?.savingsAtHigh as number, 4);
  });
});

describe('one more week of pilot', () => {
  test('is worth most where the sign of the savings is open', () => {
    // sigma = 12 / sqrt(4); at 0 the normal loss is sigma phi(0).
    const open = valueOfOneMoreWeek(0, 12, 3, 10);
    expect(open.information).toBeCloseTo(6 * 0.3989422804014327, 12);
    expect(open).toMatchObject({ delay: 0, net: open.information });
  });
  test('is worth the normal loss at one sigma', () => {
    expect(valueOfOneMoreWeek(-6, 12, 3, 10).information).toBeCloseTo(6 * 0.08331547058768628, 12);
  });
  test('costs a week of savings', () => {
    const sure = valueOfOneMoreWeek(5200, 0, 3, 12);
    expect(sure).toEqual({ information: 0, delay: 100, net: -100 });
  });
});

test('a quantile between numbers is between them, and never stays never', () => {
  expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3);
  expect(quantile(Float64Array.of(1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), 0.9)).toBe(
    Number.POSITIVE_INFINITY,
  );
});
test.each([
  ['2027-01', 0, '2027-01'],
  ['2027-11', 2, '2028-01'],
  ['2027-12', 119, '2037-11'],
])('%s and %d months are %s', (start, months, end) => {
  expect(monthAfter(start, months)).toBe(end);
});
