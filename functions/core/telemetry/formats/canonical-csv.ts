import { splitCells } from '../cells.ts';
import { forEachLine } from '../lines.ts';
import { CANONICAL_COLUMNS, isHeader, placesOf } from './canonical-columns.ts';
import { CanonicalRowReader } from './canonical-row.ts';
import type { Format } from './format.ts';

/** Joined files bring their byte order marks along. */
const withoutMark = (line: string): string => (line.charCodeAt(0) === 0xfeff ? line.slice(1) : line);

const firstLine = (head: string): string =>
  head.split(/\r?\n/).find((line) => withoutMark(line).trim() !== '') ?? '';

/** Wattline's own CSV: telemetry and progress in the columns of docs/formats.md. */
export const canonicalCsv: Format = {
  id: 'wattline-csv',
  title: 'Wattline CSV',
  sniff: (head) => isHeader(splitCells(withoutMark(firstLine(head))) ?? []),
  async read(chunks, context, sink) {
    const reader = new CanonicalRowReader(context, sink);
    const row: string[] = CANONICAL_COLUMNS.map(() => '');
    let places: readonly number[] = [];
    let header = '';
    await forEachLine(chunks, context.path, (text, number) => {
      const line = withoutMark(text);
      if (line === header || line.trim() === '') return;
      const cells = splitCells(line);
      if (header === '') {
        places = placesOf(cells ?? [], context.path);
        header = line;
        return;
      }
      if (cells === null || cells.length !== places.length) {
        sink.row();
        const expected = `${places.length} cells, quotes closed`;
        sink.reject({ line: number, column: null, reason: 'cells', expected, raw: line });
        return;
      }
      for (let i = 0; i < places.length; i += 1) row[places[i] as number] = cells[i] as string;
      reader.row(row, number, line);
    });
  },
};
