import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { tQuantile } from '../statistics/student-t.ts';
import type { MeasuredRatio } from './ramp-measurements.ts';
import type { Uncertain } from './ramp-plan.ts';

/** Intervals of a ramp, those of its inputs included, are of this confidence. */
export const RAMP_CONFIDENCE = 0.9;
/** Draws further than a factor of a thousand from the median are cut there: Student's t has tails without a mean on the log scale. */
const FACTOR_LIMIT = 1000;

/** An input that may be uncertain: its median, its 5 % and 95 % quantiles, and a draw of it. */
export interface Distribution {
  readonly central: number;
  readonly low: number;
  readonly high: number;
  readonly draw: (generator: JumpableRandomGenerator) => number;
}

interface Limits {
  readonly min: number;
  readonly max: number;
}

const exactly = (value: number): Distribution => ({
  central: value,
  low: value,
  high: value,
  draw: () => value,
});

const clamp = (value: number, { min, max }: Limits): number => Math.min(max, Math.max(min, value));

/** Uniform above 0 and below 1, where the quantile of a normal is finite. */
const openUniform = (generator: JumpableRandomGenerator): number =>
  Math.min(1 - 2 ** -53, Math.max(2 ** -54, uniformFloat64(generator)));

/**
 * Log-normal with a spread of its own on either side of the median m, so that `low` and `high` are the ends of the
 * interval of the given confidence:
 *
 *   x = m exp(z ln(m / low) / q) for z < 0,   m exp(z ln(high / m) / q) for z >= 0,   q = Phi^-1((1 + confidence) / 2)
 */
function splitLogNormal(
  median: number,
  low: number,
  high: number,
  confidence: number,
  limits: Limits,
): Distribution {
  const q = normalQuantile((1 + confidence) / 2, 0, 1);
  const [below, above] = [Math.log(median / low) / q, Math.log(high / median) / q];
  const at = (z: number): number => {
    const factor = clamp(Math.exp(z * (z < 0 ? below : above)), { min: 1 / FACTOR_LIMIT, max: FACTOR_LIMIT });
    return clamp(median * factor, limits);
  };
  const tail = normalQuantile((1 + RAMP_CONFIDENCE) / 2, 0, 1);
  // As they were stated, and not a rounding beside it.
  const isStated = confidence === RAMP_CONFIDENCE;
  return {
    central: median,
    low: isStated ? low : at(-tail),
    high: isStated ? high : at(tail),
    draw: (generator) => at(normalQuantile(openUniform(generator), 0, 1)),
  };
}

/**
 * A draw of Student's t for any degrees of freedom, by the polar method: (u, v) uniform in the unit circle,
 * w = u^2 + v^2, t = u sqrt(df (w^(-2/df) - 1) / w). Source: Bailey 1994, Mathematics of Computation 62.
 */
export function drawT(degreesOfFreedom: number, generator: JumpableRandomGenerator): number {
  for (;;) {
    const u = 2 * uniformFloat64(generator) - 1;
    const v = 2 * uniformFloat64(generator) - 1;
    const w = u * u + v * v;
    if (w > 0 && w <= 1) return u * Math.sqrt((degreesOfFreedom * (w ** (-2 / degreesOfFreedom) - 1)) / w);
  }
}

/** exp(logRatio + t SE), t of Student's distribution: what the Welch interval of a log ratio is made of. */
function logStudent(logRatio: number, standardError: number, degreesOfFreedom: number): Distribution {
  const reach = Math.log(FACTOR_LIMIT);
  const at = (t: number): number =>
    Math.exp(logRatio + clamp(t * standardError, { min: -reach, max: reach }));
  const tail = tQuantile((1 + RAMP_CONFIDENCE) / 2, degreesOfFreedom);
  return {
    central: Math.exp(logRatio),
    low: at(-tail),
    high: at(tail),
    draw: (generator) => at(drawT(degreesOfFreedom, generator)),
  };
}

/** Distribution of a number of the plan. Draws stay within the limits that the number itself has. */
export function planDistribution(number: Uncertain, limits: Limits): Distribution {
  if (typeof number === 'number') return exactly(number);
  const { value, low, high } = number;
  return low === high ? exactly(value) : splitLogNormal(value, low, high, RAMP_CONFIDENCE, limits);
}

const ANY: Limits = { min: 0, max: Number.MAX_VALUE };

/** Distribution of a measured ratio; without an interval only its central value is known. */
export function ratioDistribution(measured: MeasuredRatio): Distribution {
  if ('ratio' in measured) {
    const { ratio, low, high, confidence } = measured;
    if (low === null || high === null || low === high) return exactly(ratio);
    return splitLogNormal(ratio, low, high, confidence, ANY);
  }
  const { logRatio, standardError, degreesOfFreedom } = measured;
  if (standardError === null || degreesOfFreedom === null || standardError === 0)
    return exactly(Math.exp(logRatio));
  return logStudent(logRatio, standardError, degreesOfFreedom);
}

/** Whether the pilot says how far off a ratio may be. */
export function hasSpread(measured: MeasuredRatio): boolean {
  return 'ratio' in measured
    ? measured.low !== null && measured.high !== null
    : measured.standardError !== null && measured.degreesOfFreedom !== null;
}
