import type { TimeForm } from './mapping.ts';

/** A time in front of a line: the text that a `TimeReader` of its form reads. */
export interface Stamp {
  readonly text: string;
  readonly form: TimeForm;
}

const UNIX_S = /^\d{9,10}(?:\.\d+)?$/;
const UNIX_MS = /^\d{13}$/;
const UNIX_US = /^\d{16}$/;
const UNIX_NS = /^\d{19}$/;
const COMPACT_DAY = /^(\d{4})(\d\d)(\d\d)$/;
const CLOCK = /^\d\d:\d\d:\d\d(?:[.,]\d+)?$/;
const DAY_AND_CLOCK = /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d/;

/**
 * What the words in front of a line of readings say of its time: seconds since 1970 or parts of them, a time
 * of day, a day and a time (nvidia-smi writes 20260131), as the tool's own columns or as `ts` and `gawk` put them
 * there. A day alone says no time. Null where there is none.
 */
export function stampOf(words: readonly string[]): Stamp | null {
  const [first = '', second = ''] = words;
  if (words.length > 2 || first === '') return null;
  const day = COMPACT_DAY.exec(first);
  const text = [day ? day.slice(1).join('-') : first, ...words.slice(1)].join(' ');
  if (DAY_AND_CLOCK.test(text)) return { text, form: 'iso' };
  if (second !== '') return null;
  if (UNIX_S.test(first)) return { text, form: 'unix-s' };
  if (UNIX_MS.test(first)) return { text, form: 'unix-ms' };
  if (UNIX_US.test(first)) return { text, form: 'unix-us' };
  if (UNIX_NS.test(first)) return { text, form: 'unix-ns' };
  return CLOCK.test(first) ? { text, form: 'clock' } : null;
}
