import { isNull, numberIn } from '../cell.ts';
import { splitCells } from '../cells.ts';
import { hasDecimalComma, hasDecimalPoint, withDecimalPoint } from '../decimal-comma.ts';
import { arrayOf, pathsIn, valueAt, withinArray } from '../json-path.ts';
import { forEachJsonValue } from '../json-values.ts';
import type { Mapping } from '../mapping.ts';
import { TimeReader } from '../time.ts';
import { unitNamed } from './names.ts';

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
  /** Numbers have a comma before their fraction; the rows here have a point. */
  readonly hasDecimalComma?: boolean;
  /** Units below the names, where the file has a line of them; blank where it names none. */
  readonly units?: readonly string[];
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
  const all = DELIMITERS.map((delimiter) => tableOf(lines, delimiter)).filter(
    ({ rows }) => (rows[0]?.length ?? 0) > 1,
  );
  // Where as many lines split at something else, commas stand within the numbers.
  const most = Math.max(...all.filter(({ delimiter }) => delimiter !== ',').map(({ rows }) => rows.length));
  const tables = all
    .filter(({ delimiter, rows }) => delimiter !== ',' || most < rows.length)
    .sort((a, b) => weightOf(b.rows) - weightOf(a.rows));
  // Blanks stand within times and names too: they are the last thing to tell cells apart.
  const table = tables[0] ?? blankTable(lines);
  const [first] = table.rows;
  if (!first || (first.length === 1 && table.rows.length < 2)) return null;
  const cells = table.rows.flat();
  const hasComma = table.delimiter !== ',' && cells.some(hasDecimalComma) && !cells.some(hasDecimalPoint);
  const rows = hasComma ? table.rows.map((row) => row.map(withDecimalPoint)) : table.rows;
  const { names, units, body } = headed(rows);
  return {
    form: 'csv',
    delimiter: first.length === 1 ? null : table.delimiter,
    ...(hasComma ? { hasDecimalComma: true } : {}),
    ...(units ? { units } : {}),
    names: names ?? first.map((_, i) => `column${i + 1}`),
    hasHeader: names !== null,
    rows: body.slice(0, SAMPLED_ROWS),
  };
}

/** The header, the units below it, and the rows that follow. Annotations (InfluxDB) and comments stand above it. */
function headed(rows: readonly (readonly string[])[]): {
  names: readonly string[] | null;
  units: readonly string[] | null;
  body: readonly (readonly string[])[];
} {
  const data = rows.findIndex(
    (cells, i) => cells.some(isDatum) && !cells[0]?.startsWith('#') && !(i === 0 && isOverData(rows)),
  );
  const head = rows.slice(0, data < 0 ? rows.length : data);
  const plain = head.filter((cells) => !cells[0]?.startsWith('#'));
  const [names = head.at(-1) ?? null, ...below] = plain;
  const units = below.find(isUnits)?.map((text) => unitNamed(text) ?? '') ?? null;
  const isHead = (cells: readonly string[]): boolean => cells === names || (units !== null && isUnits(cells));
  const start = names === null ? 0 : rows.indexOf(names) + 1;
  const joined = names?.join('\n');
  const body = rows
    .slice(start)
    .filter((cells) => !isHead(cells) && !cells[0]?.startsWith('#') && cells.join('\n') !== joined);
  return { names, units, body };
}

/** Whether the first row names what is below it although some names are numbers: `Time,0,1` over times. */
function isOverData([first = [], ...below]: readonly (readonly string[])[]): boolean {
  return first.some(
    (text, i) =>
      !isNull(text) && !isDatum(text) && below.length > 0 && below.every((cells) => isDatum(cells[i] ?? '')),
  );
}

/** A row of units, and of nothing that could be a reading. */
function isUnits(cells: readonly string[]): boolean {
  return cells.some((text) => unitNamed(text) !== null) && !cells.some(isDatum);
}

/** The rows of one width from the first of them on: titles and comments above a header are shorter. */
function cellsOf(lines: readonly string[], delimiter: Delimiter): string[][] {
  const all = lines.map((line) => splitCells(line, delimiter === ' ' ? 'whitespace' : delimiter) ?? []);
  const counts = new Map<number, number>();
  for (const { length } of all) counts.set(length, (counts.get(length) ?? 0) + 1);
  // Blanks split titles and names as well: there the number of lines alone counts.
  const weight = ([width, count]: readonly [number, number]): number =>
    delimiter === ' ' ? count : count * Math.log2(width + 1);
  const width = [...counts].sort((a, b) => weight(b) - weight(a) || b[0] - a[0])[0]?.[0];
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
