import { GAP_FLOOR_MS, gapLimitMs } from '../telemetry/ledger.ts';
import type { CounterTrack } from '../telemetry/segment.ts';

/** A counter that was broken for more of the run than this says nothing reliable of the rest either. */
export const BROKEN_LIMIT_RATIO = 0.05;

/** Why a counter gives no energy. */
export type CounterRefusal = 'broken' | 'misses-end' | 'frozen';

/** What the hardware energy counter of one scope says of the run. */
export interface CounterEnergy {
  /** J, after conversion; null where refused. */
  readonly energyJ: number | null;
  readonly refusal: CounterRefusal | null;
  /** Intervals in which it fell or jumped. */
  readonly resets: number;
  /** Share of the run that its mean power stands in for: broken intervals, and ends that it does not reach. */
  readonly bridgedRatio: number;
  /** Share of the run that lies in the intervals that its ends cut, where they are long: interpolated, not counted. */
  readonly interpolatedRatio: number;
  /** Last reading minus first, breaks included, after conversion: tells the unit of a counter that is all breaks. */
  readonly rawRiseJ: number;
  /** Readings on both sides of run start and of run stop. */
  readonly isBracketed: boolean;
}

export interface CounterInput {
  readonly track: CounterTrack | undefined;
  readonly conversionEfficiency: number;
  /** Energy from power readings of the same scope, J; null where there are none. */
  readonly powerEnergyJ: number | null;
  readonly startMs: number;
  readonly stopMs: number;
}

/**
 * Energy of one scope by its counter, with resets repaired, in joules:
 *
 *   eta * delta * R / (T - B)
 *
 * with `delta` the rise over the T ms that the counter covers of the run, B of them broken (a reset, a wrap, a
 * jump), and R the length of the run: what was not counted is taken at the counter's own mean power. T is R where
 * the counter has readings on both sides of the run. Null where the scope has no counter.
 */
export function counterEnergy(input: CounterInput): CounterEnergy | null {
  const { track, conversionEfficiency, startMs, stopMs } = input;
  if (!track) return null;
  const runMs = stopMs - startMs;
  const spanMs = track.last.timeMs - track.first.timeMs;
  const countedMs = spanMs - track.brokenMs;
  const meanPeriodMs = spanMs / Math.max(track.readings + cuts(track) - 1, 1);
  const refusal = refusalOf(input, track, meanPeriodMs);
  return {
    energyJ: refusal === null ? (conversionEfficiency * track.delta * runMs) / countedMs : null,
    refusal,
    resets: track.resets,
    bridgedRatio: 1 - countedMs / runMs,
    interpolatedRatio: Math.min((meanPeriodMs > GAP_FLOOR_MS ? cuts(track) * meanPeriodMs : 0) / runMs, 1),
    rawRiseJ: conversionEfficiency * (track.last.value - track.first.value),
    isBracketed: track.first.timeMs <= startMs && track.last.timeMs >= stopMs,
  };
}

/** Ends of the run that fall between two readings. */
const cuts = ({ first, last }: CounterTrack): number => (first.isCut ? 1 : 0) + (last.isCut ? 1 : 0);

function refusalOf(
  { startMs, stopMs, powerEnergyJ }: CounterInput,
  track: CounterTrack,
  meanPeriodMs: number,
): CounterRefusal | null {
  const limitMs = gapLimitMs(meanPeriodMs);
  const missedMs = Math.max(track.first.timeMs - startMs, stopMs - track.last.timeMs);
  if (track.brokenMs > BROKEN_LIMIT_RATIO * (stopMs - startMs)) return 'broken';
  if (missedMs > limitMs || track.last.timeMs <= track.first.timeMs) return 'misses-end';
  return track.delta <= 0 && powerEnergyJ !== 0 ? 'frozen' : null;
}
