import type { Finding } from '../core/efficiency/evaluation.ts';
import {
  planScope,
  type ScopePlan,
  type ScopeSource,
  type SourceUse,
} from '../core/efficiency/scope-plan.ts';
import type { TimelineBins } from '../core/efficiency/timeline-bins.ts';
import { gapLimitMs } from '../core/telemetry/ledger.ts';
import type { Receipt, ReceiptScope } from '../core/telemetry/receipt.ts';
import { FIELDS, type Field } from '../core/telemetry/sample.ts';
import type { Segment } from '../core/telemetry/segment.ts';
import { collect } from '../platform/bytes.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { segmentColumns } from './segment-columns.ts';
import { type ScopeWindows, WindowFold } from './window-fold.ts';

/** One receipt's part in a scope, with the source's windows as one segment (absent for estimates). */
export interface ScopeEntry {
  readonly receipt: Receipt;
  readonly facts: ReceiptScope;
  readonly whole: Segment | null;
}

export interface ScopeGroup {
  readonly id: string;
  readonly entries: readonly ScopeEntry[];
  /** Which source stands for which stretch of time, field by field: a counter's file need not have the power. */
  readonly plans: ReadonlyMap<Field, ScopePlan>;
}

/** Uses of sources that say the same whatever the field: whole ones differ by their path alone. */
export const useKey = ({ path, isWhole, fromMs, toMs }: SourceUse): string =>
  isWhole ? path : `${path}\n${fromMs}\n${toMs}`;

/** The fields whose sources are compared in findings: others come along with them. */
const COMPARED: readonly Field[] = ['power_w', 'energy_j'];

/** What one source says, by scope. */
export type SourceSegments = ReadonlyMap<string, ScopeWindows>;

/** The segments of sources by path, drawn as they pass. While one file is worked on, the next one is fetched. */
export async function readSegments(
  lake: ObjectStore,
  receipts: readonly Receipt[],
  drawing: TimelineBins | null,
): Promise<ReadonlyMap<string, SourceSegments>> {
  const fetched = (receipt: Receipt | undefined): Promise<Uint8Array | null> => {
    const bytes = segmentBytes(lake, receipt);
    // Told where it is waited for; until then a failure must not count as unhandled.
    bytes.catch(() => {});
    return bytes;
  };
  const segments = new Map<string, SourceSegments>();
  let next = fetched(receipts[0]);
  for (const [i, receipt] of receipts.entries()) {
    const { path } = receipt;
    const bytes = await next;
    next = fetched(receipts[i + 1]);
    const fold = new WindowFold(drawing && { bins: drawing, limitMs: gapLimitMs(periodMs(receipt)) });
    if (bytes) for await (const group of segmentColumns(bytes)) fold.add(group);
    segments.set(path, fold.result());
  }
  return segments;
}

/** Time between the readings of a scope, about; null where no scope was read twice. */
function periodMs({ scopes }: Receipt): number | null {
  const periods = scopes.flatMap(({ samples, timeRange }) =>
    timeRange && samples > 1 ? [(timeRange.stopMs - timeRange.startMs) / (samples - 1)] : [],
  );
  return periods.length === 0 ? null : (periods.sort((a, b) => a - b)[periods.length >> 1] as number);
}

async function segmentBytes(lake: ObjectStore, receipt: Receipt | undefined): Promise<Uint8Array | null> {
  if (!receipt?.outputs.segments) return null;
  const object = await lake.get(receipt.outputs.segments);
  return collect(object.body);
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
      const entry: ScopeEntry = { receipt, facts, whole: windows?.whole ?? null };
      const known = groups.get(facts.id);
      if (known) known.push(entry);
      else groups.set(facts.id, [entry]);
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, entries]) => ({ id, entries, plans: plansOf(entries) }));
}

function plansOf(entries: readonly ScopeEntry[]): ReadonlyMap<Field, ScopePlan> {
  const plans = new Map<Field, ScopePlan>();
  let before: { readonly sources: readonly ScopeSource[]; readonly plan: ScopePlan } | null = null;
  for (const field of FIELDS) {
    const sources = entries.flatMap((entry) => sourceOf(entry, field));
    if (sources.length === 0) continue;
    // Fields that are read together, as most are, share a plan.
    const plan: ScopePlan = before && isSame(sources, before.sources) ? before.plan : planScope(sources);
    plans.set(field, plan);
    before = { sources, plan };
  }
  return plans;
}

const isSame = (a: readonly ScopeSource[], b: readonly ScopeSource[]): boolean =>
  a.length === b.length &&
  a.every((source, i) => {
    const other = b[i] as ScopeSource;
    return (
      source.path === other.path &&
      source.startMs === other.startMs &&
      source.stopMs === other.stopMs &&
      source.samples === other.samples
    );
  });

function sourceOf({ receipt, whole }: ScopeEntry, field: Field): ScopeSource[] {
  const track = whole?.gauges[field] ?? whole?.counters[field];
  if (!track) return [];
  return [
    {
      path: receipt.path,
      contentSha256: receipt.contentSha256,
      startMs: track.first.timeMs,
      stopMs: track.last.timeMs,
      samples: track.readings,
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

function groupFindings({ id, plans }: ScopeGroup): Finding[] {
  const compared = COMPARED.flatMap((field) => plans.get(field) ?? []);
  const duplicates = new Set(compared.flatMap((plan) => plan.duplicates));
  const crossChecks = new Set(compared.flatMap((plan) => plan.crossChecks));
  const findings: Finding[] = [];
  if (duplicates.size > 0) {
    findings.push({
      code: 'duplicate-source',
      severity: 'warning',
      about: id,
      message: `scope ${id}: ${[...duplicates].sort().join(', ')} holds the same bytes as another source of the scope and counts once`,
    });
  }
  if (crossChecks.size > 0) {
    findings.push({
      code: 'overlapping-sources',
      severity: 'warning',
      about: id,
      message: `scope ${id}: ${[...crossChecks].sort().join(', ')} covers time that a better source covers; it is not added`,
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
