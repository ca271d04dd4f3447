import { fc } from '../fast-check.ts';

/** One change to a text, by numbers alone: it can be shrunk, printed and made again. */
export interface Change {
  readonly kind: (typeof KINDS)[number];
  /** Where, in thousandths of the text. */
  readonly at: number;
  /** How much or how often, in thousandths. */
  readonly much: number;
  /** Which of a list. */
  readonly which: number;
}

const KINDS = [
  'delete',
  'repeat',
  'insert',
  'truncate',
  'flip',
  'number',
  'value',
  'lines',
  'swap',
  'splice',
  'nest',
  'long',
] as const;

/** Texts that have hurt readers before. */
const TOKENS = [
  ...['', '-', 'N/A', '[N/A]', '[GPU is lost]', 'NaN', 'nan.0', '-Infinity', 'null', 'None', "['N/A', 1]"],
  ...[
    '"',
    '""',
    "'",
    '{',
    '}',
    '[',
    ']',
    '<',
    '>',
    '</gpu>',
    '<!--',
    '-->',
    '<![CDATA[',
    '&amp;',
    '#',
    '# EOF',
  ],
  ...['\n', '\r', '\r\n', '\0', '\ufeff', '\u2028', '\u{1f600}', ',', ';', '\t', '|', ' ', ':', '=', '%'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '{"__proto__":{"a":1}}', '\\u0000', '\\'],
  ...[':::MLLOG {"time_ms":', '\u001b[31m', 'sep=;', '0x', '%!s(MISSING)', '../../etc', 'GPU 0', 'GPU-I 3'],
  ...['1970-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '0000-00-00', '2026-03-29T02:30:00', '24:00:00'],
];
const NUMBERS = [
  ...['0', '-0', '-1', '1', '1e308', '-1e308', '1e309', '5e-324', '1e-400', '2.56e+5', '5.3e+011', '1,234.5'],
  ...['65535', '2147483632', '4294967295', '9007199254740993', '9223372036854775794', '18446744073709551616'],
  ...[
    '140737488355328',
    '99999999999999999999999999',
    '0.1.2',
    '0x1F',
    '1_000',
    '١٢',
    '1785000000',
    '1785000000000',
  ],
];
const VALUES = [
  ...[
    'null',
    'true',
    '""',
    '"null"',
    '"NaN"',
    'NaN',
    '-Infinity',
    '[]',
    '{}',
    '[[1]]',
    '{"value":1}',
    '1e400',
  ],
  ...['"\\ud800"', '"__proto__"', '-1', '"1785000000300000000"', '1e-7', '[null]', '"<<<NULL>>>"'],
];

/** Long enough that a pattern which is tried anew from each place takes seconds; and longer than a line may be. */
const LONG_BYTES = [60_000, 60_000, 60_000, 1_200_000];
const LONG_TEXTS = ['x', '9', ' ', ',', '.', '"', '\\', '=', '0.', ' x', '-', '{'];
const LARGEST_BYTES = 2_000_000;

const permille = fc.integer({ min: 0, max: 1000 });
/** A long line takes milliseconds, and is therefore rare. */
const kind = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...KINDS.filter((k) => k !== 'long')) },
  { weight: 1, arbitrary: fc.constant('long' as const) },
);
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ kind, at: permille, much: permille, which: fc.nat(1_000_000) }),
  { maxLength: 6 },
);

/** Bytes of UTF-8, one a character. */
export const asBytes = (text: string): string => Buffer.from(text).toString('latin1');
const pick = <T>(list: readonly T[], which: number): T => list[which % list.length] as T;

/** The first match of a pattern at or behind `from`, replaced. */
function replaced(text: string, from: number, pattern: RegExp, by: string): string {
  const head = text.slice(0, from);
  return head + text.slice(from).replace(pattern, () => by);
}

function withLines(text: string, { at, much, which }: Change, isSwap: boolean): string {
  const lines = text.split('\n');
  const i = Math.floor((at / 1001) * lines.length);
  const j = Math.floor((much / 1001) * lines.length);
  const line = lines[i] as string;
  if (isSwap) {
    lines[i] = lines[j] as string;
    lines[j] = line;
  } else lines.splice(i, 0, ...new Array<string>(which % 50).fill(line));
  return lines.join('\n');
}

const EDITS: Readonly<
  Record<Change['kind'], (text: string, from: number, change: Change, other: string) => string>
> = {
  delete: (text, from, { much }) => text.slice(0, from) + text.slice(from + Math.ceil(much / 20)),
  repeat: (text, from, { much }) => text.slice(0, from + Math.ceil(much / 5)) + text.slice(from),
  insert: (text, from, { which }) => text.slice(0, from) + asBytes(pick(TOKENS, which)) + text.slice(from),
  truncate: (text, from) => text.slice(0, from),
  flip: (text, from, { which }) =>
    text.slice(0, from) + String.fromCharCode(which % 256) + text.slice(from + 1),
  number: (text, from, { which }) => replaced(text, from, /\d[\d.]*/, asBytes(pick(NUMBERS, which))),
  value: (text, from, { which }) =>
    replaced(text, from, /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/, pick(VALUES, which)),
  lines: (text, _from, change) => withLines(text, change, false),
  swap: (text, _from, change) => withLines(text, change, true),
  splice: (text, from, { much }, other) => text.slice(0, from) + other.slice(much) + text.slice(from),
  nest: (text, from, { much, which }) =>
    text.slice(0, from) + pick(['[', '{"a":', '<a>', '"'], which).repeat(much * 20) + text.slice(from),
  long: (text, from, { much, which }) =>
    text.slice(0, from) + pick(LONG_TEXTS, which).repeat(pick(LONG_BYTES, much)) + text.slice(from),
};

/** A text of one character a byte with the changes made to it; `other` is what is spliced in. */
export function changed(text: string, all: readonly Change[], other: string): string {
  let result = text;
  for (const change of all) {
    if (result.length > LARGEST_BYTES) break;
    result = EDITS[change.kind](result, Math.floor((change.at / 1000) * result.length), change, other);
  }
  return result;
}
