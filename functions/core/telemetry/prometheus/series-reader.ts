import type { ReadContext, RecordSink } from '../formats/format.ts';
import { expectedTime, TimeReader } from '../time.ts';
import { ChipWriter } from './chip-writer.ts';
import { exportedNumber } from './exported-number.ts';
import { KnownSeries } from './known-series.ts';
import { expectedReading, readingIn, type SeriesPlan } from './series-plan.ts';
import { type Readings, SeriesStore } from './series-store.ts';

/** Characters kept of a point or document that cannot be read. */
const RAW_LENGTH = 512;
/** Keys of an object that stand for it. */
const KEYS_SHOWN = 20;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A plain value as text; nested ones are none, and could be nested deeper than the stack. */
export const textOf = (value: unknown): string =>
  value === null || value === undefined || typeof value === 'object' ? '' : String(value);

/** Labels of a JSON series; null where the value is no object. */
export function labelsIn(metric: unknown): ReadonlyMap<string, string> | null {
  return isObject(metric)
    ? new Map(Object.entries(metric).map(([label, text]) => [label, textOf(text)]))
    : null;
}

/** What the JSON exports of time series have in common: series by series, a point a row. */
export class SeriesReader {
  protected readonly context: ReadContext;
  protected readonly writer: ChipWriter;
  private readonly sink: RecordSink;
  private readonly known: KnownSeries;
  private readonly store: SeriesStore;
  private readonly times: TimeReader;
  private readonly timeForm: 'unix-ms' | 'unix-s';

  constructor(context: ReadContext, sink: RecordSink, timeForm: 'unix-ms' | 'unix-s') {
    this.context = context;
    this.sink = sink;
    this.writer = new ChipWriter(sink);
    this.known = new KnownSeries(context, this.writer);
    this.store = new SeriesStore(context.path);
    this.times = new TimeReader('+00:00', timeForm);
    this.timeForm = timeForm;
  }

  protected plan(labels: ReadonlyMap<string, string>): SeriesPlan | null {
    const name = labels.get('__name__') ?? '';
    if (name === '')
      this.writer.note(
        '',
        'series-unnamed',
        'a series has no name: it is the result of an expression and is not read; query metrics by their names',
      );
    return this.known.plan(name, labels);
  }

  /** Takes a point into `readings`, or rejects it. */
  protected point(
    plan: SeriesPlan | null,
    time: unknown,
    value: unknown,
    line: number,
    readings: Readings,
  ): void {
    this.sink.row();
    if (!plan) return;
    const timeMs = this.times.read(textOf(time));
    const number = value === null ? Number.NaN : exportedNumber(textOf(value));
    const reading = number === null ? null : readingIn(plan, number);
    const raw = (): string => `[${textOf(time)},${textOf(value)}]`;
    if (typeof timeMs !== 'number')
      this.rejectRow(line, 'time', timeMs, expectedTime(timeMs, this.timeForm, undefined), raw());
    else if (number === null) this.rejectRow(line, plan.name, 'number', 'a number, NaN or Inf', raw());
    else if (reading === null) this.rejectRow(line, plan.name, 'range', expectedReading(plan), raw());
    else if (!Number.isNaN(reading)) {
      readings.times.push(timeMs);
      readings.values.push(reading);
    }
  }

  protected keep(plan: SeriesPlan, { times, values }: Readings): void {
    const series = this.store.series(plan);
    for (const [i, timeMs] of times.entries()) this.store.add(series, timeMs, values[i] as number);
  }

  /** Counts and rejects what is no point of a series. */
  reject(line: number, column: string | null, reason: string, expected: string, value: unknown): void {
    this.sink.row();
    const keys = isObject(value) ? `{${Object.keys(value).slice(0, KEYS_SHOWN).join(',')}}` : textOf(value);
    this.rejectRow(line, column, reason, expected, keys.slice(0, RAW_LENGTH));
  }

  private rejectRow(
    line: number,
    column: string | null,
    reason: string,
    expected: string,
    raw: string,
  ): void {
    this.sink.reject({ line, column, reason, expected, raw });
  }

  finish(): void {
    this.known.refuseUnknown();
    this.store.flush(this.writer);
  }
}
