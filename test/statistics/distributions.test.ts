import { describe, expect, test } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  gammaCdf,
  gammaQuantile,
  normalCdf,
  normalQuantile,
} from '../../functions/core/statistics/distributions.ts';
import { logGammaTails } from '../../functions/core/statistics/incomplete-gamma.ts';
import { logGamma } from '../../functions/core/statistics/log-gamma.ts';
import { fc } from '../fast-check.ts';

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);
const probability = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
const shape = fc.double({ min: Math.log(0.5), max: Math.log(1e5), noNaN: true }).map(Math.exp);

describe('reference values of SciPy 1.17, to a relative 1e-9', () => {
  test.each<[string, number, number]>([
    ['normal quantile', normalQuantile(0.975), 1.959963984540054],
    ['normal quantile far out', normalQuantile(1e-12), -7.034483825301131],
    ['normal quantile at the end of doubles', normalQuantile(1e-300), -37.0470962993612],
    ['normal distribution', normalCdf(-1.5), 0.06680720126885807],
    ['gamma quantile', gammaQuantile(0.975, 11), 18.39035604201778],
    ['chi-squared of 10 degrees, halved', 2 * gammaQuantile(0.95, 5), 18.307038053275146],
    ['gamma quantile of a large shape', gammaQuantile(0.95, 20000.5), 20233.687463952996],
    ['gamma quantile of a large shape, far out', gammaQuantile(1e-6, 1e5), 98504.02706509772],
    ['gamma distribution', gammaCdf(3, 2.5, 2), 0.9652122194937581],
    ['gamma distribution where ours takes over', gammaCdf(510, 500), 0.6769366400888723],
    ['gamma distribution, 24 % off in @stdlib', gammaCdf(1668.552726227187, 1716), 0.12547341076820076],
    ['beta quantile', betaQuantile(0.025, 12, 21), 0.21100031642399283],
    ['beta distribution', betaCdf(0.3, 2.5, 7), 0.6412224629717214],
    ['ln Gamma(1/2)', logGamma(0.5), 0.5723649429247],
    ['ln Gamma(100.5)', logGamma(100.5), 361.43554046777757],
    ['ln Gamma(1e6)', logGamma(1e6), 12815504.569147611],
  ])('%s', (_, ours, scipy) => {
    expect(relative(ours, scipy)).toBeLessThan(1e-9);
  });
});

describe('laws', () => {
  test('normal: the quantile inverts the distribution and is odd', () => {
    fc.assert(
      fc.property(probability, (p) => {
        expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-9);
        expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(1 - (1 - p)), 12);
      }),
    );
  });
  test('gamma: the quantile inverts the distribution, across the seam of library and own', () => {
    fc.assert(
      fc.property(probability, shape, (p, a) => {
        expect(relative(gammaCdf(gammaQuantile(p, a), a), p)).toBeLessThan(1e-9);
      }),
    );
  });
  test('gamma: the distribution rises with x', () => {
    fc.assert(
      fc.property(shape, fc.double({ min: 0.5, max: 1.5, noNaN: true }), (a, f) => {
        expect(gammaCdf(a * f * 1.01, a)).toBeGreaterThanOrEqual(gammaCdf(a * f, a));
      }),
    );
  });
  test('gamma: the rate only scales', () => {
    expect(gammaQuantile(0.9, 700, 4)).toBeCloseTo(gammaQuantile(0.9, 700) / 4, 9);
  });
  test('the two tails sum to one, and a step of the shape is the density: Q(a + 1) - Q(a) = x^a e^-x / Gamma(a + 1)', () => {
    fc.assert(
      fc.property(shape, fc.double({ min: 0.2, max: 3, noNaN: true }), (a, f) => {
        const [here, next] = [logGammaTails(a, a * f), logGammaTails(a + 1, a * f)];
        expect(Math.exp(here.lower) + Math.exp(here.upper)).toBeCloseTo(1, 12);
        const density = Math.exp(a * Math.log(a * f) - a * f - logGamma(a + 1));
        expect(Math.exp(next.upper) - Math.exp(here.upper)).toBeCloseTo(density, 9);
      }),
    );
  });
  test('beta: the quantile inverts the distribution and mirrors', () => {
    // Below a shape of 1 the quantile near 1 moves by less than a double can hold.
    const small = fc.double({ min: 1, max: 2000, noNaN: true });
    fc.assert(
      fc.property(probability, small, small, (p, a, b) => {
        // The probability that 1 - p mirrors exactly.
        const exact = 1 - (1 - p);
        const x = betaQuantile(exact, a, b);
        expect(Math.abs(betaCdf(x, a, b) - exact)).toBeLessThan(1e-9);
        expect(1 - betaQuantile(1 - p, b, a)).toBeCloseTo(x, 9);
      }),
    );
  });
});

test.each([
  ['probability 0', () => normalQuantile(0)],
  ['probability 1.2', () => gammaQuantile(1.2, 3)],
  ['shape -1', () => gammaCdf(1, -1)],
  ['rate 0', () => gammaQuantile(0.5, 2, 0)],
  ['x NaN', () => betaCdf(Number.NaN, 1, 1)],
])('%s is refused by name and value', (message, call) => {
  expect(call).toThrow(
    expect.objectContaining({ code: 'statistics-argument', message: expect.stringContaining(message) }),
  );
});
