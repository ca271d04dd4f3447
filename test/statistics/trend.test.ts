import { describe, expect, test } from 'vitest';
import { predictAt, slopeInterval, type Trend, trend } from '../../functions/core/statistics/trend.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

describe('against SciPy', () => {
  const points = [
    [0, 0.1],
    [1, 0.12],
    [2, 0.11],
    [3, 0.15],
    [5, 0.13],
    [8, 0.19],
    [13, 0.21],
  ].map(([day, logValue]) => ({ day, logValue }) as { day: number; logValue: number });
  const line = trend(points) as Trend;

  test('slope, its standard error, and the spread about the line (linregress)', () => {
    expect(line.slope).toBeCloseTo(0.008534090909090908, 15);
    expect(line.slopeStandardError).toBeCloseTo(0.0013906323996924486, 15);
    expect(line.residualSd).toBeCloseTo(0.015592101730159288, 14);
    expect(line.degreesOfFreedom).toBe(5);
    expect(slopeInterval(line, 0.95).low).toBeCloseTo(0.004959356522394161, 12);
    expect(slopeInterval(line, 0.95).high).toBeCloseTo(0.012108825295787655, 12);
  });
  test('the line and a new night a week later (t.ppf)', () => {
    const { logValue, line: mean, newNight } = predictAt(line, 20, 0.95);
    expect(logValue).toBeCloseTo(0.27595454545454545, 14);
    expect([mean.low, mean.high]).toEqual([
      expect.closeTo(0.21875879526739747, 11),
      expect.closeTo(0.3331502956416934, 11),
    ]);
    expect([newNight.low, newNight.high]).toEqual([
      expect.closeTo(0.20611313765958394, 11),
      expect.closeTo(0.34579595324950696, 11),
    ]);
  });
  test('at day 0 the line is the intercept', () => {
    expect(predictAt(line, 0, 0.95).logValue).toBeCloseTo(0.1052727272727273, 14);
  });
});

describe('laws', () => {
  const nights = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 40 });
  const asPoints = (values: readonly number[], from = 0) =>
    values.map((logValue, i) => ({ day: from + i, logValue }));

  test('the origin of days does not matter, nor the order', () => {
    fc.assert(
      fc.property(nights, fc.integer({ min: -20_000, max: 20_000 }), (values, from) => {
        const plain = predictAt(trend(asPoints(values)) as Trend, 50, 0.9);
        const moved = predictAt(trend(asPoints(values, from).reverse()) as Trend, 50 + from, 0.9);
        for (const key of ['low', 'high'] as const) {
          expect(moved.line[key]).toBeCloseTo(plain.line[key], 7);
          expect(moved.newNight[key]).toBeCloseTo(plain.newNight[key], 7);
        }
      }),
    );
  });
  test('a line is narrowest in the middle, and a new night always wider than the line', () => {
    fc.assert(
      fc.property(nights, fc.double({ min: -50, max: 90, noNaN: true }), (values, day) => {
        const found = trend(asPoints(values)) as Trend;
        const at = predictAt(found, day, 0.9);
        const middle = predictAt(found, found.meanDay, 0.9);
        const width = ({ low, high }: { low: number; high: number }) => high - low;
        expect(width(at.line)).toBeGreaterThanOrEqual(width(middle.line) - 1e-12);
        expect(width(at.newNight)).toBeGreaterThanOrEqual(width(at.line));
      }),
    );
  });
  test('a straight line is found without spread', () => {
    const found = trend([0, 3, 4, 11].map((day) => ({ day, logValue: 1 - 0.02 * day }))) as Trend;
    expect(found.slope).toBeCloseTo(-0.02, 14);
    expect(found.residualSd).toBeCloseTo(0, 14);
    expect(predictAt(found, 100, 0.95).line.high).toBeCloseTo(-1, 12);
  });
  test('two nights, or one day, have no trend', () => {
    expect(trend([])).toBeNull();
    expect(trend(asPoints([1, 2]))).toBeNull();
    expect(trend([1, 2, 3].map((logValue) => ({ day: 5, logValue })))).toBeNull();
  });
});

test('intervals cover as often as they say, for the slope, the line and a new night', () => {
  const draw = normalDraws(61);
  const trials = 4000;
  const covered = { slope: 0, line: 0, newNight: 0 };
  const has = ({ low, high }: { low: number; high: number }, value: number): number =>
    low <= value && value <= high ? 1 : 0;
  for (let i = 0; i < trials; i += 1) {
    const found = trend(
      Array.from({ length: 10 }, (_, day) => ({ day, logValue: 0.1 + 0.001 * day + 0.02 * draw() })),
    ) as Trend;
    const at = predictAt(found, 24, 0.9);
    covered.slope += has(slopeInterval(found, 0.9), 0.001);
    covered.line += has(at.line, 0.1 + 0.001 * 24);
    covered.newNight += has(at.newNight, 0.1 + 0.001 * 24 + 0.02 * draw());
  }
  for (const count of Object.values(covered)) {
    expect(Math.abs(count / trials - 0.9)).toBeLessThan(threeErrors(0.9, trials));
  }
});

test('refuses what is not a number, and a confidence of 1', () => {
  expect(() => trend([{ day: 1, logValue: Number.NaN }])).toThrow(/day 1, value NaN/);
  const line = trend([0, 1, 2].map((day) => ({ day, logValue: day ** 2 }))) as Trend;
  expect(() => predictAt(line, Infinity, 0.95)).toThrow(/day Infinity/);
  expect(() => slopeInterval(line, 1)).toThrow(/confidence 1/);
});
