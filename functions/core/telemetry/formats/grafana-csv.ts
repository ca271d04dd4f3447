import { InputError } from '../../errors.ts';
import { splitCells } from '../cells.ts';
import { dimensionOf, unitsOf } from '../dimensions.ts';
import type { TimeForm } from '../mapping.ts';
import { peek } from '../peek.ts';
import { seriesName } from '../prometheus/labels.ts';
import { type SeriesPlan, seriesPlan } from '../prometheus/series-plan.ts';
import { FIELDS, type Field } from '../sample.ts';
import { readTable } from '../table.ts';
import type { ColumnPlan, TablePlan } from '../table-plan.ts';
import { timeGuess } from '../time-guess.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const TIME = 'Time';
const SEPARATOR_LINE = /^sep=(.)$/;
const DELIMITERS = [';', ','] as const;
type Delimiter = (typeof DELIMITERS)[number];
/** Lines in which the header and the first row must stand. */
const LOOKED_AT = 20;

interface Layout {
  readonly delimiter: Delimiter;
  readonly names: readonly string[];
  /** How times are written. */
  readonly form: TimeForm;
}

/** Header and form of a panel's download; null where the lines begin like no such file. */
function layoutOf(all: readonly string[]): Layout | null {
  const [first = '', ...rest] = all.map((line) => line.replace(/^\ufeff/, ''));
  const stated = SEPARATOR_LINE.exec(first)?.[1];
  const lines = (stated === undefined ? [first, ...rest] : rest).filter((line) => line.trim() !== '');
  const delimiter = DELIMITERS.find(
    (d) => (stated ?? d) === d && splitCells(lines[0] ?? '', d)?.[0] === TIME,
  );
  if (delimiter === undefined) return null;
  const [names = [], row = []] = lines.slice(0, 2).map((line) => splitCells(line, delimiter) ?? []);
  const guess = timeGuess(row.slice(0, 1));
  const isTable = names.length > 1 && row.length === names.length && guess !== null && !guess.isDayMonthOpen;
  const isNamed = names.slice(1).every((name) => timeGuess([name]) === null);
  return isTable && isNamed ? { delimiter, names, form: guess.form } : null;
}

/** What a column's header says of it: a header is the name of a series, or whatever the panel's legend made of it. */
function columnOf(name: string, context: ReadContext): SeriesPlan | null {
  const series = seriesName(name);
  const plan = series && series.end === name.length ? seriesPlan(series.name, series.labels, context) : null;
  return plan !== null && typeof plan !== 'string' && plan.kind === 'reading' && plan.scopeKind === 'chip'
    ? plan
    : null;
}

function planOf({ names }: Layout, form: TimeForm, context: ReadContext, sink: RecordSink): TablePlan {
  const taken = new Set<string>();
  const unread: string[] = [];
  const boundaries = new Set<SeriesPlan['boundary']>();
  const columns = names.map((name, i): ColumnPlan => {
    if (i === 0) return { role: 'time', form };
    const plan = columnOf(name, context);
    const key = plan ? `${plan.scope} ${plan.fields[0]}` : '';
    if (!plan || taken.has(key)) {
      unread.push(name);
      return { role: 'skip' };
    }
    taken.add(key);
    boundaries.add(plan.boundary);
    const field = FIELDS[plan.fields[0] as number] as Field;
    const suffixes = unitsOf(dimensionOf(field));
    return {
      role: 'reading',
      scope: plan.scope,
      field,
      scale: plan.scale,
      sentinels: plan.sentinels,
      suffixes,
    };
  });
  if (taken.size === 0) throw unnamed(names, context.path);
  for (const name of unread)
    sink.note({
      code: 'column-unread',
      severity: 'info',
      message: `the column ${JSON.stringify(name)} is not read`,
    });
  const [boundary, ...others] = boundaries;
  return { names, columns, kind: 'chip', ...(boundary && others.length === 0 ? { boundary } : {}) };
}

const unnamed = (names: readonly string[], path: string): InputError =>
  new InputError(
    'mapping-missing',
    `${path}: its columns ${names
      .slice(1, 6)
      .map((name) => JSON.stringify(name))
      .join(
        ', ',
      )} are named by the panel, not by metrics; expected a mapping for the file in run.json (wattline map proposes one)`,
  );

/** "Download CSV" of a Grafana panel whose columns are named by their series. Others need a mapping. */
export const grafanaCsv: Format = {
  id: 'grafana-csv',
  title: 'Grafana panel (CSV)',
  sniff: (head) => layoutOf(head.split(/\r?\n/, LOOKED_AT)) !== null,
  async read(chunks, context, sink) {
    const peeked = await peek(chunks);
    const layout = layoutOf(peeked.lines);
    if (!layout) {
      await peeked.close();
      throw new InputError(
        'header-missing',
        `${context.path}: no header of Time and the names of series above rows with times; expected a panel's CSV`,
      );
    }
    const plan = planOf(layout, layout.form, context, sink);
    const header = layout.names.join('\n');
    await readTable(peeked.chunks, context, sink, {
      delimiter: layout.delimiter,
      isNoise: (line) => SEPARATOR_LINE.test(line),
      header: (cells) => (cells.join('\n') === header ? plan : null),
    });
  },
};
