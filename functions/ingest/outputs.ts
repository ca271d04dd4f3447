import type { Reject, ScopeKind } from '../core/telemetry/formats/format.ts';
import { POWER_LIMITS_W } from '../core/telemetry/plausible.ts';
import type { ProgressRecord } from '../core/telemetry/progress.ts';
import type { Receipt, ReceiptScope } from '../core/telemetry/receipt.ts';
import { ENERGY, POWER } from '../core/telemetry/sample.ts';
import { type ClosedTrack, MINUTES, SegmentFold } from '../core/telemetry/segment-fold.ts';
import type { SourceScope } from '../core/telemetry/source-reading.ts';
import type { SegmentFileWriter } from '../platform/segment-file.ts';
import type { SourceTarget } from '../platform/source.ts';

/** What the receipt needs to know of a scope's readings. */
export interface ScopeTotals {
  startMs: number;
  stopMs: number;
  power: { integralJ: number; startMs: number; stopMs: number } | null;
  /** Power or an energy counter was read. */
  hasEnergy: boolean;
}

/** Summarises the samples of one source as windows, and writes them as they close. */
export class SegmentOutput implements SourceTarget {
  readonly totals = new Map<string, ScopeTotals>();
  readonly writer: SegmentFileWriter;
  private readonly ids: string[] = [];
  private readonly fold: SegmentFold;

  constructor(writer: SegmentFileWriter) {
    this.writer = writer;
    this.fold = new SegmentFold(MINUTES, (scope, tracks) => this.closed(this.ids[scope] as string, tracks));
  }

  addScope(id: string, kind: ScopeKind): void {
    this.ids.push(id);
    this.fold.addScope(POWER_LIMITS_W[kind]);
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    this.fold.sample(scope, timeMs, values, fields);
  }

  private closed(id: string, tracks: readonly ClosedTrack[]): void {
    this.writer.add(id, tracks);
    let totals = this.totals.get(id);
    if (!totals) {
      totals = {
        startMs: Number.POSITIVE_INFINITY,
        stopMs: Number.NEGATIVE_INFINITY,
        power: null,
        hasEnergy: false,
      };
      this.totals.set(id, totals);
    }
    for (const { field, first, last, track } of tracks) {
      if (first.timeMs < totals.startMs) totals.startMs = first.timeMs;
      if (last.timeMs > totals.stopMs) totals.stopMs = last.timeMs;
      if (field === POWER || field === ENERGY) totals.hasEnergy = true;
      if (field !== POWER || !('integral' in track)) continue;
      totals.power ??= { integralJ: 0, startMs: first.timeMs, stopMs: last.timeMs };
      totals.power.integralJ += track.integral;
      totals.power.stopMs = last.timeMs;
    }
  }

  ready(): Promise<void> {
    return this.writer.ready();
  }

  abort(): Promise<void> {
    return this.writer.abort();
  }

  /** Closes the last windows. Call once, after the last sample. */
  finish(): void {
    this.fold.finish();
  }
}

/** The refusal first, then one line a rejected row. */
export function quarantineFile(receipt: Receipt, rejects: readonly Reject[]): string {
  const lines: unknown[] = receipt.refusal ? [{ path: receipt.path, ...receipt.refusal }] : [];
  return [...lines, ...rejects.map((reject) => ({ path: receipt.path, ...reject }))]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** What the receipt says of each scope; energy and power are at the boundary after conversion. */
export function receiptScopes(
  scopes: readonly SourceScope[],
  totals: ReadonlyMap<string, ScopeTotals>,
): ReceiptScope[] {
  return scopes
    .filter((scope) => scope.samples > 0 || scope.estimatedPowerW !== null)
    .map((scope): ReceiptScope => {
      const read = totals.get(scope.id);
      const power = read?.power ?? null;
      const spanS = power ? (power.stopMs - power.startMs) / 1000 : 0;
      const energyJ = power ? power.integralJ * scope.conversionEfficiency : null;
      const measuredBoundary = scope.boundary ?? 'switch';
      return {
        id: scope.id,
        kind: scope.kind,
        boundary:
          scope.conversionEfficiency === 1 ? measuredBoundary : (scope.boundaryAfter ?? measuredBoundary),
        measuredBoundary,
        conversionEfficiency: scope.conversionEfficiency,
        efficiencyBasis: scope.efficiencyBasis,
        samples: scope.samples,
        energyJ,
        meanPowerW: energyJ !== null && spanS > 0 ? energyJ / spanS : null,
        estimatedPowerW: scope.estimatedPowerW,
        timeRange: read ? { startMs: read.startMs, stopMs: read.stopMs } : null,
        log: scope.log,
      };
    });
}

/** First and last time of anything in the source. */
export function timeRangeOf(
  totals: ReadonlyMap<string, ScopeTotals>,
  records: readonly ProgressRecord[],
): { startMs: number; stopMs: number } | null {
  let [startMs, stopMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const range of totals.values())
    [startMs, stopMs] = [Math.min(startMs, range.startMs), Math.max(stopMs, range.stopMs)];
  for (const { kind, timeMs } of records)
    if (kind !== 'fact' && timeMs !== null)
      [startMs, stopMs] = [Math.min(startMs, timeMs), Math.max(stopMs, timeMs)];
  return startMs <= stopMs ? { startMs, stopMs } : null;
}
