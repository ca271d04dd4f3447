import { InputError } from '../../errors.ts';
import { arrayOf, pathsIn, valueAt, withinArray } from '../json-path.ts';
import { forEachJsonValue } from '../json-values.ts';
import { mappedColumns, mappedPlan, mappingOf, refuseMissing } from '../mapped-plan.ts';
import { TableRowReader } from '../table-row.ts';
import type { Format, ReadContext, RecordSink } from './format.ts';

/** Paths of the first object that a message may list. */
const LISTED_PATHS = 200;
/** Raw text kept of an object; the sink bounds it further. */
const RAW_CHARACTERS = 1_024;

/** The text of a plain value, as a cell would have it; null for an object or array, which is no value. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? null : String(value).trim();
}

/** Reads JSON objects as rows: one each, or one for each element of the array that its paths go into. */
class ObjectReader {
  private readonly rows: TableRowReader;
  private readonly sink: RecordSink;
  private readonly path: string;
  private readonly names: readonly string[];
  private readonly array: string | null;
  private readonly missing: Set<string>;
  private first: unknown = null;

  constructor(context: ReadContext, sink: RecordSink) {
    const mapping = mappingOf(context, 'jsonl');
    const columns = mappedColumns(mapping, context);
    this.names = [...columns.keys()];
    this.missing = new Set(this.names);
    this.array = onlyArray(this.names, context.path);
    this.rows = new TableRowReader(mappedPlan(mapping, columns, this.names, context), context, sink);
    this.sink = sink;
    this.path = context.path;
  }

  value(value: unknown, line: number): void {
    if (Array.isArray(value)) for (const element of value) this.object(element, line);
    else this.object(value, line);
  }

  private object(value: unknown, line: number): void {
    this.first ??= value;
    const elements = this.array === null ? [value] : valueAt(value, this.array);
    if (Array.isArray(elements)) for (const element of elements) this.row(value, element, line);
    else this.refuse(line, this.array, 'an array of objects', value);
  }

  private row(object: unknown, element: unknown, line: number): void {
    const cells: string[] = [];
    for (const name of this.names) {
      const value = arrayOf(name) === null ? valueAt(object, name) : valueAt(element, withinArray(name));
      if (value !== undefined) this.missing.delete(name);
      const text = textOf(value);
      if (text === null) {
        this.refuse(line, name, 'a plain value', value);
        return;
      }
      cells.push(text);
    }
    this.rows.row(cells, line, cells.join(','));
  }

  private refuse(line: number, column: string | null, expected: string, value: unknown): void {
    this.sink.row();
    this.sink.reject({ line, column, reason: 'json', expected, raw: rawOf(value) });
  }

  other(text: string, line: number): void {
    if (/^\s*[{[]/.test(text)) {
      this.sink.row();
      this.sink.reject({ line, column: null, reason: 'json', expected: 'a whole JSON object', raw: text });
    } else
      this.sink.note({
        code: 'prose',
        severity: 'info',
        message: `line ${line} is no JSON: ${JSON.stringify(text.slice(0, 120))}`,
      });
  }

  /** A name that no object has is a mistake in the mapping, not a missing reading. */
  end(): void {
    if (this.first === null) return;
    refuseMissing(this.missing, pathsIn(this.first, LISTED_PATHS), this.path);
  }
}

/** Text of a value that is refused. What is nested deeper than the stack is gives none. */
function rawOf(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '').slice(0, RAW_CHARACTERS);
  } catch {
    return '';
  }
}

function onlyArray(names: readonly string[], path: string): string | null {
  const arrays = [...new Set(names.map(arrayOf).filter((name) => name !== null))];
  if (arrays.length < 2) return arrays[0] ?? null;
  throw new InputError(
    'mapping-arrays',
    `${path}: the mapping goes into several arrays (${arrays.join(', ')}); expected one, as each of its elements is a row`,
  );
}

/** JSON lines, or JSON values however they follow one another, of one's own, by the mapping in run.json. */
export const mappedJsonl: Format = {
  id: 'mapped-jsonl',
  title: 'JSON lines of your own, by a mapping',
  sniff: () => false,
  async read(chunks, context, sink) {
    const reader = new ObjectReader(context, sink);
    await forEachJsonValue(chunks, context.path, {
      value: (value, line) => reader.value(value, line),
      other: (text, line) => reader.other(text, line),
    });
    reader.end();
  },
};
