import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import {
  type NamedQuery,
  namedQueries,
  type QueryParameter,
} from '../functions/platform/lake/named-queries.ts';
import { DUCKDB_FOLDER } from './duckdb.ts';
import { type Answer, LakeConnection } from './lake-connection.ts';
import { say, sayJson } from './terminal.ts';

export interface SqlOptions {
  readonly store: string;
  readonly query?: string;
  readonly program?: string;
  readonly run?: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `wattline sql`: a query over the lake of a store, with the names and types that Athena has. */
export async function sqlCommand(sql: string | undefined, options: SqlOptions): Promise<void> {
  if (options.list) {
    list();
    return;
  }
  if ((sql === undefined) === (options.query === undefined))
    throw new InputError('usage', 'expected a query, or --query with the name of one (--list shows them)');
  if (options.json && options.csv) throw new InputError('usage', 'expected --json or --csv, not both');
  const named = options.query === undefined ? null : byName(options.query);
  const lake = await LakeConnection.open(options.store, process.env[DUCKDB_FOLDER]);
  try {
    const values = named?.parameters.map((p) => parameterValue(p, options)) ?? [];
    print(await lake.ask(named?.sql ?? (sql as string), values), options);
  } finally {
    lake.close();
  }
}

function list(): void {
  for (const { name, description, parameters } of namedQueries())
    say(`${name} (${[...new Set(parameters)].join(', ')})\n  ${description}`);
}

function byName(name: string): NamedQuery {
  const all = namedQueries();
  const found = all.find((q) => q.name === name);
  if (found) return found;
  throw new InputError('usage', `--query ${name}: expected one of ${all.map((q) => q.name).join(', ')}`);
}

/** A parameter as the options say it; the program may be left out where the store has one. */
function parameterValue(parameter: QueryParameter, options: SqlOptions): string {
  const given = options[parameter];
  if (given !== undefined) return given;
  const programs = keysBelow(join(options.store, 'lake', 'receipts'), 'program');
  const [first] = programs;
  if (parameter === 'program' && programs.length === 1 && first !== undefined) return first;
  const program = options.program ?? first;
  const known =
    parameter === 'program' || program === undefined
      ? programs
      : keysBelow(join(options.store, 'lake', 'receipts', `program=${program}`), 'run');
  throw new InputError(
    'usage',
    `--${parameter}: expected one of ${known.join(', ') || '(the store is empty)'}`,
  );
}

const keysBelow = (folder: string, key: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith(`${key}=`))
    .map((name) => name.slice(key.length + 1))
    .sort();

function print({ columns, rows }: Answer, { json, csv }: SqlOptions): void {
  if (json) {
    sayJson(rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
  } else if (csv) {
    for (const row of [columns, ...rows]) say(row.map(csvCell).join(','));
  } else {
    table([columns, ...rows.map((row) => row.map(shown))]);
    say(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`);
  }
}

const asText = (cell: unknown): string =>
  cell === null || cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);

/** A spreadsheet runs text that begins like a formula; numbers are no text. */
function csvCell(cell: unknown): string {
  const guarded = typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : asText(cell);
  return /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

const DIGITS = 6;

/** Text of a file must not steer the terminal that shows it. */
const shown = (cell: unknown): string =>
  typeof cell === 'number' && !Number.isInteger(cell)
    ? String(Number(cell.toPrecision(DIGITS)))
    : asText(cell).replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  for (const row of rows)
    say(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
