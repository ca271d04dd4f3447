import {
  type ClosedWindows,
  FIELD,
  FIRST_MS_AT,
  LAST_MS_AT,
  SUM_AT,
} from '../core/telemetry/closed-windows.ts';
import type { Reject, ScopeKind } from '../core/telemetry/formats/format.ts';
import { POWER_LIMITS_W } from '../core/telemetry/plausible.ts';
import type { ProgressRecord } from '../core/telemetry/progress.ts';
import type { Receipt, ReceiptScope } from '../core/telemetry/receipt.ts';
import { ENERGY, POWER } from '../core/telemetry/sample.ts';
import { SegmentFold } from '../core/telemetry/segment-fold.ts';
import type { SourceScope } from '../core/telemetry/source-reading.ts';
import { MINUTES } from '../core/telemetry/window-edges.ts';
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
  readonly writer: SegmentFileWriter;
  private readonly ids: string[] = [];
  private readonly all: ScopeTotals[] = [];
  private readonly fold: SegmentFold;

  constructor(writer: SegmentFileWriter) {
    this.writer = writer;
    this.fold = new SegmentFold(MINUTES, (scope, closed) => this.closed(scope, closed));
  }

  addScope(id: string, kind: ScopeKind): void {
    this.ids.push(id);
    this.all.push({
      startMs: Number.POSITIVE_INFINITY,
      stopMs: Number.NEGATIVE_INFINITY,
      power: null,
      hasEnergy: false,
    });
    this.fold.addScope(POWER_LIMITS_W[kind]);
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    this.fold.sample(scope, timeMs, values, fields);
  }

  sampleRows(numbers: Float64Array, count: number, fields: readonly number[]): void {
    this.fold.sampleRows(numbers, count, fields);
  }

  private closed(scope: number, closed: ClosedWindows): void {
    this.writer.add(this.ids[scope] as string, closed);
    const totals = this.all[scope] as ScopeTotals;
    for (let i = 0; i < closed.count; i += 1) {
      const startMs = closed.at(i, FIRST_MS_AT);
      const stopMs = closed.at(i, LAST_MS_AT);
      if (startMs < totals.startMs) totals.startMs = startMs;
      if (stopMs > totals.stopMs) totals.stopMs = stopMs;
      const field = closed.at(i, FIELD);
      if (field === POWER || field === ENERGY) totals.hasEnergy = true;
      if (field !== POWER) continue;
      totals.power ??= { integralJ: 0, startMs, stopMs };
      totals.power.integralJ += closed.at(i, SUM_AT);
      totals.power.stopMs = stopMs;
    }
  }

  /** Of the scopes that were read. */
  get totals(): ReadonlyMap<string, ScopeTotals> {
    const read = this.ids.map((id, i) => [id, this.all[i] as ScopeTotals] as const);
    return new Map(read.filter(([, { startMs, stopMs }]) => startMs <= stopMs));
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
