import { InputError } from '../../errors.ts';
import { FIELDS, type Field } from '../sample.ts';

export const TIME_COLUMNS = ['time', 'time_unix_ms', 'time_unix_nano'] as const;
const SCOPE_COLUMNS = ['scope', 'kind', 'boundary'] as const;
const PROGRESS_COLUMNS = ['event', 'step', 'samples', 'tokens', 'loss', 'value', 'text'] as const;

/** Every column of Wattline's own files, in the order in which a row's cells are handed to its reader. */
export const CANONICAL_COLUMNS: readonly string[] = [
  ...TIME_COLUMNS,
  ...SCOPE_COLUMNS,
  ...FIELDS,
  ...PROGRESS_COLUMNS,
];

export type Column =
  | (typeof TIME_COLUMNS)[number]
  | (typeof SCOPE_COLUMNS)[number]
  | Field
  | (typeof PROGRESS_COLUMNS)[number];

const PLACES: ReadonlyMap<string, number> = new Map(CANONICAL_COLUMNS.map((name, i) => [name, i]));

/** Place of a column among the cells of a row. */
export const placeOf = (column: Column): number => PLACES.get(column) as number;

/** Place of a column that a file names. */
export function placeOfNamed(name: string, path: string): number {
  const place = PLACES.get(name);
  if (place !== undefined) return place;
  throw new InputError(
    'column-unknown',
    `${path}: unknown column ${JSON.stringify(name)}; expected ${CANONICAL_COLUMNS.join(', ')}`,
  );
}

/** Checks a header against the known columns and gives the place of each of its cells. */
export function placesOf(header: readonly string[], path: string): number[] {
  const places = header.map((name) => placeOfNamed(name, path));
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError(
      'column-twice',
      `${path}: the column ${JSON.stringify(twice)} stands twice in the header; expected each once`,
    );
  }
  if (!isHeader(header)) {
    throw new InputError(
      'column-missing',
      `${path}: the header ${JSON.stringify(header)} has no time; expected ${TIME_COLUMNS.join(', ')}`,
    );
  }
  return places;
}

export const isHeader = (names: readonly string[]): boolean =>
  TIME_COLUMNS.some((column) => names.includes(column));
