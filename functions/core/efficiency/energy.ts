import { splitAtGap } from '../telemetry/ledger.ts';
import type { ReadingLog } from '../telemetry/segment.ts';
import type { Energy, EnergyMethod } from './evaluation.ts';
import type { FoldedScope } from './scope-fold.ts';

export const NO_ENERGY: Energy = { clippedTrapezoidJ: null, mlperfTrainingV40J: null, counterJ: null };

export interface PowerSource {
  readonly folded: FoldedScope;
  readonly log: ReadingLog | null;
  readonly conversionEfficiency: number;
  /** One estimate for the whole run, where the scope was not read. */
  readonly estimatedPowerW: number | null;
}

/** Span of a log by the MLPerf rule: max(stop stamp, last reading) - start stamp, in ms. */
export function logLengthMs(log: ReadingLog): number {
  return Math.max(log.stopMs ?? Number.NEGATIVE_INFINITY, log.lastMs) - (log.startMs ?? log.first.timeMs);
}

/**
 * Energy of one scope by the MLPerf Training v4.0 rule, in joules:
 *
 *   eta * sum_i P_i (t_i - t_{i-1}) * TTT / (stop - start)
 *
 * in file order, with t_{-1} the start stamp: mean power over the whole log times time-to-train. For an
 * interconnect estimate: eta * P_est * TTT.
 * Source: mlcommons/logging, result_summarizer `_compute_power_node`, `_compute_power_sw`, as of round v4.0.
 */
export function mlperfTrainingV40J(source: PowerSource, runMs: number): number | null {
  const { log, estimatedPowerW, conversionEfficiency } = source;
  if (estimatedPowerW !== null) return (conversionEfficiency * estimatedPowerW * runMs) / 1000;
  if (!log) return null;
  const lengthMs = logLengthMs(log);
  return lengthMs > 0 ? (conversionEfficiency * log.rectangleJ * runMs) / lengthMs : null;
}

/**
 * Energy of one scope between run start and run stop by the trapezoid rule, power interpolated at both ends and
 * held at the nearest reading where the log does not reach; in joules. Null where power was never read.
 */
export function clippedTrapezoidJ(source: PowerSource, runMs: number): number | null {
  const { folded, estimatedPowerW, conversionEfficiency } = source;
  if (estimatedPowerW !== null) return (conversionEfficiency * estimatedPowerW * runMs) / 1000;
  const track = folded.segment.gauges.power_w;
  if (!track && folded.heldMs === 0) return null;
  return conversionEfficiency * ((track?.integral ?? 0) + folded.heldJ);
}

/** Splits a scope's run time and energy at the gap limit: what was measured, and what bridges holes. */
export function measuredPart(
  { folded, conversionEfficiency }: PowerSource,
  limitMs: number,
): { measuredMs: number; measuredJ: number; bridgedJ: number } {
  const track = folded.segment.gauges.power_w;
  const split = track
    ? splitAtGap(track.ledger, limitMs)
    : { measuredMs: 0, measured: 0, bridgedMs: 0, bridged: 0 };
  return {
    measuredMs: split.measuredMs,
    measuredJ: conversionEfficiency * split.measured,
    bridgedJ: conversionEfficiency * (split.bridged + folded.heldJ),
  };
}

/** Sum over scopes; null as soon as one of them has no figure: a part is never passed off as the whole. */
export function sumEnergy(energies: readonly Energy[]): Energy {
  const sum = (pick: (energy: Energy) => number | null): number | null => {
    let total = 0;
    for (const energy of energies) {
      const value = pick(energy);
      if (value === null) return null;
      total += value;
    }
    return energies.length === 0 ? null : total;
  };
  return {
    clippedTrapezoidJ: sum((e) => e.clippedTrapezoidJ),
    mlperfTrainingV40J: sum((e) => e.mlperfTrainingV40J),
    counterJ: sum((e) => e.counterJ),
  };
}

/**
 * The method that stands for the run: power readings where every part of the system has them, else the hardware
 * counters where every part has one; null where neither covers it.
 */
export function methodOf(energy: Energy): EnergyMethod | null {
  if (energy.clippedTrapezoidJ !== null) return 'clipped-trapezoid';
  return energy.counterJ === null ? null : 'counter';
}

/** Energy by the method that stands for the run, in joules. */
export function energyBy(method: EnergyMethod | null, energy: Energy): number | null {
  if (method === null) return null;
  return method === 'counter' ? energy.counterJ : energy.clippedTrapezoidJ;
}
