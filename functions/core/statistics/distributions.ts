import libraryBetaCdf from '@stdlib/stats-base-dists-beta-cdf';
import libraryBetaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import libraryGammaCdf from '@stdlib/stats-base-dists-gamma-cdf';
import libraryGammaQuantile from '@stdlib/stats-base-dists-gamma-quantile';
import libraryNormalCdf from '@stdlib/stats-base-dists-normal-cdf';
import libraryNormalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { finite, openProbability, positive } from './arguments.ts';
import { logGammaDensity, logGammaTails } from './incomplete-gamma.ts';

/*
 * Distributions from @stdlib, measured against SciPy 1.17 (test/conformance/statistics) at a relative 1e-9:
 * normal and beta distribution functions and the beta quantile reach it as they are (3e-14, 2e-12, 5e-11). The
 * normal quantile does not below a probability of 1e-9 (4e-7 at 1e-12) and gets a Newton step. The gamma functions
 * do (6e-14) up to a shape of some 800 and are wrong beyond (24 % at shape 1716), so that ours take over at 500.
 */

/** Shape from which the library's gamma functions are not used: well below where they begin to fail. */
const LARGE_SHAPE = 500;

/** P(Z <= x) for the standard normal. */
export const normalCdf = (x: number): number => libraryNormalCdf(finite('x', x), 0, 1);

/** Below this the library's normal quantile is not used as a start: near 1e-100 it is infinite. */
const SMALL_PROBABILITY = 1e-15;

/** Quantile of the standard normal, 0 < `probability` < 1. Newton's steps are on the logarithm of the tail. */
export function normalQuantile(probability: number): number {
  openProbability('probability', probability);
  // The upper half by symmetry: 1 - p is exact there, and the lower tail keeps its relative precision.
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let z =
    probability < SMALL_PROBABILITY
      ? -Math.sqrt(-2 * Math.log(probability))
      : libraryNormalQuantile(probability, 0, 1);
  for (let i = 0; i < 20; i += 1) {
    const tail = libraryNormalCdf(z, 0, 1);
    // The tail is no double below -38, which only probabilities under 1e-315 reach.
    if (tail === 0) return z;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const step = (Math.log(tail / probability) * tail) / density;
    z -= step;
    if (Math.abs(step) <= 1e-14 * Math.abs(z)) break;
  }
  return z;
}

/** P(X <= x) for the Gamma distribution with `shape` and `rate` (mean shape / rate), both positive. */
export function gammaCdf(x: number, shape: number, rate = 1): number {
  const scaled = finite('x', x) * positive('rate', rate);
  if (positive('shape', shape) < LARGE_SHAPE) return libraryGammaCdf(scaled, shape, 1);
  return scaled > 0 ? Math.exp(logGammaTails(shape, scaled).lower) : 0;
}

/** Quantile of the Gamma distribution with `shape` and `rate`, 0 < `probability` < 1. */
export function gammaQuantile(probability: number, shape: number, rate = 1): number {
  openProbability('probability', probability);
  positive('rate', rate);
  if (positive('shape', shape) < LARGE_SHAPE) return libraryGammaQuantile(probability, shape, 1) / rate;
  return largeShapeQuantile(probability, shape) / rate;
}

/**
 * Newton's method on the logarithm of the smaller tail, from the approximation of Wilson and Hilferty 1931, which is
 * good to four digits there. The logarithm of a Gamma tail is concave, so the steps converge.
 */
function largeShapeQuantile(probability: number, shape: number): number {
  const isLower = probability <= 0.5;
  const target = Math.log(isLower ? probability : 1 - probability);
  let x = shape * (1 - 1 / (9 * shape) + normalQuantile(probability) / (3 * Math.sqrt(shape))) ** 3;
  for (let i = 0; i < 20; i += 1) {
    const tails = logGammaTails(shape, x);
    const tail = isLower ? tails.lower : tails.upper;
    const hazard = Math.exp(logGammaDensity(shape, x) - tail);
    const step = ((isLower ? 1 : -1) * (tail - target)) / hazard;
    x -= step;
    if (Math.abs(step) < 1e-14 * x) break;
  }
  return x;
}

/** P(X <= x) for the Beta distribution with shapes `a` and `b`, both positive. */
export const betaCdf = (x: number, a: number, b: number): number =>
  libraryBetaCdf(finite('x', x), positive('a', a), positive('b', b));

/** Quantile of the Beta distribution with shapes `a` and `b`, 0 < `probability` < 1. */
export const betaQuantile = (probability: number, a: number, b: number): number =>
  libraryBetaQuantile(openProbability('probability', probability), positive('a', a), positive('b', b));
