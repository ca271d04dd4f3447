import { arrayIn, objectIn, textIn } from '../json-rows.ts';

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
};

/** The plain value of an attribute as a text: 64-bit integers are texts in OTLP/JSON already. */
function valueIn(value: unknown): string {
  const { stringValue, intValue, doubleValue } = objectIn(value);
  const plain = stringValue ?? intValue ?? doubleValue;
  return typeof plain === 'string' ? plain : typeof plain === 'number' ? String(plain) : '';
}

/** Reads a list of attributes over what is known already, without an object where it says nothing new. */
export function attributesIn(list: unknown, known: OtlpAttributes): OtlpAttributes {
  let found: { -readonly [K in keyof OtlpAttributes]: OtlpAttributes[K] } | null = null;
  for (const attribute of arrayIn(list)) {
    const { key, value } = objectIn(attribute);
    const place = typeof key === 'string' && Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
    if (place === undefined) continue;
    found ??= { ...known };
    const text = valueIn(value);
    found[place] = key === 'gpu.error.xid' ? `${XID}${text}` : text;
  }
  return found ?? known;
}

/** All attributes of a list by name, for the few places that a rule names itself. */
export function namedAttributes(list: unknown): ReadonlyMap<string, string> {
  return new Map(arrayIn(list).map((a) => [textIn(objectIn(a).key), valueIn(objectIn(a).value)]));
}
