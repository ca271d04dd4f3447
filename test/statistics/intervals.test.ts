import { describe, expect, test } from 'vitest';
import { holm } from '../../functions/core/statistics/holm.ts';
import { pAbove, ratioInterval, welchLogRatio } from '../../functions/core/statistics/log-ratio.ts';
import { meanInterval } from '../../functions/core/statistics/mean-interval.ts';
import { tCdf, tQuantile } from '../../functions/core/statistics/student-t.ts';
import { fc } from '../fast-check.ts';

describe("Student's t", () => {
  // Tables of the t distribution (for instance NIST/SEMATECH e-Handbook, 1.3.6.7.2).
  test.each([
    [0.975, 1, 12.706],
    [0.975, 9, 2.262],
    [0.95, 10, 1.812],
    [0.995, 30, 2.75],
  ])('quantile %f at %i', (p, df, t) => {
    expect(tQuantile(p, df)).toBeCloseTo(t, 3);
  });
  test('has a closed form at 1 and 2 degrees of freedom', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(tQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 9);
      expect(tQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 9);
    }
  });
  test('quantile and distribution are inverse', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 1, max: 200, noNaN: true }),
        (p, df) => Math.abs(tCdf(tQuantile(p, df), df) - p) < 1e-9,
      ),
    );
  });
});

test('the mean of a textbook sample, with its interval', () => {
  // mean 5, s = 2, n = 4: half width 3.182446 * 2 / 2.
  const sample = [5 - Math.sqrt(6), 5, 5, 5 + Math.sqrt(6)];
  expect(meanInterval(sample, 0.95)).toMatchObject({ mean: 5, n: 4 });
  expect(meanInterval(sample, 0.95)?.high).toBeCloseTo(5 + 3.182446, 5);
  expect(meanInterval([3], 0.95)).toMatchObject({ mean: 3, low: null, high: null });
  expect(meanInterval([], 0.95)).toBeNull();
});

describe('the log ratio', () => {
  const positive = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 12 });
  test('turned round is the reciprocal, with the same spread', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const [ab, ba] = [welchLogRatio(a, b), welchLogRatio(b, a)];
        expect(ab.logRatio).toBeCloseTo(-ba.logRatio, 9);
        expect(ab.standardError).toBeCloseTo(ba.standardError as number, 12);
      }),
    );
  });
  test('does not depend on the unit', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        expect(
          welchLogRatio(
            a.map((x) => x * 3600),
            b.map((x) => x * 3600),
          ).logRatio,
        ).toBeCloseTo(welchLogRatio(a, b).logRatio, 9);
      }),
    );
  });
  test('with equal sizes and spreads has 2n - 2 degrees of freedom', () => {
    const a = [1, 2, 3, 4].map(Math.exp);
    expect(
      welchLogRatio(
        a,
        a.map((x) => x * 2),
      ),
    ).toMatchObject({
      degreesOfFreedom: expect.closeTo(6, 9),
      standardError: expect.closeTo(Math.sqrt((5 / 3 / 4) * 2), 9),
    });
  });
  test('of one run a side has no interval, and of nothing positive is an error', () => {
    expect(ratioInterval(2, welchLogRatio([2], [1]), 0.95)).toEqual({ low: null, high: null });
    expect(() => welchLogRatio([0, 1], [1, 2])).toThrow(/candidate value 0/);
  });
  test('covers the truth as often as it claims', () => {
    let state = 12345;
    const uniform = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let covered = 0;
    const trials = 4000;
    for (let i = 0; i < trials; i += 1) {
      const a = Array.from({ length: 6 }, () => Math.exp(Math.log(0.8) + 0.03 * normal()));
      const b = Array.from({ length: 10 }, () => Math.exp(0.01 * normal()));
      const spread = welchLogRatio(a, b);
      const { low, high } = ratioInterval(Math.exp(spread.logRatio), spread, 0.95);
      if ((low as number) <= 0.8 && 0.8 <= (high as number)) covered += 1;
    }
    // Three standard errors of a proportion of 0.95 in 4000 trials.
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(3 * Math.sqrt((0.95 * 0.05) / trials));
  });
  test('a p-value is small where the ratio lies far above, and large below', () => {
    const spread = welchLogRatio([1.2, 1.21, 1.19], [1, 1.01, 0.99]);
    expect(pAbove(1.2, 1, spread)).toBeLessThan(0.001);
    expect(pAbove(1.2, 1.3, spread)).toBeGreaterThan(0.99);
  });
});

test("Holm's rule rejects step by step", () => {
  expect(holm([0.01, 0.04, 0.03], 0.05)).toEqual([true, false, false]);
  expect(holm([0.01, 0.02, 0.04], 0.05)).toEqual([true, true, true]);
  expect(holm([], 0.05)).toEqual([]);
});
