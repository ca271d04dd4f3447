import { InputError } from '../errors.ts';
import { type ElapsedForm, elapsedMs, isElapsed } from './elapsed-time.ts';
import type { ReadContext } from './formats/format.ts';
import { type LooseForm, type LooseTime, looseTime } from './loose-time.ts';
import type { TimeForm } from './mapping.ts';
import { fractionMs, INTEGER, PLAIN_NUMBER, secondsMs } from './seconds.ts';
import { fixedOffsetMs, isZone, LocalOffsets, offsetAtMs, type TimeError } from './time-zone.ts';

const DAY_MS = 86_400_000;
const YEAR_FIRST = /^(\d{4})[-/](\d\d)[-/](\d\d)$/;
const YEAR_LAST = /^(\d\d)[-/](\d\d)[-/](\d{4})$/;
const CLOCK = /^(\d\d):([0-5]\d):([0-5]\d)$/;
const TAIL = /^(?:[.,:](\d+))?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const DATE_LENGTH = 10;
const CLOCK_LENGTH = 8;
const LAST_HOUR = 23;
const CTIME =
  /^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (?:([A-Z]{3}|[+-]\d{4}) )?(\d{4})$/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const HOURS_LENGTH = 3;
/** Ms since the epoch of the year 2262, where nanoseconds outgrow 64 bits: a later time is of another unit. */
const LATEST_MS = 9_223_372_036_854;
/** Ms since the epoch of the year 2001: an earlier time is of another unit, or of a clock that was never set. */
export const EARLIEST_MS = 978_307_200_000;
/** Whether a number can be a time since the epoch at all. */
export const isTimeMs = (ms: number): boolean => ms >= 0 && ms <= LATEST_MS;
/** The furthest time that a Date holds. */
const LATEST_DATE_MS = 8.64e15;
const NANO_DIGITS_PER_MS = 6;

/** The order of a date's parts that each form of calendar time has. */
const DATE_ORDER = {
  iso: [1, 2, 3],
  'month-first': [3, 1, 2],
  'day-first': [3, 2, 1],
} as const;

const pad = (text: string): string => text.padStart(2, '0');

/** Start of a day in ms, read as UTC; null where the calendar has no such day. */
function dayMs(text: string, form: keyof typeof DATE_ORDER): number | null {
  const match = (form === 'iso' ? YEAR_FIRST : YEAR_LAST).exec(text);
  if (!match) return null;
  const [year, month, day] = DATE_ORDER[form].map((i) => match[i] as string) as [string, string, string];
  const ms = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).getUTCDate() === Number(day) ? ms : null;
}

/** Start of a day written year first, read as UTC; null where it is none. */
export const dayStartMs = (text: string): number | null => dayMs(text, 'iso');

/** Ms of a time since the epoch; a double would lose the last digits of nanoseconds, so they go in two parts. */
function epochMs(text: string, form: 'unix-s' | 'unix-ms' | 'unix-us' | 'unix-ns'): number | TimeError {
  if (!PLAIN_NUMBER.test(text)) return 'time-stamp';
  const ms =
    form === 'unix-s'
      ? secondsMs(text)
      : form === 'unix-ms'
        ? Number(text)
        : form === 'unix-us'
          ? Number(text) / 1e3
          : INTEGER.test(text)
            ? Number(text.slice(0, -NANO_DIGITS_PER_MS)) + Number(text.slice(-NANO_DIGITS_PER_MS)) / 1e6
            : Number(text) / 1e6;
  return isPlausibleMs(ms) ? ms : 'time-stamp';
}

/** Whether a time since the epoch can be that of a reading; another is of another unit, or of a clock never set. */
export const isPlausibleMs = (ms: number): boolean => ms >= EARLIEST_MS && ms <= LATEST_MS;

/** A time for a message, whatever it is. */
export const isoTime = (ms: number): string =>
  Math.abs(ms) <= LATEST_DATE_MS ? new Date(ms).toISOString() : `${ms} ms since 1970`;

/** Reads the time stamps of one file, local ones in `zone`. Keeps the day, as they seldom change it. */
export class TimeReader {
  private readonly offsets: LocalOffsets | null;
  private readonly form: TimeForm;
  private day = '';
  private dayMs: number | null = null;
  private clockDayMs: number | null;
  private previousClockMs = Number.NEGATIVE_INFINITY;

  /**
   * `zone` must be one by `isZone`. Times of day alone (form `clock`) need the start of their first day, local; they
   * go on to the next day where they fall by more than half a day. Times since a start need that start.
   */
  constructor(zone: string | undefined, form: TimeForm = 'iso', firstDayMs: number | null = null) {
    this.offsets = zone === undefined ? null : new LocalOffsets(zone);
    this.form = form;
    this.clockDayMs = firstDayMs;
  }

  /** Ms since the epoch, with fractions. A time that the zone repeats is refused: which of the two is not said. */
  read(text: string): number | TimeError {
    const time = this.timeIn(text);
    return typeof time === 'number' && !isTimeMs(time) ? 'time-stamp' : time;
  }

  private timeIn(text: string): number | TimeError {
    const { form } = this;
    if (form === 'iso' || form === 'month-first' || form === 'day-first') return this.calendar(text, form);
    if (form === 'ctime') return this.ctime(text);
    if (form === 'clock') return this.clock(text);
    if (isElapsed(form)) return this.elapsed(text, form);
    return epochMs(text, form);
  }

  private calendar(text: string, form: keyof typeof DATE_ORDER): number | TimeError {
    const day = text.slice(0, DATE_LENGTH);
    if (day !== this.day) {
      this.day = day;
      this.dayMs = dayMs(day, form);
    }
    const separator = text[DATE_LENGTH] ?? '';
    if (this.dayMs !== null && 'Tt '.includes(separator) && separator !== '') {
      const time = this.within(this.dayMs, text.slice(DATE_LENGTH + 1));
      if (time !== 'time-stamp') return time;
    }
    return this.loose(text, form);
  }

  /** A calendar time as spreadsheets and people write it. */
  private loose(text: string, form: LooseForm): number | TimeError {
    const found = looseTime(text, form);
    const startMs = found && dayMs(found.day, 'iso');
    return startMs === null ? 'time-stamp' : this.within(startMs, (found as LooseTime).clock);
  }

  /** A time of day and what follows it, on the day that begins at `startMs`. */
  private within(startMs: number, text: string): number | TimeError {
    const clock = CLOCK.exec(text.slice(0, CLOCK_LENGTH));
    const tail = TAIL.exec(text.slice(CLOCK_LENGTH));
    if (!clock || !tail || Number(clock[1]) > LAST_HOUR) return 'time-stamp';
    const [, hour, minute, second] = clock;
    const localMs = startMs + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
    const offsetMs = this.offsetMs(tail[2], localMs);
    if (typeof offsetMs !== 'number') return offsetMs;
    return localMs - offsetMs + (tail[1] === undefined ? 0 : fractionMs(tail[1]));
  }

  private ctime(text: string): number | TimeError {
    const match = CTIME.exec(text);
    const month = match ? MONTHS.indexOf(match[1] as string) / 3 + 1 : 0;
    if (!match) return this.loose(text, 'ctime');
    if (!Number.isInteger(month) || month < 1) return 'time-stamp';
    const [, , day = '', clock = '', zone = '', year = ''] = match;
    const startMs = dayMs(`${year}-${pad(String(month))}-${pad(day)}`, 'iso');
    return startMs === null ? 'time-stamp' : this.within(startMs, `${clock}${zone}`);
  }

  private elapsed(text: string, form: ElapsedForm): number | TimeError {
    const sinceMs = elapsedMs(text, form);
    if (sinceMs === null) return 'time-stamp';
    return this.clockDayMs === null ? 'time-day-missing' : this.clockDayMs + sinceMs;
  }

  private clock(text: string): number | TimeError {
    if (this.clockDayMs === null) return 'time-day-missing';
    const sinceMidnight = new TimeReader('+00:00').within(0, text);
    if (typeof sinceMidnight !== 'number') return sinceMidnight;
    if (sinceMidnight < this.previousClockMs - DAY_MS / 2) this.clockDayMs += DAY_MS;
    this.previousClockMs = sinceMidnight;
    return this.within(this.clockDayMs, text);
  }

  /** What to take from a local time to get its instant. */
  localOffsetMs(localMs: number): number | TimeError {
    return this.offsets?.at(localMs) ?? 'time-zone-missing';
  }

  private offsetMs(stated: string | undefined, localMs: number): number | TimeError {
    if (stated === undefined) return this.localOffsetMs(localMs);
    if (/^(?:Z|UTC|GMT)$/i.test(stated)) return 0;
    // PostgreSQL and ISO 8601 leave the minutes of an offset out.
    return fixedOffsetMs(stated.length === HOURS_LENGTH ? `${stated}:00` : stated) ?? 'time-stamp';
  }
}

const FORM_EXAMPLES: Readonly<Record<TimeForm, string>> = {
  iso: 'RFC 3339, for instance 2026-01-31T12:00:00.5Z',
  'unix-s': 'seconds since 1970',
  'unix-ms': 'milliseconds since 1970',
  'unix-us': 'microseconds since 1970',
  'unix-ns': 'nanoseconds since 1970',
  'month-first': 'month, day and year, for instance 01-31-2026 12:00:00.5',
  'day-first': 'day, month and year, for instance 31-01-2026 12:00:00.5',
  ctime: 'a time such as Sat Jan 31 12:00:00 2026',
  clock: 'a time of day, for instance 12:00:00.5',
  'elapsed-s': 'seconds since the start, for instance 90.5 or 00:01:30.5',
  'elapsed-ms': 'milliseconds since the start',
  'elapsed-us': 'microseconds since the start',
  'elapsed-ns': 'nanoseconds since the start',
};

/** What was expected instead of a time that could not be read. */
export function expectedTime(error: TimeError, form: TimeForm, zone: string | undefined): string {
  if (error === 'time-skipped') return `a time that exists in ${zone}`;
  if (error === 'time-ambiguous') return `a time that ${zone} has once; an offset in the time tells which`;
  return FORM_EXAMPLES[form];
}

/**
 * Refuses a file whose times need what its rule does not give: nothing is guessed. Returns otherwise.
 *
 * @throws InputError `time-zone-missing`, `time-day-missing`.
 */
export function refuseUntimed(error: TimeError, path: string, text: string): void {
  if (error === 'time-zone-missing')
    throw new InputError(
      error,
      `${path}: the time ${JSON.stringify(text)} has no zone; expected an offset in it, or a timeZone for the file in run.json`,
    );
  if (error === 'time-day-missing')
    throw new InputError(
      error,
      `${path}: the time ${JSON.stringify(text)} has no day; expected a startTime for the file in run.json`,
    );
}

/** A reader for the times of one file, by its rule. @throws InputError `time-zone`. */
export function timeReaderFor({ path, rule }: ReadContext, form: TimeForm = 'iso'): TimeReader {
  const { timeZone } = rule;
  if (timeZone !== undefined && !isZone(timeZone))
    throw new InputError(
      'time-zone',
      `${path}: time zone ${JSON.stringify(timeZone)}: expected an IANA zone or an offset such as +01:00`,
    );
  if (isElapsed(form)) return new TimeReader(timeZone, form, startTimeMs({ path, rule }));
  const startMs = form === 'clock' && rule.startTime !== undefined ? startTimeMs({ path, rule }) : null;
  return new TimeReader(timeZone, form, startMs === null ? null : localDayMs(startMs, timeZone));
}

/** Start, as if UTC, of the local day that an instant lies in. */
function localDayMs(instantMs: number, zone: string | undefined): number {
  const fixed = zone === undefined ? 0 : fixedOffsetMs(zone);
  const offsetMs = fixed ?? offsetAtMs(new LocalOffsets(zone as string).format, instantMs);
  return Math.floor((instantMs + offsetMs) / DAY_MS) * DAY_MS;
}

const COMPACT = /^(\d{4})-?(\d\d)-?(\d\d)[T_-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Time of the first record of a file that carries no times, from its rule: as run.json gives it, or as the
 * pattern's {time} took it from the path (2026-01-31T12:00:00Z, 20260131T120000Z, 1769860800, 1769860800000).
 *
 * @throws InputError `start-time-missing`, `start-time`, `time-zone-missing`.
 */
export function startTimeMs({ path, rule }: ReadContext): number {
  const text = rule.startTime;
  if (text === undefined)
    throw new InputError(
      'start-time-missing',
      `${path}: the file says no time of its readings; expected a startTime for it in run.json, or {time} in its pattern`,
    );
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const compact = COMPACT.exec(text);
  const iso = compact
    ? `${compact.slice(1, 4).join('-')}T${compact.slice(4, 7).join(':')}${compact[7] ?? ''}`
    : text;
  const ms = timeReaderFor({ path, rule }).read(iso);
  if (typeof ms === 'number') return ms;
  refuseUntimed(ms, path, text);
  throw new InputError(
    'start-time',
    `${path}: the start time ${JSON.stringify(text)}: expected ${FORM_EXAMPLES.iso}`,
  );
}
