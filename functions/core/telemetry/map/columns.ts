import { numberIn } from '../cell.ts';
import { arrayOf } from '../json-path.ts';
import type { Mapping } from '../mapping.ts';
import { type TimeGuess, timeGuess } from '../time-guess.ts';
import { applyScale, SI, scaleOf } from '../units.ts';
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
    const unit = reading.unit ?? inCells;
    const numbers = texts.map((text) => numberOf(text, unit)).filter((value) => value !== null);
    return { name, index, texts, numbers, ...reading, unit };
  });
  // A column without a name (an index that pandas writes) cannot be mapped.
  return views.filter(({ name }) => name !== '');
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

/** The column that holds the time of a row: by its name and values, or by values that can be nothing else. */
export function timeColumn(views: readonly ColumnView[]): { view: ColumnView; guess: TimeGuess } | null {
  const timed = views.flatMap((view) => {
    const guess = timeGuess(view.texts);
    return guess ? [{ view, guess }] : [];
  });
  const named = timed.filter(({ view }) => hasWord(view, TIME_WORDS) || /time|stamp/i.test(view.name));
  // A number of ten digits may be anything; only texts show by themselves that they are times.
  const shown = timed.find(({ guess }) => !guess.form.startsWith('unix-'));
  return named.find(({ guess }) => guess.hasZone) ?? named[0] ?? shown ?? null;
}

/** The columns of a table of one metric a row. */
export function longColumns(views: readonly ColumnView[]): { metric: ColumnView; value: ColumnView } | null {
  const metric = views.find(
    (view) =>
      hasWord(view, /^(?:metric|sensor|measurement|key|counter|field)$/) && isLabel(view, MOST_METRICS),
  );
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
  const part = labels.find((view) => view !== host && isPart(view));
  // Elements of an array that nothing tells apart would all be read as the one host.
  const isNameless = part === undefined && views.some(({ name }) => arrayOf(name) !== null);
  return isNameless ? [] : [host, part].filter((view) => view !== undefined);
}

/** `gpu`, `chip_id`, `device index`, but not `gpu_power` or `board revision`. */
const isPart = ({ words }: ColumnView): boolean =>
  words.length > 0 && words.every((word) => PART.test(word) || NAMING.test(word) || HOST.test(word));

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
