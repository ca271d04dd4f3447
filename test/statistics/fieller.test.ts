import { describe, expect, test } from 'vitest';
import { type Fieller, fieller } from '../../functions/core/statistics/fieller.ts';
import { mean, variance } from '../../functions/core/statistics/mean-interval.ts';
import { tQuantile } from '../../functions/core/statistics/student-t.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

const sample = fc.array(fc.double({ min: -10, max: 30, noNaN: true }), { minLength: 3, maxLength: 12 });
const spread = (values: readonly number[]): number => variance(values) / values.length;
const holds = (set: Fieller, r: number): boolean =>
  set.kind === 'whole-line' ||
  (set.kind === 'bounded' ? set.low <= r && r <= set.high : r <= set.below || r >= set.above);

describe('the set', () => {
  test('holds exactly the ratios that the t test does not refuse', () => {
    fc.assert(
      fc.property(sample, sample, fc.double({ min: -20, max: 20, noNaN: true }), (c, b, r) => {
        fc.pre(spread(c) > 1e-6 && spread(b) > 1e-6);
        const set = fieller(c, b, 0.95);
        const t = tQuantile(0.975, set.degreesOfFreedom);
        const distance = (mean(c) - r * mean(b)) ** 2 / (t * t * (spread(c) + r * r * spread(b)));
        fc.pre(Math.abs(distance - 1) > 1e-6);
        expect(holds(set, r)).toBe(distance < 1);
      }),
      { numRuns: 500 },
    );
  });
  test("is bounded exactly where the baseline's mean differs from zero by the same t", () => {
    fc.assert(
      fc.property(sample, sample, (c, b) => {
        fc.pre(spread(b) > 1e-6);
        const set = fieller(c, b, 0.9);
        const t = mean(b) ** 2 / spread(b) / tQuantile(0.95, set.degreesOfFreedom) ** 2;
        fc.pre(Math.abs(t - 1) > 1e-9);
        expect(set.kind === 'bounded').toBe(t > 1);
      }),
    );
  });
  test('scales with the candidate, and widens with the confidence', () => {
    fc.assert(
      fc.property(sample, (c) => {
        const b = [10, 11, 9, 10.5];
        const [one, three, wide] = [
          fieller(c, b, 0.9),
          fieller(
            c.map((x) => 3 * x),
            b,
            0.9,
          ),
          fieller(c, b, 0.99),
        ];
        if (one.kind !== 'bounded' || three.kind !== 'bounded' || wide.kind !== 'bounded')
          throw new Error('kind');
        expect(three.low).toBeCloseTo(3 * one.low, 9);
        expect(three.high).toBeCloseTo(3 * one.high, 9);
        expect(wide.low).toBeLessThanOrEqual(one.low);
        expect(wide.high).toBeGreaterThanOrEqual(one.high);
      }),
    );
  });
});

test('turned round, the bounds are the reciprocals', () => {
  const [c, b] = [
    [8, 9, 8.5, 8.2],
    [10, 11, 9, 10.5, 10.1],
  ];
  const [there, back] = [fieller(c, b, 0.95), fieller(b, c, 0.95)];
  if (there.kind !== 'bounded' || back.kind !== 'bounded') throw new Error('kind');
  expect(back.low).toBeCloseTo(1 / there.high, 12);
  expect(back.high).toBeCloseTo(1 / there.low, 12);
});

test('keeps its digits where the spread is a millionth of the mean', () => {
  // Delta method, exact to second order: half width t sqrt(v_c/n_c + r^2 v_b/n_b) / m_b.
  const [c, b] = [
    [1e6, 1e6 + 1, 1e6 + 2],
    [2e6, 2e6 + 1, 2e6 + 2],
  ];
  const set = fieller(c, b, 0.95);
  if (set.kind !== 'bounded') throw new Error('kind');
  const half = (tQuantile(0.975, set.degreesOfFreedom) * Math.sqrt(spread(c) + 0.25 * spread(b))) / mean(b);
  expect((set.high - set.low) / 2 / half).toBeCloseTo(1, 6);
});

describe('unbounded kinds', () => {
  test('a clear candidate over a baseline near zero: the complement of an interval', () => {
    const set = fieller([10, 10.1, 9.9], [-1, 1, 0.2, 0.1], 0.95);
    expect(set).toMatchObject({ kind: 'complement' });
    if (set.kind === 'complement') expect(set.below).toBeLessThan(set.above);
  });
  test('both near zero: the whole line', () => {
    expect(fieller([-1, 1, 0.1], [-1, 1, 0.2, 0.1], 0.95).kind).toBe('whole-line');
  });
  test('a baseline of mean zero has no ratio', () => {
    expect(fieller([10, 11], [-1, 1], 0.95).ratio).toBeNull();
  });
});

test('without any spread the set is the ratio', () => {
  expect(fieller([3, 3], [2, 2, 2], 0.95)).toEqual({
    kind: 'bounded',
    low: 1.5,
    high: 1.5,
    ratio: 1.5,
    degreesOfFreedom: 3,
    confidence: 0.95,
  });
});

test.each([
  ['1 candidate values', () => fieller([1], [1, 2], 0.9)],
  ['every baseline value is 0', () => fieller([1, 2], [0, 0], 0.9)],
  ['baseline value Infinity', () => fieller([1, 2], [1, Number.POSITIVE_INFINITY], 0.9)],
  ['confidence 1', () => fieller([1, 2], [1, 2], 1)],
])('%s is refused', (message, call) => {
  expect(call).toThrow(message);
});

test('covers the truth as often as it claims, with a noisy baseline', () => {
  const normal = normalDraws(11);
  const trials = 4000;
  let covered = 0;
  for (let i = 0; i < trials; i += 1) {
    const c = Array.from({ length: 8 }, () => 8 + 2 * normal());
    const b = Array.from({ length: 8 }, () => 10 + 5 * normal());
    if (holds(fieller(c, b, 0.9), 0.8)) covered += 1;
  }
  expect(Math.abs(covered / trials - 0.9)).toBeLessThan(threeErrors(0.9, trials));
});
