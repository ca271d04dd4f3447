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
 * Columns of the JSON files that a schema describes, one a property, in its order; every one may be null.
 *
 * @throws TypeError where a schema describes no object, or two properties differ in case alone: SQL knows no case.
 */
export const columnsOf = (schema: z.ZodType): readonly Column[] => {
  const type = typeOf(z.toJSONSchema(schema, { io: 'output' }));
  if (typeof type === 'string' || !('struct' in type))
    throw new TypeError(`schema of a lake table: ${JSON.stringify(type).slice(0, 80)}; expected an object`);
  return type.struct;
};

/** Unions of objects have the properties of all; what has no one type is kept as text of JSON. */
function typeOf(schema: JsonSchema): ColumnType {
  const options = (schema.anyOf ?? schema.oneOf)?.map((s) => s as JsonSchema);
  if (options) return union(options.filter((s) => s.type !== 'null').map(typeOf));
  const types = [schema.type].flat().filter((t) => t !== 'null');
  if (types.length > 1) return 'text';
  const [type] = types;
  if (type === 'array') return { list: typeOf((schema.items ?? {}) as JsonSchema) };
  if (type === 'object' && schema.properties) return structOf(schema.properties);
  if (type === 'object') return { map: typeOf((schema.additionalProperties ?? {}) as JsonSchema) };
  return SCALARS[type as string] ?? 'text';
}

const SCALARS: Readonly<Record<string, ColumnType>> = {
  number: 'number',
  integer: 'integer',
  boolean: 'flag',
  string: 'text',
};

function structOf(properties: Readonly<Record<string, unknown>>): ColumnType {
  const struct = Object.entries(properties).map(([name, inner]) => ({
    name,
    type: typeOf(inner as JsonSchema),
  }));
  const names = struct.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new TypeError(`property ${twice}: expected one of this name, whatever its case`);
  return { struct };
}

function union(types: readonly ColumnType[]): ColumnType {
  const [first, ...rest] = types;
  if (first === undefined) return 'text';
  if (rest.every((type) => JSON.stringify(type) === JSON.stringify(first))) return first;
  const columns = new Map<string, ColumnType>();
  for (const type of types) {
    if (typeof type === 'string' || !('struct' in type)) return 'text';
    for (const { name, type: inner } of type.struct) {
      const known = columns.get(name);
      columns.set(name, known === undefined ? inner : union([known, inner]));
    }
  }
  return { struct: [...columns].map(([name, type]) => ({ name, type })) };
}
