import { mean } from '../statistics/mean-interval.ts';
import { predictAt, slopeInterval, type Trend, trend } from '../statistics/trend.ts';
import type { Contrasted } from './contrasted.ts';
import type { Drift } from './decision.ts';
import type { Shift } from './estimate.ts';

const DAY_MS = 86_400_000;
const CONFIDENCE = 0.95;
const DAYS_A_MONTH = 30;
/** A line through fewer nights than this leads anywhere. */
const NIGHTS_AT_LEAST = 8;
/** Nights that are kept for a chart. */
const POINTS = 120;

const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

type Values = Pick<Contrasted, 'baselineValues'>;

/** The baseline's nights in order, each a mean over its units. */
function baselineNights({ baselineValues }: Values): { night: string; logValue: number }[] {
  // What single chips are like is taken out, so that a chip that misses a night is no change of the baseline.
  const ofUnit = new Map(
    [...Map.groupBy(baselineValues, (v) => v.unit)].map(([unit, own]) => [
      unit,
      mean(own.map((v) => v.logValue)),
    ]),
  );
  const isRuns = ofUnit.size === baselineValues.length;
  return [...Map.groupBy(baselineValues, (v) => v.night)]
    .map(([night, own]) => ({
      night,
      logValue: mean(own.map((v) => v.logValue - (isRuns ? 0 : (ofUnit.get(v.unit) as number)))),
    }))
    .sort((a, b) => (a.night < b.night ? -1 : 1));
}

/** The line through the baseline's own nights; null where there are too few. */
export function baselineTrend(part: Values): Trend | null {
  const nights = baselineNights(part);
  if (nights.length < NIGHTS_AT_LEAST) return null;
  return trend(nights.map(({ night, logValue }) => ({ day: dayOf(night), logValue })));
}

/** Nights as a chart needs them, every so many of a long pilot, the last one always. */
function pointsOf(part: Values, line: Trend): Drift['points'] {
  const nights = baselineNights(part);
  const stride = Math.ceil(nights.length / POINTS);
  const relative = (value: number): number => Math.exp(value - line.meanLogValue);
  return nights
    .filter((_, i) => (nights.length - 1 - i) % stride === 0)
    .map(({ night, logValue }) => {
      const at = predictAt(line, dayOf(night), CONFIDENCE);
      return {
        night,
        ratio: relative(logValue),
        line: relative(at.logValue),
        low: relative(at.line.low),
        high: relative(at.line.high),
      };
    });
}

/** What to add to a log ratio so that it is to the baseline of the ramp date. */
export function forecastShift(line: Trend, rampDate: string): Shift {
  const away = dayOf(rampDate) - line.meanDay;
  return {
    log: -line.slope * away,
    standardError: Math.abs(away) * line.slopeStandardError,
    degreesOfFreedom: line.degreesOfFreedom,
  };
}

/** The baseline's own trend, and where it leads to by the ramp date. Null where there are too few nights. */
export function driftOf(part: Contrasted, rampDate: string | null): Drift | null {
  const line = baselineTrend(part);
  if (!line) return null;
  const { low, high } = slopeInterval(line, CONFIDENCE);
  const perMonth = (slope: number): number => Math.exp(slope * DAYS_A_MONTH);
  return {
    workload: part.name,
    metric: part.metric,
    nights: line.degreesOfFreedom + 2,
    perMonthRatio: perMonth(line.slope),
    low: perMonth(low),
    high: perMonth(high),
    confidence: CONFIDENCE,
    points: pointsOf(part, line),
    forecast: rampDate === null ? null : forecastOf(line, rampDate, part.contrast.logRatio),
  };
}

function forecastOf(line: Trend, date: string, logRatio: number): Drift['forecast'] {
  const then = predictAt(line, dayOf(date), CONFIDENCE);
  const relative = (value: number): number => Math.exp(value - line.meanLogValue);
  return {
    date,
    baselineRatio: relative(then.logValue),
    low: relative(then.line.low),
    high: relative(then.line.high),
    ratio: Math.exp(logRatio + forecastShift(line, date).log),
  };
}

/** Why a baseline is too old to decide by; null where it is not. */
export function staleReason(
  lastNight: string | undefined,
  date: string,
  maximumAgeDays: number | null,
): string | null {
  if (maximumAgeDays === null || lastNight === undefined) return null;
  const age = dayOf(date) - dayOf(lastNight);
  return age > maximumAgeDays
    ? `the baseline is stale: its last night is ${lastNight}, ${age} days before; the policy allows ${maximumAgeDays}`
    : null;
}
