import { forEachLine } from '../lines.ts';
import { CanonicalRowReader, checkColumns } from './canonical-row.ts';
import type { Format } from './format.ts';

/** Cells of one line by RFC 4180; null where a quote stays open. */
export function splitCsv(line: string): string[] | null {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let inQuotes = false;
  for (let i = 0; i < line.length; i += 1) {
    const c = line[i] as string;
    if (inQuotes && c === '"' && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (c === '"') inQuotes = !inQuotes;
    else if (c === ',' && !inQuotes) {
      cells.push(cell.trim());
      cell = '';
    } else cell += c;
  }
  return inQuotes ? null : [...cells, cell.trim()];
}

const isHeader = (cells: readonly string[] | null): boolean =>
  (cells ?? []).some((c) => c === 'time' || c === 'time_unix_ms' || c === 'time_unix_nano');

/** Wattline's own CSV: telemetry and progress in the columns of docs/formats.md. */
export const canonicalCsv: Format = {
  id: 'wattline-csv',
  title: 'Wattline CSV',
  sniff: (head) => isHeader(splitCsv((head.split(/\r?\n/, 1)[0] ?? '').replace(/^\ufeff/, ''))),
  async read(chunks, context, sink) {
    const reader = new CanonicalRowReader(context, sink);
    let header: string[] = [];
    let headerLine = '';
    await forEachLine(chunks, context.path, (line, number) => {
      if (line.trim() === '' || line === headerLine) return;
      const cells = splitCsv(line);
      if (header.length === 0) {
        header = cells ?? [];
        headerLine = line;
        checkColumns(header, context.path);
        return;
      }
      if (cells === null || cells.length !== header.length) {
        sink.row();
        sink.reject({
          line: number,
          column: null,
          reason: 'cells',
          expected: `${header.length} cells, quotes closed`,
          raw: line,
        });
        return;
      }
      reader.row(new Map(header.map((name, i) => [name, cells[i] as string])), number, line);
    });
  },
};
