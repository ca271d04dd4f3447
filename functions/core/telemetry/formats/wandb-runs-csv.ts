import { InputError } from '../../errors.ts';
import { splitCells } from '../cells.ts';
import { WEAK_MARKER } from '../progress.ts';
import { readTable } from '../table.ts';
import type { ColumnPlan } from '../table-plan.ts';
import type { Format } from './format.ts';

const NAME = 'Name';
const RUNTIME = 'Runtime';
const END = 'End Time';
const CREATED = 'Created';

const isHeader = (cells: readonly string[]): boolean =>
  [NAME, RUNTIME].every((name) => cells.includes(name)) && (cells.includes(END) || cells.includes(CREATED));

/** What each column is; the names are read to see that there is one run only. */
function columnsOf(cells: readonly string[], path: string): ColumnPlan[] {
  let runs = 0;
  const time = cells.includes(END) ? END : CREATED;
  return cells.map((name): ColumnPlan => {
    if (name === time) return { role: 'time', form: 'iso' };
    if (name === RUNTIME) return { role: 'progress', property: 'value' };
    if (name !== NAME) return { role: 'skip' };
    return {
      role: 'text',
      read: () => {
        runs += 1;
        if (runs === 1) return null;
        throw new InputError(
          'several-runs',
          `${path}: the table holds several runs; expected the row of one`,
        );
      },
    };
  });
}

/**
 * The table of runs of Weights & Biases as CSV, of one run: when its process ended, and how long it ran; else when it
 * was created, which does not say its end, as a run may pause.
 */
export const wandbRunsCsv: Format = {
  id: 'wandb-runs-csv',
  title: 'Weights & Biases runs CSV',
  sniff: (head) => isHeader(splitCells(head.split(/\r?\n/)[0]?.replace(/^\ufeff/, '') ?? '') ?? []),
  async read(chunks, context, sink) {
    await readTable(chunks, context, sink, {
      header: (cells) =>
        isHeader(cells)
          ? {
              names: cells,
              columns: columnsOf(cells, context.path),
              kind: 'chip',
              progressKind: cells.includes(END) ? 'run-stop' : 'run-start',
              progressKey: WEAK_MARKER,
            }
          : null,
    });
  },
};
