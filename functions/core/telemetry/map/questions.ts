import { BoundarySchema } from '../boundary.ts';
import { siUnitOf } from '../dimensions.ts';
import { arrayOf } from '../json-path.ts';
import { type Mapping, TIME_FORMS } from '../mapping.ts';
import { type ColumnView, isNamedTime, type progressColumns, type RowTime } from './columns.ts';
import type { Candidate, Choice } from './readings.ts';
import type { FileSample } from './sample.ts';

/** Something that the file does not say and somebody has to. */
export interface Question {
  /** Where the answer goes: a property of the file's rule or of its mapping; blank where it needs none. */
  readonly about: string;
  readonly text: string;
  /** Without an answer the file is refused. */
  readonly isOpen: boolean;
}

/** What was found out about a file. */
export interface Asked {
  readonly sample: FileSample;
  readonly time: RowTime | null;
  /** Every column that is not the time. */
  readonly untimed: readonly ColumnView[];
  readonly scope: readonly ColumnView[];
  readonly kind: NonNullable<Mapping['kind']>;
  readonly choice: Choice;
  readonly falling: readonly Candidate[];
  /** Energy and power of which nothing says the unit. */
  readonly unitless: readonly Candidate[];
  readonly metrics: readonly Candidate[];
  readonly progress: ReturnType<typeof progressColumns>;
  readonly isLong: boolean;
  readonly fileName: string;
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
const open = (about: string, text: string): Question => ({ about, text, isOpen: true });
const hint = (about: string, text: string): Question => ({ about, text, isOpen: false });

/** What is left to decide, the needed answers first. */
export function questionsOf(asked: Asked, unread: readonly ColumnView[], isRead: boolean): Question[] {
  if (!isRead) {
    const names = quoted(unread.map(({ name }) => name)) || 'the columns';
    const asks = unitlessQuestions(asked).map(({ about, text }) => open(about, text));
    const head = [...headerQuestions(asked), ...doubledQuestions(asked)];
    if (asks.length > 0) return [...head, ...asks];
    return [
      ...head,
      open('mapping', `Which of ${names} is power, energy or work done? ${beginning(asked, unread)}`),
    ];
  }
  const all = [
    ...timeQuestions(asked),
    ...scopeQuestions(asked),
    ...boundaryQuestions(asked),
    ...unitQuestions(asked),
    ...unitlessQuestions(asked),
    ...choiceQuestions(asked),
    ...headerQuestions(asked),
    ...doubledQuestions(asked),
    ...unreadQuestions(asked, unread),
  ];
  return [...all.filter(({ isOpen }) => isOpen), ...all.filter(({ isOpen }) => !isOpen)];
}

/** A mapping by hand, as far as it can be told: what is in dots is to be filled in. */
function beginning({ sample, time, scope }: Asked, unread: readonly ColumnView[]): string {
  const column = unread.find(({ numbers, texts }) => numbers.length === texts.length)?.name ?? '...';
  const { form, delimiter, hasDecimalComma } = sample;
  const mapping = {
    form,
    ...(delimiter && delimiter !== ',' ? { delimiter } : {}),
    ...(hasDecimalComma ? { decimal: ',' } : {}),
    ...(time ? { time: { column: columnOf(time), form: time.guess.form } } : {}),
    ...(scope.length > 0 ? { scope: scope.map(({ name }) => name) } : { scopeId: '...' }),
    readings: [{ column, field: 'power_w', unit: 'W' }],
  };
  return `A power in W is mapped so: ${JSON.stringify(mapping)}`;
}

/** The column of a mapping's time, or its columns. */
export const columnOf = ({ views: [first, ...rest] }: RowTime): string | string[] =>
  rest.length === 0 ? (first?.name ?? '') : [first, ...rest].map((view) => view?.name ?? '');

const readingsOf = ({ choice, metrics }: Asked): readonly Candidate[] => [...choice.readings, ...metrics];
const hasReadings = (asked: Asked): boolean => readingsOf(asked).length > 0;

/** What to do where no column is a time that can be read; rows of several scopes cannot be counted instead. */
function untimedQuestion({ untimed, scope, isLong }: Asked): Question {
  const all = untimed.filter((view) => isNamedTime(view) && view.texts.length > 0);
  // Of a date and a time of day, the latter.
  const named = all.find(({ texts }) => texts[0]?.includes(':')) ?? all[0];
  const found = named === undefined ? 'No column is a time' : notTime(named);
  if (scope.length > 0 || isLong)
    return open(
      'mapping.time',
      `${found}${found.endsWith('Else') ? ':' : '.'} Rows of several scopes or metrics cannot be counted as time: which column has it, and in which form (${TIME_FORMS.join(', ')})?`,
    );
  return open(
    'startTime, periodMs',
    `${found}${found.endsWith('Else') ? ':' : '.'} When was the first row taken, and how far apart are the rows?`,
  );
}

function notTime({ name, texts, numbers }: ColumnView): string {
  const what = `${JSON.stringify(name)} (${JSON.stringify(texts[0])})`;
  if (numbers.length < texts.length) return `${what} is no time of a form that is known`;
  return `${what} is no time since 1970. Does it count from a start? Then put {"column":${JSON.stringify(name)},"form":"elapsed-s"} (or elapsed-ms, elapsed-us, elapsed-ns) as time into the mapping, and say when its 0 was as startTime. Else`;
}

function timeQuestions(asked: Asked): Question[] {
  const { time } = asked;
  if (!time) return hasReadings(asked) ? [untimedQuestion(asked)] : [];
  const { views, guess } = time;
  const name = views.map((view) => JSON.stringify(view.name)).join(' and ');
  const example = JSON.stringify(time.example);
  const questions: Question[] = [];
  if (guess.isDayMonthOpen)
    questions.push(
      open('mapping.time', `Is ${example} in ${name} day-first or month-first? Every value could be either.`),
    );
  if (guess.form.startsWith('elapsed-'))
    questions.push(
      open('startTime', `${name} has times since a start (${example}, ${guess.form}). When was its 0?`),
    );
  if (guess.form === 'clock')
    questions.push(
      open('startTime', `${name} has times of day alone (${example}). On which day was the first?`),
    );
  if (!guess.hasZone)
    questions.push(
      open(
        'timeZone',
        `In which zone are the times in ${name} (${example})? For instance Europe/Berlin or +00:00.`,
      ),
    );
  return questions;
}

function scopeQuestions({ sample, scope, choice, metrics, kind }: Asked): Question[] {
  const isOwn = metrics.length > 0 || choice.readings.some((reading) => reading.scope === null);
  const questions: Question[] = [];
  const array = sample.names.map(arrayOf).find((name) => name !== null);
  if (scope.length === 0 && isOwn && array !== undefined)
    questions.push(open('mapping.scope', `Which path tells the elements of ${JSON.stringify(array)} apart?`));
  else if (scope.length === 0 && isOwn)
    questions.push(
      open(
        'mapping.scopeId',
        `Which ${kind} is the file of? Its id, or {node} where the pattern or the rule names the node.`,
      ),
    );
  const isIndex = scope.length === 1 && scope[0]?.texts.every((text) => /^\d+$/.test(text));
  if (isIndex)
    questions.push(
      hint(
        'node, scopes',
        `${quoted(scope.map(({ name }) => name))} counts the ${kind}s of a host: give node for the file, or their ids as scopes, where several hosts write such files.`,
      ),
    );
  if (choice.readings.some((reading) => reading.scope !== null))
    questions.push(hint('mapping.readings', `The numbered columns are read as one ${kind} each.`));
  return questions;
}

function boundaryQuestions(asked: Asked): Question[] {
  const isMetered = readingsOf(asked).some(({ field }) => field === 'power_w' || field === 'energy_j');
  return isMetered
    ? [open('boundary', `What do the power readings cover? One of ${BoundarySchema.options.join(', ')}.`)]
    : [];
}

function unitQuestions(asked: Asked): Question[] {
  return readingsOf(asked)
    .filter(({ unitBasis, field }) => unitBasis !== 'name' && !/_(?:total|c)$/.test(field))
    .map(({ view, field, reading, unitBasis }) => {
      const values = `${Math.min(...view.numbers)} to ${Math.max(...view.numbers)}`;
      const taken =
        unitBasis === 'values'
          ? `${reading.unit ?? siUnitOf(field)}, as its values (${values}) are plausible so`
          : siUnitOf(field);
      return hint(
        'unit',
        `Nothing names the unit of ${JSON.stringify(view.name)} (${field}); it is taken for ${taken}. Is it?`,
      );
    });
}

/** What is not read because a wrong unit would be wrong by a thousand or by 3.6 million. */
const unitlessQuestions = ({ unitless, isLong }: Asked): Question[] =>
  unitless.map(({ view, field }) => {
    const values = `${Math.min(...view.numbers)} to ${Math.max(...view.numbers)}`;
    const unit = field === 'energy_j' ? 'J, mJ, uJ, Wh or kWh' : 'W, mW, uW or kW';
    const reading = { ...(isLong ? {} : { column: view.name }), field, unit: '...' };
    const where = isLong ? `long.readings under ${JSON.stringify(view.name)}` : 'readings';
    return hint(
      'mapping.readings',
      `Is ${JSON.stringify(view.name)} (${values}) in ${unit}? Nothing says it, so it is not read. To read it, put ${JSON.stringify(reading)} with its unit into ${where}.`,
    );
  });

function choiceQuestions({ choice, falling, metrics }: Asked): Question[] {
  const chosen = choice.left.flatMap((left) => {
    const taken = [...choice.readings, ...metrics].find(({ field }) => field === left.field);
    if (taken && 'scope' in taken && taken.scope !== null)
      return [
        hint(
          'mapping.readings',
          `${JSON.stringify(left.view.name)} is ${left.field} too, beside numbered columns: it could be their sum, which would count twice. It is not read.`,
        ),
      ];
    if (!taken)
      return [
        hint(
          'mapping.readings',
          `${JSON.stringify(left.view.name)} is ${left.field}, but of none of the scopes that the numbered columns are of. It is not read.`,
        ),
      ];
    return [
      hint(
        'mapping.readings',
        `${JSON.stringify(left.view.name)} is ${left.field} too; ${JSON.stringify(taken.view.name)} is read, as a whole and a part of it would count twice.`,
      ),
    ];
  });
  const lost = falling.map(({ view, field }) =>
    hint(
      'mapping.readings',
      `${JSON.stringify(view.name)} looks like ${field}, but falls: a counter only rises. It is not read.`,
    ),
  );
  return [...chosen, ...lost];
}

const doubledQuestions = ({ sample: { names } }: Asked): Question[] =>
  [...new Set(names.filter((name, i) => name !== '' && names.indexOf(name) !== i))].map((name) =>
    hint(
      'columns',
      `${JSON.stringify(name)} stands twice in the header, so that neither is read. To read one, give every column a name of its own as columns of the file.`,
    ),
  );

const headerQuestions = ({ sample }: Asked): Question[] =>
  sample.hasHeader
    ? []
    : [
        open(
          'columns',
          'The file has no header. What are its columns? The names column1, column2, ... stand in for them.',
        ),
      ];

function unreadQuestions({ choice, falling, unitless }: Asked, unread: readonly ColumnView[]): Question[] {
  const explained = new Set([...choice.left, ...falling, ...unitless].map(({ view }) => view));
  const names = unread.filter((view) => !explained.has(view)).map(({ name }) => name);
  return names.length === 0 ? [] : [hint('', `Not read: ${quoted(names)}. Right so?`)];
}
