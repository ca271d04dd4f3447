import type { Fault } from '../cell.ts';
import { isTimeMs, type TimeReader } from '../time.ts';
import { type Column, placeOf, TIME_COLUMNS } from './canonical-columns.ts';

const UNIX_MS = /^\d{11,14}(?:\.\d+)?$/;
const UNIX_NANO = /^\d{17,19}$/;
const NANO_DIGITS_PER_MS = 6;

const TIME = placeOf('time');
const TIME_UNIX_MS = placeOf('time_unix_ms');
const TIME_UNIX_NANO = placeOf('time_unix_nano');

/** The time of a row in ms since the epoch, from the one of its three columns that has it; else an error code. */
export function timeIn(cells: readonly string[], times: TimeReader): number | string {
  const text = cells[TIME] as string;
  const ms = cells[TIME_UNIX_MS] as string;
  const nano = cells[TIME_UNIX_NANO] as string;
  if (Number(text !== '') + Number(ms !== '') + Number(nano !== '') > 1) return 'time-twice';
  if (ms !== '') return UNIX_MS.test(ms) && isTimeMs(Number(ms)) ? Number(ms) : 'time-stamp';
  if (nano === '') return times.read(text);
  if (!UNIX_NANO.test(nano)) return 'time-stamp';
  // As one number the nanoseconds would lose their last digits: a double holds 53 bits.
  return Number(nano.slice(0, -NANO_DIGITS_PER_MS)) + Number(nano.slice(-NANO_DIGITS_PER_MS)) / 1e6;
}

/** What was expected instead of a time that cannot be read. */
export function timeFault(reason: string, cells: readonly string[], zone: string | undefined): Fault {
  const column: Column = TIME_COLUMNS.find((name) => cells[placeOf(name)] !== '') ?? 'time';
  const expected: Record<string, string> = {
    'time-twice': `one of ${TIME_COLUMNS.join(', ')}`,
    'time-skipped': `a time that exists in ${zone}`,
    'time-ambiguous': `a time that ${zone} has once; an offset in the time tells which`,
  };
  const forms: Partial<Record<Column, string>> = {
    time_unix_ms: 'milliseconds since 1970',
    time_unix_nano: 'nanoseconds since 1970',
  };
  const form = forms[column] ?? 'RFC 3339, for instance 2026-01-31T12:00:00.5Z';
  return { column, reason, expected: expected[reason] ?? form };
}
