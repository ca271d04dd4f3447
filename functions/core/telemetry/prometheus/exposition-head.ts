import { isBetweenPages } from './page-stamp.ts';

const META = /^# (?:HELP|TYPE|UNIT) [A-Za-z_:]/;
const SAMPLE = /^[A-Za-z_:][\w:]*(?:\{[A-Za-z_].*\})? +[-+]?[\w.+-]+(?: +(-?[\d.]+))?(?: +# \{.*)?$/;
const LABELLED = /^[A-Za-z_:][\w:]*\{\w+="/;
const DUMPED = /^\{(?:[A-Za-z_]\w*="(?:[^"\\]|\\.)*", ?)*__name__="/;
/** Seconds since 1970 have ten digits until the year 2286, milliseconds thirteen. */
const SECONDS = /^\d{10}(?:\.\d+)?$/;
const LINES = 40;

export type Exposition = 'prometheus' | 'openmetrics' | 'promtool-dump';

/** Which kind of exposition text a file begins like; null where it is none. */
export function expositionIn(head: string): Exposition | null {
  const lines = head
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const whole = head.endsWith('\n') || lines.length === 1 ? lines : lines.slice(0, -1);
  const first = whole.slice(0, LINES);
  if (first.length === 0) return null;
  if (DUMPED.test(first[0] as string)) return 'promtool-dump';
  // Asked first, as it costs least: every file is looked at.
  if (!first.some((line) => META.test(line) || LABELLED.test(line))) return null;
  const rows = first.filter((line) => !line.startsWith('#') && !isBetweenPages(line));
  if (!rows.every((line) => SAMPLE.test(line))) return null;
  return isOpenMetrics(lines, rows) ? 'openmetrics' : 'prometheus';
}

function isOpenMetrics(lines: readonly string[], rows: readonly string[]): boolean {
  if (lines.some((line) => line === '# EOF' || line.startsWith('# UNIT '))) return true;
  return rows.some((line) => SECONDS.test(SAMPLE.exec(line)?.[1] ?? ''));
}
