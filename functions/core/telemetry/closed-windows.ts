import { FIELDS, FIRST_COUNTER, type Field } from './sample.ts';
import type { CounterTrack, Ledger, LedgerEntry, Segment, Track } from './segment.ts';

/**
 * Windows that one sample closed, as numbers side by side: a day of a thousand chips closes ten million tracks, and an
 * object for each costs more than all the sums. Part of the hot path of ingest; valid until the next sample.
 */
export const CLOSED_STRIDE = 17;
export const FIELD = 0;
export const WINDOW_MS_AT = 1;
export const FIRST_MS_AT = 2;
export const FIRST_AT = 3;
export const FIRST_IS_CUT_AT = 4;
export const LAST_MS_AT = 5;
export const LAST_AT = 6;
export const LAST_IS_CUT_AT = 7;
export const READINGS_AT = 8;
export const INTERVAL_MS_AT = 9;
/** Gauges: integral, minimum, maximum. Counters: rise, resets, broken time. */
export const SUM_AT = 10;
export const LOW_AT = 11;
export const HIGH_AT = 12;
/** Power whose intervals are all of one length: the only entry of its ledger. */
export const BUCKET_AT = 13;
export const ENTRY_COUNT_AT = 14;
export const ENTRY_MS_AT = 15;
export const ENTRY_SUM_AT = 16;
const ENTRY_LENGTH = 4;

/** A sample closes at most two windows a field: the open one, and a stretch without readings. */
const MOST = FIELDS.length * 2;
export const NO_LEDGER: Ledger = new Map();

export class ClosedWindows {
  count = 0;
  readonly numbers = new Float64Array(MOST * CLOSED_STRIDE);
  /** Null: the entry among the numbers is all of it. */
  private readonly ledgers: (Ledger | null)[] = new Array(MOST).fill(NO_LEDGER);

  at(index: number, place: number): number {
    return this.numbers[index * CLOSED_STRIDE + place] as number;
  }

  set(place: number, value: number): void {
    this.numbers[this.count * CLOSED_STRIDE + place] = value;
  }

  /** Sets the only entry of a ledger: bucket, count, ms and integral, as they lie in `entry`. */
  setEntry(entry: Float64Array, from: number): void {
    const to = this.count * CLOSED_STRIDE + BUCKET_AT;
    for (let i = 0; i < ENTRY_LENGTH; i += 1) this.numbers[to + i] = entry[from + i] as number;
  }

  /** Completes the record that was set. `ledger`: of power; null where its only entry was set. */
  push(ledger: Ledger | null): void {
    this.ledgers[this.count] = ledger;
    this.count += 1;
  }

  /** Whether the entry among the numbers is the whole ledger. */
  hasOneEntry(index: number): boolean {
    return this.ledgers[index] === null;
  }

  ledger(index: number): Ledger {
    const entry: LedgerEntry = {
      count: this.at(index, ENTRY_COUNT_AT),
      timeMs: this.at(index, ENTRY_MS_AT),
      integral: this.at(index, ENTRY_SUM_AT),
    };
    return this.ledgers[index] ?? new Map([[this.at(index, BUCKET_AT), entry]]);
  }

  /** The same windows as segments, by time. */
  segments(): { windowMs: number; segment: Segment }[] {
    const found = new Map<
      number,
      { gauges: { [field: string]: Track }; counters: { [field: string]: CounterTrack } }
    >();
    for (let i = 0; i < this.count; i += 1) {
      const windowMs = this.at(i, WINDOW_MS_AT);
      const segment = found.get(windowMs) ?? { gauges: {}, counters: {} };
      found.set(windowMs, segment);
      const field = FIELDS[this.at(i, FIELD)] as Field;
      if (this.at(i, FIELD) < FIRST_COUNTER) segment.gauges[field] = this.gauge(i);
      else segment.counters[field] = this.counter(i);
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([windowMs, segment]) => ({ windowMs, segment }));
  }

  private ends(i: number): Pick<Track, 'first' | 'last' | 'readings'> {
    return {
      first: {
        timeMs: this.at(i, FIRST_MS_AT),
        value: this.at(i, FIRST_AT),
        isCut: this.at(i, FIRST_IS_CUT_AT) === 1,
      },
      last: {
        timeMs: this.at(i, LAST_MS_AT),
        value: this.at(i, LAST_AT),
        isCut: this.at(i, LAST_IS_CUT_AT) === 1,
      },
      readings: this.at(i, READINGS_AT),
    };
  }

  private gauge(i: number): Track {
    return {
      ...this.ends(i),
      integral: this.at(i, SUM_AT),
      min: this.at(i, LOW_AT),
      max: this.at(i, HIGH_AT),
      maxIntervalMs: this.at(i, INTERVAL_MS_AT),
      ledger: this.ledger(i),
    };
  }

  private counter(i: number): CounterTrack {
    return {
      ...this.ends(i),
      delta: this.at(i, SUM_AT),
      resets: this.at(i, LOW_AT),
      brokenMs: this.at(i, HIGH_AT),
    };
  }
}
