import { bucketBounds, bucketOf } from './ledger.ts';
import { ENERGY, FIELDS, FIRST_COUNTER, type Field, POWER } from './sample.ts';
import type { CounterTrack, LedgerEntry, Point, Segment, Track } from './segment.ts';

/**
 * The hot half of ingest: samples of many scopes into segments, without an object a sample. What it gives up for
 * that is a readable state: every (scope, field) has `STRIDE` doubles in one array, at the places below. The plain
 * form of the same thing is `test/telemetry/reference-fold.ts`; over generated streams both give the same segments.
 */
const STRIDE = 18;
/** Previous reading, which an interval begins with. NaN: none yet. */
const PREVIOUS_MS = 0;
const PREVIOUS = 1;
/** End of the open window: a reading from there on belongs to a later one. */
const END_MS = 2;
const START_MS = 3;
/** First point of the open window, and whether it is a cut. */
const FIRST_MS = 4;
const FIRST = 5;
const FIRST_IS_CUT = 6;
const READINGS = 7;
/** Gauges: trapezoids, extremes, longest interval. Counters: rise, resets, broken time in the same places. */
const INTEGRAL = 8;
const DELTA = 8;
const MIN = 9;
const RESETS = 9;
const MAX = 10;
const BROKEN_MS = 10;
const MAX_INTERVAL_MS = 11;
/** Power only: the interval lengths of the ledger entry in use, and what it holds. */
const SHORTEST_MS = 12;
const LONGEST_MS = 13;
const BUCKET = 14;
const BUCKET_COUNT = 15;
const BUCKET_MS = 16;
const BUCKET_INTEGRAL = 17;

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
      const grown = new Float64Array(Math.max(8, this.scopes * 2) * SCOPE_STRIDE).fill(Number.NaN);
      grown.set(this.state);
      this.state = grown;
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
    if (field === POWER) this.book(scope, at, lengthMs, lengthMs, integral, 1);
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
  private book(
    scope: number,
    at: number,
    lengthMs: number,
    pieceMs: number,
    integral: number,
    count: number,
  ): void {
    const { state } = this;
    // Below the shortest or not below the longest: another entry. NaN (none yet) is neither.
    if (!(lengthMs >= (state[at + SHORTEST_MS] as number) && lengthMs < (state[at + LONGEST_MS] as number)))
      this.useBucket(scope, at, lengthMs);
    state[at + BUCKET_COUNT] = (state[at + BUCKET_COUNT] as number) + count;
    state[at + BUCKET_MS] = (state[at + BUCKET_MS] as number) + pieceMs;
    state[at + BUCKET_INTEGRAL] = (state[at + BUCKET_INTEGRAL] as number) + integral;
  }

  /** Puts the ledger entry in use away, and takes up that for intervals of `lengthMs`. */
  private useBucket(scope: number, at: number, lengthMs: number): void {
    const { state } = this;
    this.putAway(scope, at);
    const bucket = bucketOf(lengthMs);
    const [shortest, longest] = bucketBounds(bucket);
    const ledger = this.ledgers[scope] as Map<number, LedgerEntry>;
    const entry = ledger.get(bucket);
    ledger.delete(bucket);
    state[at + SHORTEST_MS] = shortest;
    state[at + LONGEST_MS] = longest;
    state[at + BUCKET] = bucket;
    state[at + BUCKET_COUNT] = entry?.count ?? 0;
    state[at + BUCKET_MS] = entry?.timeMs ?? 0;
    state[at + BUCKET_INTEGRAL] = entry?.integral ?? 0;
  }

  private putAway(scope: number, at: number): void {
    const { state } = this;
    const bucket = state[at + BUCKET] as number;
    if (Number.isNaN(bucket)) return;
    (this.ledgers[scope] as Map<number, LedgerEntry>).set(bucket, {
      count: state[at + BUCKET_COUNT] as number,
      timeMs: state[at + BUCKET_MS] as number,
      integral: state[at + BUCKET_INTEGRAL] as number,
    });
    state[at + BUCKET] = Number.NaN;
    state[at + SHORTEST_MS] = Number.NaN;
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
    const { state } = this;
    state[at + START_MS] = startMs;
    state[at + END_MS] = this.edges.endOf(startMs);
    state[at + FIRST_MS] = first.timeMs;
    state[at + FIRST] = first.value;
    state[at + FIRST_IS_CUT] = first.isCut ? 1 : 0;
    state[at + READINGS] = 0;
    state.fill(0, at + INTEGRAL, at + MAX_INTERVAL_MS + 1);
    if (isGauge(at)) {
      state[at + MIN] = first.value;
      state[at + MAX] = first.value;
    }
    state[at + SHORTEST_MS] = Number.NaN;
    state[at + BUCKET] = Number.NaN;
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
    if (field === POWER) this.book(scope, at, lengthMs, b.timeMs - a.timeMs, integral, endsHere ? 1 : 0);
  }

  private close(scope: number, at: number, field: number, last: Point): void {
    const { state } = this;
    const first: Point = {
      timeMs: state[at + FIRST_MS] as number,
      value: state[at + FIRST] as number,
      isCut: state[at + FIRST_IS_CUT] === 1,
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
            ledger: field === POWER ? this.takeLedger(scope, at) : NO_LEDGER,
          }
        : {
            ...shared,
            delta: state[at + DELTA] as number,
            resets: state[at + RESETS] as number,
            brokenMs: state[at + BROKEN_MS] as number,
          };
    this.closed.push({ field, windowMs: state[at + START_MS] as number, first, last, track });
  }

  private takeLedger(scope: number, at: number): ReadonlyMap<number, LedgerEntry> {
    this.putAway(scope, at);
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
