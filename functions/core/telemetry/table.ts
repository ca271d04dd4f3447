import { InputError } from '../errors.ts';
import { splitCells } from './cells.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { forEachLine } from './lines.ts';
import type { TablePlan } from './table-plan.ts';
import { TableRowReader } from './table-row.ts';

/** More columns than this are no telemetry, and must not fill the memory. nvidia-smi has 239. */
export const COLUMN_LIMIT = 4_096;

export interface TableOptions {
  /** Between the cells; `whitespace` is any run of blanks. */
  readonly delimiter?: ',' | ';' | '\t' | '|' | ' ' | 'whitespace';
  /**
   * The plan for rows below this header; null where the line is no header. Lines before the first header that are
   * none are passed over by `isNoise` or rejected. A header may come again, and may then be another one.
   */
  readonly header: (cells: readonly string[], line: string) => TablePlan | null;
  /** A table without a header, whose columns are known otherwise. */
  readonly plan?: TablePlan;
  /** Lines that are neither row nor header: comments, prose, rules. The sink may be told of them with a note. */
  readonly isNoise?: (line: string) => boolean;
}

/**
 * Reads a table of text into the sink: rows by the plan of the header above them, blank lines passed over.
 *
 * @throws InputError `header-missing`, `too-many-columns`, and what the plan's reader throws.
 */
export async function readTable(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
  { delimiter = ',', header, plan, isNoise = () => false }: TableOptions,
): Promise<void> {
  const rowIndex = { next: 0 };
  let reader = plan ? new TableRowReader(plan, context, sink, rowIndex) : null;
  let headerLine = '';
  await forEachLine(chunks, context.path, (text, number) => {
    const line = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    if (line === headerLine || line.trim() === '' || isNoise(line)) return;
    const cells = splitCells(line, delimiter);
    if ((cells?.length ?? 0) > COLUMN_LIMIT)
      throw new InputError(
        'too-many-columns',
        `${context.path}: line ${number} has ${cells?.length} columns; expected at most ${COLUMN_LIMIT}`,
      );
    const next = cells && header(cells, line);
    if (next) {
      reader = new TableRowReader(next, context, sink, rowIndex);
      headerLine = line;
    } else if (reader) reader.row(cells ?? [], number, line);
    else
      throw new InputError(
        'header-missing',
        `${context.path}: line ${number} ${JSON.stringify(line.slice(0, 120))} is no header; expected column names, or columns for the file in run.json`,
      );
  });
}
