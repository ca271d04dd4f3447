import { InputError } from '../errors.ts';
import { splitCells } from './cells.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { forEachBlock, LINE_LIMIT_BYTES } from './lines.ts';
import type { TablePlan } from './table-plan.ts';
import { TableRowReader } from './table-row.ts';
import { isScannable, type TableRows, TableScanner } from './table-scan.ts';

/** More columns than this are no telemetry, and must not fill the memory. nvidia-smi has 239. */
export const COLUMN_LIMIT = 4_096;

export interface TableOptions {
  /** Between the cells; `whitespace` is any run of blanks. */
  readonly delimiter?: ',' | ';' | '\t' | '|' | ' ' | 'whitespace';
  /**
   * The plan for rows below this header; null where the line is no header. Lines before the first header that are
   * none are passed over by `isNoise` or refuse the file. A header may come again, and may then be another one.
   */
  readonly header: (cells: readonly string[], line: string) => TablePlan | null;
  /** A table without a header, whose columns are known otherwise. */
  readonly plan?: TablePlan;
  /** Lines that are neither row nor header: comments, prose, rules. The sink may be told of them with a note. */
  readonly isNoise?: (line: string) => boolean;
  /** Whoever reads rows as text, where that is not `TableRowReader`. */
  readonly rows?: (plan: TablePlan) => TableRows;
  /** Every row as text. Same samples, slower: for tests. */
  readonly isTextOnly?: boolean;
}

/**
 * Reads a table of text into the sink: rows by the plan of the header above them, blank lines passed over. Plain
 * rows are taken from bytes by `TableScanner`, all others as text.
 *
 * @throws InputError `header-missing`, `too-many-columns`, `line-too-long`, and what the plan's reader throws.
 */
export async function readTable(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
  options: TableOptions,
): Promise<void> {
  const table = new Table(context, sink, options);
  await forEachBlock(chunks, context.path, (bytes, from, to) => table.block(bytes, from, to));
}

class Table {
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly options: TableOptions;
  private readonly delimiter: NonNullable<TableOptions['delimiter']>;
  private readonly rowIndex = { next: 0 };
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private rows: TableRows | null = null;
  private scanner: TableScanner | null = null;
  private headerLine = '';
  /** Lines seen, but for those that the scanner in use counts. */
  private lines = 0;

  constructor(context: ReadContext, sink: RecordSink, options: TableOptions) {
    this.context = context;
    this.sink = sink;
    this.options = options;
    this.delimiter = options.delimiter ?? ',';
    if (options.plan) this.use(options.plan);
  }

  private use(plan: TablePlan): void {
    const { sink, rowIndex, delimiter, options } = this;
    const rows = options.rows?.(plan) ?? new TableRowReader(plan, this.context, sink, rowIndex);
    this.lines += this.scanner?.lines ?? 0;
    this.rows = rows;
    this.scanner =
      isScannable(plan, delimiter) && !options.isTextOnly
        ? new TableScanner(plan, delimiter, { rows, sink, rowIndex })
        : null;
  }

  /** Lines that all end within the block. */
  block(bytes: Uint8Array, start: number, to: number): void {
    let from = start;
    while (from < to) {
      if (this.scanner) from = this.scanner.scan(bytes, from, to);
      if (from >= to) break;
      const end = bytes.indexOf(LF, from);
      this.lines += 1;
      this.line(this.textOf(bytes, from, end));
      this.scanner?.learn();
      from = end + 1;
    }
  }

  private textOf(bytes: Uint8Array, from: number, lineEnd: number): string {
    const number = this.lines + (this.scanner?.lines ?? 0);
    if (lineEnd - from > LINE_LIMIT_BYTES)
      throw new InputError(
        'line-too-long',
        `${this.context.path}: line ${number} is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
      );
    const end = bytes[lineEnd - 1] === CR && lineEnd > from ? lineEnd - 1 : lineEnd;
    const text = this.decoder.decode(bytes.subarray(from, end));
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }

  /** A line that is not a plain row. */
  private line(line: string): void {
    const { options, context } = this;
    const number = this.lines + (this.scanner?.lines ?? 0);
    if (line === this.headerLine || line.trim() === '' || options.isNoise?.(line)) return;
    const cells = splitCells(line, this.delimiter);
    if ((cells?.length ?? 0) > COLUMN_LIMIT)
      throw new InputError(
        'too-many-columns',
        `${context.path}: line ${number} has ${cells?.length} columns; expected at most ${COLUMN_LIMIT}`,
      );
    const plan = cells && options.header(cells, line);
    if (plan) {
      this.use(plan);
      this.headerLine = line;
    } else if (this.rows) this.rows.row(cells ?? [], number, line);
    else
      throw new InputError(
        'header-missing',
        `${context.path}: line ${number} ${JSON.stringify(line.slice(0, 120))} is no header; expected column names, or columns for the file in run.json`,
      );
  }
}

const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = 0xfeff;
