import { expect, test } from 'vitest';
import { welchLogRatio } from '../../functions/core/statistics/log-ratio.ts';
import { pairedInterval, pairedLogRatio } from '../../functions/core/statistics/paired.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

const nights = (values: readonly number[]): Map<string, number> =>
  new Map(values.map((v, i) => [`2026-01-${String(i + 1).padStart(2, '0')}`, v]));
const positive = fc.double({ min: 0.1, max: 1e6, noNaN: true });
const pairs = fc.array(fc.tuple(positive, positive), { minLength: 2, maxLength: 20 });

test('a textbook case: differences 1, 2, 3 have mean 2, SE 1/sqrt(3) and 2 degrees of freedom', () => {
  const paired = pairedLogRatio(nights([1, 2, 3].map(Math.exp)), nights([1, 1, 1]));
  expect(paired).toMatchObject({ pairs: 3, degreesOfFreedom: 2, unpaired: [] });
  expect(paired.logRatio).toBeCloseTo(2, 12);
  expect(paired.standardError).toBeCloseTo(1 / Math.sqrt(3), 12);
  // t(0.975, 2) = 4.302653.
  expect(pairedInterval(paired, 0.95).high).toBeCloseTo(Math.exp(2 + 4.302653 / Math.sqrt(3)), 3);
});

test('what multiplies both sides of a night drops out', () => {
  fc.assert(
    fc.property(pairs, fc.array(positive, { minLength: 20, maxLength: 20 }), (values, weather) => {
      const at = (side: 0 | 1, shake: boolean): Map<string, number> =>
        nights(values.map((pair, i) => pair[side] * (shake ? (weather[i] as number) : 1)));
      const [still, shaken] = [
        pairedLogRatio(at(0, false), at(1, false)),
        pairedLogRatio(at(0, true), at(1, true)),
      ];
      expect(shaken.logRatio).toBeCloseTo(still.logRatio, 9);
      expect(shaken.standardError).toBeCloseTo(still.standardError as number, 9);
    }),
  );
});

test('does not depend on the order of the nights, and turned round changes sign only', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [c, b] = [nights(values.map((v) => v[0])), nights(values.map((v) => v[1]))];
      const paired = pairedLogRatio(c, b);
      expect(pairedLogRatio(new Map([...c].reverse()), new Map([...b].reverse()))).toEqual(paired);
      const back = pairedLogRatio(b, c);
      expect(back.logRatio).toBeCloseTo(-paired.logRatio, 9);
      expect(back.standardError).toBeCloseTo(paired.standardError as number, 9);
    }),
  );
});

test('nights of one side only are left out and named', () => {
  const c = new Map([
    ['n1', 2],
    ['n2', 2],
    ['n4', 9],
  ]);
  const b = new Map([
    ['n1', 1],
    ['n3', 5],
    ['n2', 1],
  ]);
  expect(pairedLogRatio(c, b)).toMatchObject({ pairs: 2, unpaired: ['n3', 'n4'] });
});

test('one pair has no spread', () => {
  const paired = pairedLogRatio(nights([2]), nights([1]));
  expect(paired).toMatchObject({ standardError: null, degreesOfFreedom: null });
  expect(pairedInterval(paired, 0.95)).toEqual({ ratio: 2, low: null, high: null });
});

test('a bound past every double is no bound', () => {
  const paired = pairedLogRatio(nights([1, 1e9]), nights([1, 1]));
  expect(pairedInterval(paired, 0.999)).toMatchObject({ low: 0, high: null });
});

test('no pair and no logarithm are errors', () => {
  expect(() => pairedLogRatio(new Map([['a', 1]]), new Map([['b', 1]]))).toThrow(/no night on both sides/);
  expect(() => pairedLogRatio(nights([0]), nights([1]))).toThrow(/candidate value 0 of 2026-01-01/);
});

test('with shared weather it covers as claimed, at a third of the width of the unpaired interval', () => {
  const normal = normalDraws(5);
  const trials = 3000;
  let covered = 0;
  let [narrow, wide] = [0, 0];
  for (let i = 0; i < trials; i += 1) {
    const weather = Array.from({ length: 10 }, () => 0.05 * normal());
    const c = weather.map((w) => Math.exp(Math.log(0.9) + w + 0.01 * normal()));
    const b = weather.map((w) => Math.exp(w + 0.01 * normal()));
    const paired = pairedLogRatio(nights(c), nights(b));
    const { low, high } = pairedInterval(paired, 0.95) as { low: number; high: number };
    if (low <= 0.9 && 0.9 <= high) covered += 1;
    narrow += paired.standardError as number;
    wide += welchLogRatio(c, b).standardError as number;
  }
  expect(Math.abs(covered / trials - 0.95)).toBeLessThan(threeErrors(0.95, trials));
  expect(narrow / wide).toBeLessThan(1 / 3);
});
