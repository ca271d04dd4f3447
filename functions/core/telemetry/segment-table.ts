import { FIELDS, FIRST_COUNTER, POWER } from './sample.ts';
import type { CounterTrack, Ledger, Point, Segment, Track } from './segment.ts';
import type { ClosedTrack } from './segment-fold.ts';

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

/** Rows a group: about ten megabytes of numbers at the most. */
export const GROUP_ROWS = 16_384;

/** Rows of a segment file, column by column. */
export class SegmentTable {
  readonly scopes: string[] = [];
  readonly firstIsCut: boolean[] = [];
  readonly lastIsCut: boolean[] = [];
  /** Ledger of power: JSON of [bucket, count, ms, joules], or null. */
  readonly ledgers: (string | null)[] = [];
  private readonly numbers: (Float64Array | null)[] = NUMBER_COLUMNS.map(() => null);

  get rows(): number {
    return this.scopes.length;
  }

  /** Numbers of a column; null where no row has any. */
  column(index: number): Float64Array | null {
    return this.numbers[index]?.subarray(0, this.rows) ?? null;
  }

  /**
   * Adds the tracks of one scope that were closed together: a row for those that have the same window and the same
   * times. Fields that are read together, as they mostly are, then share a row and its columns of time.
   */
  add(scope: string, tracks: readonly ClosedTrack[]): void {
    let rest = tracks;
    while (rest.length > 0) {
      const key = rest[0] as ClosedTrack;
      const row = rest.filter((track) => isAlike(track, key));
      this.row(scope, key, row);
      rest = row.length === rest.length ? [] : rest.filter((track) => !isAlike(track, key));
    }
  }

  private row(scope: string, key: ClosedTrack, tracks: readonly ClosedTrack[]): void {
    const row = this.rows;
    const power = tracks.find(({ field }) => field === POWER);
    this.scopes.push(scope);
    this.firstIsCut.push(key.first.isCut);
    this.lastIsCut.push(key.last.isCut);
    this.ledgers.push(power ? ledgerText((power.track as Track).ledger) : null);
    this.set(0, row, key.windowMs);
    this.set(1, row, key.first.timeMs);
    this.set(2, row, key.last.timeMs);
    this.set(3, row, key.track.readings);
    this.set(4, row, intervalOf(key));
    for (const closed of tracks) this.field(row, closed);
  }

  private field(row: number, { field, first, last, track }: ClosedTrack): void {
    const at = ROW_COLUMNS.length + field * COLUMNS_PER_FIELD;
    this.set(at, row, first.value);
    this.set(at + 1, row, last.value);
    if ('integral' in track) {
      this.set(at + 2, row, track.integral);
      this.set(at + 3, row, track.min);
      this.set(at + 4, row, track.max);
    } else {
      this.set(at + 2, row, track.delta);
      this.set(at + 3, row, track.resets);
      this.set(at + 4, row, track.brokenMs);
    }
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

/** Longest interval of a gauge; counters keep none, and go into rows of any. */
const intervalOf = ({ track }: ClosedTrack): number =>
  'maxIntervalMs' in track ? track.maxIntervalMs : Number.NaN;

function isAlike(a: ClosedTrack, b: ClosedTrack): boolean {
  const [first, second] = [intervalOf(a), intervalOf(b)];
  return (
    a.windowMs === b.windowMs &&
    a.first.timeMs === b.first.timeMs &&
    a.last.timeMs === b.last.timeMs &&
    a.track.readings === b.track.readings &&
    a.first.isCut === b.first.isCut &&
    a.last.isCut === b.last.isCut &&
    (first === second || Number.isNaN(first) || Number.isNaN(second))
  );
}

/** Bucket, count, milliseconds and integral of each entry, by bucket. */
function ledgerText(ledger: Ledger): string {
  const entries = ledger.size > 1 ? [...ledger].sort(([a], [b]) => a - b) : [...ledger];
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
