import * as z from 'zod';

/** Type of a column of the lake, in words of our own; Athena, Glue and DuckDB each have others for it. */
export type ColumnType =
  | 'text'
  | 'number'
  | 'integer'
  | 'flag'
  | 'date'
  | { readonly list: ColumnType }
  | { readonly map: ColumnType }
  | { readonly struct: readonly Column[] };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Columns of the JSON files that a schema describes, one a property, in its order; every one may be null. A property
 * that may be of several types is left out, at any depth: the JSON reader that Athena advises has no type for it.
 *
 * @throws TypeError where a schema describes no object, or two properties differ in case alone: SQL knows no case.
 */
export function columnsOf(schema: z.ZodType): readonly Column[] {
  const type = typeOf(z.toJSONSchema(schema, { io: 'output' }));
  if (type === null || typeof type === 'string' || !('struct' in type))
    throw new TypeError(`schema of a lake table: ${JSON.stringify(type)?.slice(0, 80)}; expected an object`);
  return type.struct;
}

/** Unions of objects have the properties of all; null: what is of no one type. */
function typeOf(schema: JsonSchema): ColumnType | null {
  const options = (schema.anyOf ?? schema.oneOf)?.map((s) => s as JsonSchema);
  if (options) return union(options.filter((s) => s.type !== 'null').map(typeOf));
  const types = [schema.type].flat().filter((t) => t !== 'null');
  if (types.length !== 1) return null;
  const [type] = types;
  const inner = (type === 'array' ? schema.items : schema.additionalProperties) ?? {};
  if (type === 'object' && schema.properties) return structOf(schema.properties);
  if (type !== 'object' && type !== 'array') return SCALARS[type as string] ?? null;
  const item = typeOf(inner as JsonSchema);
  if (item === null) return null;
  return type === 'array' ? { list: item } : { map: item };
}

const SCALARS: Readonly<Record<string, ColumnType>> = {
  number: 'number',
  integer: 'integer',
  boolean: 'flag',
  string: 'text',
};

function structOf(properties: Readonly<Record<string, unknown>>): ColumnType {
  const names = Object.keys(properties).map((name) => name.toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new TypeError(`property ${twice}: expected one of this name, whatever its case`);
  return {
    struct: Object.entries(properties).flatMap(([name, inner]) => {
      const type = typeOf(inner as JsonSchema);
      return type === null ? [] : [{ name, type }];
    }),
  };
}

function union(types: readonly (ColumnType | null)[]): ColumnType | null {
  const [first, ...rest] = types;
  if (first === undefined || first === null) return null;
  if (rest.every((type) => JSON.stringify(type) === JSON.stringify(first))) return first;
  const columns = new Map<string, ColumnType | null>();
  for (const type of types) {
    if (type === null || typeof type === 'string' || !('struct' in type)) return null;
    for (const { name, type: inner } of type.struct) {
      const known = columns.get(name);
      columns.set(name, known === undefined ? inner : union([known, inner]));
    }
  }
  return { struct: [...columns].flatMap(([name, type]) => (type === null ? [] : [{ name, type }])) };
}
