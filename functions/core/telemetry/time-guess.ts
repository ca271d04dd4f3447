import { numberIn } from './cell.ts';
import type { TimeForm } from './mapping.ts';
import { TimeReader } from './time.ts';

/** How the times of a column are written, as far as its values tell. */
export interface TimeGuess {
  readonly form: TimeForm;
  /** False: the times name no zone. */
  readonly hasZone: boolean;
  /** Day and month could be either way round in every value. */
  readonly isDayMonthOpen: boolean;
}

const UNIX_FORMS = ['unix-s', 'unix-ms', 'unix-us', 'unix-ns'] as const;
const TEXT_FORMS = ['iso', 'month-first', 'day-first', 'ctime', 'clock'] as const;
const ZONE = '+00:00';

const readsAll = (form: TimeForm, texts: readonly string[], zone: string | undefined): boolean => {
  const reader = new TimeReader(zone, form, 0);
  return texts.every((text) => typeof reader.read(text) === 'number');
};

/** The form that every one of the texts can be read in; null where there is none. */
export function timeGuess(texts: readonly string[]): TimeGuess | null {
  if (texts.length === 0) return null;
  const areNumbers = texts.every((text) => Number.isFinite(numberIn(text)));
  const forms: readonly TimeForm[] = areNumbers ? UNIX_FORMS : TEXT_FORMS;
  const fitting = forms.filter((form) => readsAll(form, texts, ZONE));
  const [form] = fitting;
  if (form === undefined) return null;
  return {
    form,
    hasZone: areNumbers || readsAll(form, texts, undefined),
    isDayMonthOpen: fitting.includes('month-first') && fitting.includes('day-first'),
  };
}
