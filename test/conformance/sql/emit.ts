import type { Column } from '../../../functions/platform/lake/column-type.ts';
import { ATHENA, DUCKDB } from '../../../functions/platform/lake/dialects.ts';
import { namedQueries } from '../../../functions/platform/lake/named-queries.ts';
import { LAKE_TABLES } from '../../../functions/platform/lake/tables.ts';
import { LAKE_VIEWS } from '../../../functions/platform/lake/views.ts';

const written = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({ name, athena: ATHENA.typeName(type), duckdb: DUCKDB.typeName(type) }));

/** Every query, which both engines take as it is, and every table and view as each has it. */
const queries = namedQueries().map(({ name, sql }) => ({ name, sql }));
const tables = Object.values(LAKE_TABLES).map(({ name, partitions, columns }) => ({
  name,
  columns: written([
    ...partitions.map((p): Column => ({ name: p, type: 'text' })),
    ...columns,
    { name: '$path', type: 'text' },
  ]),
}));
const views = LAKE_VIEWS.map(({ name, columns, sql }) => ({
  name,
  columns: written(columns),
  athena: sql(ATHENA),
  duckdb: sql(DUCKDB),
}));
process.stdout.write(`${JSON.stringify({ queries, tables, views })}\n`);
