import type { TimeForm } from './mapping.ts';
import { dayStartMs, isPlausibleMs, isTimeMs, type TimeReader } from './time.ts';

/** Time stamps straight from bytes: the forms that dense telemetry uses. Part of the hot path of tables. */
const BLANK = 32;
const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;
const DAY_BYTES = 10;
const MINUTE_BYTES = 17;
/** Digits of a fraction that are read exactly: more are not plain. */
const FRACTION_DIGITS = 9;
/** Digits of an integer that a double holds exactly. */
const EXACT_DIGITS = 15;
const NANO_DIGITS_PER_MS = 6;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

const digitAt = (bytes: Uint8Array, i: number): number => (bytes[i] as number) - ZERO;

/** More than any part of a time: two bytes that are no digits. */
const NO_PAIR = 100;

/** Two digits as a number; NO_PAIR where there are none. */
function pairAt(bytes: Uint8Array, i: number): number {
  const tens = digitAt(bytes, i);
  const ones = digitAt(bytes, i + 1);
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_PAIR;
}

/** Reads a time at a place in bytes; `end` is then the place behind it. NaN: not plain, to be read as text. */
export abstract class StampScanner {
  end = 0;
  abstract read(bytes: Uint8Array, start: number): number;

  /** The scanner for a form; null where there is none. */
  static for(form: TimeForm, times: TimeReader): StampScanner | null {
    if (form === 'iso') return new CalendarScanner(times);
    if (form === 'unix-s' || form === 'unix-ms' || form === 'unix-us') return new EpochScanner(form);
    return form === 'unix-ns' ? new NanoScanner() : null;
  }
}

const EDGE_MS = 2 * 86_400_000;

/** `2026-01-31T12:00:00.500Z` and its like; the minute is kept from row to row. */
class CalendarScanner extends StampScanner {
  /** As it stands, up to the colon before the seconds. */
  private readonly minute = new Uint8Array(MINUTE_BYTES);
  private minuteMs = Number.NaN;
  private readonly times: TimeReader;

  constructor(times: TimeReader) {
    super();
    this.times = times;
  }

  override read(bytes: Uint8Array, start: number): number {
    const { minute } = this;
    for (let k = MINUTE_BYTES - 1; k >= 0; k -= 1)
      if (bytes[start + k] !== minute[k]) {
        if (!this.takeMinute(bytes, start)) return Number.NaN;
        break;
      }
    let i = start + MINUTE_BYTES;
    const second = pairAt(bytes, i);
    if (second > 59) return Number.NaN;
    i += 2;
    let fractionMs = 0;
    if (bytes[i] === DOT) {
      const from = i + 1;
      let digits = 0;
      for (i = from; ; i += 1) {
        const digit = digitAt(bytes, i);
        if (!(digit >= 0 && digit <= 9)) break;
        digits = digits * 10 + digit;
      }
      if (i === from || i - from > FRACTION_DIGITS) return Number.NaN;
      fractionMs = fractionOf(digits, i - from);
    }
    return this.zoned(bytes, i, this.minuteMs + second * 1000, fractionMs);
  }

  /** Keeps a minute; false where its bytes are none. */
  private takeMinute(bytes: Uint8Array, start: number): boolean {
    const at = start + DAY_BYTES;
    const mark = bytes[start + 4];
    const text = String.fromCharCode(...bytes.subarray(start, at));
    const found = mark === MINUS || mark === SLASH ? dayStartMs(text) : null;
    // Within a day or two of where times end, what they are is said by the text's reader.
    const dayMs = found !== null && isTimeMs(found - EDGE_MS) && isTimeMs(found + EDGE_MS) ? found : null;
    const hour = pairAt(bytes, at + 1);
    const minute = pairAt(bytes, at + 4);
    const isForm =
      (bytes[at] === LETTER_T || bytes[at] === BLANK) && bytes[at + 3] === COLON && bytes[at + 6] === COLON;
    if (dayMs === null || !isForm || hour > 23 || minute > 59) return false;
    this.minute.set(bytes.subarray(start, start + MINUTE_BYTES));
    this.minuteMs = dayMs + (hour * 60 + minute) * 60_000;
    return true;
  }

  private zoned(bytes: Uint8Array, at: number, localMs: number, fractionMs: number): number {
    const code = bytes[at] as number;
    if (code === LETTER_Z) {
      this.end = at + 1;
      return localMs + fractionMs;
    }
    if (code === PLUS || code === MINUS) {
      const isColon = bytes[at + 3] === COLON;
      const hours = pairAt(bytes, at + 1);
      const minutes = pairAt(bytes, at + (isColon ? 4 : 3));
      if (hours > 23 || minutes > 59) return Number.NaN;
      this.end = at + (isColon ? 6 : 5);
      return localMs - (code === MINUS ? -1 : 1) * (hours * 60 + minutes) * 60_000 + fractionMs;
    }
    // Whoever called sees whether the cell ends here.
    const offsetMs = this.times.localOffsetMs(localMs);
    this.end = at;
    return typeof offsetMs === 'number' ? localMs - offsetMs + fractionMs : Number.NaN;
  }
}

/** A fraction of a second in ms: the first three digits whole, as `TimeReader` reads it. */
function fractionOf(digits: number, count: number): number {
  if (count <= 3) return digits * (POWERS_OF_TEN[3 - count] as number);
  const unit = POWERS_OF_TEN[count - 3] as number;
  const whole = Math.floor(digits / unit);
  return whole + (digits - whole * unit) / unit;
}

class EpochScanner extends StampScanner {
  private readonly form: 'unix-s' | 'unix-ms' | 'unix-us';

  constructor(form: 'unix-s' | 'unix-ms' | 'unix-us') {
    super();
    this.form = form;
  }

  override read(bytes: Uint8Array, start: number): number {
    let whole = 0;
    let i = start;
    for (; ; i += 1) {
      const digit = digitAt(bytes, i);
      if (!(digit >= 0 && digit <= 9)) break;
      whole = whole * 10 + digit;
    }
    const digits = i - start;
    let fraction = 0;
    let count = 0;
    if (bytes[i] === DOT) {
      const from = i + 1;
      for (i = from; ; i += 1) {
        const digit = digitAt(bytes, i);
        if (!(digit >= 0 && digit <= 9)) break;
        fraction = fraction * 10 + digit;
      }
      count = i - from;
      if (count === 0) return Number.NaN;
    }
    const isExact = digits + (this.form === 'unix-s' ? 0 : count) <= EXACT_DIGITS && count <= FRACTION_DIGITS;
    if (digits === 0 || !isExact) return Number.NaN;
    this.end = i;
    const ms = this.msOf(whole, fraction, count);
    return isPlausibleMs(ms) ? ms : Number.NaN;
  }

  private msOf(whole: number, fraction: number, count: number): number {
    if (this.form === 'unix-s') return whole * 1000 + (count === 0 ? 0 : fractionOf(fraction, count));
    const unit = POWERS_OF_TEN[count] as number;
    const number = (whole * unit + fraction) / unit;
    return this.form === 'unix-ms' ? number : number / 1000;
  }
}

/** Nanoseconds: more digits than a double holds, read in two parts. */
class NanoScanner extends StampScanner {
  override read(bytes: Uint8Array, start: number): number {
    let end = start;
    while (digitAt(bytes, end) >= 0 && digitAt(bytes, end) <= 9) end += 1;
    if (end - start < 16 || end - start > 19) return Number.NaN;
    let ms = 0;
    let rest = 0;
    const split = end - NANO_DIGITS_PER_MS;
    for (let i = start; i < split; i += 1) ms = ms * 10 + digitAt(bytes, i);
    for (let i = split; i < end; i += 1) rest = rest * 10 + digitAt(bytes, i);
    this.end = end;
    const timeMs = ms + rest / 1e6;
    return isPlausibleMs(timeMs) ? timeMs : Number.NaN;
  }
}
