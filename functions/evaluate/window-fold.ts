import { DRAWN_AT, type TimelineBins } from '../core/efficiency/timeline-bins.ts';
import { InputError } from '../core/errors.ts';
import { NO_LEDGER } from '../core/telemetry/closed-windows.ts';
import { grown } from '../core/telemetry/grown.ts';
import { bucketOf } from '../core/telemetry/ledger.ts';
import { FIELDS, FIRST_COUNTER, POWER } from '../core/telemetry/sample.ts';
import type { CounterTrack, Point, Segment, Track } from '../core/telemetry/segment.ts';
import { LedgerSum } from './ledger-sum.ts';
import { PowerRows, type PowerWindows } from './power-windows.ts';
import { ScopeNames } from './scope-names.ts';
import type { SegmentColumns } from './segment-columns.ts';

/**
 * The windows of a source as one segment a scope: what `mergeAll` gives over their rows read back, without an object a
 * row. A day of a thousand chips is 1.4 million rows of ten fields; as objects they take 90 s and tens of gigabytes.
 * What it gives up is a readable state: the numbers of every (scope, field) lie in one array, at the places below.
 */
const STRIDE = 11;
const FIRST_MS = 0;
const FIRST = 1;
const FIRST_IS_CUT = 2;
const LAST_MS = 3;
const LAST = 4;
const LAST_IS_CUT = 5;
const READINGS = 6;
/** Gauges: integral, minimum, maximum. Counters: rise, resets, broken time. */
const SUM = 7;
const LOW = 8;
const HIGH = 9;
const MAX_INTERVAL_MS = 10;

/** Places of a row's shared columns, and of a field's five, in `NUMBER_COLUMNS`. */
const ROW_FIRST_MS = 1;
const ROW_LAST_MS = 2;
const ROW_READINGS = 3;
const ROW_MAX_INTERVAL_MS = 4;
const ROW_COLUMNS = 5;
const FIELD_COLUMNS = 5;

/**
 * What one source says of one scope. `whole` is made when it is asked for: while further files are read, a million
 * objects more would be in the way of the garbage collector.
 */
export interface ScopeWindows {
  readonly whole: Segment;
  readonly power: PowerWindows;
}

/** Where the means of windows are drawn that hold no interval longer than `limitMs`. */
export interface WindowDrawing {
  readonly bins: TimelineBins;
  readonly limitMs: number;
}

export class WindowFold {
  private readonly names = new ScopeNames();
  private readonly ledgers: LedgerSum[] = [];
  private readonly power = new PowerRows();
  /** By field: the numbers of every scope. */
  private readonly states: Float64Array[] = FIELDS.map(() => new Float64Array(0));
  private readonly drawing: WindowDrawing | null;
  /** By scope: its index in the drawing. */
  private readonly places: number[] = [];

  /** `drawing`: for what is drawn besides power, whose windows are drawn when it is known which of them count. */
  constructor(drawing: WindowDrawing | null = null) {
    this.drawing = drawing;
  }

  /**
   * Adds rows, a field after the other.
   *
   * @throws InputError `segments-overlap` where a window of a field begins before the one before it ends.
   */
  add(group: SegmentColumns): void {
    const scopes = this.names.indices(group.scopes, group.rows);
    while (this.ledgers.length < this.names.ids.length) this.ledgers.push(new LedgerSum());
    for (let field = 0; field < FIELDS.length; field += 1) this.field(group, field, scopes);
    if (this.drawing) this.draw(this.drawing, group, scopes);
  }

  private draw(
    { bins, limitMs }: WindowDrawing,
    { numbers, rows }: SegmentColumns,
    scopes: Int32Array,
  ): void {
    const [fromMs, toMs] = [numbers[ROW_FIRST_MS], numbers[ROW_LAST_MS]];
    const maxIntervalMs = numbers[ROW_MAX_INTERVAL_MS];
    if (!fromMs || !toMs || !maxIntervalMs) return;
    for (const id of this.names.ids.slice(this.places.length)) this.places.push(bins.scope(id));
    const { places } = this;
    const drawnScopes = scopes.map((scope) => places[scope] as number);
    for (let field = POWER + 1; field < FIELDS.length; field += 1) {
      const drawn = DRAWN_AT[field] as number;
      const column = ROW_COLUMNS + field * FIELD_COLUMNS;
      const [sums, resets] = [numbers[column + 2], numbers[column + 3]];
      if (drawn < 0 || !sums || !resets) continue;
      const windows = { rows, scopes: drawnScopes, fromMs, toMs, sums, maxIntervalMs };
      bins.addWindows(drawn, { ...windows, resets: field < FIRST_COUNTER ? null : resets }, limitMs);
    }
  }

  /** Numbers of a field, with room for every scope. */
  private stateOf(field: number): Float64Array {
    const state = this.states[field] as Float64Array;
    const needed = this.names.ids.length * STRIDE;
    if (needed <= state.length) return state;
    const longer = grown(state, Math.max(2 * state.length, needed));
    this.states[field] = longer;
    return longer;
  }

  private field(group: SegmentColumns, field: number, scopes: Int32Array): void {
    const { numbers, rows, firstIsCut, lastIsCut, ledgers: texts } = group;
    const column = ROW_COLUMNS + field * FIELD_COLUMNS;
    const [firsts, lasts] = [numbers[column], numbers[column + 1]];
    const [sums, lows, highs] = [numbers[column + 2], numbers[column + 3], numbers[column + 4]];
    if (!firsts || !lasts || !sums || !lows || !highs) return;
    const [firstMss, lastMss] = [numbers[ROW_FIRST_MS], numbers[ROW_LAST_MS]];
    const [readings, intervals] = [numbers[ROW_READINGS], numbers[ROW_MAX_INTERVAL_MS]];
    if (!firstMss || !lastMss || !readings || !intervals) return;
    const state = this.stateOf(field);
    const isGauge = field < FIRST_COUNTER;
    const before =
      field === POWER
        ? this.power.begin(
            { fromMs: firstMss, toMs: lastMss, joules: sums, maxIntervalMs: intervals },
            rows,
            this.names.ids.length,
          )
        : null;
    for (let row = 0; row < rows; row += 1) {
      const first = firsts[row] as number;
      if (Number.isNaN(first)) continue;
      const scope = scopes[row] as number;
      const at = scope * STRIDE;
      const firstMs = firstMss[row] as number;
      const low = lows[row] as number;
      const high = highs[row] as number;
      const isNew = Number.isNaN(state[at] as number);
      if (isNew) open(state, at, firstMs, first, firstIsCut[row] as number);
      else if (firstMs !== state[at + LAST_MS]) this.join(state, at, firstMs, first, field, scope);
      state[at + LAST_MS] = lastMss[row] as number;
      state[at + LAST] = lasts[row] as number;
      state[at + LAST_IS_CUT] = lastIsCut[row] as number;
      state[at + READINGS] = (state[at + READINGS] as number) + (readings[row] as number);
      state[at + SUM] = (state[at + SUM] as number) + (sums[row] as number);
      if (!isGauge) {
        state[at + LOW] = (state[at + LOW] as number) + low;
        state[at + HIGH] = (state[at + HIGH] as number) + high;
        continue;
      }
      if (isNew || low < (state[at + LOW] as number)) state[at + LOW] = low;
      if (isNew || high > (state[at + HIGH] as number)) state[at + HIGH] = high;
      const intervalMs = intervals[row] as number;
      if (intervalMs > (state[at + MAX_INTERVAL_MS] as number)) state[at + MAX_INTERVAL_MS] = intervalMs;
      if (!before) continue;
      (this.ledgers[scope] as LedgerSum).addRow(texts, row);
      this.power.push(scope, row, before);
    }
  }

  /** The interval between two windows, as `TrackBuilder` and `CounterBuilder` join neighbours. */
  private join(
    state: Float64Array,
    at: number,
    firstMs: number,
    first: number,
    field: number,
    scope: number,
  ): void {
    const [lastMs, last] = [state[at + LAST_MS] as number, state[at + LAST] as number];
    const timeMs = firstMs - lastMs;
    if (timeMs < 0)
      throw new InputError(
        'segments-overlap',
        `${FIELDS[field]}: a segment that ends at ${lastMs} cannot be merged with one that begins at ${firstMs}`,
      );
    if (field >= FIRST_COUNTER) {
      if (first >= last) state[at + SUM] = (state[at + SUM] as number) + (first - last);
      else {
        state[at + LOW] = (state[at + LOW] as number) + 1;
        state[at + HIGH] = (state[at + HIGH] as number) + timeMs;
      }
      return;
    }
    const integral = (timeMs / 1000) * ((last + first) / 2);
    state[at + SUM] = (state[at + SUM] as number) + integral;
    if (timeMs > (state[at + MAX_INTERVAL_MS] as number)) state[at + MAX_INTERVAL_MS] = timeMs;
    if (field === POWER) (this.ledgers[scope] as LedgerSum).add(bucketOf(timeMs), 1, timeMs, integral);
  }

  result(): ReadonlyMap<string, ScopeWindows> {
    const windowsOf = (scope: number): ScopeWindows => {
      const fold = this;
      const power = this.power.of(scope);
      return {
        get whole() {
          return fold.segment(scope);
        },
        power,
      };
    };
    return new Map(this.names.ids.map((id, scope) => [id, windowsOf(scope)]));
  }

  private segment(scope: number): Segment {
    const gauges: { [field: string]: Track } = {};
    const counters: { [field: string]: CounterTrack } = {};
    for (const [i, field] of FIELDS.entries()) {
      const state = this.states[i] as Float64Array;
      const at = scope * STRIDE;
      if (Number.isNaN(state[at] ?? Number.NaN)) continue;
      const ends = endsAt(state, at);
      const number = (place: number): number => state[at + place] as number;
      if (i >= FIRST_COUNTER)
        counters[field] = { ...ends, delta: number(SUM), resets: number(LOW), brokenMs: number(HIGH) };
      else
        gauges[field] = {
          ...ends,
          integral: number(SUM),
          min: number(LOW),
          max: number(HIGH),
          maxIntervalMs: number(MAX_INTERVAL_MS),
          ledger: i === POWER ? (this.ledgers[scope] as LedgerSum).result() : NO_LEDGER,
        };
    }
    return { gauges, counters };
  }
}

function open(state: Float64Array, at: number, firstMs: number, first: number, isCut: number): void {
  state.fill(0, at, at + STRIDE);
  state[at + FIRST_MS] = firstMs;
  state[at + FIRST] = first;
  state[at + FIRST_IS_CUT] = isCut;
}

function endsAt(state: Float64Array, at: number): Pick<Track, 'first' | 'last' | 'readings'> {
  const point = (ms: number, value: number, isCut: number): Point => ({
    timeMs: state[at + ms] as number,
    value: state[at + value] as number,
    isCut: state[at + isCut] === 1,
  });
  return {
    first: point(FIRST_MS, FIRST, FIRST_IS_CUT),
    last: point(LAST_MS, LAST, LAST_IS_CUT),
    readings: state[at + READINGS] as number,
  };
}
