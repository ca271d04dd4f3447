/** Marks an array in a path whose elements are rows of their own: `chips[].power`. */
const EACH = '[].';

/** The array that paths go into (`chips` of `chips[].power`); null where a path goes into none. */
export function arrayOf(path: string): string | null {
  const at = path.indexOf(EACH);
  return at < 0 ? null : path.slice(0, at);
}

/** The rest of a path behind its array; the whole path where it goes into none. */
export const withinArray = (path: string): string =>
  arrayOf(path) === null ? path : path.slice(path.indexOf(EACH) + EACH.length);

/**
 * What stands at a path such as `gpu.power` or `gpus.0.power`; undefined where nothing does. A name that holds a
 * dot itself is found too.
 */
export function valueAt(value: unknown, path: string): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = valueAt((value as Record<string, unknown>)[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Values nested deeper than this are listed no more. */
const LISTED_DEPTH = 16;

/** Paths of the plain values in an object, arrays of objects as `name[].path`, up to `limit` of them. */
export function pathsIn(value: unknown, limit: number): string[] {
  const paths = new Set<string>();
  const visit = (at: unknown, prefix: string, isInArray: boolean, depth: number): void => {
    if (depth > LISTED_DEPTH) return;
    if (at === null || typeof at !== 'object') {
      if (prefix !== '') paths.add(prefix);
      return;
    }
    for (const [name, inner] of Object.entries(at)) {
      if (paths.size >= limit) return;
      const path = prefix === '' ? name : `${prefix}.${name}`;
      const elements = Array.isArray(inner) && !isInArray ? inner.filter(isObject) : [];
      if (elements.length > 0) for (const element of elements) visit(element, `${path}[]`, true, depth + 1);
      else visit(inner, path, isInArray, depth + 1);
    }
  };
  visit(value, '', false, 0);
  return [...paths];
}

const isObject = (value: unknown): boolean => value !== null && typeof value === 'object';
