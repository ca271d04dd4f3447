import { numberIn } from '../cell.ts';
import { arrayOf, withinArray } from '../json-path.ts';
import type { Mapping } from '../mapping.ts';
import { type TimeGuess, timeGuess } from '../time-guess.ts';
import { applyScale, SI, scaleOf } from '../units.ts';
import { knownUnit } from './known-units.ts';
import { type NameReading, readName } from './names.ts';
import { type FileSample, textsOf } from './sample.ts';

/** A column as a proposal looks at it. */
export interface ColumnView extends NameReading {
  readonly name: string;
  readonly index: number;
  /** Cells that say something. */
  readonly texts: readonly string[];
  /** Those of them that are numbers. */
  readonly numbers: readonly number[];
}

/** Of the cells of a column of numbers, some may be words for nothing. */
const NUMERIC_SHARE = 0.5;
const MOST_SCOPES = 4_096;
const MOST_METRICS = 256;

export function columnViews(sample: FileSample): ColumnView[] {
  const views = sample.names.map((name, index) => {
    const texts = textsOf(sample, index);
    const reading = readName(name.replaceAll('[]', ''));
    const inCells = texts.map(measured).find((found) => found?.unit)?.unit ?? null;
    const below = sample.units?.[index] || null;
    const unit = reading.unit ?? inCells ?? below ?? knownUnit(name, sample.names);
    const numbers = texts.map((text) => numberOf(text, unit)).filter((value) => value !== null);
    return { name, index, texts, numbers, ...reading, unit };
  });
  // A column without a name is an index that pandas writes: nothing, or the time.
  return views.filter(({ name, texts, numbers }) =>
    name === ''
      ? numbers.length === 0 && timeGuess(texts) !== null
      : sample.names.indexOf(name) === sample.names.lastIndexOf(name),
  );
}

const MEASURED = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(\D.*)$/;

/** A number with a known unit behind it; null for any other text. */
function measured(text: string): { value: number; unit: string } | null {
  const [, digits = '', unit = ''] = MEASURED.exec(text) ?? [];
  const value = numberIn(digits);
  return value === null || Number.isNaN(value) || scaleOf(unit) === null ? null : { value, unit };
}

/** The number in a cell, in the unit of its column; null where there is none. */
function numberOf(text: string, unit: string | null): number | null {
  const plain = numberIn(text);
  if (plain !== null) return Number.isNaN(plain) ? null : plain;
  const found = measured(text);
  if (!found) return null;
  const [from, to] = [scaleOf(found.unit) ?? SI, scaleOf(unit ?? '') ?? SI];
  return (applyScale(found.value, from) * to.divide) / to.multiply;
}

export const isNumeric = ({ texts, numbers }: Pick<ColumnView, 'texts' | 'numbers'>): boolean =>
  numbers.length > 0 && numbers.length >= texts.length * NUMERIC_SHARE;

const distinct = ({ texts }: ColumnView): number => new Set(texts).size;
const hasWord = ({ words }: ColumnView, pattern: RegExp): boolean => words.some((word) => pattern.test(word));

const TIME_WORDS = /^(?:time|timestamp|ts|date|datetime|epoch|t|when|at)$/;

/** The columns that hold the time of a row, in the order of its parts, and how it is written. */
export interface RowTime {
  readonly views: readonly ColumnView[];
  readonly guess: TimeGuess;
  /** What its first row has. */
  readonly example: string;
}

const timeOf = (views: readonly ColumnView[], guess: TimeGuess): RowTime => ({
  views,
  guess,
  example: views.map(({ texts }) => texts[0] ?? '').join(' '),
});

const ELEMENT = /\.\d+$/;

/** The time of a row: by names and values, by values that can be nothing else, or as time since a start. */
export function timeColumns(views: readonly ColumnView[]): RowTime | null {
  const timed = views.flatMap((view) => {
    // One of the elements of an array is no time of the row.
    if (ELEMENT.test(view.name)) return [];
    // Summaries below the rows (`Average`, `-----`) have no time; every time has a digit.
    const guess = timeGuess(view.texts.filter((text) => /\d/.test(text)));
    return guess ? [{ view, guess }] : [];
  });
  const named = timed.filter(({ view }) => isNamedTime(view));
  // A number of ten digits may be anything; only texts show by themselves that they are times.
  const shown = timed.find(({ guess }) => !guess.form.startsWith('unix-'));
  const best = named.find(({ guess }) => guess.hasZone) ?? named[0] ?? shown;
  if (best && best.guess.form !== 'clock') return timeOf([best.view], best.guess);
  if (best && isElapsedName(best.view))
    return timeOf([best.view], { form: 'elapsed-s', hasZone: true, isDayMonthOpen: false });
  return (best && withDay(best.view, views)) ?? (best ? timeOf([best.view], best.guess) : elapsedTime(views));
}

export const isNamedTime = (view: ColumnView): boolean =>
  hasWord(view, TIME_WORDS) || /time|stamp/i.test(view.name);

/** A time of day and the column that has its day; null where none has. */
function withDay(clock: ColumnView, views: readonly ColumnView[]): RowTime | null {
  for (const day of views) {
    if (day === clock || day.texts.length !== clock.texts.length || day.numbers.length > 0) continue;
    const guess = timeGuess(day.texts.map((text, i) => `${text} ${clock.texts[i]}`));
    if (guess) return timeOf([day, clock], guess);
  }
  return null;
}

const ELAPSED_WORDS = /^(?:elapsed|uptime|runtime|since|offset|relative|rel)$/;
const isElapsedName = (view: ColumnView): boolean => hasWord(view, ELAPSED_WORDS);
const ELAPSED_FORMS: Readonly<Record<string, RowTime['guess']['form']>> = {
  s: 'elapsed-s',
  ms: 'elapsed-ms',
  us: 'elapsed-us',
  µs: 'elapsed-us',
  ns: 'elapsed-ns',
};

/** Numbers that are named a time, never fall and say their unit: a time since a start that the file does not name. */
function elapsedTime(views: readonly ColumnView[]): RowTime | null {
  for (const view of views) {
    const form = ELAPSED_FORMS[view.unit ?? ''] ?? (view.numbers.some(isFraction) ? 'elapsed-s' : null);
    const isNamed = isNamedTime(view) || isElapsedName(view);
    if (form === null || !isNamed || view.numbers.length !== view.texts.length) continue;
    if (view.numbers.length > 0 && view.numbers.every((value) => value >= 0) && isRising(view.numbers))
      return timeOf([view], { form, hasZone: true, isDayMonthOpen: false });
  }
  return null;
}

const isFraction = (value: number): boolean => !Number.isInteger(value);

/** The columns of a table of one metric a row. */
export function longColumns(views: readonly ColumnView[]): { metric: ColumnView; value: ColumnView } | null {
  const named = (pattern: RegExp) =>
    views.find((view) => hasWord(view, pattern) && isLabel(view, MOST_METRICS));
  const metric =
    named(/^(?:metric|sensor|key|counter|field)$/) ??
    named(/^measurement$/) ??
    views.find(({ words, ...view }) => words.join() === 'name' && isLabel({ words, ...view }, MOST_METRICS));
  const value = views.find((view) => hasWord(view, /^(?:value|val|reading)$/) && isNumeric(view));
  return metric && value && metric !== value ? { metric, value } : null;
}

/** Whether a column's few texts name things. */
const isLabel = (view: ColumnView, most: number): boolean =>
  view.numbers.length === 0 && view.texts.length > 0 && distinct(view) <= most;

const IDENTITY = /^(?:uuid|serial|sn|guid)$/;
const HOST = /^(?:host|hostname|node|server|machine|instance)s?$/;
/** Words that go with what they name: `host_name`, `node id`. */
const NAMING = /^(?:name|number|no|num|id)$/;
const PART =
  /^(?:chip|gpu|npu|xpu|tpu|accelerator|acc|device|dev|card|board|asic|die|socket|slot|module|index|idx|id|unit|bmc|outlet|psu|rack)s?$/;

/** The columns that say what was read: an identity of its own, else the host and the part of it. */
export function scopeColumns(views: readonly ColumnView[]): ColumnView[] {
  const labels = views.filter(
    (view) =>
      view.texts.length > 0 && distinct(view) <= MOST_SCOPES && view.unit === null && namesThings(view),
  );
  const identity = labels.find((view) => hasWord(view, IDENTITY));
  if (identity) return [identity];
  const host = labels.find(
    ({ words }) => words.length > 0 && words.every((word) => HOST.test(word) || NAMING.test(word)),
  );
  // Of a path into an array, what stands within it counts: `samples[].chip`.
  const inner = ({ name, ...view }: ColumnView): ColumnView =>
    arrayOf(name) === null ? { name, ...view } : { name, ...view, words: readName(withinArray(name)).words };
  const part = labels.find((view) => view !== host && (isPart(view) || isPart(inner(view))));
  // Elements of an array that nothing tells apart would all be read as the one host.
  const isNameless = part === undefined && views.some(({ name }) => arrayOf(name) !== null);
  return isNameless ? [] : [host, part].filter((view) => view !== undefined);
}

/** `gpu`, `chip_id`, `device index`, but not `gpu_power` or `board revision`. */
const isPart = (view: ColumnView): boolean =>
  view.words.length > 0 &&
  view.words.every((word) => PART.test(word) || NAMING.test(word) || HOST.test(word)) &&
  (!view.words.every((word) => DEVICE.test(word)) || countsThings(view));

/** Names of a thing alone: `GPU` may be which one it is, or how busy the one is (jtop). */
const DEVICE = /^(?:chip|gpu|npu|xpu|tpu|accelerator|acc|device|dev|card|board|asic|die|module)s?$/;
const INDEX_SLACK = 16;
const ORDERED_SHARE = 0.8;

/** Whether numbers can be the indices of things: small, and following one another as polls write them. */
function countsThings(view: ColumnView): boolean {
  const { texts, numbers } = view;
  if (numbers.length === 0) return true;
  const kinds = distinct(view);
  if (Math.max(...numbers) > 2 * kinds + INDEX_SLACK) return false;
  const followers = new Map<string, Map<string, number>>();
  for (const [i, text] of texts.entries()) {
    const next = texts[i + 1];
    if (next === undefined || next === text) continue;
    const counts = followers.get(text) ?? new Map<string, number>();
    followers.set(text, counts.set(next, (counts.get(next) ?? 0) + 1));
  }
  const counted = [...followers.values()].map((counts) => [...counts.values()]);
  const all = counted.flat().reduce((sum, n) => sum + n, 0);
  const usual = counted.reduce((sum, counts) => sum + Math.max(...counts), 0);
  return usual >= all * ORDERED_SHARE;
}

const namesThings = ({ texts }: ColumnView): boolean =>
  texts.every((text) => !/^[+-]?\d+\.\d+$/.test(text) && text.length <= 128);

const PROGRESS_WORDS: readonly (readonly [key: keyof NonNullable<Mapping['progress']>, pattern: RegExp])[] = [
  ['step', /^(?:(?:global_?)?step|iteration|iter)$/],
  [
    'tokens',
    /^(?:(?:total|consumed|seen)_?tokens(?:_?(?:total|seen|consumed))?|tokens(?:_(?:total|seen|consumed))?)$/,
  ],
  ['samples', /^(?:(?:total|consumed|seen)_?samples|samples(?:_(?:total|seen|consumed))?)$/],
  ['loss', /^(?:(?:train(?:ing)?|lm)_?)?loss$/],
];

/** The columns of work done; totals only where their numbers never fall. */
export function progressColumns(
  views: readonly ColumnView[],
): Partial<Record<'step' | 'tokens' | 'samples' | 'loss', ColumnView>> {
  const found: Partial<Record<'step' | 'tokens' | 'samples' | 'loss', ColumnView>> = {};
  for (const [key, pattern] of PROGRESS_WORDS) {
    const view = views.find((v) => isNumeric(v) && pattern.test(v.words.join('_')));
    if (view && (key === 'loss' || isRising(view.numbers))) found[key as 'step'] = view;
  }
  return found;
}

export const isRising = (numbers: readonly number[]): boolean =>
  numbers.every((value, i) => i === 0 || value >= (numbers[i - 1] as number));
