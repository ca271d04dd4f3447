import {
  CLOSED_STRIDE,
  ClosedWindows,
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
  NO_LEDGER,
  READINGS_AT,
  SUM_AT,
  WINDOW_MS_AT,
} from './closed-windows.ts';
import {
  ALL_FIELDS,
  BROKEN_MS,
  CLOCK_END_MS,
  CLOCK_FIELDS,
  CLOCK_INTERVAL_MS,
  CLOCK_MS,
  CLOCK_READINGS,
  CLOCK_STRIDE,
  COUNTER_SLACK_MS,
  DELTA,
  END_MS,
  FIRST,
  FIRST_IS_CUT,
  FIRST_MS,
  INTEGRAL,
  MAX,
  MAX_INTERVAL_MS,
  MIN,
  PREVIOUS,
  PREVIOUS_MS,
  READINGS,
  RESETS,
  type RowFields,
  rowFieldsOf,
  SCOPE_STRIDE,
  START_MS,
  STRIDE,
} from './fold-layout.ts';
import { grown } from './grown.ts';
import { PowerLedgers } from './power-ledgers.ts';
import { ENERGY, emptySample, FIELDS, FIRST_COUNTER, POWER } from './sample.ts';
import { SAMPLE_HEAD, scopeAt } from './samples.ts';
import type { WindowEdges } from './window-edges.ts';

/** Where closed windows go, each time that a sample has closed some. */
export type ClosedHandler = (scope: number, closed: ClosedWindows) => void;

/** A sample that is earlier than the one before it, of the same scope and field: the file is to be read sorted. */
export class StepBackError extends Error {}

/**
 * Summarises the samples of many scopes as windows, each field in its own time order. The hot half of ingest: samples
 * into segments, without an object a sample. What it gives up for
 * that is a readable state: the numbers of every (scope, field) lie in arrays, at the places of fold-layout.ts; those that each
 * reading touches fill one line of the processor's cache. The plain form of the same thing is
 * `test/telemetry/reference-fold.ts`; over generated streams both give the same segments.
 */
export class SegmentFold {
  private state = new Float64Array(0);
  private own = new Float64Array(0);
  private opened = new Float64Array(0);
  private clocks = new Float64Array(0);
  /** 1 where a field is in step: its times and readings are then those of the clock. */
  private steps = new Uint8Array(0);
  private readonly ledgers = new PowerLedgers();
  /** J a ms that an energy counter of the scope may rise by at most. */
  private readonly counterLimits: number[] = [];
  private readonly closed = new ClosedWindows();
  /** Values of a sample by field; samples of fields that it is not used for never look at the others. */
  private readonly spread = emptySample();
  private rowFields: RowFields | null = null;
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
      this.own = grown(this.own, capacity * STRIDE * FIELDS.length);
      this.opened = grown(this.opened, capacity * STRIDE * FIELDS.length);
      this.clocks = grown(this.clocks, capacity * CLOCK_STRIDE);
      const steps = new Uint8Array(capacity * FIELDS.length);
      steps.set(this.steps);
      this.steps = steps;
    }
    this.ledgers.addScope();
    this.counterLimits.push(limitW / 1000);
    return index;
  }

  /**
   * @param values in the order of FIELDS; NaN is no reading.
   * @param fields the fields to look at: those that the source can have.
   * @throws StepBackError where the time of a field falls.
   */
  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[] = ALL_FIELDS): void {
    const { clocks } = this;
    const clockAt = scope * CLOCK_STRIDE;
    const lengthMs = timeMs - (clocks[clockAt + CLOCK_MS] as number);
    // Comparisons with NaN are false: without fields in step there is no clock, and nothing is plain.
    if (lengthMs > 0 && timeMs < (clocks[clockAt + CLOCK_END_MS] as number))
      this.inStep(scope, timeMs, lengthMs, values, fields);
    else this.outOfStep(scope, timeMs, values, fields);
    if (this.closed.count > 0) this.handOn(scope);
  }

  /** Many samples of the same fields at once, as `RecordSink.sampleRows` has them. @throws StepBackError as `sample`. */
  sampleRows(numbers: Float64Array, count: number, fields: readonly number[]): void {
    const { clocks, spread } = this;
    if (this.rowFields?.fields !== fields) this.rowFields = rowFieldsOf(fields);
    const row = this.rowFields;
    const stride = SAMPLE_HEAD + fields.length;
    for (let at = 0; at < count * stride; at += stride) {
      const scope = scopeAt(numbers, at);
      const timeMs = numbers[at + 1] as number;
      if (this.isPlain(scope, numbers, at, row)) {
        const endMs = clocks[scope * CLOCK_STRIDE + CLOCK_END_MS] as number;
        if (timeMs < endMs) {
          this.allInStep(scope, numbers, at, row);
          continue;
        }
        if (this.edges.startOf(timeMs) === endMs) {
          this.allCross(scope, numbers, at, row);
          this.handOn(scope);
          continue;
        }
      }
      for (let k = 0; k < fields.length; k += 1)
        spread[fields[k] as number] = numbers[at + SAMPLE_HEAD + k] as number;
      this.sample(scope, timeMs, spread, fields);
    }
  }

  /** Whether a row is behind the one before it, all of its fields are in step, and no counter fell or jumped. */
  private isPlain(
    scope: number,
    numbers: Float64Array,
    at: number,
    { places, gauges, energyAt }: RowFields,
  ): boolean {
    const { state, clocks } = this;
    const clockAt = scope * CLOCK_STRIDE;
    const lengthMs = (numbers[at + 1] as number) - (clocks[clockAt + CLOCK_MS] as number);
    // Comparisons with NaN are false: without fields in step there is no clock, and nothing is plain.
    if (!(lengthMs > 0 && clocks[clockAt + CLOCK_FIELDS] === places.length)) return false;
    const base = scope * SCOPE_STRIDE;
    const from = at + SAMPLE_HEAD;
    for (let k = 0; k < gauges; k += 1) if (Number.isNaN(numbers[from + k] as number)) return false;
    for (let k = gauges; k < places.length; k += 1) {
      const previous = state[base + (places[k] as number) + PREVIOUS] as number;
      if (!((numbers[from + k] as number) >= previous)) return false;
    }
    if (energyAt < 0) return true;
    const previous = state[base + (places[energyAt] as number) + PREVIOUS] as number;
    return !this.isBroken(scope, ENERGY, (numbers[from + energyAt] as number) - previous, lengthMs);
  }

  /** A plain row in the open window, whose fields share one interval. */
  private allInStep(
    scope: number,
    numbers: Float64Array,
    at: number,
    { places, gauges, powerAt }: RowFields,
  ): void {
    const { state, clocks } = this;
    const clockAt = scope * CLOCK_STRIDE;
    const timeMs = numbers[at + 1] as number;
    const lengthMs = timeMs - (clocks[clockAt + CLOCK_MS] as number);
    clocks[clockAt + CLOCK_MS] = timeMs;
    clocks[clockAt + CLOCK_READINGS] = (clocks[clockAt + CLOCK_READINGS] as number) + 1;
    if (lengthMs > (clocks[clockAt + CLOCK_INTERVAL_MS] as number))
      clocks[clockAt + CLOCK_INTERVAL_MS] = lengthMs;
    // Halving is exact, so that this is (length in s) * ((previous + value) / 2) to the last bit.
    const halfS = lengthMs / 1000 / 2;
    const base = scope * SCOPE_STRIDE;
    const from = at + SAMPLE_HEAD;
    if (powerAt >= 0) {
      const previous = state[base + (places[powerAt] as number) + PREVIOUS] as number;
      const integral = halfS * (previous + (numbers[from + powerAt] as number));
      this.ledgers.book(scope, lengthMs, lengthMs, integral, 1);
    }
    for (let k = 0; k < gauges; k += 1) {
      const place = (base + (places[k] as number)) | 0;
      const value = numbers[from + k] as number;
      const previous = state[place + PREVIOUS] as number;
      state[place + PREVIOUS] = value;
      state[place + INTEGRAL] = (state[place + INTEGRAL] as number) + halfS * (previous + value);
      if (value < (state[place + MIN] as number)) state[place + MIN] = value;
      if (value > (state[place + MAX] as number)) state[place + MAX] = value;
    }
    for (let k = gauges; k < places.length; k += 1) {
      const place = (base + (places[k] as number)) | 0;
      const value = numbers[from + k] as number;
      const previous = state[place + PREVIOUS] as number;
      state[place + PREVIOUS] = value;
      state[place + DELTA] = (state[place + DELTA] as number) + (value - previous);
    }
  }

  /** A plain row in the window behind the open one, for all of its fields: as `cross`, without a call a field. */
  private allCross(
    scope: number,
    numbers: Float64Array,
    at: number,
    { fields, places, gauges, powerAt }: RowFields,
  ): void {
    const { state, opened, clocks, closed } = this;
    const clockAt = scope * CLOCK_STRIDE;
    const timeMs = numbers[at + 1] as number;
    const fromMs = clocks[clockAt + CLOCK_MS] as number;
    const lengthMs = timeMs - fromMs;
    const edgeMs = clocks[clockAt + CLOCK_END_MS] as number;
    const maxIntervalMs = Math.max(clocks[clockAt + CLOCK_INTERVAL_MS] as number, lengthMs);
    const isAtEdge = timeMs === edgeMs;
    const share = (edgeMs - fromMs) / lengthMs;
    const beforeS = (edgeMs - fromMs) / 1000;
    const behindS = (timeMs - edgeMs) / 1000;
    for (let k = 0; k < places.length; k += 1) {
      const place = scope * SCOPE_STRIDE + (places[k] as number);
      const value = numbers[at + SAMPLE_HEAD + k] as number;
      const previous = state[place + PREVIOUS] as number;
      const edge = isAtEdge ? value : previous + share * (value - previous);
      const sum = k < gauges ? beforeS * ((previous + edge) / 2) : edge - previous;
      const isPower = k === powerAt;
      if (isPower) this.ledgers.book(scope, lengthMs, edgeMs - fromMs, sum, isAtEdge ? 1 : 0);
      const to = closed.count * CLOSED_STRIDE;
      const out = closed.numbers;
      out[to + FIELD] = fields[k] as number;
      out[to + WINDOW_MS_AT] = opened[place + START_MS] as number;
      out[to + FIRST_MS_AT] = opened[place + FIRST_MS] as number;
      out[to + FIRST_AT] = opened[place + FIRST] as number;
      out[to + FIRST_IS_CUT_AT] = opened[place + FIRST_IS_CUT] as number;
      out[to + LAST_MS_AT] = edgeMs;
      out[to + LAST_AT] = edge;
      out[to + LAST_IS_CUT_AT] = 1;
      out[to + READINGS_AT] = clocks[clockAt + CLOCK_READINGS] as number;
      out[to + INTERVAL_MS_AT] = maxIntervalMs;
      out[to + SUM_AT] = (state[place + INTEGRAL] as number) + sum;
      const low = state[place + MIN] as number;
      const high = state[place + MAX] as number;
      out[to + LOW_AT] = k < gauges && edge < low ? edge : low;
      out[to + HIGH_AT] = k < gauges && edge > high ? edge : high;
      if (isPower) this.ledgers.pushInto(closed, scope);
      else closed.push(NO_LEDGER);
      opened[place + START_MS] = edgeMs;
      opened[place + FIRST_MS] = edgeMs;
      opened[place + FIRST] = edge;
      opened[place + FIRST_IS_CUT] = isAtEdge ? 0 : 1;
      state[place + PREVIOUS] = value;
      const rest = k < gauges ? behindS * ((edge + value) / 2) : value - edge;
      state[place + INTEGRAL] = rest;
      state[place + MIN] = k < gauges ? Math.min(value, edge) : 0;
      state[place + MAX] = k < gauges ? Math.max(value, edge) : 0;
      if (isPower && !isAtEdge) this.ledgers.book(scope, lengthMs, timeMs - edgeMs, rest, 1);
    }
    clocks[clockAt + CLOCK_MS] = timeMs;
    clocks[clockAt + CLOCK_END_MS] = this.edges.endOf(edgeMs);
    clocks[clockAt + CLOCK_READINGS] = 1;
    clocks[clockAt + CLOCK_INTERVAL_MS] = isAtEdge ? 0 : lengthMs;
  }

  private tick(scope: number, timeMs: number, lengthMs: number): void {
    const { clocks } = this;
    const at = scope * CLOCK_STRIDE;
    clocks[at + CLOCK_MS] = timeMs;
    clocks[at + CLOCK_READINGS] = (clocks[at + CLOCK_READINGS] as number) + 1;
    if (lengthMs > (clocks[at + CLOCK_INTERVAL_MS] as number)) clocks[at + CLOCK_INTERVAL_MS] = lengthMs;
  }

  /** Fields in step share an interval, which lies in the open window of all of them; others go by themselves. */
  private inStep(
    scope: number,
    timeMs: number,
    lengthMs: number,
    values: Float64Array,
    fields: readonly number[],
  ): void {
    const { state, steps, clocks } = this;
    let seen = 0;
    for (let k = 0; k < fields.length; k += 1) {
      const field = fields[k] as number;
      const value = values[field] as number;
      const slot = scope * FIELDS.length + field;
      const at = slot * STRIDE;
      if (steps[slot] !== 1) {
        if (!Number.isNaN(value)) this.reading(scope, at, field, timeMs, value);
        continue;
      }
      seen += 1;
      if (Number.isNaN(value)) {
        this.leave(scope, slot);
        continue;
      }
      if (field < FIRST_COUNTER) this.gaugeInterval(scope, at, field, lengthMs, value);
      else this.counterRise(scope, at, field, value - (state[at + PREVIOUS] as number), lengthMs);
      state[at + PREVIOUS] = value;
    }
    if (seen < (clocks[scope * CLOCK_STRIDE + CLOCK_FIELDS] as number)) this.leaveAllBut(scope, fields);
    this.tick(scope, timeMs, lengthMs);
  }

  /** Each field by itself; those that come out alike are in step from here on. */
  private outOfStep(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    this.leaveAllBut(scope, []);
    let read = 0;
    for (const field of fields) {
      const value = values[field] as number;
      if (Number.isNaN(value)) continue;
      read += 1;
      this.reading(scope, (scope * FIELDS.length + field) * STRIDE, field, timeMs, value);
    }
    if (read > 1) this.join(scope, values, fields);
  }

  private reading(scope: number, at: number, field: number, timeMs: number, value: number): void {
    const { state, own } = this;
    const previousMs = own[at + PREVIOUS_MS] as number;
    if (!(timeMs < (own[at + END_MS] as number) && timeMs >= previousMs)) {
      this.turn(scope, at, field, timeMs, value);
      return;
    }
    const lengthMs = timeMs - previousMs;
    if (field < FIRST_COUNTER) this.gaugeInterval(scope, at, field, lengthMs, value);
    else if (lengthMs > 0)
      this.counterRise(scope, at, field, value - (state[at + PREVIOUS] as number), lengthMs);
    if (lengthMs > (own[at + MAX_INTERVAL_MS] as number)) own[at + MAX_INTERVAL_MS] = lengthMs;
    own[at + READINGS] = (own[at + READINGS] as number) + 1;
    own[at + PREVIOUS_MS] = timeMs;
    state[at + PREVIOUS] = value;
  }

  /** Fields of a sample whose windows stand alike go on with one clock. */
  private join(scope: number, values: Float64Array, fields: readonly number[]): void {
    const { own, steps, clocks } = this;
    const clockAt = scope * CLOCK_STRIDE;
    let first = -1;
    let count = 0;
    for (const field of fields) {
      if (Number.isNaN(values[field] as number)) continue;
      const slot = scope * FIELDS.length + field;
      const at = slot * STRIDE;
      if (first < 0) first = at;
      const isAlike =
        own[at + END_MS] === own[first + END_MS] &&
        own[at + READINGS] === own[first + READINGS] &&
        own[at + MAX_INTERVAL_MS] === own[first + MAX_INTERVAL_MS];
      if (!isAlike) continue;
      steps[slot] = 1;
      count += 1;
    }
    clocks[clockAt + CLOCK_MS] = own[first + PREVIOUS_MS] as number;
    clocks[clockAt + CLOCK_END_MS] = own[first + END_MS] as number;
    clocks[clockAt + CLOCK_READINGS] = own[first + READINGS] as number;
    clocks[clockAt + CLOCK_INTERVAL_MS] = own[first + MAX_INTERVAL_MS] as number;
    clocks[clockAt + CLOCK_FIELDS] = count;
  }

  /** A field goes on by itself, from where the clock stands. */
  private leave(scope: number, slot: number): void {
    const { own, steps, clocks } = this;
    const clockAt = scope * CLOCK_STRIDE;
    const at = slot * STRIDE;
    own[at + PREVIOUS_MS] = clocks[clockAt + CLOCK_MS] as number;
    own[at + END_MS] = clocks[clockAt + CLOCK_END_MS] as number;
    own[at + READINGS] = clocks[clockAt + CLOCK_READINGS] as number;
    own[at + MAX_INTERVAL_MS] = clocks[clockAt + CLOCK_INTERVAL_MS] as number;
    steps[slot] = 0;
    clocks[clockAt + CLOCK_FIELDS] = (clocks[clockAt + CLOCK_FIELDS] as number) - 1;
    if (clocks[clockAt + CLOCK_FIELDS] === 0) clocks[clockAt + CLOCK_MS] = Number.NaN;
  }

  private leaveAllBut(scope: number, fields: readonly number[]): void {
    for (const field of ALL_FIELDS) {
      const slot = scope * FIELDS.length + field;
      if (this.steps[slot] === 1 && !fields.includes(field)) this.leave(scope, slot);
    }
  }

  /** Books the interval from the previous reading to `value`, both in the open window. */
  private gaugeInterval(scope: number, at: number, field: number, lengthMs: number, value: number): void {
    const { state } = this;
    if (value < (state[at + MIN] as number)) state[at + MIN] = value;
    if (value > (state[at + MAX] as number)) state[at + MAX] = value;
    if (lengthMs === 0) return;
    const integral = (lengthMs / 1000) * (((state[at + PREVIOUS] as number) + value) / 2);
    state[at + INTEGRAL] = (state[at + INTEGRAL] as number) + integral;
    if (field === POWER) this.ledgers.book(scope, lengthMs, lengthMs, integral, 1);
  }

  private counterRise(scope: number, at: number, field: number, rise: number, lengthMs: number): void {
    const { state } = this;
    if (this.isBroken(scope, field, rise, lengthMs)) this.broken(at, lengthMs, true);
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

  /** A field's first reading, or one that lies beyond its open window. */
  private turn(scope: number, at: number, field: number, timeMs: number, value: number): void {
    const { state, own } = this;
    const fromMs = own[at + PREVIOUS_MS] as number;
    if (timeMs < fromMs) throw new StepBackError();
    const startMs = this.edges.startOf(timeMs);
    if (Number.isNaN(fromMs)) this.open(at, startMs, timeMs, value, 0);
    else this.cross(scope, at, field, timeMs, value, startMs);
    own[at + READINGS] = (own[at + READINGS] as number) + 1;
    own[at + PREVIOUS_MS] = timeMs;
    state[at + PREVIOUS] = value;
  }

  private open(at: number, startMs: number, firstMs: number, first: number, isCut: 0 | 1): void {
    const { state, own, opened } = this;
    opened[at + START_MS] = startMs;
    opened[at + FIRST_MS] = firstMs;
    opened[at + FIRST] = first;
    opened[at + FIRST_IS_CUT] = isCut;
    own[at + END_MS] = this.edges.endOf(startMs);
    own[at + READINGS] = 0;
    own[at + MAX_INTERVAL_MS] = 0;
    const low = isGauge(at) ? first : 0;
    state[at + INTEGRAL] = 0;
    state[at + MIN] = low;
    state[at + MAX] = low;
  }

  /**
   * The interval from the previous reading to this one, cut where windows end: a piece closes the open window, whole
   * windows between are one window of their own, a piece opens the window of the reading.
   */
  private cross(
    scope: number,
    at: number,
    field: number,
    timeMs: number,
    value: number,
    startMs: number,
  ): void {
    const { state, own } = this;
    const fromMs = own[at + PREVIOUS_MS] as number;
    const from = state[at + PREVIOUS] as number;
    const lengthMs = timeMs - fromMs;
    const isBroken = field >= FIRST_COUNTER && this.isBroken(scope, field, value - from, lengthMs);
    let enterMs = own[at + END_MS] as number;
    let enter = cutAt(enterMs, fromMs, from, timeMs, value);
    this.piece(scope, at, field, fromMs, from, enterMs, enter, lengthMs, enterMs === timeMs, isBroken);
    this.close(scope, at, field, enterMs, enter, 1);
    if (startMs > enterMs) {
      const leave = cutAt(startMs, fromMs, from, timeMs, value);
      this.open(at, enterMs, enterMs, enter, 1);
      this.piece(scope, at, field, enterMs, enter, startMs, leave, lengthMs, startMs === timeMs, isBroken);
      this.close(scope, at, field, startMs, leave, 1);
      enterMs = startMs;
      enter = leave;
    }
    this.open(at, startMs, enterMs, enter, timeMs === startMs ? 0 : 1);
    if (timeMs > startMs)
      this.piece(scope, at, field, enterMs, enter, timeMs, value, lengthMs, true, isBroken);
  }

  /** A piece of an interval of `lengthMs` between two readings, in the window that is open. */
  private piece(
    scope: number,
    at: number,
    field: number,
    fromMs: number,
    from: number,
    toMs: number,
    to: number,
    lengthMs: number,
    endsHere: boolean,
    isBroken: boolean,
  ): void {
    const { state, own } = this;
    const pieceMs = toMs - fromMs;
    if (lengthMs > (own[at + MAX_INTERVAL_MS] as number)) own[at + MAX_INTERVAL_MS] = lengthMs;
    if (field >= FIRST_COUNTER) {
      if (isBroken) this.broken(at, pieceMs, endsHere);
      else state[at + DELTA] = (state[at + DELTA] as number) + (to - from);
      return;
    }
    const integral = (pieceMs / 1000) * ((from + to) / 2);
    state[at + INTEGRAL] = (state[at + INTEGRAL] as number) + integral;
    if (to < (state[at + MIN] as number)) state[at + MIN] = to;
    if (to > (state[at + MAX] as number)) state[at + MAX] = to;
    if (field === POWER) this.ledgers.book(scope, lengthMs, pieceMs, integral, endsHere ? 1 : 0);
  }

  private close(scope: number, at: number, field: number, lastMs: number, last: number, isCut: 0 | 1): void {
    const { state, own, opened, closed } = this;
    closed.set(FIELD, field);
    closed.set(WINDOW_MS_AT, opened[at + START_MS] as number);
    closed.set(FIRST_MS_AT, opened[at + FIRST_MS] as number);
    closed.set(FIRST_AT, opened[at + FIRST] as number);
    closed.set(FIRST_IS_CUT_AT, opened[at + FIRST_IS_CUT] as number);
    closed.set(LAST_MS_AT, lastMs);
    closed.set(LAST_AT, last);
    closed.set(LAST_IS_CUT_AT, isCut);
    closed.set(READINGS_AT, own[at + READINGS] as number);
    closed.set(INTERVAL_MS_AT, own[at + MAX_INTERVAL_MS] as number);
    closed.set(SUM_AT, state[at + INTEGRAL] as number);
    closed.set(LOW_AT, state[at + MIN] as number);
    closed.set(HIGH_AT, state[at + MAX] as number);
    if (field === POWER) this.ledgers.pushInto(closed, scope);
    else closed.push(NO_LEDGER);
  }

  private handOn(scope: number): void {
    this.onClosed(scope, this.closed);
    this.closed.count = 0;
  }

  /** Closes what is open. Call once, after the last sample. */
  finish(): void {
    for (let scope = 0; scope < this.scopes; scope += 1) {
      this.leaveAllBut(scope, []);
      for (const field of ALL_FIELDS) {
        const at = scope * SCOPE_STRIDE + field * STRIDE;
        const timeMs = this.own[at + PREVIOUS_MS] as number;
        if (!Number.isNaN(timeMs))
          this.close(scope, at, field, timeMs, this.state[at + PREVIOUS] as number, 0);
      }
      if (this.closed.count > 0) this.handOn(scope);
    }
  }
}

/** Value at a time on the line between two readings; the reading itself at its own time. */
const cutAt = (ms: number, fromMs: number, from: number, toMs: number, to: number): number =>
  ms === toMs ? to : from + ((ms - fromMs) / (toMs - fromMs)) * (to - from);

const isGauge = (at: number): boolean => Math.floor((at % SCOPE_STRIDE) / STRIDE) < FIRST_COUNTER;
