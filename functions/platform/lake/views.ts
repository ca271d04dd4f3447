import type { Column, ColumnType } from './column-type.ts';
import { type Dialect, quoted } from './dialects.ts';
import { LAKE_TABLES, type LakeTable } from './tables.ts';

/** What people ask: a name, its columns, and the query behind it in each dialect. */
export interface LakeView {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly sql: (dialect: Dialect) => string;
}

/** A column with the expression that it is. */
interface Derived extends Column {
  readonly is: (dialect: Dialect) => string;
}

const PATH = quoted('$path');
const TEXT = 'text' as const;

const plain = ({ name, type }: Column): Derived => ({ name, type, is: () => quoted(name) });
const derived = (name: string, type: ColumnType, is: (dialect: Dialect) => string): Derived => ({
  name,
  type,
  is,
});
/** Key of the object in the lake, as receipts and `latest.json` name it. */
const fileOf = (folder: string): string => `regexp_extract(${PATH}, '${folder}/program=.*$')`;
const RUN_OF_PATH = `regexp_extract(${PATH}, '/run=([^/]+)/', 1)`;

const select = (columns: readonly Derived[], dialect: Dialect): string =>
  `select ${columns.map((c) => (c.is(dialect) === quoted(c.name) ? quoted(c.name) : `${c.is(dialect)} as ${quoted(c.name)}`)).join(', ')}`;

function view(
  name: string,
  description: string,
  columns: readonly Derived[],
  from: (dialect: Dialect) => string,
): LakeView {
  const names = columns.map((c) => c.name.toLowerCase());
  const twice = names.find((n, i) => names.indexOf(n) < i);
  if (twice !== undefined) throw new TypeError(`view ${name}: two columns ${twice}; expected one`);
  return {
    name,
    description,
    columns: columns.map(({ name: column, type }) => ({ name: column, type })),
    sql: (dialect) => `${select(columns, dialect)} ${from(dialect)}`,
  };
}

const keysOf = ({ partitions }: LakeTable): Derived[] =>
  partitions.map((name) => plain({ name, type: TEXT }));
const contentOf = ({ columns }: LakeTable, ...left: string[]): Derived[] =>
  columns.filter(({ name }) => ![...left, 'schema', 'digest', 'key'].includes(name)).map(plain);

const receipts = view(
  'receipts',
  'what ingesting each version of each source came to',
  [
    ...keysOf(LAKE_TABLES.receipts),
    ...contentOf(LAKE_TABLES.receipts),
    derived('day', 'date', ({ day }) => day(`${quoted('timeRange')}.${quoted('startMs')}`)),
    derived('file', TEXT, () => fileOf('receipts')),
  ],
  () => `from ${LAKE_TABLES.receipts.name}`,
);

const parquetView = (table: LakeTable, description: string): LakeView =>
  view(
    table.folder,
    description,
    [...keysOf(table), ...table.columns.map(plain), derived('file', TEXT, () => fileOf(table.folder))],
    () => `from ${table.name}`,
  );

/**
 * Results with the key that `latest.json` of their folder points at. A window, not a join: it reads the files once,
 * and a condition on the program reaches them.
 */
const pointed = ({ name, folder }: LakeTable, by: string): string =>
  `from (select *, ${fileOf(folder)} as file, max("key") over (partition by ${by}) as latest_key from ${name}) as f`;

const evaluations = view(
  'evaluations',
  'the result of each run that stands now: the one that latest.json points at',
  [
    ...keysOf(LAKE_TABLES.evaluations),
    derived('run', TEXT, () => RUN_OF_PATH),
    ...contentOf(LAKE_TABLES.evaluations, 'run'),
    derived('day', 'date', ({ day }) => day(quoted('startMs'))),
    derived('file', TEXT, () => 'file'),
  ],
  () => `${pointed(LAKE_TABLES.evaluations, `program, ${RUN_OF_PATH}`)} where file = latest_key`,
);

const decisions = view(
  'decisions',
  'every decision of every night; isLatest: latest.json of the program points at it',
  [
    ...keysOf(LAKE_TABLES.decisions),
    ...contentOf(LAKE_TABLES.decisions),
    derived('isLatest', 'flag', () => 'file = latest_key'),
    derived('file', TEXT, () => 'file'),
  ],
  () => `${pointed(LAKE_TABLES.decisions, 'program')} where ${quoted('schema')} = 'wattline/decision@1'`,
);

/** One row for each entry of a list of another view, beside some of its columns. */
function flat(
  name: string,
  description: string,
  of: LakeView,
  list: string,
  keep: readonly (string | readonly [name: string, path: string])[],
): LakeView {
  const items = structIn(of.columns, list);
  const kept = keep.map((entry) => {
    const [as, path] = typeof entry === 'string' ? [entry, entry] : entry;
    return derived(as, typeAt(of.columns, path), () => `e.${path.split('.').map(quoted).join('.')}`);
  });
  return view(
    name,
    description,
    [...kept, ...items.map((c) => derived(c.name, c.type, ({ unnested }) => unnested(c.name)))],
    ({ unnest }) => `from ${of.name} as e ${unnest(`e.${quoted(list)}`, items)}`,
  );
}

function typeAt(columns: readonly Column[], path: string): ColumnType {
  const [name, ...rest] = path.split('.');
  const type = columns.find((c) => c.name === name)?.type;
  if (type === undefined) throw new TypeError(`no column ${path}`);
  if (rest.length === 0) return type;
  return typeAt(typeof type !== 'string' && 'struct' in type ? type.struct : [], rest.join('.'));
}

function structIn(columns: readonly Column[], list: string): readonly Column[] {
  const type = typeAt(columns, list);
  if (typeof type !== 'string' && 'list' in type && typeof type.list !== 'string' && 'struct' in type.list)
    return type.list.struct;
  throw new TypeError(`column ${list}: expected a list of structs`);
}

const OF_RUN = [
  'program',
  'run',
  'role',
  'sku',
  ['workloadName', 'workload.name'],
  'day',
  'startMs',
  'stopMs',
] as const;
const OF_NIGHT = ['program', 'date', 'verdict', 'isLatest', 'file'] as const;

const contrasts = flat(
  'decision_contrasts',
  'a row a decision and metric that was compared over units and nights',
  decisions,
  'contrasts',
  OF_NIGHT,
);

/** In an order in which each needs only those before it. */
export const LAKE_VIEWS: readonly LakeView[] = [
  receipts,
  parquetView(LAKE_TABLES.segments, 'a row a source, scope and window of 60 s'),
  parquetView(LAKE_TABLES.progress, 'a row a line of a training log'),
  evaluations,
  decisions,
  flat('receipt_scopes', 'a row a source and scope', receipts, 'scopes', [
    'program',
    'run',
    'path',
    'format',
    'status',
  ]),
  flat('evaluation_scopes', 'a row a run and scope', evaluations, 'scopes', OF_RUN),
  flat('evaluation_units', 'a row a run and chip or node', evaluations, 'units', OF_RUN),
  flat('evaluation_inputs', 'a row a run and source that it rests on', evaluations, 'inputs', OF_RUN),
  flat('evaluation_costs', 'a row a run and price basis', evaluations, 'costs', OF_RUN),
  flat('decision_gates', 'a row a decision and gate', decisions, 'gates', OF_NIGHT),
  contrasts,
  flat('decision_nights', 'a row a decision, metric and night: the sequence so far', contrasts, 'nights', [
    ...OF_NIGHT,
    'workload',
    'metric',
    'method',
    'unit',
  ]),
];
