import type { Reject } from '../core/telemetry/formats/format.ts';
import { mergeAll } from '../core/telemetry/merge.ts';
import type { ProgressRecord } from '../core/telemetry/progress.ts';
import type { Receipt, ReceiptScope } from '../core/telemetry/receipt.ts';
import type { Field } from '../core/telemetry/sample.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { fieldsOf, type Row, segmentColumns, toRow } from '../core/telemetry/segment-rows.ts';
import type { SampleTarget, SourceScope } from '../core/telemetry/source-reading.ts';
import { WindowAccumulator } from '../core/telemetry/windows.ts';
import { writeRows } from '../platform/parquet.ts';

/** Summarises the samples of one source as windows, ready to be written. */
export class SegmentCollector implements SampleTarget {
  private readonly accumulators = new Map<string, WindowAccumulator>();
  private readonly rows: Row[] = [];
  private readonly fields = new Set<Field>();
  private readonly segments = new Map<string, Segment[]>();

  sample(scope: string, timeMs: number, values: Float64Array): void {
    let accumulator = this.accumulators.get(scope);
    if (!accumulator) {
      const list: Segment[] = [];
      this.segments.set(scope, list);
      accumulator = new WindowAccumulator((window) => {
        for (const field of fieldsOf(window.segment)) this.fields.add(field);
        this.rows.push(toRow(scope, window));
        list.push(window.segment);
      });
      this.accumulators.set(scope, accumulator);
    }
    accumulator.sample(timeMs, values);
  }

  finish(): void {
    for (const accumulator of this.accumulators.values()) accumulator.finish();
  }

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  /** Per scope, all windows as one segment. */
  wholes(): Map<string, Segment> {
    return new Map([...this.segments].map(([scope, segments]) => [scope, mergeAll(segments)]));
  }

  file(): Uint8Array {
    return writeRows(segmentColumns(this.fields), this.rows);
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
  wholes: ReadonlyMap<string, Segment>,
): ReceiptScope[] {
  return scopes
    .filter((scope) => scope.samples > 0 || scope.estimatedPowerW !== null)
    .map((scope): ReceiptScope => {
      const power = wholes.get(scope.id)?.gauges.power_w;
      const spanS = power ? (power.last.timeMs - power.first.timeMs) / 1000 : 0;
      const energyJ = power ? power.integral * scope.conversionEfficiency : null;
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
        timeRange: rangeOf(wholes.get(scope.id)),
        log: scope.log,
      };
    });
}

function rangeOf(segment: Segment | undefined): { startMs: number; stopMs: number } | null {
  if (!segment) return null;
  const tracks = [...Object.values(segment.gauges), ...Object.values(segment.counters)];
  if (tracks.length === 0) return null;
  return {
    startMs: Math.min(...tracks.map((t) => t.first.timeMs)),
    stopMs: Math.max(...tracks.map((t) => t.last.timeMs)),
  };
}

/** First and last time of anything in the source. */
export function timeRangeOf(
  wholes: ReadonlyMap<string, Segment>,
  records: readonly ProgressRecord[],
): { startMs: number; stopMs: number } | null {
  let [startMs, stopMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const segment of wholes.values()) {
    const range = rangeOf(segment);
    if (range) [startMs, stopMs] = [Math.min(startMs, range.startMs), Math.max(stopMs, range.stopMs)];
  }
  for (const { kind, timeMs } of records)
    if (kind !== 'fact' && timeMs !== null)
      [startMs, stopMs] = [Math.min(startMs, timeMs), Math.max(stopMs, timeMs)];
  return startMs <= stopMs ? { startMs, stopMs } : null;
}
