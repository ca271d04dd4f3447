/** What a function says while it works: one JSON object a line, to CloudWatch or to nobody. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** A line that is ready as it is: metrics. */
  line(text: string): void;
}

/** CloudWatch cuts an event at 256 KB, and what is cut is no JSON. Bytes, as three may be one character. */
const LINE_LIMIT_BYTES = 200_000;
/** Of a text in a line that would be too long. */
const TEXT_LIMIT = 1_000;
/** Ten thousand values at most, however a circle branches. */
const ENTRIES_LIMIT = 10;
const DEPTH_LIMIT = 4;
const CAUSES_LIMIT = 8;

/** Errors by code and message, with their causes; no event bodies, no stack of expected errors. */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined || depth === CAUSES_LIMIT ? {} : { cause: describe(cause, depth + 1) }),
  };
}

/** A copy that JSON takes and that is not large: of circles, depths, texts and lists only a beginning. */
function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, TEXT_LIMIT);
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Object)) return value;
  if (depth === DEPTH_LIMIT) return '…';
  if (Array.isArray(value)) return value.slice(0, ENTRIES_LIMIT).map((v) => shortened(v, depth + 1));
  const entries = Object.entries(value).slice(0, ENTRIES_LIMIT);
  return Object.fromEntries(entries.map(([k, v]) => [k.slice(0, TEXT_LIMIT), shortened(v, depth + 1)]));
}

/** The line as JSON; null where JSON does not take it, or it is too long. */
function lineOf(value: unknown): string | null {
  try {
    const line = JSON.stringify(value);
    return Buffer.byteLength(line) <= LINE_LIMIT_BYTES ? line : null;
  } catch {
    return null;
  }
}

/** Says of itself that something is left out, and which message it was. */
function boundedLine(level: string, message: string, fields: Readonly<Record<string, unknown>>): string {
  const short = { level, message: message.slice(0, TEXT_LIMIT), isShortened: true };
  return (
    lineOf({ level, message, ...fields }) ??
    lineOf({ ...short, ...(shortened(fields) as object) }) ??
    JSON.stringify(short)
  );
}

export function jsonLog(write: (line: string) => void): Log {
  return {
    info: (message, fields = {}) => write(boundedLine('INFO', message, fields)),
    error: (message, error, fields = {}) =>
      write(boundedLine('ERROR', message, { ...fields, error: describe(error) })),
    line: write,
  };
}
