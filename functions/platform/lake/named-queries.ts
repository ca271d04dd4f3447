import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../data/queries/', import.meta.url));
const PARAMETERS = ['program', 'run'] as const;
export type QueryParameter = (typeof PARAMETERS)[number];

/** A file of data/queries: comments say what it answers, and what each `?` stands for, in order. */
export interface NamedQuery {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly QueryParameter[];
  readonly sql: string;
}

const COMMENT = /^-- ?/;
const PARAMETERS_LINE = /^parameters: /;

/** @throws TypeError where the comments do not say what a file is, or its `?` are not those that it declares. */
export function namedQuery(name: string, text: string): NamedQuery {
  const lines = text.trim().split('\n');
  const head = lines.filter((line) => COMMENT.test(line)).map((line) => line.replace(COMMENT, ''));
  const sql = lines.filter((line) => !COMMENT.test(line)).join('\n');
  const declared = head.find((line) => PARAMETERS_LINE.test(line));
  const parameters = declared?.replace(PARAMETERS_LINE, '').split(', ') ?? [];
  const unknown = parameters.find((p) => !PARAMETERS.includes(p as QueryParameter));
  const marks = sql.split('?').length - 1;
  if (unknown !== undefined || marks !== parameters.length)
    throw new TypeError(
      `query ${name}: ${marks} times "?" and parameters ${parameters.join(', ')}; expected one of ${PARAMETERS.join(', ')} for each`,
    );
  const description = head.filter((line) => !PARAMETERS_LINE.test(line)).join(' ');
  if (description === '') throw new TypeError(`query ${name}: expected a comment that says what it answers`);
  return { name, description, parameters: parameters as QueryParameter[], sql };
}

/** Every query of data/queries, by name. */
export const namedQueries = (): readonly NamedQuery[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => namedQuery(file.slice(0, -'.sql'.length), readFileSync(join(FOLDER, file), 'utf8')));
