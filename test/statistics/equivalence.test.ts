import { describe, expect, test } from 'vitest';
import { equivalence, nonInferiority, superiority } from '../../functions/core/statistics/equivalence.ts';
import { ratioInterval } from '../../functions/core/statistics/log-ratio.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

const spreads = fc.record({
  logRatio: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
  standardError: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
  degreesOfFreedom: fc.double({ min: 1, max: 60, noNaN: true }),
});
const margins = fc.double({ min: 0, max: 0.3, noNaN: true });

describe('a decision is what the interval of confidence 1 - 2 alpha says', () => {
  test('superiority: high < 1 - margin; non-inferiority: high < 1 + margin; equivalence: inside both', () => {
    fc.assert(
      fc.property(
        spreads,
        margins,
        fc.double({ min: 0.01, max: 0.2, noNaN: true }),
        (spread, margin, alpha) => {
          const { low, high } = ratioInterval(Math.exp(spread.logRatio), spread, 1 - 2 * alpha) as {
            low: number;
            high: number;
          };
          fc.pre(
            [high - (1 - margin), high - (1 + margin), low - (1 - margin)].every((d) => Math.abs(d) > 1e-9),
          );
          expect(superiority(spread, margin, alpha).passes).toBe(high < 1 - margin);
          expect(nonInferiority(spread, margin, alpha).passes).toBe(high < 1 + margin);
          expect(equivalence(spread, margin, alpha).passes).toBe(low > 1 - margin && high < 1 + margin);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('what is superior is not inferior, and a wider margin is harder for the one and easier for the other', () => {
  fc.assert(
    fc.property(spreads, margins, margins, (spread, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      const p = (r: { pValue: number | null }): number => r.pValue as number;
      expect(p(nonInferiority(spread, less, 0.05))).toBeLessThanOrEqual(p(superiority(spread, less, 0.05)));
      expect(p(superiority(spread, more, 0.05))).toBeGreaterThanOrEqual(p(superiority(spread, less, 0.05)));
      expect(p(nonInferiority(spread, more, 0.05))).toBeLessThanOrEqual(
        p(nonInferiority(spread, less, 0.05)),
      );
      expect(p(equivalence(spread, more, 0.05))).toBeLessThanOrEqual(p(equivalence(spread, less, 0.05)));
    }),
  );
});

test('a p-value by hand: t = ln(0.8 / 0.95) / 0.05 at one degree of freedom', () => {
  const spread = { logRatio: Math.log(0.8), standardError: 0.05, degreesOfFreedom: 1 };
  const t = Math.log(0.8 / 0.95) / 0.05;
  expect(superiority(spread, 0.05, 0.05).pValue).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
});

test('less is better: 10 % less passes superiority, 10 % more passes nothing at a margin of 5 %', () => {
  const less = { logRatio: Math.log(0.9), standardError: 0.01, degreesOfFreedom: 20 };
  const more = { ...less, logRatio: Math.log(1.1) };
  expect(superiority(less, 0.05, 0.05).passes).toBe(true);
  expect(equivalence(less, 0.05, 0.05).passes).toBe(false);
  expect(superiority(more, 0.05, 0.05).passes).toBe(false);
  expect(nonInferiority(more, 0.05, 0.05).passes).toBe(false);
  expect(equivalence({ ...less, logRatio: 0 }, 0.05, 0.05)).toMatchObject({ passes: true });
});

test('without a known spread nothing passes; without any spread the ratio decides', () => {
  const unknown = { logRatio: -1, standardError: null, degreesOfFreedom: null };
  expect(superiority(unknown, 0, 0.05)).toEqual({ pValue: null, passes: null });
  expect(equivalence(unknown, 0.1, 0.05).passes).toBeNull();
  const exact = { logRatio: Math.log(0.94), standardError: 0, degreesOfFreedom: 4 };
  expect(superiority(exact, 0.05, 0.05)).toEqual({ pValue: 0, passes: true });
  expect(equivalence(exact, 0.05, 0.05)).toMatchObject({ pValue: 1, passes: false });
});

test.each([
  ['margin 1', () => superiority({ logRatio: 0, standardError: 1, degreesOfFreedom: 1 }, 1, 0.05)],
  ['margin -0.1', () => equivalence({ logRatio: 0, standardError: 1, degreesOfFreedom: 1 }, -0.1, 0.05)],
  ['alpha 0', () => nonInferiority({ logRatio: 0, standardError: 1, degreesOfFreedom: 1 }, 0.1, 0)],
])('%s is refused', (message, call) => {
  expect(call).toThrow(message);
});

test('at the margin itself each passes wrongly with probability alpha', () => {
  const normal = normalDraws(3);
  const trials = 4000;
  const passed = { superiority: 0, nonInferiority: 0, equivalence: 0 };
  for (let i = 0; i < trials; i += 1) {
    // Ten normal log ratios with SD 0.02, so that all of the margin's other side is far away.
    const x = Array.from({ length: 10 }, () => 0.02 * normal());
    const centre = x.reduce((a, b) => a + b) / 10;
    const standardError = Math.sqrt(x.reduce((a, b) => a + (b - centre) ** 2, 0) / 90);
    const at = (ratio: number) => ({
      logRatio: centre + Math.log(ratio),
      standardError,
      degreesOfFreedom: 9,
    });
    if (superiority(at(0.9), 0.1, 0.05).passes) passed.superiority += 1;
    if (nonInferiority(at(1.1), 0.1, 0.05).passes) passed.nonInferiority += 1;
    if (equivalence(at(1.1), 0.1, 0.05).passes) passed.equivalence += 1;
  }
  for (const count of Object.values(passed)) {
    expect(Math.abs(count / trials - 0.05)).toBeLessThan(threeErrors(0.05, trials));
  }
});
