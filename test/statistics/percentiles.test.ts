import { describe, expect, test } from 'vitest';
import { CHIP_PERCENTILES, percentiles } from '../../functions/core/statistics/percentiles.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 120 });

describe('the interval of a percentile', () => {
  test('of the median of 6 is the whole sample at 95 %, of 5 nothing', () => {
    expect(percentiles(upTo(6), [50], 0.95)[0]).toEqual({ percentile: 50, value: 3.5, low: 1, high: 6 });
    expect(percentiles(upTo(5), [50], 0.95)[0]).toEqual({ percentile: 50, value: 3, low: null, high: null });
  });
  test('of the 95th percentile has an upper bound from 72 values on', () => {
    expect(percentiles(upTo(71), [95], 0.95)[0]).toMatchObject({ high: null });
    expect(percentiles(upTo(72), [95], 0.95)[0]).toMatchObject({ high: 72 });
  });
  test('of the median of 100 is the 40th to the 61st at 95 %', () => {
    expect(percentiles(upTo(100), [50], 0.95)[0]).toMatchObject({ low: 40, high: 61 });
  });
});

test('values are numpy.percentile', () => {
  expect(percentiles([3, 1, 4, 1, 5, 9, 2, 6], CHIP_PERCENTILES, 0.95).map((p) => p.value)).toEqual([
    1,
    3.5,
    expect.closeTo(7.95, 12),
  ]);
});

test('brackets its value, in order, whatever the order of the values', () => {
  fc.assert(
    fc.property(values, (x) => {
      const found = percentiles(x, CHIP_PERCENTILES, 0.9);
      for (const { low, value, high } of found) {
        expect(low ?? Number.NEGATIVE_INFINITY).toBeLessThanOrEqual(value);
        expect(high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(value);
      }
      expect(found.map((p) => p.value)).toEqual(found.map((p) => p.value).sort((a, b) => a - b));
      expect(percentiles([...x].reverse(), CHIP_PERCENTILES, 0.9)).toEqual(found);
    }),
  );
});

test('turned round, P5 is P95', () => {
  fc.assert(
    fc.property(values, (x) => {
      const [five] = percentiles(x, [5], 0.95);
      const [other] = percentiles(
        x.map((v) => 0 - v),
        [95],
        0.95,
      );
      expect(other?.value).toBeCloseTo(0 - (five?.value as number), 6);
      expect(other?.high ?? null).toEqual(five?.low == null ? null : 0 - five.low);
    }),
  );
});

test('follows a monotone change of the unit', () => {
  const x = upTo(90);
  const [plain, logs] = [percentiles(x, [50], 0.9)[0], percentiles(x.map(Math.log), [50], 0.9)[0]];
  expect(logs?.low).toBe(Math.log(plain?.low as number));
  expect(logs?.high).toBe(Math.log(plain?.high as number));
});

test('covers at least what it claims, for a skewed distribution', () => {
  const normal = normalDraws(21);
  const trials = 3000;
  const truths = [Math.exp(-1.6448536269514722), 1, Math.exp(1.6448536269514722)];
  const missed = [0, 0, 0];
  for (let i = 0; i < trials; i += 1) {
    const found = percentiles(
      Array.from({ length: 80 }, () => Math.exp(normal())),
      CHIP_PERCENTILES,
      0.9,
    );
    for (const [at, { low, high }] of found.entries()) {
      const truth = truths[at] as number;
      if ((low !== null && truth < low) || (high !== null && truth > high))
        missed[at] = (missed[at] as number) + 1;
    }
  }
  for (const count of missed) expect(count / trials).toBeLessThan(0.1 + threeErrors(0.1, trials));
});

test.each([
  ['no values', () => percentiles([], [50], 0.9)],
  ['percentile 100', () => percentiles([1], [100], 0.9)],
  ['value NaN', () => percentiles([1, Number.NaN], [50], 0.9)],
  ['confidence 0', () => percentiles([1], [50], 0)],
])('%s is refused', (message, call) => {
  expect(call).toThrow(message);
});
