import { describe, expect, test } from 'vitest';
import {
  exitProbabilities,
  LARGEST_BOUND,
  powerSpending,
  spendingBounds,
} from '../../functions/core/statistics/alpha-spending.ts';
import { normalQuantile } from '../../functions/core/statistics/distributions.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

/** First looks of spotify/confidence, tests/frequentist/test_bounds.py, test_many_days: alpha, phi = 2, two sides. */
const REFERENCE_FRACTIONS = [
  0.0016169976338740648, 0.0057857955498163615, 0.012200379088315757, 0.020199591701142824,
  0.02956441064038571, 0.04047102718841871,
];
const REFERENCE_BOUNDS = [5.75400023, 8.0, 5.14701605, 4.91478643, 4.80691346, 4.69004328];
const REFERENCE = { alpha: 0.003333333, phi: 2, sides: 2 } as const;

/** That search stops where the error is within this of the one to spend. */
const REFERENCE_TOLERANCE = 1e-7;

/**
 * How the reference (after ldbounds of R) looks for a bound: decimal by decimal on the score scale from the last
 * bound on, until within the tolerance; the cap where less than the tolerance is to be spent.
 */
function referenceBounds(fractions: readonly number[]): number[] {
  const allowed = fractions.map((t) => powerSpending(REFERENCE.alpha / 2, REFERENCE.phi, t));
  const bounds = [normalQuantile(1 - (allowed[0] as number))];
  for (let look = 1; look < fractions.length; look += 1) {
    const scale = Math.sqrt(fractions[look] as number);
    const target = (allowed[look] as number) - (allowed[look - 1] as number);
    const exit = (z: number): number =>
      z > LARGEST_BOUND
        ? 0
        : (exitProbabilities(fractions.slice(0, look + 1), [...bounds, z]).at(-1) as number);
    const excess = (score: number): number => exit(score / scale) - target;
    if (target < REFERENCE_TOLERANCE) {
      bounds.push(LARGEST_BOUND);
      continue;
    }
    let score = (bounds[look - 1] as number) * Math.sqrt(fractions[look - 1] as number);
    for (let step = 1; Math.abs(excess(score)) > REFERENCE_TOLERANCE; step /= 10) {
      const direction = excess(score) > REFERENCE_TOLERANCE ? 1 : -1;
      do score += direction * step;
      while (direction * excess(score) > REFERENCE_TOLERANCE);
    }
    bounds.push(score / scale);
  }
  return bounds;
}

describe("Spotify's reference values", () => {
  test('the first bound, which needs no search, to all digits', () => {
    expect(spendingBounds(REFERENCE_FRACTIONS, REFERENCE)[0]?.bound).toBeCloseTo(5.75400023, 8);
  });
  test('all bounds to all digits with the search of the reference', () => {
    const bounds = referenceBounds(REFERENCE_FRACTIONS);
    for (const [look, bound] of bounds.entries())
      expect(bound).toBeCloseTo(REFERENCE_BOUNDS[look] as number, 7);
  });
  test('each of them spends what is to be spent, within the tolerance of the reference', () => {
    const exits = exitProbabilities(REFERENCE_FRACTIONS, REFERENCE_BOUNDS);
    for (const [look, exit] of exits.entries()) {
      const [t, before] = [REFERENCE_FRACTIONS[look] as number, REFERENCE_FRACTIONS[look - 1] ?? 0];
      const target = (REFERENCE.alpha / 2) * (t ** 2 - before ** 2);
      expect(Math.abs(exit - target)).toBeLessThan(1.0001 * REFERENCE_TOLERANCE);
    }
  });
  test('ours spend it exactly, which makes early bounds up to 0.08 lower', () => {
    const looks = spendingBounds(REFERENCE_FRACTIONS, REFERENCE);
    for (const { fraction, spent } of looks) {
      expect(spent / ((REFERENCE.alpha / 2) * fraction ** 2)).toBeCloseTo(1, 8);
    }
    expect(looks[2]?.bound).toBeCloseTo(5.0744, 3);
    expect(looks[5]?.bound).toBeCloseTo(4.6749, 3);
  });
});

describe('published constants', () => {
  const five = [0.2, 0.4, 0.6, 0.8, 1];
  test('a constant bound of 2.413 at five looks (Pocock 1977) errs 2.5 % a side', () => {
    const exits = exitProbabilities(
      five,
      five.map(() => 2.413),
    );
    expect(exits.reduce((sum, p) => sum + p, 0)).toBeCloseTo(0.025, 4);
  });
  test("2.040 / sqrt(t) at five looks (O'Brien & Fleming 1979) errs 2.5 % a side", () => {
    const exits = exitProbabilities(
      five,
      five.map((t) => 2.04 / Math.sqrt(t)),
    );
    expect(exits.reduce((sum, p) => sum + p, 0)).toBeCloseTo(0.025, 4);
  });
  // SciPy's multivariate normal distribution, solved look by look.
  test.each([
    [1, 0.025, [0.2, 0.6, 1], [2.5758293, 2.2852641, 2.1725646]],
    [3, 0.025, [0.2, 0.6, 1], [3.5400838, 2.5578954, 1.9962385]],
    [2, 0.05, [0.1, 0.15, 0.5, 1], [3.2905267, 3.1588691, 2.2673532, 1.7020936]],
  ])('power family %i of %f at looks %j', (phi, alpha, fractions, bounds) => {
    const found = spendingBounds(fractions, { alpha, phi, sides: 1 });
    for (const [look, bound] of bounds.entries()) expect(found[look]?.bound).toBeCloseTo(bound, 6);
  });
  // Armitage, McPherson & Rowe 1969: repeated tests at 1.96. Both sides together: hardly a path crosses both.
  test.each([
    [1, 0.05],
    [2, 0.083],
    [3, 0.107],
    [5, 0.142],
    [10, 0.193],
  ])('%i looks at 1.96 err in %f', (looks, error) => {
    const fractions = Array.from({ length: looks }, (_, i) => (i + 1) / looks);
    const exits = exitProbabilities(
      fractions,
      fractions.map(() => normalQuantile(0.975)),
    );
    expect(2 * exits.reduce((sum, p) => sum + p, 0)).toBeCloseTo(error, 2);
  });
});

describe('laws of spending', () => {
  const spending = fc.record({
    alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
    phi: fc.double({ min: 0.5, max: 4, noNaN: true }),
    sides: fc.constantFrom(1 as const, 2 as const),
  });
  const fractions = fc
    .array(fc.integer({ min: 10, max: 1000 }), { minLength: 1, maxLength: 8 })
    .map((steps) => {
      const whole = steps.reduce((sum, step) => sum + step, 0);
      let sum = 0;
      return steps.map((step) => {
        sum += step;
        return sum / whole;
      });
    });

  test('every look has spent alpha t^phi, and the last all of it', () => {
    fc.assert(
      fc.property(fractions, spending, (at, how) => {
        const looks = spendingBounds(at, how);
        for (const { fraction, bound, spent } of looks) {
          if (bound < LARGEST_BOUND)
            expect(spent / powerSpending(how.alpha / how.sides, how.phi, fraction)).toBeCloseTo(1, 6);
        }
        expect(looks.at(-1)?.spent).toBeCloseTo(how.alpha / how.sides, 9);
      }),
      { numRuns: 60 },
    );
  });
  test('the last bound is never below that of a single look, and a single look is that', () => {
    fc.assert(
      fc.property(fractions, spending, (at, how) => {
        const single = normalQuantile(1 - how.alpha / how.sides);
        const last = spendingBounds(at, how).at(-1)?.bound as number;
        expect(last).toBeGreaterThan(single - 1e-9);
        expect(spendingBounds([1], how)[0]?.bound).toBeCloseTo(single, 8);
      }),
      { numRuns: 60 },
    );
  });
  test('later looks do not change earlier bounds', () => {
    fc.assert(
      fc.property(fractions, spending, (at, how) => {
        const whole = spendingBounds(at, how);
        const part = spendingBounds(at.slice(0, -1), how);
        for (const [look, { bound }] of part.entries())
          expect(bound).toBeCloseTo(whole[look]?.bound as number, 7);
      }),
      { numRuns: 60 },
    );
  });
  test('a look that hardly differs from the one before changes nothing', () => {
    const how = { alpha: 0.05, phi: 2, sides: 1 } as const;
    const [plain, doubled] = [spendingBounds([0.4, 1], how), spendingBounds([0.399995, 0.4, 1], how)];
    expect(doubled.at(-1)?.bound).toBeCloseTo(plain.at(-1)?.bound as number, 3);
  });
  test('nothing to spend is bounded by the cap', () => {
    expect(spendingBounds([1e-5, 1], { alpha: 0.01, phi: 3, sides: 1 })[0]?.bound).toBe(LARGEST_BOUND);
  });
});

test('pilots without a true effect cross in alpha of all cases, with looks far from evenly spaced', () => {
  const draw = normalDraws(7);
  const fractions = [0.1, 0.15, 0.5, 0.9, 1];
  const bounds = spendingBounds(fractions, { alpha: 0.05, phi: 1.5, sides: 1 }).map(({ bound }) => bound);
  const pilots = 200_000;
  const crossed = new Array<number>(fractions.length).fill(0);
  for (let pilot = 0; pilot < pilots; pilot += 1) {
    let score = 0;
    for (const [look, t] of fractions.entries()) {
      score += draw() * Math.sqrt(t - (fractions[look - 1] ?? 0));
      if (score / Math.sqrt(t) <= (bounds[look] as number)) continue;
      crossed[look] = (crossed[look] as number) + 1;
      break;
    }
  }
  for (const [look, t] of fractions.entries()) {
    const spent = crossed.slice(0, look + 1).reduce((sum, n) => sum + n, 0) / pilots;
    expect(Math.abs(spent - 0.05 * t ** 1.5)).toBeLessThan(threeErrors(0.05 * t ** 1.5, pilots));
  }
});

test.each([
  [[0.5, 0.5], /0.5 after 0.5/],
  [[0, 1], /fraction 0 after 0/],
  [[0.5, 1.2], /1.2 after 0.5/],
  [[Number.NaN], /NaN/],
])('refuses fractions %j', (fractions, message) => {
  expect(() => spendingBounds(fractions, { alpha: 0.05, phi: 2, sides: 1 })).toThrow(message);
});
test('refuses an alpha of 0, a phi of 0, and bounds that do not fit', () => {
  expect(() => spendingBounds([1], { alpha: 0, phi: 2, sides: 1 })).toThrow(/alpha 0/);
  expect(() => spendingBounds([1], { alpha: 0.05, phi: 0, sides: 1 })).toThrow(/phi 0/);
  expect(() => exitProbabilities([0.5, 1], [2])).toThrow(/expected 2 numbers/);
  expect(() => exitProbabilities([1], [9])).toThrow(/9/);
});
