import { isNull, numberIn } from '../cell.ts';
import { splitCells } from '../cells.ts';
import { arrayOf, pathsIn, valueAt, withinArray } from '../json-path.ts';
import { forEachJsonValue } from '../json-values.ts';
import type { Mapping } from '../mapping.ts';
import { TimeReader } from '../time.ts';

/** Rows that a proposal is made from. */
export const SAMPLED_ROWS = 500;
const PATH_LIMIT = 400;
const HEADER_SEARCH_LINES = 20;

type Delimiter = NonNullable<Mapping['delimiter']>;
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];

/** The first rows of a file, as texts. */
export interface FileSample {
  readonly form: Mapping['form'];
  readonly delimiter: Delimiter | null;
  readonly names: readonly string[];
  /** False: the file has no header, and the names are made up. */
  readonly hasHeader: boolean;
  readonly rows: readonly (readonly string[])[];
}

/** The first rows of a text; null where it is neither a table nor JSON. */
export async function sampleOfText(text: string, path: string): Promise<FileSample | null> {
  const plain = text.replace(/^\ufeff/, '');
  return /^\s*[[{]/.test(plain) ? sampleOfJson(plain, path) : sampleOfTable(plain);
}

function sampleOfTable(text: string): FileSample | null {
  const lines = text
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '' && !/^sep=.$/.test(line))
    .slice(0, SAMPLED_ROWS + HEADER_SEARCH_LINES);
  const tables = DELIMITERS.map((delimiter) => tableOf(lines, delimiter))
    .filter(({ rows }) => (rows[0]?.length ?? 0) > 1)
    .sort((a, b) => weightOf(b.rows) - weightOf(a.rows));
  // Blanks stand within times and names too: they are the last thing to tell cells apart.
  const table = tables[0] ?? blankTable(lines);
  const [first] = table.rows;
  if (!first || (first.length === 1 && table.rows.length < 2)) return null;
  const hasHeader = !first.some((cell) => isDatum(cell));
  return {
    form: 'csv',
    delimiter: first.length === 1 ? null : table.delimiter,
    names: hasHeader ? first : first.map((_, i) => `column${i + 1}`),
    hasHeader,
    rows: table.rows.slice(hasHeader ? 1 : 0, SAMPLED_ROWS),
  };
}

/** The rows of the most common width from the first of them on: titles and comments above a header are shorter. */
function cellsOf(lines: readonly string[], delimiter: Delimiter): string[][] {
  const all = lines.map((line) => splitCells(line, delimiter === ' ' ? 'whitespace' : delimiter) ?? []);
  const counts = new Map<number, number>();
  for (const { length } of all) counts.set(length, (counts.get(length) ?? 0) + 1);
  const width = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
  return all.filter((cells) => cells.length === width);
}

const tableOf = (lines: readonly string[], delimiter: Delimiter) => ({
  delimiter,
  rows: cellsOf(lines, delimiter),
});

/** Cells between blanks, or lines of one cell each. */
function blankTable(lines: readonly string[]) {
  const table = tableOf(lines, ' ');
  if ((table.rows[0]?.length ?? 0) > 1) return table;
  return { ...table, rows: lines.filter((line) => !line.startsWith('#')).map((line) => [line.trim()]) };
}

/** How well a delimiter explains the lines: cells that it makes, in rows of one width. */
const weightOf = (rows: readonly (readonly string[])[]): number =>
  rows.length * Math.log2((rows[0]?.length ?? 0) + 1);

const TIMES = (['iso', 'clock', 'month-first', 'day-first', 'ctime'] as const).map(
  (form) => new TimeReader('+00:00', form, 0),
);

/** Whether a cell is a number or a time: a header has none. */
function isDatum(text: string): boolean {
  if (text === '') return false;
  const value = numberIn(text);
  if (value !== null && !Number.isNaN(value)) return true;
  return TIMES.some((times) => typeof times.read(text) === 'number');
}

async function sampleOfJson(text: string, path: string): Promise<FileSample | null> {
  const objects: object[] = [];
  const chunks = (async function* () {
    yield new TextEncoder().encode(text);
  })();
  const take = (value: unknown): void => {
    if (value !== null && typeof value === 'object' && objects.length < SAMPLED_ROWS) objects.push(value);
  };
  await forEachJsonValue(chunks, path, {
    value: (value) => (Array.isArray(value) ? value.forEach(take) : take(value)),
    other: () => {},
  });
  const names = [...new Set(objects.flatMap((object) => pathsIn(object, PATH_LIMIT)))].slice(0, PATH_LIMIT);
  if (names.length === 0) return null;
  const array = mainArray(names);
  const usable = names.filter((name) => arrayOf(name) === null || arrayOf(name) === array);
  return {
    form: 'jsonl',
    delimiter: null,
    names: usable,
    hasHeader: true,
    rows: objects.flatMap((object) => rowsOf(object, array, usable)).slice(0, SAMPLED_ROWS),
  };
}

/** The array with the most paths into it: its elements are the rows. */
function mainArray(names: readonly string[]): string | null {
  const arrays = names.map(arrayOf).filter((name) => name !== null);
  const count = (name: string): number => arrays.filter((other) => other === name).length;
  return [...new Set(arrays)].sort((a, b) => count(b) - count(a))[0] ?? null;
}

function rowsOf(object: object, array: string | null, names: readonly string[]): string[][] {
  const found = array === null ? [object] : valueAt(object, array);
  return (Array.isArray(found) ? found : []).map((element) =>
    names.map((name) =>
      plainText(arrayOf(name) === null ? valueAt(object, name) : valueAt(element, withinArray(name))),
    ),
  );
}

function plainText(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'object') return '';
  return typeof value === 'boolean' ? String(Number(value)) : String(value).trim();
}

/** Texts of a column that say something. */
export const textsOf = ({ rows }: FileSample, column: number): string[] =>
  rows.map((cells) => cells[column] ?? '').filter((text) => !isNull(text));
