import { bucketLengthMs, gapLimitMs, medianPeriodMs } from '../telemetry/ledger.ts';
import type { ReceiptScope } from '../telemetry/receipt.ts';
import type { ReadingLog } from '../telemetry/segment.ts';
import { type CounterEnergy, counterEnergy } from './counter-energy.ts';
import {
  clippedTrapezoidJ,
  energyBy,
  measuredPart,
  methodOf,
  mlperfTrainingV40J,
  type PowerSource,
} from './energy.ts';
import type { ScopeEvaluation } from './evaluation.ts';
import { healthOf } from './health.ts';
import type { ScopeFacts } from './run-findings.ts';
import type { FoldedScope } from './scope-fold.ts';

/** One scope of a run, folded over its sources. */
export interface ScopeInput {
  readonly facts: ReceiptScope;
  readonly folded: FoldedScope;
  readonly log: ReadingLog | null;
}

/** The result for one scope between run start and stop, and what its findings are made from. */
export function evaluateScope(input: ScopeInput, run: { startMs: number; stopMs: number }): ScopeFacts {
  const { facts, folded, log } = input;
  const runMs = run.stopMs - run.startMs;
  const source: PowerSource = {
    folded,
    log,
    conversionEfficiency: facts.conversionEfficiency,
    estimatedPowerW: facts.estimatedPowerW,
  };
  const track = folded.segment.gauges.power_w;
  const periodMs = track ? medianPeriodMs([track.ledger]) : null;
  const limitMs = gapLimitMs(periodMs);
  const part = measuredPart(source, limitMs);
  const energyJ = clippedTrapezoidJ(source, runMs);
  const isEstimate = facts.estimatedPowerW !== null;
  const isRead = energyJ !== null && !isEstimate;
  const gaps = [...(track?.ledger ?? [])].reduce(
    (n, [bucket, e]) => n + (bucketLengthMs(bucket) > limitMs ? e.count : 0),
    0,
  );
  const counter = counterEnergy({
    track: folded.segment.counters.energy_j,
    conversionEfficiency: facts.conversionEfficiency,
    powerEnergyJ: isRead ? energyJ : null,
    startMs: run.startMs,
    stopMs: run.stopMs,
  });
  const energy = {
    clippedTrapezoidJ: energyJ,
    mlperfTrainingV40J: mlperfTrainingV40J(source, runMs),
    counterJ: counter?.energyJ ?? null,
  };
  const usedJ = energyBy(methodOf(energy), energy);
  const counted = methodOf(energy) === 'counter' ? counter : null;
  const health = healthOf(folded.segment);
  const scope: ScopeEvaluation = {
    id: facts.id,
    kind: facts.kind,
    boundary: facts.boundary,
    measuredBoundary: facts.measuredBoundary,
    conversionEfficiency: facts.conversionEfficiency,
    efficiencyBasis: facts.efficiencyBasis,
    energy,
    ...sharesOf(isRead ? part : null, counted, usedJ, runMs),
    meanPowerW: usedJ === null ? null : (usedJ / runMs) * 1000,
    maxGapInRunS: track ? track.maxIntervalMs / 1000 : null,
    medianPeriodS: periodMs === null ? null : periodMs / 1000,
    isEstimate,
    ...(health ? { health } : {}),
  };
  const bridgedShare = isRead && energyJ ? part.bridgedJ / energyJ : 0;
  return {
    scope,
    log,
    gapLimitS: limitMs / 1000,
    gaps,
    bridgedShare,
    counter,
  };
}

/** Share of the run that a counter counted, neither bridged nor interpolated at its ends. */
export const counterCoverage = ({ bridgedRatio, interpolatedRatio }: CounterEnergy): number =>
  Math.max(1 - bridgedRatio - interpolatedRatio, 0);

/** How much of a scope's energy was measured, and how much of the run that took: by readings, or by its counter. */
function sharesOf(
  read: ReturnType<typeof measuredPart> | null,
  counted: CounterEnergy | null,
  energyJ: number | null,
  runMs: number,
): Pick<ScopeEvaluation, 'measuredJ' | 'bridgedJ' | 'coverageRatio'> {
  if (read)
    return { measuredJ: read.measuredJ, bridgedJ: read.bridgedJ, coverageRatio: read.measuredMs / runMs };
  if (!counted || energyJ === null) return { measuredJ: null, bridgedJ: null, coverageRatio: null };
  const coverageRatio = counterCoverage(counted);
  return { measuredJ: energyJ * coverageRatio, bridgedJ: energyJ * (1 - coverageRatio), coverageRatio };
}
