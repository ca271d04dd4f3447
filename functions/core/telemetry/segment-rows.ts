import { FIELDS, type Field } from './sample.ts';
import {
  COUNTERS,
  type CounterTrack,
  GAUGES,
  type LedgerEntry,
  type Point,
  type Segment,
  type Track,
} from './segment.ts';
import type { Window } from './windows.ts';

export interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'DOUBLE' | 'BOOLEAN';
}
export type Row = Record<string, string | number | boolean | null>;

const POINT_COLUMNS = ['first_ms', 'first', 'last_ms', 'last'] as const;
const GAUGE_COLUMNS = [...POINT_COLUMNS, 'readings', 'integral', 'min', 'max', 'max_interval_ms'] as const;
const COUNTER_COLUMNS = [...POINT_COLUMNS, 'readings', 'delta', 'resets', 'broken_ms'] as const;

/** Columns of a segment file: one row a scope and window, a group of columns for each field that the file has. */
export function segmentColumns(fields: ReadonlySet<Field>): Column[] {
  const columns: Column[] = [
    { name: 'scope', type: 'STRING' },
    { name: 'window_ms', type: 'DOUBLE' },
  ];
  for (const field of FIELDS) {
    if (!fields.has(field)) continue;
    const isGauge = GAUGES.includes(field);
    for (const name of isGauge ? GAUGE_COLUMNS : COUNTER_COLUMNS)
      columns.push({ name: `${field}_${name}`, type: 'DOUBLE' });
    columns.push(
      { name: `${field}_first_is_cut`, type: 'BOOLEAN' },
      { name: `${field}_last_is_cut`, type: 'BOOLEAN' },
    );
    if (isGauge) columns.push({ name: `${field}_ledger`, type: 'STRING' });
  }
  return columns;
}

export function fieldsOf(segment: Segment): Field[] {
  return [...GAUGES.filter((f) => segment.gauges[f]), ...COUNTERS.filter((f) => segment.counters[f])];
}

function points(field: Field, track: { first: Point; last: Point }): Row {
  return {
    [`${field}_first_ms`]: track.first.timeMs,
    [`${field}_first`]: track.first.value,
    [`${field}_first_is_cut`]: track.first.isCut,
    [`${field}_last_ms`]: track.last.timeMs,
    [`${field}_last`]: track.last.value,
    [`${field}_last_is_cut`]: track.last.isCut,
  };
}

/** Bucket, count, milliseconds and integral of each entry, by bucket. */
function ledgerText(track: Track): string {
  const entries = [...track.ledger].sort(([a], [b]) => a - b);
  return JSON.stringify(entries.map(([bucket, e]) => [bucket, e.count, e.timeMs, e.integral]));
}

export function toRow(scope: string, window: Window): Row {
  const row: Row = { scope, window_ms: window.windowMs };
  for (const field of GAUGES) {
    const track = window.segment.gauges[field];
    if (!track) continue;
    Object.assign(row, points(field, track), {
      [`${field}_readings`]: track.readings,
      [`${field}_integral`]: track.integral,
      [`${field}_min`]: track.min,
      [`${field}_max`]: track.max,
      [`${field}_max_interval_ms`]: track.maxIntervalMs,
      [`${field}_ledger`]: ledgerText(track),
    });
  }
  for (const field of COUNTERS) {
    const track = window.segment.counters[field];
    if (!track) continue;
    Object.assign(row, points(field, track), {
      [`${field}_readings`]: track.readings,
      [`${field}_delta`]: track.delta,
      [`${field}_resets`]: track.resets,
      [`${field}_broken_ms`]: track.brokenMs,
    });
  }
  return row;
}

const number = (row: Record<string, unknown>, name: string): number => Number(row[name]);
const point = (row: Record<string, unknown>, field: Field, end: 'first' | 'last'): Point => ({
  timeMs: number(row, `${field}_${end}_ms`),
  value: number(row, `${field}_${end}`),
  isCut: row[`${field}_${end}_is_cut`] === true,
});

function ledgerOf(text: unknown): Map<number, LedgerEntry> {
  const entries = JSON.parse(String(text)) as [number, number, number, number][];
  return new Map(entries.map(([bucket, count, timeMs, integral]) => [bucket, { count, timeMs, integral }]));
}

/** The inverse of `toRow`. */
export function fromRow(row: Record<string, unknown>): { scope: string; window: Window } {
  const gauges: { [F in Field]?: Track } = {};
  const counters: { [F in Field]?: CounterTrack } = {};
  for (const field of GAUGES) {
    if (row[`${field}_readings`] === undefined || row[`${field}_readings`] === null) continue;
    gauges[field] = {
      first: point(row, field, 'first'),
      last: point(row, field, 'last'),
      readings: number(row, `${field}_readings`),
      integral: number(row, `${field}_integral`),
      min: number(row, `${field}_min`),
      max: number(row, `${field}_max`),
      maxIntervalMs: number(row, `${field}_max_interval_ms`),
      ledger: ledgerOf(row[`${field}_ledger`]),
    };
  }
  for (const field of COUNTERS) {
    if (row[`${field}_readings`] === undefined || row[`${field}_readings`] === null) continue;
    counters[field] = {
      first: point(row, field, 'first'),
      last: point(row, field, 'last'),
      readings: number(row, `${field}_readings`),
      delta: number(row, `${field}_delta`),
      resets: number(row, `${field}_resets`),
      brokenMs: number(row, `${field}_broken_ms`),
    };
  }
  return {
    scope: String(row.scope),
    window: { windowMs: number(row, 'window_ms'), segment: { gauges, counters } },
  };
}
