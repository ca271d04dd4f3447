import type { SchemaElement } from 'hyparquet';
import { InputError } from '../../errors.ts';

/** A longer text is no id, number or time. */
const TEXT_LIMIT_CHARACTERS = 4_096;
const DIGITS = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;

/** The text that a value of a column would have in a table. */
export type CellText = (value: unknown) => string;

/** Converters that leave time stamps as the integers that they are stored as. */
export const PLAIN_PARSERS = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
};

interface Stamp {
  readonly digits: number;
  readonly isInstant: boolean;
}

/** What a time stamp's type says of it: its unit, and whether it is an instant or a local time. */
export function stampOf({ type, converted_type, logical_type }: SchemaElement): Stamp | null {
  if (logical_type?.type === 'TIMESTAMP')
    return { digits: DIGITS[logical_type.unit], isInstant: logical_type.isAdjustedToUTC };
  if (converted_type === 'TIMESTAMP_MILLIS') return { digits: DIGITS.MILLIS, isInstant: true };
  if (converted_type === 'TIMESTAMP_MICROS') return { digits: DIGITS.MICROS, isInstant: true };
  // Spark wrote instants as INT96 and Impala local times; the file does not tell which.
  return type === 'INT96' ? { digits: DIGITS.NANOS, isInstant: false } : null;
}

const READABLE_LOGICAL = ['STRING', 'ENUM', 'INTEGER', 'DECIMAL', 'UUID', 'FLOAT16', 'TIMESTAMP'];
const READABLE_CONVERTED = /^(?:UTF8|ENUM|DECIMAL|TIMESTAMP_(?:MILLIS|MICROS)|U?INT_(?:8|16|32|64))$/;

/** How the values of a column become texts. @throws InputError `parquet-type`. */
export function cellTextOf(element: SchemaElement, path: string): CellText {
  const { type, converted_type, logical_type, name } = element;
  const said = logical_type?.type ?? converted_type;
  const isReadable =
    said === undefined
      ? type !== 'FIXED_LEN_BYTE_ARRAY'
      : READABLE_LOGICAL.includes(said) || READABLE_CONVERTED.test(said);
  if (!isReadable)
    throw new InputError(
      'parquet-type',
      `${path}: the column ${JSON.stringify(name)} is of the type ${said ?? type}; expected numbers, texts or time stamps`,
    );
  const stamp = stampOf(element);
  return stamp ? (value) => stampText(value, stamp) : plainText;
}

function plainText(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value).slice(0, TEXT_LIMIT_CHARACTERS).trim();
}

const LATEST_DATE_MS = 8.64e15;

/** A stored time stamp as ISO 8601, without a zone where it is a local time. */
function stampText(value: unknown, { digits, isInstant }: Stamp): string {
  if (typeof value !== 'bigint') return plainText(value);
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((value % perSecond) + perSecond) % perSecond;
  const seconds = Number((value - fraction) / perSecond);
  if (Math.abs(seconds) * 1000 > LATEST_DATE_MS) return String(value);
  const text = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${text}.${String(fraction).padStart(digits, '0')}${isInstant ? 'Z' : ''}`;
}
