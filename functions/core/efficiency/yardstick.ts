import type { RunManifest } from '../telemetry/manifest.ts';
import type { ChipRates } from '../telemetry/step-fold.ts';
import { modelFlopsUtilization } from './baselines.ts';
import { type ModelFlops, modelFlops, peakFor } from './mfu.ts';

export const NO_RATES: ChipRates = { tokensPerSecondPerChip: null, tflopsPerChip: null, mfuRatio: null };

/** What turns tokens into utilization; null with the reason where run.json or the catalogue does not say. */
export interface Yardstick {
  readonly flops: ModelFlops | null;
  readonly peak: { readonly value: number; readonly source: string } | null;
  /** Why there is no utilization. */
  readonly reason: string | null;
}

export function yardstickOf({ workload, sku }: RunManifest): Yardstick {
  const flops = modelFlops(workload);
  if (flops === null) return { flops, peak: null, reason: 'run.json says no FLOPs of the model' };
  if ('missing' in flops) {
    const reason = `the formula ${workload.flopsFormula} needs ${flops.missing.join(', ')} in run.json`;
    return { flops: null, peak: null, reason };
  }
  const peak = peakFor(sku, workload);
  if ('reason' in peak) return { flops, peak: null, reason: peak.reason };
  return { flops, peak: { value: peak.value, source: peak.source }, reason: null };
}

/** Chips of the system, as declared or as listed; null where run.json says neither. */
export const chipsOf = ({ system, chips }: RunManifest): number | null =>
  system.chipsPerNode === undefined ? (chips?.length ?? null) : system.nodes * system.chipsPerNode;

/** Rates of one chip for tokens in a time; nothing where one of them is unknown. */
export function ratesOf(
  tokens: number | null,
  durationS: number | null,
  chips: number | null,
  { flops, peak }: Yardstick,
): ChipRates {
  if (!tokens || !durationS || !chips) return NO_RATES;
  const use = { modelFlops: (flops?.perToken ?? 0) * tokens, durationS, chips };
  return {
    tokensPerSecondPerChip: tokens / durationS / chips,
    tflopsPerChip: flops ? use.modelFlops / durationS / chips / 1e12 : null,
    mfuRatio: flops && peak ? modelFlopsUtilization({ ...use, peakFlops: peak.value }) : null,
  };
}
