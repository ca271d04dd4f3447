import { numberIn } from '../cell.ts';
import { siUnitOf } from '../dimensions.ts';
import { type Mapping, MappingSchema } from '../mapping.ts';
import { FIELDS, FIRST_COUNTER } from '../sample.ts';
import type { TimeGuess } from '../time-guess.ts';
import {
  type ColumnView,
  columnViews,
  isRising,
  longColumns,
  progressColumns,
  type RowTime,
  scopeColumns,
  timeColumns,
} from './columns.ts';
import { fieldOf, readName, unitNamed } from './names.ts';
import { type Asked, columnOf, type Question, questionsOf } from './questions.ts';
import { type Candidate, candidate, candidates, choose, isUnitOpen, nullSpellings } from './readings.ts';
import type { FileSample } from './sample.ts';

/** One column or metric of the file, and what it is taken for. */
export interface ProposedColumn {
  readonly name: string;
  readonly example: string;
  /** `time`, `scope`, a field, `progress: step`, or blank where it is not read. */
  readonly meaning: string;
  /** Unit, form or scope, as far as it needs one. */
  readonly detail: string;
}

export interface Proposal {
  /** Null where nothing of the file was recognised. */
  readonly mapping: Mapping | null;
  /** Names for the columns of a file without a header; they go into the file's rule. */
  readonly columns: readonly string[] | null;
  readonly table: readonly ProposedColumn[];
  readonly questions: readonly Question[];
}

type Kind = NonNullable<Mapping['kind']>;

/**
 * Proposes what the columns of an unknown file mean, from their names, units and first values. What neither tells is
 * left out of the mapping, so that the file stays refused until somebody decides, and asked as a question.
 */
export function proposeMapping(sample: FileSample, fileName: string): Proposal {
  const views = columnViews(sample);
  const time = timeColumns(views);
  const untimed = views.filter((view) => view.name !== '' && !time?.views.includes(view));
  const long = longColumns(untimed);
  const scope = scopeColumns(untimed.filter((view) => view !== long?.metric && view !== long?.value));
  const progress = progressColumns(untimed.filter((view) => !scope.includes(view)));
  const used = new Set([...scope, ...Object.values(progress), long?.metric, long?.value]);
  const rest = untimed.filter((view) => !used.has(view));
  const kind = kindOf(scope, rest, fileName);
  const falls = (c: Candidate): boolean =>
    FIELDS.indexOf(c.field) >= FIRST_COUNTER && !risesByScope(sample, c, scope);
  const all = candidates(rest, kind);
  const falling = all.filter(falls);
  const rising = all.filter((c) => !falling.includes(c));
  const choice = choose(
    rising.filter((c) => !isUnitOpen(c)),
    scope.length === 0,
  );
  const ofMetrics = long ? metricsOf(sample, long, kind) : [];
  const chosen = choose(
    ofMetrics.filter((c) => !isUnitOpen(c)),
    false,
  );
  const metrics = chosen.readings;
  const asked: Asked = {
    sample,
    time,
    untimed,
    scope,
    kind,
    choice: { ...choice, left: [...choice.left, ...chosen.left] },
    falling,
    unitless: [...rising, ...ofMetrics].filter(isUnitOpen),
    metrics,
    progress,
    isLong: long !== null,
    fileName,
  };
  const mapping = mappingOf(asked, long);
  return {
    mapping,
    columns: sample.hasHeader ? null : sample.names,
    table: tableOf(views, asked, long),
    questions: questionsOf(asked, unread(views, asked, long), mapping !== null),
  };
}

/** What is metered: hosts where only hosts are named, chips otherwise. */
function kindOf(scope: readonly ColumnView[], rest: readonly ColumnView[], fileName: string): Kind {
  const isHost = (words: readonly string[]): boolean =>
    words.some((word) => /^(?:host|hostname|node|server|n)\d*$/.test(word));
  const isRack = /(?:^|[^a-z])(?:pdu|rack)(?:[^a-z]|$)/i.test(fileName);
  if (scope.length > 0) return scope.every(({ words }) => isHost(words)) ? 'node' : 'chip';
  const powers = rest.filter((view) => fieldOf(view) === 'power_w');
  if (powers.length > 0 && powers.some(({ words }) => isHost(words))) return 'node';
  return isRack ? 'rack' : 'chip';
}

/** Whether a counter never falls within a scope. */
function risesByScope(
  { rows }: FileSample,
  { view, reading }: Candidate,
  scope: readonly ColumnView[],
): boolean {
  const byScope = new Map<string, number[]>();
  for (const cells of rows) {
    const value = numberIn(cells[view.index] ?? '');
    if (value === null || Number.isNaN(value) || reading.sentinels?.includes(value)) continue;
    const id = scope.map(({ index }) => cells[index] ?? '').join('/');
    byScope.set(id, [...(byScope.get(id) ?? []), value]);
  }
  return [...byScope.values()].every(isRising);
}

/** The metrics of a long table, as columns of their own. */
function metricsOf(
  sample: FileSample,
  { metric, value }: { metric: ColumnView; value: ColumnView },
  kind: Kind,
): Candidate[] {
  const unit = columnViews(sample).find(({ name }) => /^units?$/i.test(name));
  return [...new Set(metric.texts)].flatMap((name) => {
    const rows = sample.rows.filter((cells) => cells[metric.index] === name);
    const texts = rows.map((cells) => cells[value.index] ?? '').filter((text) => text !== '');
    const numbers = texts.map(numberIn).filter((n): n is number => Number.isFinite(n));
    const reading = readName(name);
    const units = new Set(unit ? rows.map((cells) => cells[unit.index] ?? '') : []);
    const stated = units.size === 1 ? unitNamed([...units][0] as string) : null;
    const view = { name, index: value.index, texts, numbers, ...reading, unit: reading.unit ?? stated };
    const field = fieldOf(view);
    return field === null || numbers.length === 0 ? [] : [candidate(view, field, kind)];
  });
}

function mappingOf(asked: Asked, long: { metric: ColumnView; value: ColumnView } | null): Mapping | null {
  const { sample, time, scope, kind, choice, metrics, progress } = asked;
  const readings = choice.readings.map(({ view, reading, scope: part }) => ({
    column: view.name,
    ...reading,
    ...(part === null ? {} : { scope: part }),
  }));
  const nulls = nullSpellings(choice.readings.map(({ view }) => view));
  const work = Object.entries(progress).map(([key, view]) => [key, view.name]);
  if (readings.length === 0 && metrics.length === 0 && work.length === 0) return null;
  const isOpen = time?.guess.isDayMonthOpen === true;
  // Not what the schema's parser gives back: it would put a reading's column last.
  const mapping = {
    form: sample.form,
    ...(sample.delimiter && sample.delimiter !== ',' ? { delimiter: sample.delimiter } : {}),
    ...(sample.hasDecimalComma ? { decimal: ',' as const } : {}),
    ...(time && !isOpen ? { time: { column: columnOf(time), form: time.guess.form } } : {}),
    ...(kind === 'chip' ? {} : { kind }),
    ...(scope.length > 0 ? { scope: scope.map(({ name }) => name) } : {}),
    ...(nulls.length > 0 ? { nulls } : {}),
    ...(readings.length > 0 ? { readings } : {}),
    ...(long && metrics.length > 0
      ? {
          long: {
            metric: long.metric.name,
            value: long.value.name,
            readings: Object.fromEntries(metrics.map(({ view, reading }) => [view.name, reading])),
          },
        }
      : {}),
    ...(work.length > 0 ? { progress: Object.fromEntries(work) } : {}),
  };
  MappingSchema.parse(mapping);
  return mapping;
}

const EXAMPLE_CHARACTERS = 28;
const exampleOf = ({ texts }: ColumnView): string => (texts[0] ?? '').slice(0, EXAMPLE_CHARACTERS);

/** Meaning and detail of every column that is read, by view. */
function meanings(
  asked: Asked,
  long: { metric: ColumnView; value: ColumnView } | null,
): Map<ColumnView, [string, string]> {
  const { time, scope, choice, progress } = asked;
  const found = new Map<ColumnView, [string, string]>();
  for (const view of time?.views ?? []) found.set(view, ['time', timeDetail((time as RowTime).guess)]);
  for (const view of scope) found.set(view, ['scope', '']);
  if (long) found.set(long.metric, ['metric', '']).set(long.value, ['value', '']);
  for (const [key, view] of Object.entries(progress)) found.set(view, [`progress: ${key}`, '']);
  for (const c of choice.readings) found.set(c.view, [c.field, detailOf(c, c.scope)]);
  return found;
}

const timeDetail = ({ form, hasZone, isDayMonthOpen }: TimeGuess): string =>
  `${isDayMonthOpen ? 'month-first or day-first' : form}${hasZone ? '' : ', no zone'}`;

function detailOf({ reading, unitBasis }: Candidate, scope: string | null): string {
  const unit =
    reading.scale === undefined ? (reading.unit ?? siUnitOf(reading.field)) : `times ${reading.scale}`;
  const basis = unitBasis === 'name' ? '' : unitBasis === 'values' ? ' (by its values)' : ' (not stated)';
  const sentinels = reading.sentinels ? `, ${reading.sentinels.join(' and ')} is nothing` : '';
  return `${unit}${basis}${scope === null ? '' : ` of ${scope}`}${sentinels}`;
}

function tableOf(
  views: readonly ColumnView[],
  asked: Asked,
  long: { metric: ColumnView; value: ColumnView } | null,
): ProposedColumn[] {
  const known = meanings(asked, long);
  const rows = views.map((view) => {
    const [meaning = '', detail = ''] = known.get(view) ?? [];
    return { name: view.name, example: exampleOf(view), meaning, detail };
  });
  const metrics = asked.metrics.map((c) => ({
    name: c.view.name,
    example: exampleOf(c.view),
    meaning: c.field,
    detail: detailOf(c, null),
  }));
  return [...rows, ...metrics];
}

const unread = (
  views: readonly ColumnView[],
  asked: Asked,
  long: { metric: ColumnView; value: ColumnView } | null,
): readonly ColumnView[] => {
  const known = meanings(asked, long);
  return views.filter((view) => !known.has(view));
};
