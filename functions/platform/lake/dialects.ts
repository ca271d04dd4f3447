import type { Column, ColumnType } from './column-type.ts';

/** What Athena and DuckDB say differently; all other SQL of the lake is the same text for both. */
export interface Dialect {
  readonly typeName: (type: ColumnType) => string;
  /** Day, UTC, of milliseconds since 1970. */
  readonly day: (ms: string) => string;
  /** Rows of a list of structs beside those of the table that has it, as `t`. */
  readonly unnest: (list: string, columns: readonly Column[]) => string;
  /** A column of these rows. */
  readonly unnested: (name: string) => string;
}

/** Both take a quoted name without regard to case. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

interface Names {
  readonly scalar: Readonly<Record<Extract<ColumnType, string>, string>>;
  readonly list: (inner: string) => string;
  readonly map: (inner: string) => string;
  readonly struct: (columns: readonly (readonly [name: string, type: string])[]) => string;
}

const writer = (names: Names) => {
  const write = (type: ColumnType): string => {
    if (typeof type === 'string') return names.scalar[type];
    if ('list' in type) return names.list(write(type.list));
    if ('map' in type) return names.map(write(type.map));
    return names.struct(type.struct.map(({ name, type: inner }) => [name, write(inner)] as const));
  };
  return write;
};

/** Type as Glue keeps it. Its names are in lower case; its reader of JSON takes `energyPerTokenJ` for `energypertokenj`. */
export const hiveType = writer({
  scalar: { text: 'string', number: 'double', integer: 'bigint', flag: 'boolean', date: 'date' },
  list: (inner) => `array<${inner}>`,
  map: (inner) => `map<string,${inner}>`,
  struct: (columns) => `struct<${columns.map(([name, type]) => `${name.toLowerCase()}:${type}`).join(',')}>`,
});

/** Athena's engine is Trino. */
export const ATHENA: Dialect = {
  typeName: writer({
    scalar: { text: 'varchar', number: 'double', integer: 'bigint', flag: 'boolean', date: 'date' },
    list: (inner) => `array(${inner})`,
    map: (inner) => `map(varchar, ${inner})`,
    struct: (columns) =>
      `row(${columns.map(([name, type]) => `${quoted(name.toLowerCase())} ${type}`).join(', ')})`,
  }),
  day: (ms) => `cast(from_unixtime(${ms} / 1e3) at time zone 'UTC' as date)`,
  // A list of rows comes apart into its fields.
  unnest: (list, columns) =>
    `cross join unnest(${list}) as t (${columns.map(({ name }) => quoted(name)).join(', ')})`,
  unnested: (name) => `t.${quoted(name)}`,
};

export const DUCKDB: Dialect = {
  typeName: writer({
    scalar: { text: 'VARCHAR', number: 'DOUBLE', integer: 'BIGINT', flag: 'BOOLEAN', date: 'DATE' },
    list: (inner) => `${inner}[]`,
    map: (inner) => `MAP(VARCHAR, ${inner})`,
    struct: (columns) => `STRUCT(${columns.map(([name, type]) => `${quoted(name)} ${type}`).join(', ')})`,
  }),
  day: (ms) => `cast(epoch_ms(cast(${ms} as bigint)) as date)`,
  unnest: (list) => `cross join unnest(${list}) as t (item)`,
  unnested: (name) => `t.item.${quoted(name)}`,
};
