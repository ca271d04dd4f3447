import { type ClosedWindows, NO_LEDGER } from './closed-windows.ts';
import { grown } from './grown.ts';
import { bucketBounds, bucketOf } from './ledger.ts';
import type { LedgerEntry } from './segment.ts';

/**
 * Ledgers of interval lengths, of the power of many scopes: part of the hot path of ingest. Of each scope the entry in
 * use is kept as numbers side by side, since nearly all of its intervals are of one length; the others are put away.
 */
const STRIDE = 6;
/** Interval lengths that are of the entry in use for certain, from the first up to (not with) the second. */
const SHORTEST_MS = 0;
const LONGEST_MS = 1;
const BUCKET = 2;
const COUNT = 3;
/** Above zero where anything was booked. */
const TIME_MS = 4;
const INTEGRAL = 5;

export class PowerLedgers {
  private inUse = new Float64Array(0);
  /** Null: nothing was put away. */
  private readonly away: (Map<number, LedgerEntry> | null)[] = [];

  addScope(): void {
    this.away.push(null);
    const length = this.away.length * STRIDE;
    if (this.inUse.length < length) this.inUse = grown(this.inUse, Math.max(8 * STRIDE, length * 2));
  }

  /** Books a piece of an interval of `lengthMs` under its length. */
  book(scope: number, lengthMs: number, pieceMs: number, integral: number, count: number): void {
    const at = scope * STRIDE;
    const { inUse } = this;
    // Below the shortest or not below the longest: another entry. NaN (none yet) is neither.
    if (!(lengthMs >= (inUse[at + SHORTEST_MS] as number) && lengthMs < (inUse[at + LONGEST_MS] as number)))
      this.use(scope, lengthMs);
    inUse[at + COUNT] = (inUse[at + COUNT] as number) + count;
    inUse[at + TIME_MS] = (inUse[at + TIME_MS] as number) + pieceMs;
    inUse[at + INTEGRAL] = (inUse[at + INTEGRAL] as number) + integral;
  }

  /** Puts the entry in use away, and takes up that for intervals of `lengthMs`. */
  private use(scope: number, lengthMs: number): void {
    const { inUse } = this;
    const at = scope * STRIDE;
    const others = this.putAway(scope);
    const bucket = bucketOf(lengthMs);
    const [shortest, longest] = bucketBounds(bucket);
    const entry = others?.get(bucket);
    inUse[at + SHORTEST_MS] = shortest;
    inUse[at + LONGEST_MS] = longest;
    inUse[at + BUCKET] = bucket;
    inUse[at + COUNT] = entry?.count ?? 0;
    inUse[at + TIME_MS] = entry?.timeMs ?? 0;
    inUse[at + INTEGRAL] = entry?.integral ?? 0;
  }

  /** All entries of a scope but those that nothing was booked under; null where there are none. */
  private putAway(scope: number): Map<number, LedgerEntry> | null {
    const { inUse, away } = this;
    const at = scope * STRIDE;
    if (!((inUse[at + TIME_MS] as number) > 0)) return away[scope] ?? null;
    const entries = away[scope] ?? new Map<number, LedgerEntry>();
    away[scope] = entries;
    entries.set(inUse[at + BUCKET] as number, {
      count: inUse[at + COUNT] as number,
      timeMs: inUse[at + TIME_MS] as number,
      integral: inUse[at + INTEGRAL] as number,
    });
    return entries;
  }

  /** Completes the record that was set with the ledger of what was booked since the last time. */
  pushInto(closed: ClosedWindows, scope: number): void {
    const { inUse, away } = this;
    const at = scope * STRIDE;
    const isSingle = away[scope] === null && (inUse[at + TIME_MS] as number) > 0;
    if (isSingle) closed.setEntry(inUse, at + BUCKET);
    closed.push(isSingle ? null : (this.putAway(scope) ?? NO_LEDGER));
    away[scope] = null;
    inUse[at + COUNT] = 0;
    inUse[at + TIME_MS] = 0;
    inUse[at + INTEGRAL] = 0;
  }
}
