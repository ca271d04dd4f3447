import { InputError } from '../../errors.ts';
import type { ReadContext, RecordSink } from '../formats/format.ts';
import { forEachLine } from '../lines.ts';
import { PollClock } from '../poll-clock.ts';
import { expectedTime, TimeReader } from '../time.ts';
import { ChipWriter } from './chip-writer.ts';
import { exportedNumber } from './exported-number.ts';
import { KnownSeries } from './known-series.ts';
import { seriesName } from './labels.ts';
import { type PageChip, PageSamples } from './page-samples.ts';
import { expectedReading, readingIn, type SeriesPlan } from './series-plan.ts';
import { SeriesStore, type StoredSeries } from './series-store.ts';

/** Series of one file; a whole fleet has fewer, and more of them would fill the memory. */
export const SERIES_LIMIT = 262_144;

const HASH = 35;
/** What the clock of pages sees again on each of them. */
const EVERY_PAGE = 'page';
const BLANK = 32;
const TAB = 9;

export interface ExpositionOptions {
  /** What time stamps count. */
  readonly timeForm: 'unix-ms' | 'unix-s';
  /** Whether the text must end with `# EOF` (OpenMetrics). */
  readonly endsWithEof: boolean;
}

/** One series as its lines begin. */
interface Series {
  /** Name and labels as they stand. */
  readonly text: string;
  readonly plan: SeriesPlan | null;
  chip: PageChip | null;
  stored: StoredSeries | null;
  page: number;
  /** The series whose line came behind this one's last time. */
  next: Series | null;
}

const isBlank = (code: number): boolean => code === BLANK || code === TAB;

/**
 * Reads exposition text: pages of exporters one after another, or series with time stamps. What the labels of a line
 * mean is found out once a series. Pages repeat the order of their series, so that a line is told by comparing its
 * start with that of the series which came next on the page before; only where that fails it is looked up.
 */
class ExpositionReader {
  private readonly sink: RecordSink;
  private readonly context: ReadContext;
  private readonly options: ExpositionOptions;
  private readonly writer: ChipWriter;
  private readonly known: KnownSeries;
  private readonly pages: PageSamples;
  private readonly store: SeriesStore;
  private readonly times: TimeReader;
  private clock: PollClock | null = null;
  private readonly series = new Map<string, Series>();
  private last: Series | null = null;
  /** What lines of the last series that is not known begin with; no line has a line end. */
  private unknownStart = '\n';
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
    this.pages = new PageSamples(this.writer);
    this.store = new SeriesStore(context.path);
    this.times = new TimeReader('+00:00', options.timeForm);
  }

  line(line: string, number: number): void {
    if (line.charCodeAt(0) === HASH) this.comment(line);
    else if (line.trim() !== '') this.row(line, number);
  }

  /** A page begins with the comment that the one before it began with, or behind its end. */
  private comment(line: string): void {
    if (this.hasEnded || line === this.firstComment) this.turnPage();
    if (line.startsWith('# EOF')) this.hasEnded = true;
    else if (line.startsWith('# HELP ') || line.startsWith('# TYPE ')) this.firstComment ||= line;
  }

  private turnPage(): void {
    if (this.pages.isEmpty) this.emptyPages += 1;
    else this.flushPage();
    this.page += 1;
    this.firstComment = '';
    this.hasEnded = false;
  }

  private flushPage(): void {
    this.clock ??= new PollClock(this.context);
    for (; this.emptyPages > 0; this.emptyPages -= 1) this.clock.at(EVERY_PAGE);
    this.pages.flush(this.clock.at(EVERY_PAGE));
  }

  private row(line: string, number: number): void {
    this.sink.row();
    const { unknownStart } = this;
    if (line.startsWith(unknownStart) && isNameEnd(line.charCodeAt(unknownStart.length))) return;
    const series = this.seriesOf(line);
    if (series === null) {
      const expected = 'name{label="value",...} and a number';
      this.sink.reject({ line: number, column: null, reason: 'series', expected, raw: line });
    } else if (series.plan) this.reading(series, series.plan, line, number);
  }

  /** The series of a line; null where the line names none. */
  private seriesOf(line: string): Series | null {
    const expected = this.last?.next ?? null;
    if (expected && line.startsWith(expected.text) && isBlank(line.charCodeAt(expected.text.length))) {
      this.last = expected;
      return expected;
    }
    const series = this.series.get(line.slice(0, line.lastIndexOf('}') + 1)) ?? this.find(line);
    if (series?.plan) {
      if (this.last) this.last.next = series;
      this.last = series;
    }
    return series;
  }

  private find(line: string): Series | null {
    const found = seriesName(line);
    if (!found || !isBlank(line.charCodeAt(found.end))) return null;
    if (!this.known.isKnown(found.name)) {
      this.unknownStart = line.startsWith(found.name) ? found.name : line.slice(0, found.end);
      return NOT_READ;
    }
    const text = line.slice(0, found.end);
    const known = this.series.get(text);
    if (known) return known;
    if (this.series.size >= SERIES_LIMIT)
      throw new InputError(
        'too-many-series',
        `${this.context.path}: more than ${SERIES_LIMIT} series; expected fewer: export fewer hosts a file`,
      );
    const plan = this.known.plan(found.name, found.labels);
    const series: Series = { text, plan, chip: null, stored: null, page: -1, next: null };
    this.series.set(text, series);
    return series;
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

/** Stands for every series of a metric that is not known. */
const NOT_READ: Series = { text: '', plan: null, chip: null, stored: null, page: -1, next: null };

const OPEN_BRACE = 123;
const isNameEnd = (code: number): boolean => isBlank(code) || code === OPEN_BRACE;

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
