import { InputError } from '../errors.ts';
import { isNull } from './cell.ts';
import type { ReadContext } from './formats/format.ts';
import type { TimeForm } from './mapping.ts';
import { chipId } from './scope-id.ts';
import { DEVICE_NAMES, type DeviceName, type ToolAliases } from './tool-aliases.ts';
import type { TableHead } from './tool-head.ts';

/** In `scopes` of a file's rule: the id of the one device that the whole file is of. */
export const WHOLE_FILE = '*';

/** How tools write that a reason is at work. */
export const STATES: ReadonlyMap<string, number> = new Map([
  ['active', 1],
  ['not active', 0],
]);

/** Times since 1970, of which none of the years 2001 to 2262 can be another. */
const UNIX_FORMS: readonly (readonly [pattern: RegExp, form: TimeForm])[] = [
  [/^\d{9,10}(?:\.\d+)?$/, 'unix-s'],
  [/^\d{13}(?:\.\d+)?$/, 'unix-ms'],
  [/^\d{16}$/, 'unix-us'],
  [/^\d{19}$/, 'unix-ns'],
];
const CTIME = /^[A-Z][a-z]{2} /;
const CALENDAR = /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d/;
const OFFSET = /(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/i;

const unixForm = (text: string): TimeForm | null =>
  UNIX_FORMS.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/** How a tool's time is written, by an example. */
export const timeFormOf = (example: string): TimeForm =>
  unixForm(example) ?? (CTIME.test(example) ? 'ctime' : 'iso');

/** Whether a text is a day and time, or one since 1970. */
export const isStamp = (text: string): boolean => unixForm(text) !== null || CALENDAR.test(text);

/** Whether a time needs no zone besides. */
export const isInstant = (text: string): boolean =>
  unixForm(text) !== null || (CALENDAR.test(text) && OFFSET.test(text));

export interface DeviceIds {
  /** Keys of the columns that name the device. */
  readonly keys: readonly string[];
  /** Scope id from the texts of these columns; null where they name none. */
  readonly idOf: (texts: readonly string[]) => string | null;
}

/** `card0` of rocm-smi is index 0. */
const indexOf = (text: string): string => text.replace(/^(?:card|gpu)(?=\d)/i, '');
/** What can be an index. The name of a product, which several devices share, is none. */
const INDEX = /^(?:card|gpu)?\d{1,5}$/i;

/** Names that are those of one host, not of the fleet. */
const LOCAL: readonly DeviceName[] = ['busId', 'index'];

/** Id of a device from what names it. Nothing is made up: null where the name that the file goes by is not there. */
export function deviceId(
  names: Partial<Record<DeviceName | 'node', string>>,
  by: DeviceName,
  context: ReadContext,
): string | null {
  const { scopes } = context.rule;
  const { index } = names;
  if (index !== undefined && scopes && Object.hasOwn(scopes, index)) return scopes[index] as string;
  const own = names[by];
  if (own === undefined) return null;
  const further = DEVICE_NAMES.slice(DEVICE_NAMES.indexOf(by));
  const known = further.flatMap((name) => (names[name] === undefined ? [] : [[name, names[name]]]));
  const said = Object.fromEntries(known) as Partial<Record<DeviceName, string>>;
  const { node } = names;
  return chipId({ ...said, node, index: index === undefined ? undefined : indexOf(index) }, context);
}

/**
 * How the rows of a table name their devices: by the best column that the first rows fill, so that one device
 * keeps one id though another column fails for a while.
 *
 * @throws InputError `scope-missing` where no column does, and the rule does not say that the file is of one device.
 */
export function deviceIds(
  aliases: ToolAliases,
  present: (aliases: readonly string[]) => readonly string[],
  head: TableHead,
  context: ReadContext,
): DeviceIds {
  const columns = DEVICE_NAMES.flatMap((name) => {
    const keys = present(aliases.names[name] ?? []);
    const key = head.fullest(name === 'index' ? keys.filter((k) => INDEX.test(head.first(k) ?? '0')) : keys);
    return key === undefined ? [] : [{ name, key }];
  });
  const whole = context.rule.scopes?.[WHOLE_FILE];
  if (whole !== undefined) return { keys: [], idOf: () => whole };
  const [first] = columns;
  if (!first) throw unnamed(aliases, context);
  const { name: by } = columns.find(({ key }) => head.count(key) > 0) ?? first;
  const nulls = new Set(aliases.nulls);
  const isNothing = (text: string): boolean => isNull(text) || nulls.has(text.toLowerCase());
  const nodeKey = head.fullest(present(aliases.names.node ?? []));
  const isOfNode = nodeKey !== undefined && head.count(nodeKey) > 0 && LOCAL.includes(by);
  const idOf = (texts: readonly string[]): string | null => {
    const named = columns.flatMap(({ name }, i) => {
      const text = texts[i] ?? '';
      return isNothing(text) || (name === 'index' && !INDEX.test(text)) ? [] : [[name, text]];
    });
    const node = isOfNode ? (texts[columns.length] ?? '') : '';
    if (isOfNode && isNothing(node)) return null;
    return deviceId({ ...Object.fromEntries(named), ...(isOfNode ? { node } : {}) }, by, context);
  };
  return { keys: [...columns.map(({ key }) => key), ...(isOfNode ? [nodeKey] : [])], idOf };
}

function unnamed(aliases: ToolAliases, { path }: ReadContext): InputError {
  const known = DEVICE_NAMES.flatMap((name) => aliases.names[name] ?? []);
  return new InputError(
    'scope-missing',
    `${path}: no column tells the devices apart; expected one of ${known.join(', ')}, or for a file of one device its id as ${JSON.stringify(WHOLE_FILE)} in scopes for the file in run.json`,
  );
}
