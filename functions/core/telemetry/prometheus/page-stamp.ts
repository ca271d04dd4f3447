import { type TimeGuess, timeGuess } from '../time-guess.ts';

/** Longer lines are samples or prose. */
const LONGEST = 100;
/** What any stamp has: a time of day, or seconds or milliseconds since 1970. */
const HINT = /\d:\d\d|(?:^|[^\d.])\d{10}(?:\d{3})?(?:[^\d]|$)/;
const COMMENT = /^#+\s*/;
const DECORATION = /^[\s=*<>[\](){}|#~_-]+|[\s=*<>[\](){}|#~_-]+$/g;
/** `timestamp: `, `Scraped at `, and the header `Date: ` of an answer as `curl -i` keeps it. */
const LABEL =
  /^(?:(?:scraped?|collect(?:ed|ion)|sampled?|fetched|polled)[ _-]?)?(?:date ?time|timestamp|time|date|epoch|ts|at)\s*([:=]?)\s*/i;
const SEPARATOR = /^[=*~_-]{3,}$/;
/** What `curl -i` puts in front of a page. */
const HEADER = /^(?:HTTP\/[\d.]+ \d{3}\b|[A-Z][A-Za-z]*(?:-[A-Za-z]+)*: )/;

/** A time that a collector wrote between two pages. */
export interface PageStamp {
  readonly text: string;
  readonly form: TimeGuess['form'];
}

/**
 * The time that a line between pages says, alone or behind a word for it: `# 2026-01-31T12:00:00Z`,
 * `=== Sat Jan 31 12:00:00 UTC 2026 ===`, `Date: Sat, 31 Jan 2026 12:00:00 GMT`, `# timestamp: 1769860800`. Null
 * where it says none, or day and month could be either way round.
 */
export function pageStamp(line: string): PageStamp | null {
  if (line.length > LONGEST || !HINT.test(line)) return null;
  const isComment = line.startsWith('#');
  const plain = line.replace(COMMENT, '').replace(DECORATION, '');
  const label = LABEL.exec(plain);
  // `time 1769860800` is a metric.
  if (label && !isComment && label[1] === '' && !plain.includes(':')) return null;
  const text = label ? plain.slice(label[0].length) : plain;
  const guess = timeGuess([text]);
  if (!guess || guess.isDayMonthOpen || guess.form === 'clock') return null;
  return { text, form: guess.form };
}

/** Whether a line is what collectors put between pages: a time, a rule of dashes, the head of an HTTP answer. */
export const isBetweenPages = (line: string): boolean =>
  SEPARATOR.test(line) || HEADER.test(line) || pageStamp(line) !== null;
