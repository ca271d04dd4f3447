import { book } from '../core/telemetry/ledger.ts';
import type { Ledger, LedgerEntry } from '../core/telemetry/segment.ts';
import { type Texts, textAt } from './segment-page.ts';

const [OPEN, CLOSE, COMMA, ZERO, NINE] = [0x5b, 0x5d, 0x2c, 0x30, 0x39];
/** A whole number of so many digits is exact. */
const EXACT_DIGITS = 15;

/** Sum of ledgers, entry by entry in their order. The bucket of the last entry, which most share, is kept at hand. */
export class LedgerSum {
  private readonly ledger = new Map<number, LedgerEntry>();
  private bucket = -1;
  private count = 0;
  private timeMs = 0;
  private integral = 0;

  add(bucket: number, count: number, timeMs: number, integral: number): void {
    if (bucket !== this.bucket) this.turnTo(bucket);
    this.count += count;
    this.timeMs += timeMs;
    this.integral += integral;
  }

  /** Adds the ledger of a row: JSON of its entries [bucket, count, ms, integral], of which there mostly is one. */
  addRow(texts: Texts, row: number): void {
    const { bytes, starts, ends } = texts;
    const [start, end] = [starts[row] as number, ends[row] as number];
    if (end < 0) return;
    if (this.addOne(bytes, start, end)) return;
    for (const entry of JSON.parse(textAt(texts, row)) as [number, number, number, number][])
      this.add(...entry);
  }

  /** One entry `[[bucket,count,ms,integral]]` without making an object of it; false where it is anything else. */
  private addOne(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== OPEN || bytes[end - 3] === CLOSE || bytes[end - 2] !== CLOSE) return false;
    const first = wholeEnd(bytes, start + 2);
    const second = wholeEnd(bytes, first + 1);
    const third = wholeEnd(bytes, second + 1);
    if (bytes[first] !== COMMA || bytes[second] !== COMMA || bytes[third] !== COMMA) return false;
    const integral = Number(bytes.toString('latin1', third + 1, end - 2));
    if (Number.isNaN(integral)) return false;
    this.add(
      wholeIn(bytes, start + 2, first),
      wholeIn(bytes, first + 1, second),
      wholeIn(bytes, second + 1, third),
      integral,
    );
    return true;
  }

  private turnTo(bucket: number): void {
    this.putBack();
    const known = this.ledger.get(bucket);
    this.bucket = bucket;
    this.count = known?.count ?? 0;
    this.timeMs = known?.timeMs ?? 0;
    this.integral = known?.integral ?? 0;
    this.ledger.delete(bucket);
  }

  private putBack(): void {
    const { bucket, count, timeMs, integral } = this;
    if (bucket >= 0) book(this.ledger, bucket, { count, timeMs, integral });
    this.bucket = -1;
  }

  result(): Ledger {
    this.putBack();
    return this.ledger;
  }
}

/** Place behind a whole number; the place itself where there is none, or one with too many digits. */
function wholeEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at - start <= EXACT_DIGITS && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE)
    at += 1;
  return at - start > EXACT_DIGITS ? start : at;
}

function wholeIn(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = 10 * value + (bytes[at] as number) - ZERO;
  return value;
}
