import { mappedColumns, mappedPlan, mappingOf } from '../mapped-plan.ts';
import { readTable } from '../table.ts';
import type { Format } from './format.ts';

const SEPARATOR_LINE = /^sep=.$/;

/** CSV of one's own, by the mapping in run.json. */
export const mappedCsv: Format = {
  id: 'mapped-csv',
  title: 'CSV of your own, by a mapping',
  sniff: () => false,
  async read(chunks, context, sink) {
    const mapping = mappingOf(context, 'csv');
    const columns = mappedColumns(mapping, context);
    const wanted = [...columns.keys()];
    const isHeader = (cells: readonly string[]): boolean =>
      wanted.length > 0 && wanted.every((name) => cells.includes(name));
    const { columns: stated } = context.rule;
    const plan = stated ? mappedPlan(mapping, columns, stated, context) : null;
    let hasHeader = plan !== null;
    await readTable(chunks, context, sink, {
      delimiter: mapping.delimiter === ' ' ? 'whitespace' : (mapping.delimiter ?? ','),
      // Loggers write comments above the header, and files joined by hand repeat it.
      isNoise: (line) =>
        SEPARATOR_LINE.test(line) || (line.startsWith('#') && !wanted.every((name) => line.includes(name))),
      header: (cells) => {
        if (hasHeader && !isHeader(cells)) return null;
        const next = mappedPlan(mapping, columns, cells, context);
        hasHeader = true;
        return next;
      },
      ...(plan ? { plan } : {}),
    });
  },
};
