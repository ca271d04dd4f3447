import type { Ledger, LedgerEntry } from './segment.ts';

/** Buckets per doubling of an interval's length: a bucket is 4.4 % wide. */
const BUCKETS_PER_OCTAVE = 16;
/**
 * Moves the buckets so that none of the periods that collectors use (15, 50, 100, 250, 500 ms, 1, 2, 3, 5, 10, 15,
 * 30, 60 s) lies within 0.6 % of an edge: the jitter of a clock then stays in one bucket.
 */
const BUCKET_SHIFT = 0.35;
const SHORTEST_MS = 1;
const LONGEST_MS = 86_400_000;

/** A gap is an interval longer than this many median periods, ... */
export const GAP_PERIODS = 5;
/** ... and at least this long: power meters jitter, and MLPerf asks for one reading a second. */
export const GAP_FLOOR_MS = 3_000;

/** Bucket of an interval of `lengthMs` > 0, from 1 ms (0) to one day and longer (the last). */
export function bucketOf(lengthMs: number): number {
  const length = Math.min(Math.max(lengthMs, SHORTEST_MS), LONGEST_MS);
  return Math.round(Math.log2(length) * BUCKETS_PER_OCTAVE + BUCKET_SHIFT);
}

const lengthAt = (bucket: number): number => 2 ** ((bucket - BUCKET_SHIFT) / BUCKETS_PER_OCTAVE);

/**
 * Interval lengths that are certainly in a bucket, from the first up to (not with) the second. A hair narrower than
 * the bucket, so that rounding at its edges is `bucketOf`'s alone.
 */
export function bucketBounds(bucket: number): readonly [number, number] {
  return [lengthAt(bucket - 0.4999), lengthAt(bucket + 0.4999)];
}

/** The length that stands for a bucket: the middle of it, on the log scale. */
export function bucketLengthMs(bucket: number): number {
  return lengthAt(bucket);
}

export function book(ledger: Map<number, LedgerEntry>, bucket: number, entry: LedgerEntry): void {
  const before = ledger.get(bucket);
  ledger.set(bucket, {
    count: (before?.count ?? 0) + entry.count,
    timeMs: (before?.timeMs ?? 0) + entry.timeMs,
    integral: (before?.integral ?? 0) + entry.integral,
  });
}

/** Median interval between readings in ms, to the width of a bucket; null where no interval was seen. */
export function medianPeriodMs(ledgers: readonly Ledger[]): number | null {
  const counts = new Map<number, number>();
  let total = 0;
  for (const ledger of ledgers) {
    for (const [bucket, entry] of ledger) {
      counts.set(bucket, (counts.get(bucket) ?? 0) + entry.count);
      total += entry.count;
    }
  }
  let seen = 0;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    seen += count;
    if (count > 0 && seen * 2 >= total) return bucketLengthMs(bucket);
  }
  return null;
}

/** Intervals longer than this are gaps: 5 times the median period, at least 3 s. */
export function gapLimitMs(periodMs: number | null): number {
  return Math.max(GAP_FLOOR_MS, GAP_PERIODS * (periodMs ?? 0));
}

export interface LedgerSplit {
  readonly measuredMs: number;
  readonly measured: number;
  readonly bridgedMs: number;
  readonly bridged: number;
}

/** Splits a ledger at the gap limit: what was measured, and what only bridges a gap. */
export function splitAtGap(ledger: Ledger, limitMs: number): LedgerSplit {
  let measuredMs = 0;
  let measured = 0;
  let bridgedMs = 0;
  let bridged = 0;
  for (const bucket of [...ledger.keys()].sort((a, b) => a - b)) {
    const entry = ledger.get(bucket) as LedgerEntry;
    if (bucketLengthMs(bucket) <= limitMs) {
      measuredMs += entry.timeMs;
      measured += entry.integral;
    } else {
      bridgedMs += entry.timeMs;
      bridged += entry.integral;
    }
  }
  return { measuredMs, measured, bridgedMs, bridged };
}
