import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { WattlineError } from '../functions/core/errors.ts';
import { lineOfPath, valueAt } from './json-place.ts';
import { nearest } from './nearest.ts';

const SCHEMAS = new URL('../data/schemas/', import.meta.url);
/** As many as one can mend at a time. */
const MOST_ISSUES = 5;
const VALUE_LIMIT = 60;

/** What is used of an issue of zod's. */
interface Issue {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly keys?: readonly string[];
}

type JsonSchema = { readonly properties?: Record<string, JsonSchema>; readonly items?: JsonSchema };

/** The names that a schema of data/schemas knows at a path; none where it is not one of them. */
function knownNames(schema: unknown, path: Issue['path']): readonly string[] {
  const [, name] = /^wattline\/([a-z-]+@\d+)$/.exec(String(schema)) ?? [];
  const file = `${name}.schema.json`;
  if (name === undefined || !readdirSync(SCHEMAS).includes(file)) return [];
  let at: JsonSchema | undefined = JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8')) as JsonSchema;
  for (const part of path) at = typeof part === 'number' ? at?.items : at?.properties?.[part];
  return Object.keys(at?.properties ?? {});
}

const shortened = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length <= VALUE_LIMIT ? text : `${text.slice(0, VALUE_LIMIT)}…`;
};

/** What was expected, in the words of zod without its preamble. */
const expectedOf = (message: string): string =>
  message
    .replace(/^Invalid (?:input|option): /, '')
    .replace(/, received .*$/, '')
    .replaceAll('"|"', '", "');

function describeIssue({ code, path, message, keys = [] }: Issue, text: string, value: unknown): string {
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (code === 'unrecognized_keys')
    return keys
      .map((key) => {
        const line = lineOfPath(text, [...path, key]);
        const meant = nearest(key, knownNames(schema, path));
        const hint = meant === null ? 'no such field; leave it out' : `no such field; did you mean ${meant}?`;
        return `line ${line}: ${[...path, key].join('.')}: ${hint}`;
      })
      .join('; ');
  const found = valueAt(value, path);
  const name = path.join('.') || 'the whole';
  if (found === undefined) return `${name}: missing; ${expectedOf(message)}`;
  return `line ${lineOfPath(text, path) ?? 1}: ${name}: ${shortened(found)}; ${expectedOf(message)}`;
}

/**
 * The message of an error about a JSON file, with the line and the value of each fault and the name that was meant.
 * null where the error is another one, or is not about a file that can be looked at again.
 */
export function jsonFault(error: WattlineError): string | null {
  const { issues } = (error.cause ?? {}) as { issues?: readonly Issue[] };
  const [file = ''] = /^.*?(?=: )/.exec(error.message) ?? [];
  if (error.code !== 'json-shape' || !issues || !existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  const value: unknown = JSON.parse(text);
  const said = issues.slice(0, MOST_ISSUES).map((issue) => describeIssue(issue, text, value));
  const more = issues.length - said.length;
  return `${file}: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
