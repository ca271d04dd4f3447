import { FIELDS, FIRST_COUNTER, type Field } from './sample.ts';

/** A reading of one field; a cut is not a reading but the value interpolated where a segment was cut. */
export interface Point {
  readonly timeMs: number;
  readonly value: number;
  readonly isCut: boolean;
}

/** What the intervals of about one length hold together: see `bucketOf`. */
export interface LedgerEntry {
  /** Intervals that end here (an interval that was cut counts where it ends). */
  readonly count: number;
  readonly timeMs: number;
  /** Integral of the field over those intervals, in field unit times seconds (joules for power). */
  readonly integral: number;
}

/** Interval length bucket to what is booked under it. Sparse: a regular stream uses one or two entries. */
export type Ledger = ReadonlyMap<number, LedgerEntry>;

/**
 * Summary of consecutive readings of one field: merging two neighbours equals summarising both at once.
 * `integral` is the trapezoid rule over the readings, in field unit times seconds.
 */
export interface Track {
  readonly first: Point;
  readonly last: Point;
  readonly readings: number;
  readonly integral: number;
  readonly min: number;
  readonly max: number;
  readonly maxIntervalMs: number;
  /** Of power; empty for other fields. */
  readonly ledger: Ledger;
}

/**
 * Summary of a counter: what it rose by, over the intervals in which it rose plausibly. An interval in which it fell
 * or jumped beyond what the scope can do adds nothing to `delta`; its time is `brokenMs`.
 */
export interface CounterTrack {
  readonly first: Point;
  readonly last: Point;
  readonly readings: number;
  readonly delta: number;
  /** Broken intervals: falls (a reset, a wrap, a counter that runs backwards) and implausible jumps. */
  readonly resets: number;
  readonly brokenMs: number;
}

/** The mergeable summary of consecutive samples of one scope. A field that was never read is absent. */
export interface Segment {
  readonly gauges: { readonly [F in Field]?: Track };
  readonly counters: { readonly [F in Field]?: CounterTrack };
}

export const GAUGES: readonly Field[] = FIELDS.slice(0, FIRST_COUNTER);
export const COUNTERS: readonly Field[] = FIELDS.slice(FIRST_COUNTER);

/**
 * File-order facts of one power log that the MLPerf Training v4.0 rule needs and a time-ordered segment
 * cannot hold: readings may step back in time, and the stop stamp may equal the start stamp.
 */
export interface ReadingLog {
  readonly startMs: number | null;
  readonly stopMs: number | null;
  readonly first: { readonly timeMs: number; readonly powerW: number };
  readonly lastMs: number;
  /** Sum of reading times (its time - previous time), the first one against `startMs` where there is one. */
  readonly rectangleJ: number;
}
