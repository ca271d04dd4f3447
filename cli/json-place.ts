type Path = readonly (string | number)[];

/** The tokens of JSON that matter for places: strings, brackets, colons and commas; all else is skipped. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

interface Frame {
  readonly isArray: boolean;
  /** Of an array the index of the next value, of an object the key that was read last. */
  at: string | number;
  /** A key comes next. */
  isKeyDue: boolean;
}

const isSame = (a: Path, b: Path): boolean => a.length === b.length && a.every((part, i) => part === b[i]);

/**
 * Line, from 1, on which a path of a JSON text stands: its key, or the value of an array. Text that is JSON is
 * expected. null: it is not there.
 */
export function lineOfPath(text: string, path: Path): number | null {
  const frames: Frame[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const frame = frames.at(-1);
    const isKey = frame !== undefined && !frame.isArray && frame.isKeyDue && token.startsWith('"');
    if (isKey) {
      frame.at = JSON.parse(token) as string;
      frame.isKeyDue = false;
    }
    const isValue = token !== ':' && token !== ',' && token !== '}' && token !== ']';
    const here = frames.map(({ at }) => at);
    if (isValue && isSame(here, path)) return text.slice(0, index).split('\n').length;
    if (token === '{' || token === '[')
      frames.push({ isArray: token === '[', at: token === '[' ? 0 : '', isKeyDue: token === '{' });
    else if (token === '}' || token === ']') frames.pop();
    else if (token === ',' && frame) {
      if (frame.isArray) frame.at = (frame.at as number) + 1;
      else frame.isKeyDue = true;
    }
  }
  return null;
}

/** What stands at a path of a value; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}
