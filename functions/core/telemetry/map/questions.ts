import { BoundarySchema } from '../boundary.ts';
import { siUnitOf } from '../dimensions.ts';
import { arrayOf } from '../json-path.ts';
import type { Mapping } from '../mapping.ts';
import type { TimeGuess } from '../time-guess.ts';
import type { ColumnView, progressColumns } from './columns.ts';
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
  readonly time: { readonly view: ColumnView; readonly guess: TimeGuess } | null;
  readonly scope: readonly ColumnView[];
  readonly kind: NonNullable<Mapping['kind']>;
  readonly choice: Choice;
  readonly falling: readonly Candidate[];
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
    const names = quoted(unread.map(({ name }) => name));
    return [...headerQuestions(asked), open('mapping', `Which of ${names} is power, energy or work done?`)];
  }
  const all = [
    ...timeQuestions(asked),
    ...scopeQuestions(asked),
    ...boundaryQuestions(asked),
    ...unitQuestions(asked),
    ...choiceQuestions(asked),
    ...headerQuestions(asked),
    ...unreadQuestions(asked, unread),
  ];
  return [...all.filter(({ isOpen }) => isOpen), ...all.filter(({ isOpen }) => !isOpen)];
}

const readingsOf = ({ choice, metrics }: Asked): readonly Candidate[] => [...choice.readings, ...metrics];
const hasReadings = (asked: Asked): boolean => readingsOf(asked).length > 0;

function timeQuestions(asked: Asked): Question[] {
  const { time } = asked;
  if (!time)
    return hasReadings(asked)
      ? [
          open(
            'startTime, periodMs',
            'No column is a time. When was the first row taken, and how far apart are the rows?',
          ),
        ]
      : [];
  const { view, guess } = time;
  const name = JSON.stringify(view.name);
  const example = JSON.stringify(view.texts[0]);
  const questions: Question[] = [];
  if (guess.isDayMonthOpen)
    questions.push(
      open('mapping.time', `Is ${example} in ${name} day-first or month-first? Every value could be either.`),
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

function choiceQuestions({ choice, falling }: Asked): Question[] {
  const chosen = choice.left.flatMap((left) => {
    const taken = choice.readings.find(({ field }) => field === left.field);
    if (taken && taken.scope !== null)
      return [
        hint(
          'mapping.readings',
          `${JSON.stringify(left.view.name)} is ${left.field} too, beside numbered columns: it could be their sum, which would count twice. It is not read.`,
        ),
      ];
    return taken
      ? [
          hint(
            'mapping.readings',
            `${JSON.stringify(left.view.name)} is ${left.field} too; ${JSON.stringify(taken.view.name)} is read, as a whole and a part of it would count twice.`,
          ),
        ]
      : [];
  });
  const lost = falling.map(({ view, field }) =>
    hint(
      'mapping.readings',
      `${JSON.stringify(view.name)} looks like ${field}, but falls: a counter only rises. It is not read.`,
    ),
  );
  return [...chosen, ...lost];
}

const headerQuestions = ({ sample }: Asked): Question[] =>
  sample.hasHeader
    ? []
    : [
        open(
          'columns',
          'The file has no header. What are its columns? The names column1, column2, ... stand in for them.',
        ),
      ];

function unreadQuestions({ choice, falling }: Asked, unread: readonly ColumnView[]): Question[] {
  const explained = new Set([...choice.left, ...falling].map(({ view }) => view));
  const names = unread.filter((view) => !explained.has(view)).map(({ name }) => name);
  return names.length === 0 ? [] : [hint('', `Not read: ${quoted(names)}. Right so?`)];
}
