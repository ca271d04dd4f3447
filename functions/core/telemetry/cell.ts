/** Why a cell cannot be read. */
export interface Fault {
  readonly column: string | null;
  readonly reason: string;
  readonly expected: string;
}

/** Spellings of "no reading", in lower case. */
const NULLS = new Set([
  '',
  'na',
  'n/a',
  '[n/a]',
  '[not supported]',
  '[unknown error]',
  'nan',
  'null',
  'none',
  '-',
]);
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
export const isNull = (text: string): boolean => NULLS.has(text.toLowerCase());

/** The number in a cell; NaN where there is no reading; null where it is neither. */
export function numberIn(text: string): number | null {
  if (text === '') return Number.NaN;
  if (!NUMBER.test(text)) return isNull(text) ? Number.NaN : null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

export const numberFault = (column: string): Fault => ({
  column,
  reason: 'number',
  expected: 'a plain decimal number, or blank',
});
