import {
  BUCKET_AT,
  type ClosedWindows,
  ENTRY_COUNT_AT,
  ENTRY_MS_AT,
  ENTRY_SUM_AT,
  FIELD,
  FIRST_AT,
  FIRST_IS_CUT_AT,
  FIRST_MS_AT,
  HIGH_AT,
  INTERVAL_MS_AT,
  LAST_AT,
  LAST_IS_CUT_AT,
  LAST_MS_AT,
  LOW_AT,
  READINGS_AT,
  SUM_AT,
  WINDOW_MS_AT,
} from './closed-windows.ts';
import { FIELDS, FIRST_COUNTER, POWER } from './sample.ts';
import type { CounterTrack, Ledger, Point, Segment, Track } from './segment.ts';
import { TextColumn } from './text-column.ts';

/** Columns that every row has, besides `scope`, `first_is_cut` and `last_is_cut`. */
const ROW_COLUMNS = ['window_ms', 'first_ms', 'last_ms', 'readings', 'max_interval_ms'] as const;
const GAUGE_COLUMNS = ['first', 'last', 'integral', 'min', 'max'] as const;
const COUNTER_COLUMNS = ['first', 'last', 'delta', 'resets', 'broken_ms'] as const;
const COLUMNS_PER_FIELD = 5;

/** Columns of numbers, in the order of a file. Of a field that a row does not have all are null (NaN here). */
export const NUMBER_COLUMNS: readonly string[] = [
  ...ROW_COLUMNS,
  ...FIELDS.flatMap((field, i) =>
    (i < FIRST_COUNTER ? GAUGE_COLUMNS : COUNTER_COLUMNS).map((name) => `${field}_${name}`),
  ),
];

/** What the tracks of a row have in common. */
const SHARED = [
  WINDOW_MS_AT,
  FIRST_MS_AT,
  FIRST_IS_CUT_AT,
  LAST_MS_AT,
  LAST_IS_CUT_AT,
  READINGS_AT,
  INTERVAL_MS_AT,
] as const;

/** Rows a group: about five megabytes of numbers at the most. */
export const GROUP_ROWS = 8_192;

/** Rows of a segment file, column by column. */
export class SegmentTable {
  scopes: string[] = [];
  firstIsCut: boolean[] = [];
  lastIsCut: boolean[] = [];
  /** Ledger of power: JSON of [bucket, count, ms, joules], or null. */
  readonly ledgers = new TextColumn();
  private readonly isAdded = new Uint8Array(FIELDS.length * 2);
  private readonly numbers: (Float64Array | null)[] = NUMBER_COLUMNS.map(() => null);

  get rows(): number {
    return this.scopes.length;
  }

  /** Makes it empty; its columns of numbers are used again. */
  clear(): void {
    this.scopes = [];
    this.firstIsCut = [];
    this.lastIsCut = [];
    this.ledgers.clear();
    for (const numbers of this.numbers) numbers?.fill(Number.NaN);
  }

  /** Numbers of a column; null where there never were any. */
  column(index: number): Float64Array | null {
    return this.numbers[index]?.subarray(0, this.rows) ?? null;
  }

  /**
   * Adds the windows of one scope that were closed together: a row for those tracks that have the same window and the
   * same times. Fields that are read together, as they mostly are, then share a row and its columns of time.
   */
  add(scope: string, closed: ClosedWindows): void {
    let left = closed.count;
    this.isAdded.fill(0);
    while (left > 0) {
      const key = this.earliest(closed);
      const row = this.row(scope, closed, key);
      for (let i = key; i < closed.count; i += 1) {
        if (this.isAdded[i] === 1 || !isAlike(closed, i, key)) continue;
        this.field(row, closed, i);
        this.isAdded[i] = 1;
        left -= 1;
      }
    }
  }

  /** The first track that is left of the earliest window. */
  private earliest(closed: ClosedWindows): number {
    let found = -1;
    for (let i = 0; i < closed.count; i += 1)
      if (this.isAdded[i] === 0 && (found < 0 || closed.at(i, WINDOW_MS_AT) < closed.at(found, WINDOW_MS_AT)))
        found = i;
    return found;
  }

  private row(scope: string, closed: ClosedWindows, key: number): number {
    const row = this.rows;
    this.scopes.push(scope);
    this.firstIsCut.push(closed.at(key, FIRST_IS_CUT_AT) === 1);
    this.lastIsCut.push(closed.at(key, LAST_IS_CUT_AT) === 1);
    this.ledgers.addBlank();
    this.set(0, row, closed.at(key, WINDOW_MS_AT));
    this.set(1, row, closed.at(key, FIRST_MS_AT));
    this.set(2, row, closed.at(key, LAST_MS_AT));
    this.set(3, row, closed.at(key, READINGS_AT));
    this.set(4, row, closed.at(key, INTERVAL_MS_AT));
    return row;
  }

  private field(row: number, closed: ClosedWindows, i: number): void {
    const field = closed.at(i, FIELD);
    const at = ROW_COLUMNS.length + field * COLUMNS_PER_FIELD;
    this.set(at, row, closed.at(i, FIRST_AT));
    this.set(at + 1, row, closed.at(i, LAST_AT));
    this.set(at + 2, row, closed.at(i, SUM_AT));
    this.set(at + 3, row, closed.at(i, LOW_AT));
    this.set(at + 4, row, closed.at(i, HIGH_AT));
    if (field === POWER) this.ledgers.fillLast(ledgerText(closed, i));
  }

  private set(column: number, row: number, value: number): void {
    let numbers = this.numbers[column];
    if (!numbers) {
      numbers = new Float64Array(GROUP_ROWS).fill(Number.NaN);
      this.numbers[column] = numbers;
    }
    numbers[row] = value;
  }
}

function isAlike(closed: ClosedWindows, a: number, b: number): boolean {
  for (const place of SHARED) if (closed.at(a, place) !== closed.at(b, place)) return false;
  return true;
}

/** Bucket, count, milliseconds and integral of each entry, by bucket. */
function ledgerText(closed: ClosedWindows, i: number): string {
  if (closed.hasOneEntry(i))
    return `[[${closed.at(i, BUCKET_AT)},${closed.at(i, ENTRY_COUNT_AT)},${closed.at(i, ENTRY_MS_AT)},${closed.at(i, ENTRY_SUM_AT)}]]`;
  const entries = [...closed.ledger(i)].sort(([a], [b]) => a - b);
  return `[${entries.map(([bucket, e]) => `[${bucket},${e.count},${e.timeMs},${e.integral}]`).join(',')}]`;
}

function ledgerOf(text: unknown): Ledger {
  if (typeof text !== 'string') return new Map();
  const entries = JSON.parse(text) as [number, number, number, number][];
  return new Map(entries.map(([bucket, count, timeMs, integral]) => [bucket, { count, timeMs, integral }]));
}

/** One row of a segment file, read back: scope, window, and the fields that it has. */
export function segmentOf(row: Readonly<Record<string, unknown>>): {
  scope: string;
  windowMs: number;
  segment: Segment;
} {
  const number = (name: string): number => Number(row[name]);
  const point = (end: 'first' | 'last', value: number): Point => ({
    timeMs: number(`${end}_ms`),
    value,
    isCut: row[`${end}_is_cut`] === true,
  });
  const gauges: { [field: string]: Track } = {};
  const counters: { [field: string]: CounterTrack } = {};
  for (const [i, field] of FIELDS.entries()) {
    if (row[`${field}_first`] === null || row[`${field}_first`] === undefined) continue;
    const shared = {
      first: point('first', number(`${field}_first`)),
      last: point('last', number(`${field}_last`)),
      readings: number('readings'),
    };
    if (i < FIRST_COUNTER) {
      gauges[field] = {
        ...shared,
        integral: number(`${field}_integral`),
        min: number(`${field}_min`),
        max: number(`${field}_max`),
        maxIntervalMs: number('max_interval_ms'),
        ledger: i === POWER ? ledgerOf(row.power_w_ledger) : new Map(),
      };
    } else {
      counters[field] = {
        ...shared,
        delta: number(`${field}_delta`),
        resets: number(`${field}_resets`),
        brokenMs: number(`${field}_broken_ms`),
      };
    }
  }
  return { scope: String(row.scope), windowMs: number('window_ms'), segment: { gauges, counters } };
}
