/** Name and labels of a series, as text formats write them. */
export interface SeriesName {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Where the text behind them begins. */
  readonly end: number;
}

const BARE_NAME = /[A-Za-z_:][\w:.]*/y;
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
/** One label, or since Prometheus 3 a quoted name of the metric, and what stands behind it. */
const LABEL = new RegExp(
  String.raw`\s*(?:${QUOTED}|([A-Za-z_][\w:.]*))(?:\s*=\s*${QUOTED})?\s*(,\s*\}|[,}])`,
  'y',
);
const EMPTY = /\s*\}/y;

const unescaped = (text: string): string =>
  text.includes('\\') ? text.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) : text;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** `name{label="value",...}` at the start of a line, or `{__name__="name",...}`; null where the text is neither. */
export function seriesName(line: string): SeriesName | null {
  const bare = matchAt(BARE_NAME, line, 0)?.[0] ?? '';
  let end = bare.length;
  while (line[end] === ' ' || line[end] === '\t') end += 1;
  if (line[end] !== '{') return bare === '' ? null : { name: bare, labels: new Map(), end: bare.length };
  const labels = new Map<string, string>();
  end += 1;
  const empty = matchAt(EMPTY, line, end);
  if (empty) return bare === '' ? null : { name: bare, labels, end: end + empty[0].length };
  let name = bare;
  for (let closed = false; !closed; ) {
    const label = matchAt(LABEL, line, end);
    if (!label) return null;
    const [whole, quoted, plain, value, next = ''] = label;
    if (value !== undefined) labels.set(plain ?? unescaped(quoted ?? ''), unescaped(value));
    else if (quoted !== undefined && name === '') name = unescaped(quoted);
    else return null;
    end += whole.length;
    closed = next !== ',';
  }
  name ||= labels.get('__name__') ?? '';
  return name === '' ? null : { name, labels, end };
}

/** The text of the first of these labels that has one. */
export function labelOf(labels: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = labels.get(name);
    if (text) return text;
  }
  return undefined;
}
