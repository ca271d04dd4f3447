import type { Boundary } from './boundary.ts';
import { type Fault, numberFault, numberIn } from './cell.ts';
import type { ReadContext, RecordSink, ScopeKind } from './formats/format.ts';
import { forEachJsonLine } from './json-lines.ts';
import { rangeOf } from './plausible.ts';
import { emptySample, FIELDS, type Field } from './sample.ts';
import { applyScale, type Scale, SI } from './units.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const INDEX: ReadonlyMap<Field, number> = new Map(FIELDS.map((field, i) => [field, i]));
/** Text kept of a value that was not expected. */
const RAW_CHARACTERS = 200;

/** A value that is an object; an empty one where it is none. */
export const objectIn = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

/** A value that is an array; an empty one where it is none. */
export const arrayIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A value that is a text, trimmed; '' where it is none. */
export const textIn = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** The number in a value, written as one or as a text; NaN where there is no reading; null where it is neither. */
export function jsonNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || value === undefined) return Number.NaN;
  return typeof value === 'string' ? numberIn(value.trim()) : null;
}

/** A value as a text that tells what stood there. */
export const shown = (value: unknown): string =>
  typeof value === 'object'
    ? Array.isArray(value)
      ? '[...]'
      : '{...}'
    : String(value).slice(0, RAW_CHARACTERS);

/** Gathers rows from values of JSON, field by field. A row is taken whole or not at all. */
export class JsonRows {
  private readonly values = emptySample();
  private readonly stated = new Set<number>();
  private readonly sink: RecordSink;
  private kind: ScopeKind = 'chip';
  private readings = 0;
  private fault: (Fault & { readonly raw: string }) | null = null;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  /** Begins a row of a scope of this kind. */
  begin(kind: ScopeKind): void {
    this.sink.row();
    this.values.fill(Number.NaN);
    this.readings = 0;
    this.fault = null;
    this.kind = kind;
  }

  /** `column` is what the file calls the value; one that is no reading changes nothing. */
  put(field: Field, value: unknown, column: string, scale: Scale = SI): void {
    const number = jsonNumber(value);
    if (number === null) this.refuse(numberFault(column), `${column}: ${shown(value)}`);
    else if (!Number.isNaN(number)) {
      const si = applyScale(number, scale);
      const [low, high] = rangeOf(field, this.kind);
      if (si < low || si > high)
        this.refuse({ column, reason: 'range', expected: `${low} to ${high}` }, `${column}: ${number}`);
      this.values[INDEX.get(field) as number] = si;
      this.readings += 1;
    }
  }

  /** The first fault of a row stands for it. */
  refuse(fault: Fault, raw: string): void {
    this.fault ??= { ...fault, raw };
  }

  /** Ends the row: hands it on or rejects it; one without a reading is neither. */
  end(id: string, timeMs: number, line: number, boundary: Boundary | null): void {
    if (this.fault) this.sink.reject({ line, ...this.fault });
    else if (this.readings > 0) this.sink.sample(this.scope(id, boundary), timeMs, this.values);
  }

  private scope(id: string, boundary: Boundary | null): number {
    const scope = this.sink.scope(id, this.kind);
    if (boundary !== null && !this.stated.has(scope)) {
      this.stated.add(scope);
      this.sink.state(scope, { boundary });
    }
    return scope;
  }
}

/**
 * Hands on the JSON objects of a stream, those in lists too. What is no JSON is a note where it is prose (a progress
 * bar, a warning), and a rejected row where it was meant as an object.
 */
export async function forEachDocument(
  chunks: AsyncIterable<Uint8Array>,
  { path }: ReadContext,
  sink: RecordSink,
  onDocument: (document: JsonObject, line: number) => void,
): Promise<void> {
  await forEachJsonLine(chunks, path, {
    value: (value, line) => {
      for (const document of Array.isArray(value) ? value : [value]) onDocument(objectIn(document), line);
    },
    other: (text, line) => {
      const event = eventIn(text);
      if (event === null) otherText(text, line, sink);
      else onDocument(event, line);
    },
  });
}

/** The object of an event of a stream as `curl` saves it (server-sent events: `data: {...}`); null where there is none. */
function eventIn(text: string): JsonObject | null {
  const [, event] = /^data:\s*(\{.*\})\s*$/s.exec(text) ?? [];
  if (event === undefined) return null;
  try {
    return objectIn(JSON.parse(event));
  } catch {
    return null;
  }
}

function otherText(text: string, line: number, sink: RecordSink): void {
  if (text.startsWith('{') || text.startsWith('[')) {
    sink.row();
    const raw = text.slice(0, RAW_CHARACTERS);
    sink.reject({ line, column: null, reason: 'json', expected: 'a complete JSON object', raw });
  } else
    sink.note({
      code: 'prose',
      severity: 'info',
      message: `line ${line} is no JSON: ${JSON.stringify(text.trim().slice(0, RAW_CHARACTERS))}`,
    });
}
