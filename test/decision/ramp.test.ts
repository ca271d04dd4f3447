import { describe, expect, test } from 'vitest';
import example from '../../data/examples/ramp.json' with { type: 'json' };
import { computeRamp } from '../../functions/core/decision/ramp.ts';
import type { RampMeasurements } from '../../functions/core/decision/ramp-measurements.ts';
import { type RampPlan, RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { type ComputedRamp, RampResultSchema } from '../../functions/core/decision/ramp-result.ts';
import { InputError } from '../../functions/core/errors.ts';
import { pilotMeasurements, smallMeasurements, smallPlan } from './ramp-plan.fixture.ts';

function computed(plan: RampPlan, measurements: RampMeasurements, seed = 1): ComputedRamp {
  const result = computeRamp({ plan, measurements, seed });
  if (result.status !== 'computed') throw new Error(result.reason);
  return result;
}
const small = (change: Record<string, unknown> = {}) => computed(smallPlan(change), smallMeasurements());

describe('a small plan, worked out on paper', () => {
  // A chip makes 500 tokens/s * 0.5 * 730 h * 3600 = 657 million tokens a month, at 0.4 J: 73 kWh, at PUE 1.25 and
  // 0.1 USD/kWh 9.125 USD. Its host's 100 W take 73 kWh a month too. It costs 1000 / 0.5 + 100 = 2100 USD once.
  // Ten chips replace five GPUs, 5 * 2 USD * 730 h = 7300 USD a month.
  test('is right to the cent', () => {
    const ramp = small();
    expect(ramp.months.map((m) => m.month)).toEqual(['2027-12', '2028-01']);
    expect(ramp.months.map((m) => Number(m.candidateSpend.toFixed(2)))).toEqual([27_182.5, 182.5]);
    expect(ramp.months.map((m) => Number(m.gpuSpendAvoided.toFixed(2)))).toEqual([7300, 7300]);
    expect(ramp.months.map((m) => Number(m.cumulativeSavings.central.toFixed(2)))).toEqual([
      -19_882.5, -12_765,
    ]);
    expect(ramp.savings.central).toBeCloseTo(-12_765, 6);
  });
  test('cost of a million tokens, part by part', () => {
    const { candidate, gpu } = small().cost;
    expect(candidate.capital).toBeCloseTo(2000 / 1314, 12);
    expect(candidate.overheadCapital).toBeCloseTo(100 / 1314, 12);
    expect(candidate.power).toBeCloseTo(9.125 / 657, 12);
    expect(candidate.overheadPower).toBeCloseTo(9.125 / 657, 12);
    expect(candidate.oneTime).toBeCloseTo(6000 / 13_140, 12);
    expect(candidate.rent).toBe(0);
    // 2 USD/h at 1000 tokens/s half of the time.
    expect(gpu.rent).toBeCloseTo(2 / 1.8, 12);
    expect(gpu.total.central).toBe(gpu.rent);
    const { total, ...parts } = candidate;
    expect(total.central).toBeCloseTo(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      12,
    );
  });
  test('prices at which it flips', () => {
    const [chip, gpu] = small().flipPrices;
    expect(chip).toMatchObject({ price: 'candidate chip cost', planned: 1000, reason: null });
    expect(chip?.flip.central).toBeCloseTo(1000 - 12_765 / 20, 6);
    expect(gpu).toMatchObject({ price: 'GPU price', planned: 2, reason: null });
    expect(gpu?.flip.central).toBeCloseTo(2 + 12_765 / 7300, 9);
  });
  test('never breaks even where a chip costs more than it saves', () => {
    expect(small().breakEven).toMatchObject({
      goodChips: { central: null },
      month: { central: null },
      monthName: null,
    });
  });
  test('breaks even at the second chip, in the first month, where a GPU costs ten an hour', () => {
    // A chip saves 7300 - 2136.5 = 5163.5 over its life: 6000 / 5163.5 = 1.16 chips.
    const ramp = small({ gpu: { basis: 'rented', hourlyPrice: 10 } });
    expect(ramp.savings.central).toBeCloseTo(45_635, 6);
    expect(ramp.breakEven.goodChips.central).toBe(2);
    expect(ramp.breakEven.month.central).toBe(1);
    expect(ramp.breakEven.monthName).toBe('2027-12');
  });
  test('a committed GPU is paid for until its commitment ends', () => {
    const ramp = small({ fleet: { gpus: 5, commitments: [{ gpus: 3, through: '2027-12' }] } });
    expect(ramp.months.map((m) => m.gpusDropped)).toEqual([2, 5]);
    expect(ramp.months.map((m) => m.gpuSpendAvoided)).toEqual([2920, 7300]);
    expect(ramp.notes.join()).toContain('30.0 % of the GPU-months');
  });
  test('work beyond the fleet is worth nothing', () => {
    const ramp = small({ fleet: { gpus: 3 } });
    expect(ramp.months.map((m) => m.gpuSpendAvoided)).toEqual([4380, 4380]);
    expect(ramp.notes.join()).toContain('40.0 % of its work is beyond that fleet');
  });
  test('a bought GPU costs its capital by the month, and its power', () => {
    const gpu = {
      basis: 'bought',
      chipCost: 4800,
      serviceLifeMonths: 48,
      overhead: { powerShare: 0.5, capitalShare: 0.25 },
    };
    const ramp = small({ gpu });
    // 125 USD a month of capital; 1314 million tokens at 0.5 J: 182.5 kWh, 22.8125 USD, half as much for the host.
    expect(ramp.months[0]?.gpuSpendAvoided).toBeCloseTo(5 * (125 + 22.8125 * 1.5), 9);
  });
  test('a committed GPU that was bought draws no power where it is not needed', () => {
    const gpu = { basis: 'bought', chipCost: 4800, serviceLifeMonths: 48 };
    const fleet = { gpus: 5, commitments: [{ gpus: 5, through: '2030-01' }] };
    expect(small({ gpu, fleet }).months[0]?.gpuSpendAvoided).toBeCloseTo(5 * 22.8125, 9);
  });
  test('a rented candidate costs its rent and nothing else', () => {
    const ramp = small({ candidate: { basis: 'rented', hourlyPrice: 0.5, serviceLifeMonths: 2 } });
    expect(ramp.months.map((m) => m.candidateSpend)).toEqual([9650, 3650]);
    expect(ramp.flipPrices[0]).toMatchObject({ price: 'candidate price', unit: 'USD per chip-hour' });
  });
  test('a discount rate makes amounts present values', () => {
    const ramp = small({ discountRatePerYear: 0.1 });
    expect(ramp.months[1]?.gpuSpendAvoided).toBeCloseTo(7300 / 1.1 ** (1 / 12), 9);
  });
});

describe('reference figures of InferenceX', () => {
  test('2.8 USD an hour at 1,000 tokens/s are 0.7778 USD a million tokens', () => {
    const ramp = small({ gpu: { basis: 'rented', hourlyPrice: 2.8 }, utilization: 1 });
    expect(ramp.cost.gpu.total.central).toBeCloseTo(0.7778, 4);
  });
  test('1.73 kW at 5,000 tokens/s are 0.346 J a token, priced as J/token * price / 3.6', () => {
    const gpu = { basis: 'bought', chipCost: 1, serviceLifeMonths: 12 };
    const baseline = { energyPerTokenJ: 0.346, tokensPerSecondPerChip: 5000, meanPowerPerChipW: 1730 };
    const ramp = computed(smallPlan({ gpu, pue: 1 }), smallMeasurements({ baseline }));
    expect(ramp.cost.gpu.power).toBeCloseTo((0.346 * 0.1) / 3.6, 12);
    expect(ramp.cost.candidate.power).toBeCloseTo((0.8 * 0.346 * 0.1) / 3.6, 12);
  });
});

describe('data/examples/ramp.json', () => {
  const ramp = computed(RampPlanSchema.parse(example), pilotMeasurements());
  test('computes, and the result is one', () => {
    expect(RampResultSchema.parse(JSON.parse(JSON.stringify(ramp)))).toEqual(ramp);
    expect(ramp.chips).toBe(15_000);
    expect(ramp.months).toHaveLength(59);
  });
  test('every interval holds its central value', () => {
    const intervals = [
      ramp.savings,
      ramp.gpusPerChip,
      ramp.cost.candidate.total,
      ramp.cost.gpu.total,
      ramp.breakEven.goodChips,
      ramp.breakEven.month,
      ...ramp.flipPrices.map((f) => f.flip),
      ...ramp.months.map((m) => m.cumulativeSavings),
    ];
    for (const { low, central, high } of intervals) {
      expect(low as number).toBeLessThan(central as number);
      expect(central as number).toBeLessThan(high as number);
    }
  });
  test('the same seed gives the same bytes, another seed others', () => {
    const text = (seed: number) =>
      JSON.stringify(computed(RampPlanSchema.parse(example), pilotMeasurements(), seed));
    expect(text(1)).toBe(JSON.stringify(ramp));
    expect(text(2)).not.toBe(JSON.stringify(ramp));
  });
  test('names what was taken as exact', () => {
    expect(ramp.exact).toContain('PUE');
    expect(ramp.exact).not.toContain('yield');
  });
});

describe('what the pilot does not say', () => {
  const reason = (change: Partial<RampMeasurements>, plan = smallPlan()) => {
    const result = computeRamp({ plan, measurements: smallMeasurements(change), seed: 1 });
    return result.status === 'not computable' ? result.reason : 'computed';
  };
  test.each([
    [{ energyPerToken: null }, 'not computable: the pilot does not give the ratio of energy'],
    [{ timePerToken: null }, 'not computable: the pilot does not give the ratio of time'],
    [{ baseline: null }, 'not computable: the pilot does not give energy per token'],
    [{ boundary: 'facility' }, 'expected pue 1'],
    [{ boundary: 'switch' }, 'switches alone'],
    [
      { baseline: { energyPerTokenJ: 0.5, tokensPerSecondPerChip: 1000, meanPowerPerChipW: 700 } },
      '0.7 J per token, not 0.5 J',
    ],
  ] satisfies [Partial<RampMeasurements>, string][])('%j: %s', (change, text) => {
    expect(reason(change)).toContain(text);
  });
  test("the facility's energy has the PUE in it", () => {
    expect(reason({ boundary: 'facility' }, smallPlan({ pue: 1 }))).toBe('computed');
  });
  test('a ratio without an interval gives central values and no interval', () => {
    const timePerToken = { logRatio: Math.log(2), standardError: null, degreesOfFreedom: null };
    const ramp = computed(smallPlan(), smallMeasurements({ timePerToken, pilotWeeks: 3 }));
    expect(ramp.savings).toEqual({ central: expect.closeTo(-12_765, 6), low: null, high: null });
    expect(ramp).toMatchObject({ draws: 0, probabilityOfSaving: null, meanSavings: null, oneMoreWeek: null });
    expect(ramp.notes).toContain('no interval: the pilot gives none for time per token');
  });
  test('energy of chips without a word on their hosts is said', () => {
    const candidate = { basis: 'bought', chipCost: 1, yield: 1, serviceLifeMonths: 2 };
    const ramp = computed(smallPlan({ candidate }), smallMeasurements({ boundary: 'chip' }));
    expect(ramp.notes.join()).toContain('no overhead power of the candidate');
  });
});

describe('input that is wrong in itself', () => {
  const bought = smallPlan().candidate;
  test.each([
    [{ chips: [] }, 'chips'],
    [{ chips: [0, 0] }, 'at least one chip'],
    [{ chips: [1.5] }, 'chips'],
    [{ chips: { from: 0, to: 0, months: 3 } }, 'at least one chip'],
    [{ candidate: { ...bought, chipCost: 0 } }, 'candidate.chipCost: Too small: expected number to be >0'],
    [{ candidate: { ...bought, chipCost: -1 } }, 'candidate.chipCost'],
    [{ candidate: { ...bought, yield: 0 } }, 'candidate.yield: Too small: expected number to be >0'],
    [{ candidate: { ...bought, yield: 1.01 } }, 'candidate.yield'],
    [{ candidate: { ...bought, overhead: { powerW: 1, powerShare: 1 } } }, 'powerW or powerShare, not both'],
    [{ gpu: { basis: 'rented', hourlyPrice: 0 } }, 'gpu.hourlyPrice'],
    [{ energyPricePerKwh: { value: 0.1, low: 0.2, high: 0.3 } }, 'low <= value <= high'],
    [{ energyPricePerKwh: { value: 0.1, low: 0, high: 0.3 } }, 'energyPricePerKwh'],
    [{ energyPricePerKwh: Number.NaN }, 'energyPricePerKwh'],
    [{ pue: 'two' }, 'pue: expected a number from 1 to 10, or { value, low, high }'],
    [{ pue: 0.9 }, 'pue: Too small: expected number to be >=1'],
    [{ startMonth: '2027-13' }, 'YYYY-MM'],
    [{ fleet: { gpus: 1, commitments: [{ gpus: 2, through: '2027-01' }] } }, 'at most as many GPUs'],
  ])('%j', (change, text) => {
    const plan = { ...smallPlan(), ...change } as RampPlan;
    const compute = () => computeRamp({ plan, measurements: smallMeasurements(), seed: 1 });
    expect(compute).toThrow(InputError);
    expect(compute).toThrow(text);
  });
  test.each([0.5, Number.NaN, 2 ** 40])('seed %d', (seed) => {
    expect(() => computeRamp({ plan: smallPlan(), measurements: smallMeasurements(), seed })).toThrow('seed');
  });
  test('measured ratios', () => {
    const timePerToken = { ratio: 2, low: 2.5, high: 3, confidence: 0.95 };
    expect(() =>
      computeRamp({ plan: smallPlan(), measurements: smallMeasurements({ timePerToken }), seed: 1 }),
    ).toThrow('timePerToken');
  });
  test('an amount past what a number holds is an error, not infinity', () => {
    const baseline = { energyPerTokenJ: 1, tokensPerSecondPerChip: 1e-320 };
    expect(() =>
      computeRamp({ plan: smallPlan(), measurements: smallMeasurements({ baseline }), seed: 1 }),
    ).toThrow(expect.objectContaining({ code: 'ramp-range' }));
  });
});
