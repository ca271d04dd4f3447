import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chipsNeeded,
  MOST_CHIPS,
  MOST_NIGHTS,
  nightsNeeded,
  PLANNED_POWER,
  type Plan,
  powerOf,
} from '../../functions/core/statistics/sample-size.ts';

const plan: Plan = {
  logRatio: 0.5,
  logThreshold: 0,
  direction: 'above',
  alpha: 0.05,
  chipVariance: 1,
  nightVariance: 0,
  chips: { candidate: 10, baseline: 10 },
  nights: 30,
};

describe('chips', () => {
  // SciPy's noncentral t (stats.nct) at power 0.8: the smallest n a side, for effects in standard deviations.
  test.each([
    [0.5, 0.05, 51, 38],
    [0.8, 0.05, 21, 15],
    [1, 0.05, 14, 10],
    [0.5, 0.025, 64, 48],
    [1, 0.01, 22, 16],
    [1.5, 0.05, 7, 5],
  ])(
    'effect %f at alpha %f: %i a side, %i where the baseline has twice as many',
    (logRatio, alpha, even, twice) => {
      const wanted = { ...plan, logRatio, alpha };
      expect(chipsNeeded(wanted)).toEqual({ needed: even });
      expect(chipsNeeded({ ...wanted, chips: { candidate: 10, baseline: 20 } })).toEqual({ needed: twice });
    },
  );
  test('below a threshold as above one', () => {
    expect(chipsNeeded({ ...plan, logRatio: -0.8, direction: 'below' })).toEqual({ needed: 21 });
    expect(chipsNeeded({ ...plan, logRatio: 0.3, logThreshold: -0.5 })).toEqual({ needed: 21 });
  });
  test('nights stand in for part of the spread', () => {
    const noisy = { ...plan, logRatio: 0.8, chipVariance: 0.5, nightVariance: 15 };
    expect(chipsNeeded(noisy)).toEqual({ needed: 21 });
  });
  test('no number is enough on the wrong side, at the threshold, or beyond the limit', () => {
    expect(chipsNeeded({ ...plan, logRatio: -0.1 })).toEqual({ needed: null, reason: 'wrong-side' });
    expect(chipsNeeded({ ...plan, logRatio: 0 })).toEqual({ needed: null, reason: 'wrong-side' });
    expect(chipsNeeded({ ...plan, logRatio: 1e-4 })).toEqual({ needed: null, reason: 'beyond-limit' });
    // Just inside: (1.6449 + 0.8416) sqrt(2 / 100,000) = 0.01112 standard deviations.
    expect(chipsNeeded({ ...plan, logRatio: 0.01112 }).needed).toBeGreaterThan(0.98 * MOST_CHIPS);
  });
});

describe('nights', () => {
  const noisy: Plan = { ...plan, chipVariance: 0.02 ** 2, nightVariance: 0.1 ** 2, logRatio: 0.03 };

  test('the number found has the power, one less has not', () => {
    const { needed } = nightsNeeded(noisy);
    expect(powerOf({ ...noisy, nights: needed as number })).toBeGreaterThanOrEqual(PLANNED_POWER);
    expect(powerOf({ ...noisy, nights: (needed as number) - 1 })).toBeLessThan(PLANNED_POWER);
  });
  test('no number is enough where the spread between chips alone is too wide', () => {
    expect(nightsNeeded({ ...noisy, logRatio: 0.0231 })).toEqual({
      needed: null,
      reason: 'between-chip-floor',
    });
    expect(nightsNeeded({ ...noisy, logRatio: 0.0233 }).needed).toBeGreaterThan(100);
    expect(nightsNeeded({ ...noisy, logRatio: -0.03 })).toEqual({ needed: null, reason: 'wrong-side' });
    expect(nightsNeeded({ ...noisy, nightVariance: 1e4 })).toEqual({ needed: null, reason: 'beyond-limit' });
    expect(MOST_NIGHTS).toBeGreaterThan(3650 - 1);
  });
  test('one is enough where nights do not vary', () => {
    expect(nightsNeeded({ ...noisy, nightVariance: 0 })).toEqual({ needed: 1 });
  });
});

describe('power', () => {
  // SciPy's noncentral t (stats.nct), for effects in standard deviations.
  test.each([
    [5, 1, 0.4214482649585045],
    [5, 2, 0.8915828081868821],
    [12, 1, 0.7667561416964376],
    [24, 0.8, 0.8611048725583206],
    [24, 0.2, 0.16797686066145734],
  ])('%i a side, effect %f', (n, logRatio, exact) => {
    expect(powerOf({ ...plan, logRatio, chips: { candidate: n, baseline: n } })).toBeCloseTo(exact, 8);
  });
  test('is alpha at the threshold', () => {
    expect(powerOf({ ...plan, logRatio: 0 })).toBeCloseTo(0.05, 9);
    expect(powerOf({ ...plan, chipVariance: 0 })).toBe(1);
    expect(powerOf({ ...plan, chipVariance: 0, logRatio: 0 })).toBe(0);
  });
});

test('what is needed is enough, and one less is not, at any plan', () => {
  const any = fc.record({
    logRatio: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    alpha: fc.double({ min: 0.005, max: 0.2, noNaN: true }),
    chipVariance: fc.double({ min: 1e-4, max: 0.05, noNaN: true }),
    nightVariance: fc.double({ min: 0, max: 0.1, noNaN: true }),
    nights: fc.integer({ min: 1, max: 90 }),
    candidate: fc.integer({ min: 2, max: 40 }),
    times: fc.constantFrom(1, 2, 3),
  });
  fc.assert(
    fc.property(any, ({ candidate, times, ...rest }) => {
      const wanted: Plan = { ...plan, ...rest, chips: { candidate, baseline: times * candidate } };
      const withChips = (n: number): number =>
        powerOf({ ...wanted, chips: { candidate: n, baseline: Math.max(2, times * n) } });
      const chips = chipsNeeded(wanted).needed;
      if (chips !== null) {
        expect(withChips(chips)).toBeGreaterThan(PLANNED_POWER - 1e-6);
        if (chips > 2) expect(withChips(chips - 1)).toBeLessThan(PLANNED_POWER + 1e-6);
      }
      const found = nightsNeeded(wanted);
      const atAll = powerOf({ ...wanted, nights: found.needed ?? MOST_NIGHTS });
      if (found.needed === null) expect(atAll).toBeLessThan(PLANNED_POWER);
      else expect(atAll).toBeGreaterThan(PLANNED_POWER - 1e-6);
    }),
  );
});

test.each([
  [{ alpha: 0 }, /alpha 0/],
  [{ chipVariance: -1 }, /chip variance -1/],
  [{ nightVariance: Number.NaN }, /night variance NaN/],
  [{ nights: 0 }, /nights 0/],
  [{ chips: { candidate: 1.5, baseline: 3 } }, /candidate 1.5/],
  [{ chips: { candidate: 1, baseline: 1 } }, /one chip a side/],
  [{ logRatio: Infinity }, /log ratio Infinity/],
])('refuses %j', (wrong, message) => {
  for (const ask of [powerOf, chipsNeeded, nightsNeeded])
    expect(() => ask({ ...plan, ...wrong })).toThrow(message);
});
