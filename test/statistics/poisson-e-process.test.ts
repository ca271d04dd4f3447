import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { type Count, poissonInterval } from '../../functions/core/statistics/counts.ts';
import {
  anytimeP,
  logEAbove,
  logEBelow,
  poissonConfidenceSequence,
  poissonLowerSequence,
  poissonUpperSequence,
} from '../../functions/core/statistics/poisson-e-process.ts';
import { fc } from '../fast-check.ts';
import { threeErrors } from './normal-draws.ts';

const counts = fc.record({
  events: fc.nat(300),
  exposure: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
});
const near = (count: Count, factor: number): number => ((count.events + 1) / count.exposure) * factor;
const factors = fc.double({ min: 0.2, max: 5, noNaN: true });

describe('the e-value', () => {
  test('of no event against "at least r0" has a closed form: e^mu (1 - e^-(1+mu)) / ((1 + mu)(1 - 1/e))', () => {
    for (const mu of [0.1, 1, 4.2, 30]) {
      const closed = mu + Math.log(-Math.expm1(-(1 + mu)) / (1 + mu) / -Math.expm1(-1));
      expect(logEBelow({ events: 0, exposure: mu }, 1)).toBeCloseTo(closed, 11);
    }
  });
  test('is the integral of the likelihood ratio over the cut weight', () => {
    const mixture = { shape: 2, rate: 1.5 };
    const weight = (theta: number): number => theta * Math.exp(-1.5 * theta);
    /** Simpson's rule for the mean of f over the weight between two thetas. */
    const over = (f: (theta: number) => number, from: number, to: number): number => {
      const steps = 20_000;
      const h = (to - from) / steps;
      let [top, bottom] = [0, 0];
      for (let i = 0; i <= steps; i += 1) {
        const theta = from + i * h;
        const w = (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * weight(theta);
        top += w * f(theta);
        bottom += w;
      }
      return top / bottom;
    };
    for (const [events, mu] of [
      [0, 2],
      [3, 1.5],
      [7, 4],
      [20, 24],
    ] as const) {
      const ratio = (theta: number): number => theta ** events * Math.exp(-(theta - 1) * mu);
      const count = { events, exposure: mu };
      expect(logEAbove(count, 1, mixture)).toBeCloseTo(Math.log(over(ratio, 1, 40)), 8);
      expect(logEBelow(count, 1, mixture)).toBeCloseTo(Math.log(over(ratio, 0, 1)), 8);
    }
  });
  test('has mean 1 at r0, at most 1 on the null side of it, and more on the other', () => {
    const meanE = (r: number, logE: typeof logEAbove): number => {
      let [sum, p] = [0, Math.exp(-r)];
      for (let k = 0; k < 150; k += 1) {
        sum += p * Math.exp(logE({ events: k, exposure: 1 }, 4));
        p *= r / (k + 1);
      }
      return sum;
    };
    expect(meanE(4, logEAbove)).toBeCloseTo(1, 9);
    expect(meanE(4, logEBelow)).toBeCloseTo(1, 9);
    expect(meanE(3, logEAbove)).toBeLessThan(1);
    expect(meanE(5, logEAbove)).toBeGreaterThan(1);
    expect(meanE(5, logEBelow)).toBeLessThan(1);
    expect(meanE(3, logEBelow)).toBeGreaterThan(1);
  });
  test('above falls as r0 rises, below rises, and neither depends on the unit of exposure', () => {
    fc.assert(
      fc.property(counts, factors, (count, factor) => {
        const r0 = near(count, factor);
        expect(logEAbove(count, r0 * 1.01)).toBeLessThanOrEqual(logEAbove(count, r0) + 1e-9);
        expect(logEBelow(count, r0 * 1.01)).toBeGreaterThanOrEqual(logEBelow(count, r0) - 1e-9);
        const inMinutes = { ...count, exposure: count.exposure * 60 };
        expect(logEAbove(inMinutes, r0 / 60)).toBeCloseTo(logEAbove(count, r0), 7);
      }),
    );
  });
  test('stays finite far from the null, and its p-value is a probability', () => {
    for (const count of [
      { events: 100_000, exposure: 1 },
      { events: 0, exposure: 1e6 },
    ]) {
      for (const r0 of [1e-6, 1, 1e6]) {
        for (const value of [logEAbove(count, r0), logEBelow(count, r0)]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(anytimeP(value)).toBeGreaterThanOrEqual(0);
          expect(anytimeP(value)).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});

describe('the confidence sequence', () => {
  test('inverts the test: e reaches 1/alpha exactly at each end', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(0.01, 0.05, 0.2), (count, alpha) => {
        const [low, high] = [poissonLowerSequence(count, alpha), poissonUpperSequence(count, alpha)];
        expect(logEBelow(count, high)).toBeCloseTo(-Math.log(alpha), 6);
        if (low > 0) expect(logEAbove(count, low)).toBeCloseTo(-Math.log(alpha), 6);
        else expect(count.events).toBeLessThan(6);
      }),
    );
  });
  test('holds the estimate and is wider than the interval of a single look, which holds it at that look only', () => {
    fc.assert(
      fc.property(counts, (count) => {
        const [sequence, single] = [poissonConfidenceSequence(count, 0.05), poissonInterval(count, 0.95)];
        expect(sequence.low).toBeLessThanOrEqual(single.low);
        expect(sequence.high).toBeGreaterThanOrEqual(single.high);
        expect(sequence.high).toBeLessThan(6 * single.high);
      }),
    );
  });
  test('of no event is 4.2 / exposure, for 3.0 at a single look', () => {
    expect(poissonUpperSequence({ events: 0, exposure: 100 }, 0.05)).toBeCloseTo(0.042, 3);
  });
});

describe('looked at every night for 84 nights', () => {
  const NIGHTS = 84;
  const ALPHA = 0.05;
  const TRIALS = 1500;

  /** Cumulative counts; `rateOf` may change from night to night, exposure grows as the pilot does. */
  function* pilot(random: () => number, rateOf: (night: number) => number): Generator<Count> {
    let [events, exposure] = [0, 0];
    for (let night = 0; night < NIGHTS; night += 1) {
      const hours = 24 * (1 + Math.floor(night / 14));
      // Events of a Poisson process by their exponential gaps.
      let gaps = 0;
      while (true) {
        gaps -= Math.log(1 - random());
        if (gaps > rateOf(night) * hours) break;
        events += 1;
      }
      exposure += hours;
      yield { events, exposure };
    }
  }

  /** Share of pilots with an alarm at any look. */
  function alarms(
    seed: number,
    rateOf: (night: number) => number,
    isAlarm: (count: Count) => boolean,
  ): number {
    const generator = xoroshiro128plus(seed);
    const random = (): number => uniformFloat64(generator);
    let seen = 0;
    for (let i = 0; i < TRIALS; i += 1) if ([...pilot(random, rateOf)].some(isAlarm)) seen += 1;
    return seen / TRIALS;
  }

  const R0 = 0.02;
  const above = (count: Count): boolean => anytimeP(logEAbove(count, R0)) <= ALPHA;
  const below = (count: Count): boolean => anytimeP(logEBelow(count, R0)) <= ALPHA;
  const atMostAlpha = ALPHA + threeErrors(ALPHA, TRIALS);

  test.each([
    ['above, at r0', () => R0, above],
    [
      'above, at rates that change and stay under r0',
      (night: number) => R0 * (night % 7 === 0 ? 1 : 0.7),
      above,
    ],
    ['below, at r0', () => R0, below],
    ['below, at rates over r0', (night: number) => R0 * (1 + (night % 3) / 4), below],
  ])('false alarms are at most alpha: %s', (_, rateOf, isAlarm) => {
    expect(alarms(17, rateOf, isAlarm)).toBeLessThanOrEqual(atMostAlpha);
  });

  test('the exact test of a single look, repeated nightly, is not', () => {
    const naive = (count: Count): boolean => poissonInterval(count, 1 - 2 * ALPHA).low > R0;
    expect(alarms(17, () => R0, naive)).toBeGreaterThan(2 * ALPHA);
  });

  test('twice and half the rate are found in nearly every pilot', () => {
    expect(alarms(18, () => 2 * R0, above)).toBeGreaterThan(0.95);
    expect(alarms(19, () => R0 / 2, below)).toBeGreaterThan(0.95);
  });

  test('the confidence sequence misses the truth at some look in at most alpha of the pilots', () => {
    const misses = (count: Count): boolean => {
      const { low, high } = poissonConfidenceSequence(count, ALPHA);
      return R0 < low || R0 > high;
    };
    const generator = xoroshiro128plus(23);
    const random = (): number => uniformFloat64(generator);
    const trials = 150;
    let seen = 0;
    for (let i = 0; i < trials; i += 1) if ([...pilot(random, () => R0)].some(misses)) seen += 1;
    expect(seen / trials).toBeLessThanOrEqual(ALPHA + threeErrors(ALPHA, trials));
  });
});

test.each([
  ['rate0 0', () => logEAbove({ events: 1, exposure: 1 }, 0)],
  ['exposure -1', () => logEBelow({ events: 1, exposure: -1 }, 1)],
  ['events 0.5', () => poissonUpperSequence({ events: 0.5, exposure: 1 }, 0.05)],
  ['alpha 1', () => poissonLowerSequence({ events: 1, exposure: 1 }, 1)],
  ['shape of the mixture 0', () => logEAbove({ events: 1, exposure: 1 }, 1, { shape: 0, rate: 1 })],
])('%s is refused', (message, call) => {
  expect(call).toThrow(message);
});
