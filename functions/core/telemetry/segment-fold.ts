import { bucketBounds, bucketOf } from './ledger.ts';
import { ENERGY, FIELDS, FIRST_COUNTER, type Field, POWER } from './sample.ts';
import type { CounterTrack, LedgerEntry, Point, Segment, Track } from './segment.ts';

/**
 * The hot half of ingest: samples of many scopes into segments, without an object a sample. What it gives up for
 * that is a readable state: the numbers of every (scope, field) lie in arrays, at the places below; those that each
 * reading touches fill one line of the processor's cache. The plain form of the same thing is
 * `test/telemetry/reference-fold.ts`; over generated streams both give the same segments.
 */
const STRIDE = 8;
/** Previous reading, which an interval begins with. NaN: none yet. */
const PREVIOUS_MS = 0;
const PREVIOUS = 1;
/** End of the open window: a reading from there on belongs to a later one. */
const END_MS = 2;
const READINGS = 3;
/** Gauges: trapezoids, extremes, longest interval. Counters: rise, resets, broken time in the same places. */
const INTEGRAL = 4;
const DELTA = 4;
const MIN = 5;
const RESETS = 5;
const MAX = 6;
const BROKEN_MS = 6;
const MAX_INTERVAL_MS = 7;

/** Of the open window: its start and its first point, and whether that is a cut. Touched once a window. */
const OPEN_STRIDE = 4;
const START_MS = 0;
const FIRST_MS = 1;
const FIRST = 2;
const FIRST_IS_CUT = 3;

/** Of each scope's power: the interval lengths of the ledger entry in use, and what it holds. */
const LEDGER_STRIDE = 6;
const SHORTEST_MS = 0;
const LONGEST_MS = 1;
const BUCKET = 2;
const BUCKET_COUNT = 3;
const BUCKET_MS = 4;
const BUCKET_INTEGRAL = 5;

const SCOPE_STRIDE = STRIDE * FIELDS.length;
export const ALL_FIELDS: readonly number[] = FIELDS.map((_, i) => i);
/** Counters are read in steps of their own: what they may jump by over no time at all, as time at full power. */
const COUNTER_SLACK_MS = 1_000;

/** Where windows begin and end. */
export interface WindowEdges {
  /** Start of the window that a time lies in; an edge belongs to the window that it opens. */
  startOf(timeMs: number): number;
  endOf(startMs: number): number;
}

/** One field's part of a window, as it was closed. */
export interface ClosedTrack {
  readonly field: number;
  readonly windowMs: number;
  readonly first: Point;
  readonly last: Point;
  readonly track: Track | CounterTrack;
}

/** Where closed windows go. Tracks that were closed by the same sample come together, by window and field. */
export type ClosedHandler = (scope: number, tracks: readonly ClosedTrack[]) => void;

/** A sample that is earlier than the one before it, of the same scope and field: the file is to be read sorted. */
export class StepBackError extends Error {}

/** Summarises the samples of many scopes as windows; each field in its own time order. */
export class SegmentFold {
  private state = new Float64Array(0);
  private opened = new Float64Array(0);
  private ledger = new Float64Array(0);
  private readonly ledgers: Map<number, LedgerEntry>[] = [];
  /** J a ms that an energy counter of the scope may rise by at most. */
  private readonly counterLimits: number[] = [];
  private closed: ClosedTrack[] = [];
  private scopes = 0;
  private readonly edges: WindowEdges;
  private readonly onClosed: ClosedHandler;

  constructor(edges: WindowEdges, onClosed: ClosedHandler) {
    this.edges = edges;
    this.onClosed = onClosed;
  }

  /** Makes a scope known; scopes come in order from 0. `limitW` is the most that it can draw. */
  addScope(limitW: number): number {
    const index = this.scopes;
    this.scopes += 1;
    if (this.state.length < this.scopes * SCOPE_STRIDE) {
      const capacity = Math.max(8, this.scopes * 2);
      this.state = grown(this.state, capacity * SCOPE_STRIDE);
      this.opened = grown(this.opened, capacity * OPEN_STRIDE * FIELDS.length);
      this.ledger = grown(this.ledger, capacity * LEDGER_STRIDE);
    }
    this.ledgers.push(new Map());
    this.counterLimits.push(limitW / 1000);
    return index;
  }

  /**
   * @param values in the order of FIELDS; NaN is no reading.
   * @param fields the fields to look at: those that the source can have.
   * @throws StepBackError where the time of a field falls.
   */
  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[] = ALL_FIELDS): void {
    const { state } = this;
    const base = scope * SCOPE_STRIDE;
    for (let k = 0; k < fields.length; k += 1) {
      const field = fields[k] as number;
      const value = values[field] as number;
      if (Number.isNaN(value)) continue;
      const at = base + field * STRIDE;
      const previousMs = state[at + PREVIOUS_MS] as number;
      // Comparisons with NaN are false: a field's first reading is never plain.
      if (timeMs < (state[at + END_MS] as number) && timeMs >= previousMs) {
        if (field < FIRST_COUNTER) this.gaugeInterval(scope, at, field, timeMs - previousMs, value);
        else this.counterInterval(scope, at, field, timeMs - previousMs, value, true);
        state[at + READINGS] = (state[at + READINGS] as number) + 1;
        state[at + PREVIOUS_MS] = timeMs;
        state[at + PREVIOUS] = value;
      } else this.turn(scope, at, field, timeMs, value);
    }
    if (this.closed.length > 0) this.handOn(scope);
  }

  /** Books the interval from the previous reading to `value`, both in the open window. */
  private gaugeInterval(scope: number, at: number, field: number, lengthMs: number, value: number): void {
    const { state } = this;
    if (value < (state[at + MIN] as number)) state[at + MIN] = value;
    if (value > (state[at + MAX] as number)) state[at + MAX] = value;
    if (lengthMs === 0) return;
    const integral = (lengthMs / 1000) * (((state[at + PREVIOUS] as number) + value) / 2);
    state[at + INTEGRAL] = (state[at + INTEGRAL] as number) + integral;
    if (lengthMs > (state[at + MAX_INTERVAL_MS] as number)) state[at + MAX_INTERVAL_MS] = lengthMs;
    if (field === POWER) this.book(scope, lengthMs, lengthMs, integral, 1);
  }

  private counterInterval(
    scope: number,
    at: number,
    field: number,
    lengthMs: number,
    value: number,
    endsHere: boolean,
  ): void {
    const { state } = this;
    if (lengthMs === 0) return;
    const rise = value - (state[at + PREVIOUS] as number);
    if (this.isBroken(scope, field, rise, lengthMs)) this.broken(at, lengthMs, endsHere);
    else state[at + DELTA] = (state[at + DELTA] as number) + rise;
  }

  private isBroken(scope: number, field: number, rise: number, lengthMs: number): boolean {
    if (rise < 0) return true;
    return field === ENERGY && rise > (this.counterLimits[scope] as number) * (lengthMs + COUNTER_SLACK_MS);
  }

  private broken(at: number, lengthMs: number, endsHere: boolean): void {
    const { state } = this;
    state[at + BROKEN_MS] = (state[at + BROKEN_MS] as number) + lengthMs;
    if (endsHere) state[at + RESETS] = (state[at + RESETS] as number) + 1;
  }

  /** Books a piece of an interval of `lengthMs` under its length. */
  private book(scope: number, lengthMs: number, pieceMs: number, integral: number, count: number): void {
    const { ledger } = this;
    const at = scope * LEDGER_STRIDE;
    // Below the shortest or not below the longest: another entry. NaN (none yet) is neither.
    if (!(lengthMs >= (ledger[at + SHORTEST_MS] as number) && lengthMs < (ledger[at + LONGEST_MS] as number)))
      this.useBucket(scope, lengthMs);
    ledger[at + BUCKET_COUNT] = (ledger[at + BUCKET_COUNT] as number) + count;
    ledger[at + BUCKET_MS] = (ledger[at + BUCKET_MS] as number) + pieceMs;
    ledger[at + BUCKET_INTEGRAL] = (ledger[at + BUCKET_INTEGRAL] as number) + integral;
  }

  /** Puts the ledger entry in use away, and takes up that for intervals of `lengthMs`. */
  private useBucket(scope: number, lengthMs: number): void {
    const { ledger } = this;
    const at = scope * LEDGER_STRIDE;
    this.putAway(scope);
    const bucket = bucketOf(lengthMs);
    const [shortest, longest] = bucketBounds(bucket);
    const entries = this.ledgers[scope] as Map<number, LedgerEntry>;
    const entry = entries.get(bucket);
    ledger[at + SHORTEST_MS] = shortest;
    ledger[at + LONGEST_MS] = longest;
    ledger[at + BUCKET] = bucket;
    ledger[at + BUCKET_COUNT] = entry?.count ?? 0;
    ledger[at + BUCKET_MS] = entry?.timeMs ?? 0;
    ledger[at + BUCKET_INTEGRAL] = entry?.integral ?? 0;
  }

  private putAway(scope: number): void {
    const { ledger } = this;
    const at = scope * LEDGER_STRIDE;
    const bucket = ledger[at + BUCKET] as number;
    if (Number.isNaN(bucket)) return;
    (this.ledgers[scope] as Map<number, LedgerEntry>).set(bucket, {
      count: ledger[at + BUCKET_COUNT] as number,
      timeMs: ledger[at + BUCKET_MS] as number,
      integral: ledger[at + BUCKET_INTEGRAL] as number,
    });
    ledger[at + BUCKET] = Number.NaN;
    ledger[at + SHORTEST_MS] = Number.NaN;
  }

  /** A field's first reading, or one that lies beyond its open window. */
  private turn(scope: number, at: number, field: number, timeMs: number, value: number): void {
    const { state } = this;
    const fromMs = state[at + PREVIOUS_MS] as number;
    if (timeMs < fromMs) throw new StepBackError();
    const startMs = this.edges.startOf(timeMs);
    if (Number.isNaN(fromMs)) this.open(at, startMs, { timeMs, value, isCut: false });
    else this.cross(scope, at, field, { timeMs, value, isCut: false }, startMs);
    state[at + READINGS] = (state[at + READINGS] as number) + 1;
    state[at + PREVIOUS_MS] = timeMs;
    state[at + PREVIOUS] = value;
  }

  private open(at: number, startMs: number, first: Point): void {
    const { state, opened } = this;
    const openedAt = (at / STRIDE) * OPEN_STRIDE;
    opened[openedAt + START_MS] = startMs;
    opened[openedAt + FIRST_MS] = first.timeMs;
    opened[openedAt + FIRST] = first.value;
    opened[openedAt + FIRST_IS_CUT] = first.isCut ? 1 : 0;
    state[at + END_MS] = this.edges.endOf(startMs);
    state.fill(0, at + READINGS, at + MAX_INTERVAL_MS + 1);
    if (!isGauge(at)) return;
    state[at + MIN] = first.value;
    state[at + MAX] = first.value;
  }

  /**
   * The interval from the previous reading to `to`, cut where windows end: a piece closes the open window, whole
   * windows between are one window of their own, a piece opens the window of `to`.
   */
  private cross(scope: number, at: number, field: number, to: Point, startMs: number): void {
    const { state } = this;
    const from: Point = {
      timeMs: state[at + PREVIOUS_MS] as number,
      value: state[at + PREVIOUS] as number,
      isCut: false,
    };
    const lengthMs = to.timeMs - from.timeMs;
    const firstEdge = state[at + END_MS] as number;
    const cut = (timeMs: number): Point => ({
      timeMs,
      value:
        timeMs === to.timeMs
          ? to.value
          : from.value + ((timeMs - from.timeMs) / lengthMs) * (to.value - from.value),
      isCut: true,
    });
    const isBroken = field >= FIRST_COUNTER && this.isBroken(scope, field, to.value - from.value, lengthMs);
    const piece = (a: Point, b: Point): void => {
      const endsHere = b.timeMs === to.timeMs;
      if (field >= FIRST_COUNTER) {
        if (isBroken) this.broken(at, b.timeMs - a.timeMs, endsHere);
        else state[at + DELTA] = (state[at + DELTA] as number) + (b.value - a.value);
      } else this.gaugePiece(scope, at, field, a, b, lengthMs, endsHere);
    };
    const atFirst = cut(firstEdge);
    piece(from, atFirst);
    this.close(scope, at, field, atFirst);
    let enter = atFirst;
    if (startMs > firstEdge) {
      const atLast = cut(startMs);
      this.open(at, firstEdge, atFirst);
      piece(atFirst, atLast);
      this.close(scope, at, field, atLast);
      enter = atLast;
    }
    this.open(at, startMs, to.timeMs === startMs ? to : enter);
    if (to.timeMs > startMs) piece(enter, to);
  }

  private gaugePiece(
    scope: number,
    at: number,
    field: number,
    a: Point,
    b: Point,
    lengthMs: number,
    endsHere: boolean,
  ): void {
    const { state } = this;
    const integral = ((b.timeMs - a.timeMs) / 1000) * ((a.value + b.value) / 2);
    state[at + INTEGRAL] = (state[at + INTEGRAL] as number) + integral;
    state[at + MIN] = Math.min(state[at + MIN] as number, b.value);
    state[at + MAX] = Math.max(state[at + MAX] as number, b.value);
    state[at + MAX_INTERVAL_MS] = Math.max(state[at + MAX_INTERVAL_MS] as number, lengthMs);
    if (field === POWER) this.book(scope, lengthMs, b.timeMs - a.timeMs, integral, endsHere ? 1 : 0);
  }

  private close(scope: number, at: number, field: number, last: Point): void {
    const { state, opened } = this;
    const openedAt = (at / STRIDE) * OPEN_STRIDE;
    const first: Point = {
      timeMs: opened[openedAt + FIRST_MS] as number,
      value: opened[openedAt + FIRST] as number,
      isCut: opened[openedAt + FIRST_IS_CUT] === 1,
    };
    const shared = { first, last, readings: state[at + READINGS] as number };
    const track: Track | CounterTrack =
      field < FIRST_COUNTER
        ? {
            ...shared,
            integral: state[at + INTEGRAL] as number,
            min: state[at + MIN] as number,
            max: state[at + MAX] as number,
            maxIntervalMs: state[at + MAX_INTERVAL_MS] as number,
            ledger: field === POWER ? this.takeLedger(scope) : NO_LEDGER,
          }
        : {
            ...shared,
            delta: state[at + DELTA] as number,
            resets: state[at + RESETS] as number,
            brokenMs: state[at + BROKEN_MS] as number,
          };
    this.closed.push({ field, windowMs: opened[openedAt + START_MS] as number, first, last, track });
  }

  private takeLedger(scope: number): ReadonlyMap<number, LedgerEntry> {
    this.putAway(scope);
    const ledger = this.ledgers[scope] as Map<number, LedgerEntry>;
    this.ledgers[scope] = new Map();
    return ledger;
  }

  private handOn(scope: number): void {
    const tracks = this.closed;
    this.closed = [];
    if (tracks.some(({ windowMs }) => windowMs !== tracks[0]?.windowMs)) tracks.sort(byWindow);
    this.onClosed(scope, tracks);
  }

  /** Closes what is open. Call once, after the last sample. */
  finish(): void {
    for (let scope = 0; scope < this.scopes; scope += 1) {
      for (const field of ALL_FIELDS) {
        const at = scope * SCOPE_STRIDE + field * STRIDE;
        const timeMs = this.state[at + PREVIOUS_MS] as number;
        if (!Number.isNaN(timeMs))
          this.close(scope, at, field, { timeMs, value: this.state[at + PREVIOUS] as number, isCut: false });
      }
      if (this.closed.length > 0) this.handOn(scope);
    }
  }
}

/** A longer copy of an array of state, NaN where nothing is yet. */
function grown(state: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length).fill(Number.NaN);
  longer.set(state);
  return longer;
}

const byWindow = (a: ClosedTrack, b: ClosedTrack): number =>
  a.windowMs < b.windowMs ? -1 : a.windowMs > b.windowMs ? 1 : 0;

const NO_LEDGER: ReadonlyMap<number, LedgerEntry> = new Map();

const isGauge = (at: number): boolean => Math.floor((at % SCOPE_STRIDE) / STRIDE) < FIRST_COUNTER;

/** Windows are cut at multiples of this. */
export const WINDOW_MS = 60_000;

export const MINUTES: WindowEdges = {
  startOf: (timeMs) => Math.floor(timeMs / WINDOW_MS) * WINDOW_MS,
  endOf: (startMs) => startMs + WINDOW_MS,
};

/** One window from start to a later stop, with what lies before and behind it as windows of their own. */
export function clipEdges(startMs: number, stopMs: number): WindowEdges {
  return {
    startOf: (timeMs) => (timeMs < startMs ? Number.NEGATIVE_INFINITY : timeMs < stopMs ? startMs : stopMs),
    endOf: (start) => (start < startMs ? startMs : start < stopMs ? stopMs : Number.POSITIVE_INFINITY),
  };
}

/** Tracks of one window as a segment. */
export function segmentFrom(tracks: readonly ClosedTrack[]): Segment {
  const gauges: { [field: string]: Track } = {};
  const counters: { [field: string]: CounterTrack } = {};
  for (const { field, track } of tracks) {
    if ('integral' in track) gauges[FIELDS[field] as Field] = track;
    else counters[FIELDS[field] as Field] = track;
  }
  return { gauges, counters };
}
