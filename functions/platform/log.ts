/** What a function says while it works: one JSON object a line, to CloudWatch or to nobody. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void;
  /** A line that is ready as it is: metrics. */
  line(text: string): void;
}

const LINE_LIMIT = 200_000;

/** Errors by code and message, with their causes; no event bodies, no stack of expected errors. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: describe(cause) }),
  };
}

export function jsonLog(write: (line: string) => void): Log {
  const put = (level: string, message: string, fields: Readonly<Record<string, unknown>>): void =>
    write(JSON.stringify({ level, message, ...fields }).slice(0, LINE_LIMIT));
  return {
    info: (message, fields = {}) => put('INFO', message, fields),
    error: (message, error, fields = {}) => put('ERROR', message, { ...fields, error: describe(error) }),
    line: write,
  };
}
