import type { Finding } from '../core/efficiency/evaluation.ts';
import { planScope, type ScopePlan, type SourceUse } from '../core/efficiency/scope-plan.ts';
import { mergeAll } from '../core/telemetry/merge.ts';
import type { Receipt, ReceiptScope } from '../core/telemetry/receipt.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { segmentOf } from '../core/telemetry/segment-table.ts';
import { collect } from '../platform/bytes.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { readRows } from '../platform/parquet.ts';

/** One receipt's part in a scope, with the source's windows as one segment (absent for estimates). */
export interface ScopeEntry {
  readonly receipt: Receipt;
  readonly facts: ReceiptScope;
  readonly whole: Segment | null;
}

export interface ScopeGroup {
  readonly id: string;
  readonly entries: readonly ScopeEntry[];
  readonly plan: ScopePlan;
}

/** Segments of one source by scope, and its windows for the timeline. */
export type SourceSegments = ReadonlyMap<string, readonly Segment[]>;

export async function readSegments(
  lake: ObjectStore,
  receipt: Receipt,
  signal?: AbortSignal,
): Promise<SourceSegments> {
  const segments = new Map<string, Segment[]>();
  if (!receipt.outputs.segments) return segments;
  const object = await lake.get(receipt.outputs.segments, signal ? { signal } : {});
  for (const row of await readRows(await collect(object.body))) {
    const { scope, segment } = segmentOf(row);
    const list = segments.get(scope) ?? [];
    list.push(segment);
    segments.set(scope, list);
  }
  return segments;
}

/** Brings the sources of each scope together, and decides which stands for which stretch of time. */
export function groupScopes(
  receipts: readonly Receipt[],
  segments: ReadonlyMap<string, SourceSegments>,
): ScopeGroup[] {
  const groups = new Map<string, ScopeEntry[]>();
  for (const receipt of receipts) {
    for (const facts of receipt.scopes) {
      const windows = segments.get(receipt.path)?.get(facts.id);
      const entry: ScopeEntry = { receipt, facts, whole: windows ? mergeAll(windows) : null };
      groups.set(facts.id, [...(groups.get(facts.id) ?? []), entry]);
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, entries]) => ({ id, entries, plan: planScope(entries.flatMap(sourceOf)) }));
}

function sourceOf({ receipt, facts, whole }: ScopeEntry) {
  if (!facts.timeRange) return [];
  return [
    {
      path: receipt.path,
      contentSha256: receipt.contentSha256,
      ...facts.timeRange,
      samples: facts.samples,
      hasCounter: whole?.counters.energy_j !== undefined,
    },
  ];
}

/** A use needs its source read again where its windows cannot say what lies within the run. */
export function needsReading(use: SourceUse, startMs: number, stopMs: number): boolean {
  const isOutside = use.toMs <= startMs || use.fromMs >= stopMs;
  const isInside = use.isWhole && use.fromMs >= startMs && use.toMs <= stopMs;
  return !isOutside && !isInside;
}

/** Sources that did not add up as they came: copies, and other readings of the same time. */
export function sourceFindings(groups: readonly ScopeGroup[], receipts: readonly Receipt[]): Finding[] {
  return [...groups.flatMap(groupFindings), ...copies(receipts)];
}

function groupFindings({ id, plan }: ScopeGroup): Finding[] {
  const findings: Finding[] = [];
  if (plan.duplicates.length > 0) {
    findings.push({
      code: 'duplicate-source',
      severity: 'warning',
      about: id,
      message: `scope ${id}: ${plan.duplicates.join(', ')} holds the same bytes as another source of the scope and counts once`,
    });
  }
  if (plan.crossChecks.length > 0) {
    findings.push({
      code: 'overlapping-sources',
      severity: 'warning',
      about: id,
      message: `scope ${id}: ${plan.crossChecks.join(', ')} covers time that a better source covers; it is not added`,
    });
  }
  return findings;
}

/** The same bytes under two scopes: one of the two was not measured. */
function copies(receipts: readonly Receipt[]): Finding[] {
  const byContent = new Map<string, Receipt[]>();
  for (const receipt of receipts) {
    if (!receipt.scopes.some((s) => s.samples > 0)) continue;
    byContent.set(receipt.contentSha256, [...(byContent.get(receipt.contentSha256) ?? []), receipt]);
  }
  return [...byContent.values()].flatMap((same): Finding[] => {
    const scopes = new Set(same.flatMap((r) => r.scopes.map((s) => s.id)));
    if (same.length < 2 || scopes.size < 2) return [];
    const paths = same.map((r) => r.path).sort();
    return [
      {
        code: 'copied-source',
        severity: 'warning',
        message: `${paths.join(' and ')} are the same bytes under different scopes: one of them was not measured`,
        values: { paths },
      },
    ];
  });
}
