import type { ReadContext, RecordSink } from '../formats/format.ts';
import { forEachLine } from '../lines.ts';
import { expectedTime, TimeReader } from '../time.ts';
import { ChipWriter } from './chip-writer.ts';
import { exportedNumber } from './exported-number.ts';
import { KnownSeries } from './known-series.ts';
import { PageClock } from './page-clock.ts';
import { PageSamples } from './page-samples.ts';
import { isBetweenPages, pageStamp } from './page-stamp.ts';
import { isBlank, type Series, SeriesIndex } from './series-index.ts';
import { expectedReading, readingIn, type SeriesPlan } from './series-plan.ts';
import { SeriesStore } from './series-store.ts';

const HASH = 35;
/** Lines of dcgm-exporter are longer, so that only the short ones are looked at for what stands between pages. */
const LONGEST_BETWEEN = 100;

export interface ExpositionOptions {
  /** What time stamps count. */
  readonly timeForm: 'unix-ms' | 'unix-s';
  /** Whether the text must end with `# EOF` (OpenMetrics). */
  readonly endsWithEof: boolean;
}

/** Reads exposition text: pages of exporters one after another, or series with time stamps. */
class ExpositionReader {
  private readonly sink: RecordSink;
  private readonly context: ReadContext;
  private readonly options: ExpositionOptions;
  private readonly writer: ChipWriter;
  private readonly known: KnownSeries;
  private readonly pages: PageSamples;
  private readonly store: SeriesStore;
  private readonly times: TimeReader;
  private readonly clock: PageClock;
  private readonly index: SeriesIndex;
  private emptyPages = 0;
  private page = 0;
  private firstComment = '';
  private hasEnded = false;
  private timeText = '';
  private time: number | string = 'time-stamp';

  constructor(context: ReadContext, sink: RecordSink, options: ExpositionOptions) {
    this.sink = sink;
    this.context = context;
    this.options = options;
    this.writer = new ChipWriter(sink);
    this.known = new KnownSeries(context, this.writer);
    this.index = new SeriesIndex(this.known, context.path);
    this.pages = new PageSamples(this.writer);
    this.store = new SeriesStore(context.path);
    this.times = new TimeReader('+00:00', options.timeForm);
    this.clock = new PageClock(context);
  }

  line(line: string, number: number): void {
    if (line.charCodeAt(0) === HASH) this.comment(line);
    else if (line.length < LONGEST_BETWEEN && !line.includes('{') && isBetweenPages(line)) this.between(line);
    else if (line.trim() !== '') this.row(line, number);
  }

  /** A page begins with the comment that the one before it began with, or behind its end. */
  private comment(line: string): void {
    if (this.hasEnded || line === this.firstComment) this.turnPage();
    if (line.startsWith('# EOF')) this.hasEnded = true;
    else if (line.startsWith('# HELP ') || line.startsWith('# TYPE ')) this.firstComment ||= line;
    else this.between(line);
  }

  /** A time ends the page before it and is that of the next one. */
  private between(line: string): void {
    if (this.pages.isEmpty) this.clock.stamp(line);
    else if (pageStamp(line) !== null) {
      this.turnPage();
      this.clock.stamp(line);
    }
  }

  private turnPage(): void {
    if (this.pages.isEmpty) this.emptyPages += 1;
    else this.flushPage();
    this.page += 1;
    this.firstComment = '';
    this.hasEnded = false;
  }

  private flushPage(): void {
    this.pages.flush(this.clock.at(this.pages.scopes, this.emptyPages));
    this.emptyPages = 0;
  }

  private row(line: string, number: number): void {
    this.sink.row();
    const series = this.index.seriesOf(line);
    if (series === null) {
      const expected = 'name{label="value",...} and a number';
      this.sink.reject({ line: number, column: null, reason: 'series', expected, raw: line });
    } else if (series.plan) this.reading(series, series.plan, line, number);
  }

  private reading(series: Series, plan: SeriesPlan, line: string, number: number): void {
    const from = afterBlanks(line, series.text.length);
    const to = wordEnd(line, from);
    const value = exportedNumber(line.slice(from, to));
    const reading = value === null ? null : readingIn(plan, value);
    if (reading === null) {
      const [reason, expected] =
        value === null ? ['number', 'a number, NaN or Inf'] : ['range', expectedReading(plan)];
      this.sink.reject({ line: number, column: plan.name, reason, expected, raw: line });
      return;
    }
    const timeFrom = afterBlanks(line, to);
    if (timeFrom >= line.length || line.charCodeAt(timeFrom) === HASH) this.onPage(series, plan, reading);
    else this.timed(series, plan, reading, line, number, timeFrom);
  }

  private onPage(series: Series, plan: SeriesPlan, reading: number): void {
    if (this.hasEnded || series.page === this.page) this.turnPage();
    series.page = this.page;
    series.chip ??= this.pages.chip(plan);
    this.pages.add(series.chip, plan, reading);
  }

  private timed(
    series: Series,
    plan: SeriesPlan,
    reading: number,
    line: string,
    number: number,
    from: number,
  ): void {
    const text = line.slice(from, wordEnd(line, from));
    if (text !== this.timeText) {
      this.timeText = text;
      this.time = this.times.read(text);
    }
    if (typeof this.time !== 'number') {
      const expected = expectedTime('time-stamp', this.options.timeForm, undefined);
      this.sink.reject({ line: number, column: 'time', reason: 'time-stamp', expected, raw: line });
      return;
    }
    series.stored ??= this.store.series(plan);
    this.store.add(series.stored, this.time, reading);
  }

  finish(): void {
    this.known.refuseUnknown();
    if (!this.pages.isEmpty) this.flushPage();
    this.store.flush(this.writer);
    if (this.options.endsWithEof && !this.hasEnded)
      this.sink.note({
        code: 'truncated',
        severity: 'warning',
        message: `${this.context.path}: the text does not end with # EOF; what follows its last line is missing`,
      });
  }
}

function afterBlanks(line: string, from: number): number {
  let at = from;
  while (isBlank(line.charCodeAt(at))) at += 1;
  return at;
}

function wordEnd(line: string, from: number): number {
  let at = from;
  while (at < line.length && !isBlank(line.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Reads exposition text of any kind into the sink.
 *
 * @throws InputError `metrics-unknown`, `too-many-series`, `too-many-readings`, `start-time-missing`,
 * `period-missing`.
 */
export async function readExposition(
  chunks: AsyncIterable<Uint8Array>,
  context: ReadContext,
  sink: RecordSink,
  options: ExpositionOptions,
): Promise<void> {
  const reader = new ExpositionReader(context, sink, options);
  await forEachLine(chunks, context.path, (line, number) => reader.line(line, number));
  reader.finish();
}
