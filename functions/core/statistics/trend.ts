import { InputError } from '../errors.ts';
import { finite, openProbability } from './arguments.ts';
import { tQuantile } from './student-t.ts';

/** One night: day as a number (any origin) and a value on the log scale. */
export interface TrendPoint {
  readonly day: number;
  readonly logValue: number;
}

/** A straight line through the nights; the slope is per day, and 100 times it is close to per cent a day. */
export interface Trend {
  readonly slope: number;
  readonly slopeStandardError: number;
  readonly meanDay: number;
  /** Height of the line at `meanDay`. */
  readonly meanLogValue: number;
  /** Standard deviation of the points about the line, with n - 2 in the denominator. */
  readonly residualSd: number;
  readonly degreesOfFreedom: number;
  /** Sum of squares of the days about their mean. */
  readonly daySquares: number;
}

/** The line at a day, with the interval of the line itself and of one new night. */
export interface Prediction {
  readonly logValue: number;
  readonly line: { readonly low: number; readonly high: number };
  readonly newNight: { readonly low: number; readonly high: number };
}

/**
 * Ordinary least squares: slope = S_xy / S_xx, SE = s / sqrt(S_xx), s^2 = sum of squared residuals / (n - 2). Null
 * below three points or where all are of one day. Residuals are taken as independent: nights that follow each other
 * closely make the intervals too narrow (see `lagOne`). Source: Draper & Smith 1998, chapter 1.
 */
export function trend(points: readonly TrendPoint[]): Trend | null {
  for (const { day, logValue } of points) {
    if (!Number.isFinite(day) || !Number.isFinite(logValue))
      throw new InputError('trend', `day ${day}, value ${logValue}: expected finite numbers`);
  }
  const n = points.length;
  const meanDay = points.reduce((sum, { day }) => sum + day, 0) / n;
  const meanLogValue = points.reduce((sum, { logValue }) => sum + logValue, 0) / n;
  let [daySquares, products] = [0, 0];
  for (const { day, logValue } of points) {
    daySquares += (day - meanDay) ** 2;
    products += (day - meanDay) * (logValue - meanLogValue);
  }
  if (n < 3 || daySquares === 0) return null;
  const slope = products / daySquares;
  const squares = points.reduce(
    (sum, { day, logValue }) => sum + (logValue - meanLogValue - slope * (day - meanDay)) ** 2,
    0,
  );
  const residualSd = Math.sqrt(squares / (n - 2));
  return {
    slope,
    slopeStandardError: residualSd / Math.sqrt(daySquares),
    meanDay,
    meanLogValue,
    residualSd,
    degreesOfFreedom: n - 2,
    daySquares,
  };
}

/** Two-sided t interval of the slope. */
export function slopeInterval(line: Trend, confidence: number): { low: number; high: number } {
  const half = tQuantile((1 + openProbability('confidence', confidence)) / 2, line.degreesOfFreedom);
  return {
    low: line.slope - half * line.slopeStandardError,
    high: line.slope + half * line.slopeStandardError,
  };
}

/**
 * The line at `day`, with both two-sided intervals:
 *
 *   line        +- t s sqrt(1/n + (day - mean)^2 / S_xx)
 *   new night   +- t s sqrt(1 + 1/n + (day - mean)^2 / S_xx)
 */
export function predictAt(line: Trend, day: number, confidence: number): Prediction {
  const away = finite('day', day) - line.meanDay;
  const logValue = line.meanLogValue + line.slope * away;
  const t = tQuantile((1 + openProbability('confidence', confidence)) / 2, line.degreesOfFreedom);
  const leverage = 1 / (line.degreesOfFreedom + 2) + away ** 2 / line.daySquares;
  const ofLine = t * line.residualSd * Math.sqrt(leverage);
  const ofNight = t * line.residualSd * Math.sqrt(1 + leverage);
  return {
    logValue,
    line: { low: logValue - ofLine, high: logValue + ofLine },
    newNight: { low: logValue - ofNight, high: logValue + ofNight },
  };
}
