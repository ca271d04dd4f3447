import { splitCells } from '../cells.ts';
import { ChipWriter, isBetter } from '../prometheus/chip-writer.ts';
import { exportedNumber } from '../prometheus/exported-number.ts';
import { KnownSeries } from '../prometheus/known-series.ts';
import { seriesName } from '../prometheus/labels.ts';
import { PageSamples } from '../prometheus/page-samples.ts';
import { expectedReading, readingIn, type SeriesPlan } from '../prometheus/series-plan.ts';
import { readTable } from '../table.ts';
import type { TablePlan } from '../table-plan.ts';
import type { TableRows } from '../table-scan.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from '../time.ts';
import { timeGuess } from '../time-guess.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

const TIME = 'timestamp';
const METRIC = 'metric_name';
const VALUE = 'value';
const LABELS = 'labels_raw';
/** Columns by the label that they hold. */
const LABEL_COLUMNS: Readonly<Record<string, string>> = { gpu_id: 'gpu', uuid: 'UUID' };
/** Series whose reading is looked up once; a fleet in one file has some tens of thousands. */
const SERIES_KEPT = 100_000;

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
  private names: readonly string[] = [];

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    this.writer = new ChipWriter(sink);
    this.known = new KnownSeries(context, this.writer);
    this.page = new PageSamples(this.writer);
  }

  begin(names: readonly string[]): void {
    this.names = names;
    this.plans.clear();
  }

  row(cells: readonly string[], line: number, raw: string): void {
    this.sink.row();
    const fault = this.read(cells);
    if (fault) this.sink.reject({ line, ...fault, raw });
  }

  private read(cells: readonly string[]) {
    if (cells.length !== this.names.length)
      return { column: null, reason: 'cells', expected: `${this.names.length} cells, quotes closed` };
    const time = this.cell(cells, TIME);
    const timeMs = this.timeOf(time);
    if (typeof timeMs !== 'number') {
      refuseUntimed(timeMs, this.context.path, time);
      const expected = expectedTime(timeMs, this.form, this.context.rule.timeZone);
      return { column: TIME, reason: timeMs, expected };
    }
    const plan = this.planOf(cells);
    const value = exportedNumber(this.cell(cells, VALUE));
    if (value === null) return { column: VALUE, reason: 'number', expected: 'a number, NaN or Inf' };
    const reading = plan === null ? Number.NaN : readingIn(plan, value);
    if (plan && reading === null)
      return { column: plan.name, reason: 'range', expected: expectedReading(plan) };
    if (timeMs !== this.timeMs) this.turn(timeMs);
    if (plan && this.isChosen(plan)) this.page.add(this.page.chip(plan), plan, reading as number);
    return null;
  }

  private cell(cells: readonly string[], name: string): string {
    return cells[this.names.indexOf(name)] ?? '';
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

  private planOf(cells: readonly string[]): SeriesPlan | null {
    const metric = this.cell(cells, METRIC);
    if (!this.known.isKnown(metric)) return null;
    const key = cells.filter((_, i) => this.names[i] !== TIME && this.names[i] !== VALUE).join('\n');
    let plan = this.plans.get(key);
    if (plan === undefined) {
      plan = this.known.plan(metric, this.labelsOf(cells));
      if (this.plans.size < SERIES_KEPT) this.plans.set(key, plan);
    }
    return plan;
  }

  private labelsOf(cells: readonly string[]): ReadonlyMap<string, string> {
    const braced = this.cell(cells, LABELS).replace(/^\{?/, 'raw{').replace(/\}?$/, '}');
    const labels = new Map(seriesName(braced)?.labels);
    for (const [i, name] of this.names.entries())
      if (cells[i] && ![TIME, METRIC, VALUE, LABELS].includes(name))
        labels.set(LABEL_COLUMNS[name] ?? name, cells[i]);
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
    this.known.refuseUnknown();
  }

  scopeOf(): number {
    return -1;
  }

  isNothing(text: string): boolean {
    return text === '';
  }
}

const isHeader = (names: readonly string[]): boolean =>
  [TIME, METRIC, VALUE].every((name) => names.includes(name)) &&
  (names.includes('uuid') || names.includes('gpu_id'));

/** Metrics of dcgm-exporter as scripts write them down: `timestamp,metric_name,gpu_id,...,value,labels_raw`. */
export const dcgmLongCsv: Format = {
  id: 'dcgm-long-csv',
  title: 'DCGM metrics, one a row (CSV)',
  sniff: (head) => isHeader(splitCells(head.replace(/^\ufeff/, '').split(/\r?\n/)[0] ?? '') ?? []),
  async read(chunks, context, sink) {
    const rows = new LongRows(context, sink);
    await readTable(chunks, context, sink, {
      rows: () => rows,
      header: (names): TablePlan | null => {
        if (!isHeader(names)) return null;
        rows.begin(names);
        return {
          names,
          columns: names.map((name) => ({ role: name === METRIC ? 'metric' : 'skip' })),
          kind: 'chip',
        };
      },
    });
    rows.finish();
  },
};
