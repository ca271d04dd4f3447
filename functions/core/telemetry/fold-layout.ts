import { ENERGY, FIELDS, FIRST_COUNTER, POWER } from './sample.ts';

/**
 * Where the numbers of `SegmentFold` lie: part of the hot path of ingest. Of a (scope, field) so many in each of its
 * arrays; in `state`:
 */
export const STRIDE = 4;
/** Value of the previous reading, which an interval begins with. */
export const PREVIOUS = 0;
/** Gauges: trapezoids and extremes. Counters: rise, resets, broken time in the same places. */
export const INTEGRAL = 1;
export const DELTA = 1;
export const MIN = 2;
export const RESETS = 2;
export const MAX = 3;
export const BROKEN_MS = 3;

/** Of a field that is not in step: time of the previous reading (NaN: none yet), and of the open window. */
export const PREVIOUS_MS = 0;
/** A reading from there on belongs to a later window. */
export const END_MS = 1;
export const READINGS = 2;
export const MAX_INTERVAL_MS = 3;

/** Of the open window: its start and its first point, and whether that is a cut. Touched once a window. */
export const START_MS = 0;
export const FIRST_MS = 1;
export const FIRST = 2;
export const FIRST_IS_CUT = 3;

/** Of the fields of a scope that are in step, which are read together: what they have in common. */
export const CLOCK_STRIDE = 5;
export const CLOCK_MS = 0;
export const CLOCK_END_MS = 1;
export const CLOCK_READINGS = 2;
export const CLOCK_INTERVAL_MS = 3;
export const CLOCK_FIELDS = 4;

export const SCOPE_STRIDE = STRIDE * FIELDS.length;
export const ALL_FIELDS: readonly number[] = FIELDS.map((_, i) => i);
/** Counters are read in steps of their own: what they may jump by over no time at all, as time at full power. */
export const COUNTER_SLACK_MS = 1_000;

/** The fields of rows, gauges first, as the loops over them need them. */
export interface RowFields {
  readonly fields: readonly number[];
  /** Where the numbers of each begin in those of a scope. */
  readonly places: Int32Array;
  /** How many are gauges; counters come after them. */
  readonly gauges: number;
  /** Which one is power, and which the energy counter; -1: none. */
  readonly powerAt: number;
  readonly energyAt: number;
}

export const rowFieldsOf = (fields: readonly number[]): RowFields => ({
  fields,
  places: Int32Array.from(fields, (field) => field * STRIDE),
  gauges: fields.filter((field) => field < FIRST_COUNTER).length,
  powerAt: fields.indexOf(POWER),
  energyAt: fields.indexOf(ENERGY),
});
