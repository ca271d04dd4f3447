import { describe, expect, test } from 'vitest';
import {
  mtbfInterval,
  poissonInterval,
  poissonUpperBound,
  pRateAbove,
  rateRatioInterval,
  zeroEventExposure,
  zeroEventUpperBound,
} from '../../functions/core/statistics/counts.ts';
import { logGamma } from '../../functions/core/statistics/log-gamma.ts';
import { fc } from '../fast-check.ts';

/** P(N <= k) for a Poisson mean, term by term. */
const poissonCdf = (k: number, mu: number): number => {
  let sum = 0;
  for (let i = 0; i <= k; i += 1) sum += Math.exp(i * Math.log(mu) - mu - logGamma(i + 1));
  return sum;
};
const count = fc.record({
  events: fc.nat(400),
  exposure: fc.double({ min: 0.5, max: 1e6, noNaN: true }),
});
const confidence = fc.constantFrom(0.8, 0.9, 0.95, 0.99);

describe('the exact interval of a rate', () => {
  // Garwood 1936, as in every table of exact Poisson limits (95 %).
  test.each([
    [0, 0, 3.688879],
    [1, 0.025318, 5.571643],
    [5, 1.623486, 11.668332],
    [10, 4.795389, 18.390356],
  ])('of %i events is %f .. %f', (events, low, high) => {
    const interval = poissonInterval({ events, exposure: 1 }, 0.95);
    expect(interval.low).toBeCloseTo(low, 5);
    expect(interval.high).toBeCloseTo(high, 5);
  });
  test('has half of alpha beyond each end', () => {
    fc.assert(
      fc.property(count, confidence, ({ events, exposure }, level) => {
        const { rate, low, high } = poissonInterval({ events, exposure }, level);
        const tail = (1 - level) / 2;
        expect(poissonCdf(events, high * exposure)).toBeCloseTo(tail, 8);
        if (events > 0) expect(1 - poissonCdf(events - 1, low * exposure)).toBeCloseTo(tail, 8);
        expect(low).toBeLessThanOrEqual(rate);
        expect(rate).toBeLessThan(high);
      }),
    );
  });
  test('covers at least what it claims at every true rate', () => {
    for (const mu of [0.05, 0.5, 1, 3, 7.3, 20]) {
      let covered = 0;
      for (let k = 0; k < 100; k += 1) {
        const { low, high } = poissonInterval({ events: k, exposure: 1 }, 0.9);
        if (low <= mu && mu <= high) covered += poissonCdf(k, mu) - (k === 0 ? 0 : poissonCdf(k - 1, mu));
      }
      expect(covered).toBeGreaterThanOrEqual(0.9);
    }
  });
  test('scales with the exposure, and the one-sided bound is the two-sided one of twice the tail', () => {
    fc.assert(
      fc.property(count, ({ events, exposure }) => {
        const two = poissonInterval({ events, exposure }, 0.9);
        expect(poissonUpperBound({ events, exposure }, 0.95) / two.high).toBeCloseTo(1, 9);
        expect(poissonInterval({ events, exposure: 2 * exposure }, 0.9).high / two.high).toBeCloseTo(0.5, 9);
      }),
    );
  });
});

describe('where nothing failed', () => {
  test('the bound is the rule of three, 2.996 / exposure', () => {
    expect(zeroEventUpperBound(1000, 0.95)).toBeCloseTo(2.995732 / 1000, 9);
    expect(zeroEventUpperBound(7, 0.9)).toBeCloseTo(poissonUpperBound({ events: 0, exposure: 7 }, 0.9), 12);
  });
  test('the exposure that a target needs is the one whose bound is the target', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 10, noNaN: true }), confidence, (rate, level) => {
        expect(zeroEventUpperBound(zeroEventExposure(rate, level), level) / rate).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('time between failures', () => {
  test("Llama 3's 419 interruptions in 54 days: 3.09 h", () => {
    const { mtbf, low, high } = mtbfInterval({ events: 419, exposure: 54 * 24 }, 0.95);
    expect(mtbf).toBeCloseTo(3.09, 2);
    expect(low).toBeLessThan(3.09);
    expect(high).toBeGreaterThan(3.1);
  });
  test('with no failure has a lower end only', () => {
    expect(mtbfInterval({ events: 0, exposure: 100 }, 0.95)).toEqual({
      mtbf: null,
      low: expect.closeTo(100 / 3.688879, 4),
      high: null,
    });
  });
});

describe('the ratio of two rates', () => {
  test("the example of R's poisson.test: 11 in 800 against 21 in 3011", () => {
    const [c, b] = [
      { events: 11, exposure: 800 },
      { events: 21, exposure: 3011 },
    ];
    const { ratio, low, high } = rateRatioInterval(c, b, 0.95);
    expect(ratio).toBeCloseTo(1.971488, 6);
    expect(low).toBeCloseTo(0.8584264, 6);
    expect(high).toBeCloseTo(4.277266, 6);
    // scipy.stats.binomtest(11, 32, 800 / 3811, alternative='greater').
    expect(pRateAbove(c, b, 1)).toBeCloseTo(0.05600865978769968, 12);
  });
  test('turned round is the reciprocal', () => {
    fc.assert(
      fc.property(count, count, confidence, (c, b, level) => {
        const [there, back] = [rateRatioInterval(c, b, level), rateRatioInterval(b, c, level)];
        if (back.high === null) expect(there.low).toBe(0);
        else expect(there.low * back.high).toBeCloseTo(1, 8);
        if (there.high === null) expect(back.low).toBe(0);
      }),
    );
  });
  test('the p-value at the lower end is the tail of that end', () => {
    fc.assert(
      fc.property(count, count, confidence, (c, b, level) => {
        fc.pre(c.events > 0);
        const { low } = rateRatioInterval(c, b, level);
        expect(pRateAbove(c, b, low)).toBeCloseTo((1 - level) / 2, 7);
      }),
    );
  });
  test('with no event on a side has an open end, never a number made up', () => {
    const none = { events: 0, exposure: 10 };
    expect(rateRatioInterval({ events: 3, exposure: 10 }, none, 0.95)).toMatchObject({
      ratio: null,
      high: null,
    });
    expect(rateRatioInterval(none, { events: 3, exposure: 10 }, 0.95)).toMatchObject({ ratio: 0, low: 0 });
    expect(rateRatioInterval(none, none, 0.95)).toEqual({ ratio: null, low: 0, high: null });
    expect(pRateAbove(none, none, 1)).toBe(1);
  });
});

test.each([
  ['events 1.5', () => poissonInterval({ events: 1.5, exposure: 1 }, 0.9)],
  ['events -1', () => rateRatioInterval({ events: -1, exposure: 1 }, { events: 0, exposure: 1 }, 0.9)],
  ['exposure 0', () => poissonUpperBound({ events: 1, exposure: 0 }, 0.9)],
  ['confidence 95', () => zeroEventUpperBound(1, 95)],
  ['target rate 0', () => zeroEventExposure(0, 0.9)],
])('%s is refused', (message, call) => {
  expect(call).toThrow(message);
});
