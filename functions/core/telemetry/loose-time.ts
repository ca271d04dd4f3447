/** Calendar times as loggers and spreadsheets write them too: `5/1/2026 1:07 PM`, `1.5.2026 13:07:00,5`. */
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[Tt]|,?\s+)(\d.*)$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[Tt]|,?\s+)(\d.*)$/;
/** `20260131T120000Z`. */
const BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(\d\d)(.*)$/;
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)((?:[.,]\d+)?))?\s*([AaPp][Mm])?(.*)$/;
/** `Jan 31, 2026 1:07 PM`, `31-Jan-2026 13:07`, RFC 5322. */
const MONTH_FIRST_NAMED = /^([A-Z][a-z]{2,8})\.? (\d{1,2}),? (\d{4}),?(?: at)?\s+(\d.*)$/;
const DAY_FIRST_NAMED = /^(?:[A-Z][a-z]{2,8}, )?(\d{1,2})[- /]([A-Z][a-z]{2,8})[- /](\d{4}),?\s+(\d.*)$/;
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const MONTH_LETTERS = 3;
const NOON = 12;

export type LooseForm = 'iso' | 'month-first' | 'day-first' | 'ctime';

/** A calendar time in two parts, as ISO 8601 has them: 2026-01-31, and 12:00:00.5 with what follows it. */
export interface LooseTime {
  readonly day: string;
  readonly clock: string;
}

const pad = (text: string): string => text.padStart(2, '0');

/**
 * A calendar time with single digits, dots, names of months in English, AM and PM, or without seconds. Years have
 * four digits: of 24/05/13 nobody can tell what is the year. Null for anything else.
 */
export function looseTime(text: string, form: LooseForm): LooseTime | null {
  const basic = form === 'iso' ? BASIC.exec(text) : null;
  if (basic) {
    const [, year, month, day, hour, minute, second, tail] = basic;
    return { day: `${year}-${month}-${day}`, clock: `${hour}:${minute}:${second}${tail}` };
  }
  const [year = '', month = '', day = '', rest = ''] = partsOf(text, form) ?? [];
  const clock = clockOf(rest);
  return clock === null ? null : { day: `${year}-${pad(month)}-${pad(day)}`, clock };
}

/** Year, month, day and the rest of a text. */
function partsOf(text: string, form: LooseForm): readonly string[] | null {
  if (form === 'ctime') return namedParts(text);
  const [, first = '', , second = '', third = '', rest = ''] =
    (form === 'iso' ? YEAR_FIRST : YEAR_LAST).exec(text) ?? [];
  if (rest === '') return null;
  if (form === 'iso') return [first, second, third, rest];
  return form === 'day-first' ? [third, second, first, rest] : [third, first, second, rest];
}

function namedParts(text: string): readonly string[] | null {
  const byMonth = MONTH_FIRST_NAMED.exec(text);
  const [, first = '', second = '', year = '', rest = ''] = byMonth ?? DAY_FIRST_NAMED.exec(text) ?? [];
  const [name, day] = byMonth ? [first, second] : [second, first];
  const month = MONTHS.findIndex((full) => name === full || name === full.slice(0, MONTH_LETTERS)) + 1;
  return month === 0 ? null : [year, String(month), day, rest];
}

function clockOf(text: string): string | null {
  const [, hour = '', minute, second = '00', fraction = '', half, rest = ''] = CLOCK.exec(text) ?? [];
  if (hour === '' || (half && (Number(hour) < 1 || Number(hour) > NOON))) return null;
  const full = half ? (Number(hour) % NOON) + (/^p/i.test(half) ? NOON : 0) : Number(hour);
  return `${pad(String(full))}:${minute}:${second}${fraction}${rest}`;
}
