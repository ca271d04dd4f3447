import { parseLooseJson } from '../json-values.ts';
import { isTimeMs } from '../time.ts';

/** `:::MLLOG`, less a colon: a script that published power logs were made with writes two of them before its stop. */
export const MARK = '::MLLOG';

/** Times of today in seconds: as ms they are of the first months of 1970. */
const isSeconds = (time: number): boolean => time >= 1e9 && time < 1e10;

/** One `:::MLLOG` record, what is written as a string for "nothing" read as nothing. */
export interface MllogRecord {
  readonly timeMs: number;
  readonly key: string;
  readonly value: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type MllogPart = { readonly record: MllogRecord } | { readonly error: string; readonly raw: string };

/** End of the JSON object that begins at `from` (after its closing brace); -1 where it is cut off. */
export function objectEnd(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let i = from; i < text.length; i += 1) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{') depth += 1;
    else if (c === '}') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

function toRecord(raw: Record<string, unknown>): MllogRecord | null {
  const { time_ms: time, key, value, metadata } = raw;
  const timeMs = numberOf(time);
  if (timeMs === null || !isTimeMs(timeMs) || isSeconds(timeMs) || typeof key !== 'string') return null;
  const isMap = metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata);
  return {
    timeMs,
    key,
    value: value === 'null' || value === undefined ? null : value,
    metadata: isMap ? (metadata as Record<string, unknown>) : {},
  };
}

/** Where the mark that was found begins, with all of its colons. */
const markStart = (line: string, found: number): number => (line[found - 1] === ':' ? found - 1 : found);

/**
 * The records of one line: none, one, or several glued together, behind a rank prefix (`0: `) or the text of a
 * progress bar. A record that cannot be read comes back as an error with its text.
 */
export function mllogParts(line: string): MllogPart[] {
  const parts: MllogPart[] = [];
  for (let at = line.indexOf(MARK); at >= 0; ) {
    const from = line.indexOf('{', at);
    const next = markStart(line, line.indexOf(MARK, at + MARK.length));
    const end = from < 0 ? -1 : objectEnd(line, from);
    const raw = line.slice(markStart(line, at), next < 0 ? undefined : next);
    if (end < 0) parts.push({ error: 'one JSON object after :::MLLOG, complete', raw });
    else parts.push(parseOne(line.slice(from, end), raw));
    at = line.indexOf(MARK, end < 0 ? at + MARK.length : end);
  }
  return parts;
}

export function parseOne(json: string, raw: string): MllogPart {
  try {
    const record = toRecord(parseLooseJson(json) as Record<string, unknown>);
    return record ? { record } : { error: 'time_ms as a number of ms since 1970 and key as a string', raw };
  } catch {
    return { error: 'JSON after :::MLLOG', raw };
  }
}

export const hasMllog = (text: string): boolean => text.includes(MARK);

/** A finite number, also where it is written as a string; null otherwise. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
