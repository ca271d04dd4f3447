import { InputError } from '../../errors.ts';
import type { Fault } from '../cell.ts';
import { peek } from '../peek.ts';
import { ChipWriter, isBetter } from '../prometheus/chip-writer.ts';
import { exportedNumber } from '../prometheus/exported-number.ts';
import { KnownSeries } from '../prometheus/known-series.ts';
import { seriesName } from '../prometheus/labels.ts';
import { isSeparatorLine, type LongLayout, longLayout, metricIn } from '../prometheus/long-layout.ts';
import { PageSamples } from '../prometheus/page-samples.ts';
import { expectedReading, readingIn, type SeriesPlan } from '../prometheus/series-plan.ts';
import { labelsIn } from '../prometheus/series-reader.ts';
import { SeriesStore, type StoredSeries } from '../prometheus/series-store.ts';
import { readTable } from '../table.ts';
import type { TablePlan } from '../table-plan.ts';
import type { TableRows } from '../table-scan.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import { timeGuess } from '../time-guess.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

/** Labels by the columns that hold them, beside the label of the column's own name. */
const LABEL_COLUMNS: readonly (readonly [column: RegExp, label: string])[] = [
  [/^gpu(?:[-_ ]?(?:id|index))?$/i, 'gpu'],
  [/^(?:gpu[-_ ]?)?uuid$/i, 'UUID'],
];
/** Columns of metrics, known or not, are no labels. */
const METRIC = /^(?:dcgm_|nvidia_smi_|habanalabs_)/i;
/** Series whose reading is looked up once; a fleet in one file has some tens of thousands. */
const SERIES_KEPT = 100_000;
/** Texts of databases and Grafana where there is no value. */
const NO_VALUE = new Set(['', 'null', 'undefined', 'N/A']);

/** Labels as scripts write them into one cell: `gpu="0",...`, with braces or without, or as an object. */
function labelsOfCell(cell: string): ReadonlyMap<string, string> {
  const braced = cell.replace(/^\{?/, 'raw{').replace(/\}?$/, '}');
  const series = seriesName(braced);
  if (series || !cell.startsWith('{')) return series?.labels ?? new Map();
  try {
    return labelsIn(JSON.parse(cell.includes('"') ? cell : cell.replaceAll("'", '"'))) ?? new Map();
  } catch {
    return new Map();
  }
}

/** Reads rows of one metric each: those of one time are what one scrape said. */
class LongRows implements TableRows {
  readonly times = null;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly writer: ChipWriter;
  private readonly known: KnownSeries;
  private readonly page: PageSamples;
  private readonly plans = new Map<string, SeriesPlan | null>();
  /** Which series of a chip's field is read; another name for the same is not. */
  private readonly chosen = new Map<string, { plan: SeriesPlan; timeMs: number }>();
  private reader: TimeReader | null = null;
  private form: NonNullable<ReturnType<typeof timeGuess>>['form'] = 'iso';
  private timeMs = Number.NaN;
  private readonly layout: LongLayout;
  private readonly labelColumns: readonly number[];
  private readonly store: SeriesStore;
  private readonly stored = new Map<SeriesPlan, StoredSeries>();

  constructor(layout: LongLayout, context: ReadContext, sink: RecordSink) {
    this.layout = layout;
    const { names, time, metric, value, labels } = layout;
    this.labelColumns = [...names.keys()].filter(
      (i) => ![time, metric, value, labels].includes(i) && !METRIC.test(names[i] as string),
    );
    this.context = zoned(context, layout);
    this.sink = sink;
    this.store = new SeriesStore(context.path);
    this.writer = new ChipWriter(sink);
    this.known = new KnownSeries(context, this.writer);
    this.page = new PageSamples(this.writer);
  }

  row(cells: readonly string[], line: number, raw: string): void {
    this.sink.row();
    const fault = this.read(cells);
    if (fault) this.sink.reject({ line, ...fault, raw });
  }

  private read(cells: readonly string[]) {
    const { names, time: timeAt } = this.layout;
    if (cells.length !== names.length)
      return { column: null, reason: 'cells', expected: `${names.length} cells, quotes closed` };
    const time = cells[timeAt] as string;
    const timeMs = this.timeOf(time);
    if (typeof timeMs !== 'number') {
      refuseUntimed(timeMs, this.context.path, time);
      const expected = expectedTime(timeMs, this.form, this.context.rule.timeZone);
      return { column: names[timeAt] as string, reason: timeMs, expected };
    }
    const { metric, value: valueAt, metrics } = this.layout;
    const readings = (metric < 0 ? metrics : [valueAt]).map((at) => this.readingOf(cells, at));
    for (const reading of readings) if ('reason' in reading) return reading;
    if (!this.layout.isBySeries && timeMs !== this.timeMs) this.turn(timeMs);
    for (const reading of readings)
      if ('plan' in reading && reading.plan) this.add(reading.plan, timeMs, reading.value);
    return null;
  }

  private readingOf(
    cells: readonly string[],
    at: number,
  ): { plan: SeriesPlan | null; value: number } | Fault {
    const column = this.layout.names[at] as string;
    const plan = this.planOf(cells, at);
    const text = cells[at] as string;
    const number = NO_VALUE.has(text) ? Number.NaN : exportedNumber(text);
    if (number === null) return { column, reason: 'number', expected: 'a number, NaN or Inf' };
    const value = plan === null ? Number.NaN : readingIn(plan, number);
    if (plan && value === null)
      return { column: plan.name, reason: 'range', expected: expectedReading(plan) };
    return { plan, value: value as number };
  }

  private add(plan: SeriesPlan, timeMs: number, reading: number): void {
    if (this.layout.isBySeries) this.keep(plan, timeMs, reading);
    else if (this.isChosen(plan)) this.page.add(this.page.chip(plan), plan, reading);
  }

  private keep(plan: SeriesPlan, timeMs: number, reading: number): void {
    let series = this.stored.get(plan);
    if (!series) {
      series = this.store.series(plan);
      this.stored.set(plan, series);
    }
    this.store.add(series, timeMs, reading);
  }

  /** The form is that of the first time; all of a file are written alike. */
  private timeOf(text: string) {
    if (!this.reader) {
      const guess = timeGuess([text]);
      if (!guess || guess.isDayMonthOpen) return 'time-stamp' as const;
      this.form = guess.form;
      this.reader = timeReaderFor(this.context, guess.form);
    }
    return this.reader.read(text);
  }

  private planOf(cells: readonly string[], at: number): SeriesPlan | null {
    const { metric, names } = this.layout;
    const { name, labels } = metricIn((metric < 0 ? names[at] : cells[metric]) as string);
    if (!this.known.isKnown(name)) return null;
    const key = [
      name,
      ...this.labelColumns.map((i) => cells[i]),
      cells[metric],
      cells[this.layout.labels],
    ].join('\n');
    let plan = this.plans.get(key);
    if (plan === undefined) {
      plan = this.known.plan(name, this.labelsOf(cells, labels));
      if (this.plans.size < SERIES_KEPT) this.plans.set(key, plan);
    }
    return plan;
  }

  private labelsOf(cells: readonly string[], own: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const labels = new Map([...labelsOfCell(cells[this.layout.labels] ?? ''), ...own]);
    for (const i of this.labelColumns) {
      const cell = cells[i];
      const name = this.layout.names[i] as string;
      if (!cell) continue;
      labels.set(name, cell);
      for (const [column, label] of LABEL_COLUMNS) if (column.test(name)) labels.set(label, cell);
    }
    return labels;
  }

  private turn(timeMs: number): void {
    this.page.flush(this.timeMs);
    this.timeMs = timeMs;
  }

  /** Of two metrics of one field the better one that the first scrape has stays, or samples would mix them. */
  private isChosen(plan: SeriesPlan): boolean {
    const key = `${plan.fields[0]} ${plan.scope}`;
    const chosen = this.chosen.get(key);
    if (!chosen || (chosen.timeMs === this.timeMs && isBetter(plan, chosen.plan)))
      this.chosen.set(key, { plan, timeMs: this.timeMs });
    else if (chosen.plan.name !== plan.name) {
      this.writer.noteUnread(plan, chosen.plan);
      return false;
    }
    return true;
  }

  finish(): void {
    this.page.flush(this.timeMs);
    this.store.flush(this.writer);
    this.known.refuseUnknown();
  }

  scopeOf(): number {
    return -1;
  }

  isNothing(text: string): boolean {
    return text === '';
  }
}

/** A column's name may say the zone of its times. */
function zoned(context: ReadContext, { names, time }: LongLayout): ReadContext {
  const isUtc = /utc$/i.test(names[time] as string) && context.rule.timeZone === undefined;
  return isUtc ? { ...context, rule: { ...context.rule, timeZone: '+00:00' } } : context;
}

/**
 * Metrics of exporters as scripts and Grafana's tables write them down: a time, a metric, labels and a value a row, or
 * columns that are named by metrics beside those of the chip.
 */
export const dcgmLongCsv: Format = {
  id: 'dcgm-long-csv',
  title: 'Metrics of DCGM and other exporters (CSV)',
  sniff: (head) => {
    const lines = head.split(/\r?\n/);
    return longLayout(head.endsWith('\n') || lines.length < 3 ? lines : lines.slice(0, -1)) !== null;
  },
  async read(chunks, context, sink) {
    const peeked = await peek(chunks);
    const layout = longLayout(peeked.lines);
    if (!layout) {
      await peeked.close();
      throw new InputError(
        'header-missing',
        `${context.path}: no header of a time, a metric and a value above rows of known metrics; expected such as timestamp,metric_name,gpu_id,uuid,value`,
      );
    }
    const rows = new LongRows(layout, context, sink);
    const header = layout.names.join('\n');
    for (const [i, name] of layout.names.entries())
      if (METRIC.test(name) && !layout.metrics.includes(i))
        sink.note({
          code: 'column-unread',
          severity: 'info',
          message: `the column ${JSON.stringify(name)} is not read`,
        });
    await readTable(peeked.chunks, context, sink, {
      delimiter: layout.delimiter,
      isNoise: isSeparatorLine,
      rows: () => rows,
      header: (names): TablePlan | null =>
        names.join('\n') === header
          ? {
              names,
              // Columns of the role metric keep the rows as text.
              columns: names.map((_, i) => ({
                role: i === layout.metric || layout.metrics.includes(i) ? 'metric' : 'skip',
              })),
              kind: 'chip',
            }
          : null,
    });
    rows.finish();
  },
};
