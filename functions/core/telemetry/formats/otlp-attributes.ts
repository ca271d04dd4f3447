import { objectIn, textIn } from '../json-rows.ts';

/** What the attributes of a resource or a data point say of what was read; '' for what they do not say. */
export interface OtlpAttributes {
  readonly host: string;
  readonly id: string;
  readonly parent: string;
  readonly type: string;
  readonly index: string;
  /** Task, pipe, cause or type of error: of the several series of one metric, which. */
  readonly variant: string;
}

export const NO_ATTRIBUTES: OtlpAttributes = {
  host: '',
  id: '',
  parent: '',
  type: '',
  index: '',
  variant: '',
};

/** Stands before the number of an error where the type of errors is one. */
export const XID = 'xid:';

/** By the conventions of hw.* and before, by the collector's DCGM receiver and Google's form of it, and by OpenLIT. */
const PLACES: Readonly<Record<string, keyof OtlpAttributes>> = {
  'host.name': 'host',
  'hw.id': 'id',
  'gpu.uuid': 'id',
  'gpu.number': 'index',
  'hw.parent': 'parent',
  'hw.type': 'type',
  'hw.gpu.task': 'variant',
  'error.type': 'variant',
  'gpu.pipe': 'variant',
  'gpu.clock.violation': 'variant',
  'gpu.error.type': 'variant',
  'gpu.error.xid': 'variant',
  id: 'id',
  parent: 'parent',
  task: 'variant',
  uuid: 'id',
  gpu_uuid: 'id',
  gpu: 'index',
  gpu_number: 'index',
  gpu_index: 'index',
  'gpu.index': 'index',
  'gpu.id': 'index',
  pipe: 'variant',
  violation: 'variant',
  error_type: 'variant',
};
/** An index with a word before it. */
const NAMED_INDEX = /^gpu[ _-]?(\d+)$/i;

/** The plain value of an attribute as a text: 64-bit integers are texts in OTLP/JSON already. */
function valueIn(value: unknown): string {
  const { stringValue, intValue, doubleValue, string_value, int_value } = objectIn(value);
  const isPlain = typeof value === 'string' || typeof value === 'number';
  const plain = isPlain ? value : (stringValue ?? intValue ?? doubleValue ?? string_value ?? int_value);
  return typeof plain === 'string' ? plain : typeof plain === 'number' ? String(plain) : '';
}

type Found = { -readonly [K in keyof OtlpAttributes]: OtlpAttributes[K] };

/** What one attribute says, put over what is known; a name of the conventions stands before a plain one. */
function put(found: Found | null, known: OtlpAttributes, key: unknown, value: unknown): Found | null {
  const place = typeof key === 'string' && Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
  if (place === undefined) return found;
  const isPlain = !(key as string).includes('.');
  if (isPlain && (found ?? known)[place] !== '') return found;
  const next = found ?? { ...known };
  const text = valueIn(value);
  if (key === 'gpu.error.xid') next[place] = `${XID}${text}`;
  else next[place] = place === 'index' ? (NAMED_INDEX.exec(text)?.[1] ?? text) : text;
  return next;
}

/**
 * Reads attributes over what is known already, without an object where they say nothing new: a list in OTLP/JSON, an
 * object where the Python SDK writes to the console.
 */
export function attributesIn(attributes: unknown, known: OtlpAttributes): OtlpAttributes {
  let found: Found | null = null;
  if (Array.isArray(attributes))
    for (const attribute of attributes) {
      const { key, value } = objectIn(attribute);
      found = put(found, known, key, value);
    }
  else for (const [key, value] of Object.entries(objectIn(attributes))) found = put(found, known, key, value);
  return found ?? known;
}

/** All attributes by name, for the few places that a rule or an exporter names itself. */
export function namedAttributes(attributes: unknown): ReadonlyMap<string, string> {
  const pairs: readonly (readonly [unknown, unknown])[] = Array.isArray(attributes)
    ? attributes.map((attribute) => [objectIn(attribute).key, objectIn(attribute).value])
    : Object.entries(objectIn(attributes));
  return new Map(pairs.map(([key, value]) => [textIn(key), valueIn(value)]));
}
