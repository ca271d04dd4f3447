import { forEachLine } from '../lines.ts';
import { CANONICAL_COLUMNS, placeOfNamed, TIME_COLUMNS } from './canonical-columns.ts';
import { CanonicalRowReader } from './canonical-row.ts';
import type { Format } from './format.ts';

const TIME_NAME = new RegExp(`"(?:${TIME_COLUMNS.join('|')})"\\s*:`);
const NANOSECONDS = /([{,]\s*"time_unix_nano"\s*:\s*)(\d+)/;

/** The object of one line; null where it is none. An integer of more digits than a double holds stays text. */
function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(line.replace(NANOSECONDS, '$1"$2"')) as unknown;
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Puts the values of one line into their places in `row`; false where they are not plain values by name. */
function fillRow(row: string[], line: string, path: string): boolean {
  const object = objectIn(line);
  if (!object) return false;
  row.fill('');
  for (const [name, value] of Object.entries(object)) {
    if (value !== null && typeof value === 'object') return false;
    row[placeOfNamed(name, path)] = value === null ? '' : String(value).trim();
  }
  return true;
}

/** Wattline's own JSON lines: one object a line, with the columns of docs/formats.md as names. */
export const canonicalJsonl: Format = {
  id: 'wattline-jsonl',
  title: 'Wattline JSON lines',
  sniff: (head) => {
    const first = (head.split('\n').find((line) => line.trim() !== '') ?? '')
      .replace(/^\ufeff/, '')
      .trimStart();
    return first.startsWith('{') && TIME_NAME.test(first);
  },
  async read(chunks, context, sink) {
    const reader = new CanonicalRowReader(context, sink);
    const row: string[] = CANONICAL_COLUMNS.map(() => '');
    await forEachLine(chunks, context.path, (line, number) => {
      if (line.trim() === '') return;
      if (fillRow(row, line, context.path)) {
        reader.row(row, number, line);
        return;
      }
      sink.row();
      const expected = 'one JSON object of plain values';
      sink.reject({ line: number, column: null, reason: 'json', expected, raw: line });
    });
  },
};
