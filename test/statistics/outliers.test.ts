import { describe, expect, test } from 'vitest';
import { modifiedZ } from '../../functions/core/statistics/outliers.ts';
import { fc } from '../fast-check.ts';

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 });

test('a case by hand: 1..5 and 100 have median 3.5, MAD 1.5', () => {
  const result = modifiedZ([1, 2, 3, 4, 5, 100]);
  expect(result).toMatchObject({ median: 3.5, mad: 1.5, scale: 'mad', outliers: [5] });
  expect(result.scores[5]).toBeCloseTo((0.6745 * 96.5) / 1.5, 9);
  expect(result.scores[0]).toBeCloseTo((0.6745 * -2.5) / 1.5, 9);
});

test('3.5 itself is not above 3.5', () => {
  // MAD 1, so that a score is 0.6745 times the distance.
  const at = (distance: number): number[] => [-1, -1, 0, 1, 1, 0, 1, -1, distance];
  expect(modifiedZ(at(3.5 / 0.6745 - 1e-9)).outliers).toEqual([]);
  expect(modifiedZ(at(3.5 / 0.6745 + 1e-9)).outliers).toEqual([8]);
  expect(modifiedZ(at(3), 2).outliers).toEqual([8]);
});

describe('a MAD of 0', () => {
  test('falls back to the mean absolute deviation and says so', () => {
    const result = modifiedZ([7, 7, 7, 7, 7, 7, 7, 7, 7, 17]);
    expect(result).toMatchObject({ mad: 0, scale: 'mean-absolute-deviation', outliers: [9] });
    expect(result.scores[9]).toBeCloseTo(10 / 1.253314, 9);
  });
  test('with all equal scores nobody', () => {
    expect(modifiedZ([4, 4, 4])).toEqual({
      median: 4,
      mad: 0,
      scale: 'none',
      scores: [0, 0, 0],
      outliers: [],
    });
  });
});

test('shifting and scaling the values keeps scores and outliers; turning them round changes signs', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: -50, max: 50 }), fc.constantFrom(0.5, 2, 8), (x, shift, scale) => {
      const [plain, moved] = [modifiedZ(x), modifiedZ(x.map((v) => scale * v + shift))];
      const turned = modifiedZ(x.map((v) => -v));
      for (const [i, score] of plain.scores.entries()) {
        expect(moved.scores[i]).toBeCloseTo(score, 9);
        expect(turned.scores[i]).toBeCloseTo(-score, 9);
      }
      expect(turned.outliers).toEqual(plain.outliers);
      expect(plain.scores.every(Number.isFinite)).toBe(true);
    }),
  );
});

test('one gross outlier hides nobody else, unlike the standard deviation', () => {
  expect(modifiedZ([10, 10.1, 9.9, 10.05, 9.95, 12, 1e9]).outliers).toEqual([5, 6]);
});

test('no values and NaN are refused', () => {
  expect(() => modifiedZ([])).toThrow(/no values/);
  expect(() => modifiedZ([1, Number.NaN])).toThrow(/value NaN/);
  expect(() => modifiedZ([1], 0)).toThrow(/limit 0/);
});
