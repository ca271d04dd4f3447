import { forEachLine } from '../lines.ts';
import { CanonicalRowReader, checkColumns } from './canonical-row.ts';
import type { Format } from './format.ts';

const TIME_NAME = /"(?:time|time_unix_ms|time_unix_nano)"\s*:/;

/** An integer of more digits than a double holds keeps them: nanoseconds are read as text. */
const quoteNanoseconds = (line: string): string => line.replace(/("time_unix_nano"\s*:\s*)(\d+)/, '$1"$2"');

/** The cells of one line; null where it is no JSON object of plain values. */
function cellsOf(line: string): Map<string, string> | null {
  try {
    const object = JSON.parse(quoteNanoseconds(line)) as unknown;
    if (object === null || typeof object !== 'object' || Array.isArray(object)) return null;
    const cells = new Map<string, string>();
    for (const [name, value] of Object.entries(object)) {
      if (value !== null && typeof value === 'object') return null;
      cells.set(name, value === null ? '' : String(value));
    }
    return cells;
  } catch {
    return null;
  }
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
    await forEachLine(chunks, context.path, (line, number) => {
      if (line.trim() === '') return;
      const cells = cellsOf(line);
      if (!cells) {
        sink.row();
        sink.reject({
          line: number,
          column: null,
          reason: 'json',
          expected: 'one JSON object of plain values',
          raw: line,
        });
        return;
      }
      checkColumns([...cells.keys()], context.path);
      reader.row(cells, number, line);
    });
  },
};
