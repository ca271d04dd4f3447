import { splitCells } from '../cells.ts';
import { FIELDS } from '../sample.ts';
import { readTable } from '../table.ts';
import type { ColumnPlan, TablePlan } from '../table-plan.ts';
import type { TableRows } from '../table-scan.ts';
import { SI } from '../units.ts';
import { CANONICAL_COLUMNS, isHeader, placesOf } from './canonical-columns.ts';
import { CanonicalRowReader } from './canonical-row.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

/** Joined files bring their byte order marks along. */
const withoutMark = (line: string): string => (line.charCodeAt(0) === 0xfeff ? line.slice(1) : line);

const firstLine = (head: string): string =>
  head.split(/\r?\n/).find((line) => withoutMark(line).trim() !== '') ?? '';

const TIMES = { time: 'iso', time_unix_ms: 'unix-ms', time_unix_nano: 'unix-ns' } as const;

function columnOf(name: string): ColumnPlan {
  const field = FIELDS.find((f) => f === name);
  if (field) return { role: 'reading', field, scale: SI };
  if (Object.hasOwn(TIMES, name)) return { role: 'time', form: TIMES[name as keyof typeof TIMES] };
  if (name === 'scope' || name === 'kind' || name === 'boundary') return { role: 'scope' };
  // What tells of progress: a plain row has none, and any other is read as text.
  return { role: 'progress', property: 'value' };
}

const planOf = (header: readonly string[]): TablePlan => ({
  names: header,
  columns: header.map(columnOf),
  // The lowest limit of power: what draws more than a chip is looked at with its own kind.
  kind: 'chip',
});

/** Reads rows by the canonical columns' own rules, which tie kind, boundary and limits together. */
class CanonicalRows implements TableRows {
  private readonly reader: CanonicalRowReader;
  private readonly cells: string[] = CANONICAL_COLUMNS.map(() => '');
  private readonly places: readonly number[];
  private readonly scopePlaces: readonly number[];
  private readonly sink: RecordSink;

  constructor(plan: TablePlan, context: ReadContext, sink: RecordSink) {
    this.reader = new CanonicalRowReader(context, sink);
    this.places = placesOf(plan.names, context.path);
    this.scopePlaces = this.places.filter((_, i) => plan.columns[i]?.role === 'scope');
    this.sink = sink;
  }

  get times() {
    return this.reader.times;
  }

  isNothing(text: string): boolean {
    return this.reader.isNothing(text);
  }

  row(cells: readonly string[], line: number, raw: string): void {
    const { places } = this;
    if (cells.length !== places.length) {
      this.sink.row();
      const expected = `${places.length} cells, quotes closed`;
      this.sink.reject({ line, column: null, reason: 'cells', expected, raw });
      return;
    }
    for (const [i, place] of places.entries()) this.cells[place] = cells[i] as string;
    this.reader.row(this.cells, line, raw);
  }

  scopeOf(parts: readonly string[]): number {
    return this.reader.scopeOf(new Map(this.scopePlaces.map((place, i) => [place, parts[i] ?? ''])));
  }
}

/** Wattline's own CSV: telemetry and progress in the columns of docs/formats.md. */
export const canonicalCsv: Format = {
  id: 'wattline-csv',
  title: 'Wattline CSV',
  sniff: (head) => isHeader(splitCells(withoutMark(firstLine(head))) ?? []),
  async read(chunks, context, sink) {
    let isFirst = true;
    await readTable(chunks, context, sink, {
      header: (cells) => {
        if (!isFirst) return null;
        isFirst = false;
        // An unknown column refuses the file before a plan is made of it.
        placesOf(cells, context.path);
        return planOf(cells);
      },
      rows: (plan) => new CanonicalRows(plan, context, sink),
    });
  },
};
