import { InputError } from '../../errors.ts';
import { splitCells } from '../cells.ts';
import { withDecimalPoint } from '../decimal-comma.ts';
import { unitNamed } from '../map/names.ts';
import { mappedColumns, mappedPlan, mappingOf, refuseMissing } from '../mapped-plan.ts';
import type { Mapping } from '../mapping.ts';
import { readTable, type TableOptions } from '../table.ts';
import type { ColumnPlan, TablePlan } from '../table-plan.ts';
import { TableRowReader } from '../table-row.ts';
import { SI, scaleOf } from '../units.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const SEPARATOR_LINE = /^sep=.$/;
/** Titles and settings that an instrument writes above the header are fewer lines than this. */
const PREAMBLE_LINES = 500;

type Reading = Extract<ColumnPlan, { role: 'reading' }>;

/** The lines of one file that are no rows: what stands above the header, and units below it. */
class Surroundings {
  private readonly wanted: readonly string[];
  private readonly delimiter: NonNullable<TableOptions['delimiter']>;
  /** Lines above the header. */
  private passed = 0;
  /** The line of them that has the most of the wanted names. */
  private nearest: readonly string[] = [];
  hasHeader = false;
  /** Columns of the readings and their places, until the line below the header was looked at. */
  private readings: readonly (readonly [column: Reading, place: number, name: string])[] = [];

  constructor(wanted: readonly string[], delimiter: NonNullable<TableOptions['delimiter']>) {
    this.wanted = wanted;
    this.delimiter = delimiter;
  }

  isHeader(cells: readonly string[]): boolean {
    return this.wanted.length > 0 && this.wanted.every((name) => cells.includes(name));
  }

  header(plan: TablePlan): TablePlan {
    this.hasHeader = true;
    this.readings = plan.columns.flatMap((column, i) =>
      column.role === 'reading' ? [[column, i, plan.names[i] ?? ''] as const] : [],
    );
    return plan;
  }

  /** Whether a line stands above the header. Past a bound it is taken for the header, whose names are then missed. */
  isAbove(line: string): boolean {
    if (this.hasHeader || this.passed >= PREAMBLE_LINES) return false;
    const cells = splitCells(line, this.delimiter) ?? [];
    if (this.isHeader(cells)) return false;
    if (this.passed === 0 || this.found(cells) > this.found(this.nearest)) this.nearest = cells;
    this.passed += 1;
    return true;
  }

  private readonly found = (cells: readonly string[]): number =>
    this.wanted.filter((name) => cells.includes(name)).length;

  /**
   * Whether a line has units where the readings are, and no reading.
   *
   * @throws InputError `mapping-unit` where it has another unit than the mapping.
   */
  isUnits(line: string, path: string): boolean {
    const { readings } = this;
    if (readings.length === 0) return false;
    this.readings = [];
    const cells = splitCells(line, this.delimiter) ?? [];
    const stated = readings.filter(([, place]) => (cells[place] ?? '') !== '');
    const isEach = stated.every(([, place]) => unitNamed(cells[place] as string) !== null);
    if (stated.length === 0 || !isEach) return false;
    for (const [{ scale }, place, name] of stated) {
      const text = cells[place] as string;
      const { multiply, divide } = scaleOf(unitNamed(text) ?? '') ?? SI;
      if (multiply * scale.divide === scale.multiply * divide) continue;
      throw new InputError(
        'mapping-unit',
        `${path}: the line below the header has ${JSON.stringify(text)} for ${JSON.stringify(name)}, and the mapping another unit; expected the same`,
      );
    }
    return true;
  }

  /** @throws InputError `column-missing` where the file has lines and no header among them. */
  end({ path }: ReadContext, sink: RecordSink): void {
    if (this.passed === 0) return;
    if (!this.hasHeader) refuseMissing(this.wanted, this.nearest, path);
    sink.note({
      code: 'preamble',
      severity: 'info',
      message: `${this.passed} lines above the header are passed over`,
    });
  }
}

/** CSV of one's own, by the mapping in run.json. */
export const mappedCsv: Format = {
  id: 'mapped-csv',
  title: 'CSV of your own, by a mapping',
  sniff: () => false,
  async read(chunks, context, sink) {
    const mapping = mappingOf(context, 'csv');
    const columns = mappedColumns(mapping, context);
    const wanted = [...columns.keys()];
    const delimiter = mapping.delimiter === ' ' ? 'whitespace' : (mapping.delimiter ?? ',');
    const around = new Surroundings(wanted, delimiter);
    const { columns: stated } = context.rule;
    const plan = stated ? around.header(mappedPlan(mapping, columns, stated, context)) : null;
    await readTable(chunks, context, sink, {
      delimiter,
      // Loggers write comments above the header, and files joined by hand repeat it.
      isNoise: (line) =>
        SEPARATOR_LINE.test(line) ||
        (line.startsWith('#') && !wanted.every((name) => line.includes(name))) ||
        around.isAbove(line) ||
        around.isUnits(line, context.path),
      header: (cells) =>
        around.hasHeader && !around.isHeader(cells)
          ? null
          : around.header(mappedPlan(mapping, columns, cells, context)),
      ...(mapping.decimal ? commaRows(mapping, context, sink) : {}),
      ...(plan ? { plan } : {}),
    });
    around.end(context, sink);
  },
};

/** Rows whose numbers have a decimal comma, as text. */
function commaRows(
  mapping: Mapping,
  context: ReadContext,
  sink: RecordSink,
): Pick<TableOptions, 'rows' | 'isTextOnly'> {
  const rowIndex = { next: 0 };
  const isNumber = ({ role }: ColumnPlan): boolean =>
    role === 'reading' || role === 'metric-value' || role === 'progress' || isElapsed(role, mapping);
  return {
    isTextOnly: true,
    rows: (plan) => {
      const reader = new TableRowReader(plan, context, sink, rowIndex);
      const numbers = plan.columns.map(isNumber);
      return {
        row: (cells, line, raw) =>
          reader.row(
            cells.map((text, i) => (numbers[i] ? withDecimalPoint(text) : text)),
            line,
            raw,
          ),
        scopeOf: (parts) => reader.scopeOf(parts),
        isNothing: (text) => reader.isNothing(text),
        times: reader.times,
      };
    },
  };
}

/** Times since a start are numbers too. */
const isElapsed = (role: ColumnPlan['role'], { time }: Mapping): boolean =>
  role === 'time' && /^(?:unix|elapsed)/.test(time?.form ?? '');
