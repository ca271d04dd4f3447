import type { RunManifest } from '../core/telemetry/manifest.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';

export interface TimeRange {
  readonly startMs: number;
  readonly stopMs: number;
}

/** When a run took place, as far as can be told without reading its files again: as declared, else as its files say. */
export function runTime(
  manifest: Pick<RunManifest, 'start' | 'stop'>,
  receipts: readonly Pick<Receipt, 'timeRange'>[],
): TimeRange | null {
  const ranges = receipts.flatMap(({ timeRange }) => (timeRange ? [timeRange] : []));
  const startMs =
    manifest.start === undefined ? min(ranges.map((r) => r.startMs)) : Date.parse(manifest.start);
  const stopMs = manifest.stop === undefined ? max(ranges.map((r) => r.stopMs)) : Date.parse(manifest.stop);
  return startMs === null || stopMs === null ? null : { startMs, stopMs };
}

export const overlaps = (run: TimeRange, asked: TimeRange): boolean =>
  run.startMs < asked.stopMs && run.stopMs >= asked.startMs;

const min = (values: readonly number[]): number | null =>
  values.reduce<number | null>((least, v) => (least === null || v < least ? v : least), null);
const max = (values: readonly number[]): number | null =>
  values.reduce<number | null>((most, v) => (most === null || v > most ? v : most), null);
