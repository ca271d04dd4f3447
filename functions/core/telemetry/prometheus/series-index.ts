import { InputError } from '../../errors.ts';
import type { KnownSeries } from './known-series.ts';
import { seriesName } from './labels.ts';
import type { PageChip } from './page-samples.ts';
import type { SeriesPlan } from './series-plan.ts';
import type { StoredSeries } from './series-store.ts';

/** Series of one file; a whole fleet has fewer, and more of them would fill the memory. */
export const SERIES_LIMIT = 262_144;

const BLANK = 32;
const TAB = 9;
const OPEN_BRACE = 123;

export const isBlank = (code: number): boolean => code === BLANK || code === TAB;
const isNameEnd = (code: number): boolean => isBlank(code) || code === OPEN_BRACE;

/** One series as its lines begin. */
export interface Series {
  /** Name and labels as they stand. */
  readonly text: string;
  readonly plan: SeriesPlan | null;
  chip: PageChip | null;
  stored: StoredSeries | null;
  page: number;
  /** The series whose line came behind this one's last time. */
  next: Series | null;
}

/** Stands for every series of a metric that is not known. */
const NOT_READ: Series = { text: '', plan: null, chip: null, stored: null, page: -1, next: null };

function nameEnd(line: string): number {
  let at = 0;
  while (at < line.length && !isNameEnd(line.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Finds the series of lines of exposition text. What the labels of a line mean is found out once a series. Pages
 * repeat the order of their series, so that a line is told by comparing its start with that of the series which came
 * next on the page before; only where that fails it is looked up. Steady pages of
 * dcgm-exporter so read at 250 MB/s and more.
 */
export class SeriesIndex {
  private readonly series = new Map<string, Series>();
  private readonly known: KnownSeries;
  private readonly path: string;
  private last: Series | null = null;
  /** What lines of the last series that is not known begin with; no line has a line end. */
  private unknownStart = '\n';

  constructor(known: KnownSeries, path: string) {
    this.known = known;
    this.path = path;
  }

  /** The series of a line, without a plan where it is not read; null where the line names none. */
  seriesOf(line: string): Series | null {
    const { unknownStart } = this;
    if (line.startsWith(unknownStart) && isNameEnd(line.charCodeAt(unknownStart.length))) return NOT_READ;
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
    const start = line.slice(0, nameEnd(line));
    if (start !== '' && !this.known.isKnown(start)) return this.notRead(start);
    const found = seriesName(line);
    if (!found || !isBlank(line.charCodeAt(found.end))) return null;
    if (!this.known.isKnown(found.name)) return this.notRead(line.slice(0, found.end));
    const text = line.slice(0, found.end);
    const known = this.series.get(text);
    if (known) return known;
    if (this.series.size >= SERIES_LIMIT)
      throw new InputError(
        'too-many-series',
        `${this.path}: more than ${SERIES_LIMIT} series; expected fewer: export fewer hosts a file`,
      );
    const plan = this.known.plan(found.name, found.labels);
    const series: Series = { text, plan, chip: null, stored: null, page: -1, next: null };
    this.series.set(text, series);
    return series;
  }

  private notRead(start: string): Series {
    this.unknownStart = start;
    return NOT_READ;
  }
}
