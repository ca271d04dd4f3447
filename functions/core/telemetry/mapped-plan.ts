import { InputError } from '../errors.ts';
import { isNull } from './cell.ts';
import { dimensionOf, dimensionsOfUnit, unitsOf } from './dimensions.ts';
import type { ReadContext } from './formats/format.ts';
import type { MappedReading, Mapping } from './mapping.ts';
import { chipId } from './scope-id.ts';
import type { ColumnPlan, ProgressColumn, ReadingPlan, TablePlan } from './table-plan.ts';
import { startTimeMs } from './time.ts';
import { type Scale, SI, scaleOf } from './units.ts';

/** Names that a message lists of a file's columns. */
const LISTED_COLUMNS = 40;
const PROGRESS_PROPERTIES: Readonly<Record<keyof NonNullable<Mapping['progress']>, ProgressColumn>> = {
  step: 'step',
  samples: 'samples',
  tokens: 'tokens',
  realTokens: 'realTokens',
  loss: 'value',
};

/** The mapping of a file by its rule. @throws InputError `mapping-missing`, `mapping-form`. */
export function mappingOf({ path, rule }: ReadContext, form: Mapping['form']): Mapping {
  const { mapping } = rule;
  if (!mapping)
    throw new InputError(
      'mapping-missing',
      `${path}: nothing says what its columns mean; expected a mapping for the file in run.json (wattline map proposes one)`,
    );
  if (mapping.form === form) return mapping;
  throw new InputError(
    'mapping-form',
    `${path}: read as ${form}, but its mapping has the form ${mapping.form}; expected one form`,
  );
}

/** Refuses a file that lacks a column which its mapping names. @throws InputError `column-missing`. */
export function refuseMissing(
  wanted: Iterable<string>,
  there: ReadonlySet<string> | readonly string[],
  path: string,
): void {
  const found = new Set(there);
  const missing = [...wanted].filter((name) => !found.has(name));
  if (missing.length === 0) return;
  const listed = [...found].slice(0, LISTED_COLUMNS).map((name) => JSON.stringify(name));
  const rest = found.size > LISTED_COLUMNS ? ` and ${found.size - LISTED_COLUMNS} more` : '';
  throw new InputError(
    'column-missing',
    `${path}: the mapping names ${missing.map((name) => JSON.stringify(name)).join(', ')}, which the file lacks; it has ${listed.join(', ')}${rest}`,
  );
}

/**
 * What each column that a mapping names is.
 *
 * @throws InputError `mapping-twice`, `mapping-unit`, `node-missing`.
 */
export function mappedColumns(mapping: Mapping, context: ReadContext): ReadonlyMap<string, ColumnPlan> {
  const columns = new Map<string, ColumnPlan>();
  const add = (name: string | undefined, plan: ColumnPlan): void => {
    if (name === undefined) return;
    if (columns.has(name)) throw twice(context.path, `the column ${JSON.stringify(name)}`);
    columns.set(name, plan);
  };
  for (const name of timeColumns(mapping)) add(name, { role: 'time', form: mapping.time?.form ?? 'iso' });
  for (const name of mapping.scope ?? []) add(name, { role: 'scope' });
  add(mapping.long?.metric, { role: 'metric' });
  add(mapping.long?.value, { role: 'metric-value' });
  const read = new Set<string>();
  for (const { column, scope, ...reading } of mapping.readings ?? []) {
    const what = `${reading.field}${scope === undefined ? '' : ` of ${scope}`}`;
    if (read.has(what)) throw twice(context.path, what);
    read.add(what);
    const plan = readingPlan(reading, column, context.path);
    add(column, { role: 'reading', ...plan, ...(scope ? { scope: namedScope(scope, context) } : {}) });
  }
  for (const [key, name] of Object.entries(mapping.progress ?? {}))
    add(name, { role: 'progress', property: PROGRESS_PROPERTIES[key as keyof typeof PROGRESS_PROPERTIES] });
  return columns;
}

/** The columns that the time of a row stands in, in the order of its parts. */
const timeColumns = ({ time }: Mapping): readonly string[] =>
  time === undefined ? [] : typeof time.column === 'string' ? [time.column] : time.column;

const twice = (path: string, what: string): InputError =>
  new InputError('mapping-twice', `${path}: the mapping names ${what} twice; expected it once`);

function readingPlan(reading: MappedReading, name: string, path: string): ReadingPlan {
  const { field, unit, scale, sentinels } = reading;
  const dimension = dimensionOf(field);
  const about = `${path}: the mapping of ${JSON.stringify(name)} to ${field}`;
  if (unit !== undefined && scale !== undefined)
    throw new InputError('mapping-unit', `${about} has a unit and a scale; expected one of them`);
  if (unit !== undefined && !dimensionsOfUnit(unit).includes(dimension))
    throw new InputError(
      'mapping-unit',
      `${about} has the unit ${JSON.stringify(unit)}; expected a unit of ${dimension}`,
    );
  return {
    field,
    scale: scale === undefined ? (scaleOf(unit ?? '') ?? SI) : scaleFrom(scale),
    ...(scale === undefined ? { suffixes: unitsOf(dimension) } : {}),
    ...(sentinels ? { sentinels } : {}),
  };
}

/** A factor as a scale: 0.001 divides by 1000, which rounds once. */
function scaleFrom(factor: number): Scale {
  const inverse = Math.round(1 / factor);
  return factor < 1 && 1 / inverse === factor
    ? { multiply: 1, divide: inverse }
    : { multiply: factor, divide: 1 };
}

/** A scope's id as the mapping words it, `{node}` filled in, under the name that the run has for it. */
export function namedScope(id: string, { path, rule }: ReadContext): string {
  if (id.includes('{node}') && rule.node === undefined)
    throw new InputError(
      'node-missing',
      `${path}: the scope ${JSON.stringify(id)} needs the node; expected node for the file in run.json, or {node} in its pattern`,
    );
  const full = id.replaceAll('{node}', rule.node ?? '');
  return rule.scopes && Object.hasOwn(rule.scopes, full) ? (rule.scopes[full] as string) : full;
}

/**
 * How the rows of a file of one's own are read.
 *
 * @param names Columns of the file, in the order of a row's cells; a name that the mapping lacks is not read.
 * @throws InputError `column-missing`, `column-twice`, `scope-missing`, `mapping-time`, `period-missing`, and those
 * of `mappedColumns` and `startTimeMs`.
 */
export function mappedPlan(
  mapping: Mapping,
  columns: ReadonlyMap<string, ColumnPlan>,
  names: readonly string[],
  context: ReadContext,
): TablePlan {
  refuseMissing(columns.keys(), names, context.path);
  const doubled = [...columns.keys()].find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (doubled !== undefined)
    throw new InputError(
      'column-twice',
      `${context.path}: the column ${JSON.stringify(doubled)}, which the mapping names, stands twice in the file; expected it once`,
    );
  const clock = clockOf(mapping, context);
  const times = timeColumns(mapping);
  return {
    names,
    columns: names.map((name) => columns.get(name) ?? { role: 'skip' }),
    ...(times.length > 1 ? { timeColumns: times.map((name) => names.indexOf(name)) } : {}),
    kind: mapping.kind ?? 'chip',
    scopeId: scopeIdOf(mapping, names, context),
    nulls: new Set((mapping.nulls ?? []).map((text) => text.toLowerCase())),
    progressKey: 'loss',
    ...(mapping.long ? { metrics: metricsOf(mapping.long.readings, context.path) } : {}),
    ...(clock ? { clock } : {}),
  };
}

const metricsOf = (readings: Readonly<Record<string, MappedReading>>, path: string) =>
  new Map(Object.entries(readings).map(([name, reading]) => [name, readingPlan(reading, name, path)]));

/** Times of rows that carry none. Rows of several scopes would make time run several times too fast. */
function clockOf(mapping: Mapping, context: ReadContext): TablePlan['clock'] | null {
  const { path, rule } = context;
  if (mapping.time) return null;
  const isTimeless = !mapping.readings && !mapping.long && rule.startTime === undefined;
  if (isTimeless) return null;
  if (mapping.scope || mapping.long)
    throw new InputError(
      'mapping-time',
      `${path}: the mapping names no time, and rows of several scopes or metrics cannot be counted as time; expected a time column`,
    );
  if (rule.periodMs === undefined)
    throw new InputError(
      'period-missing',
      `${path}: the mapping names no time column; expected one, or startTime and periodMs for the file in run.json`,
    );
  return { startMs: startTimeMs(context), periodMs: rule.periodMs };
}

const BARE_INDEX = /^\d{1,6}$/;

/** Id of a row's scope. A bare index is one of its host: the same index of another host is another scope. */
function scopeIdOf(
  mapping: Mapping,
  names: readonly string[],
  context: ReadContext,
): (parts: readonly string[]) => string | null {
  const { scope, scopeId, kind, readings, long } = mapping;
  if (scope) {
    const inRow = [...scope].sort((a, b) => names.indexOf(a) - names.indexOf(b));
    const places = scope.map((name) => inRow.indexOf(name));
    const known = new Map<string, string | null>();
    return (parts) => {
      const key = parts.join('\n');
      let id = known.get(key);
      if (id === undefined) {
        id = scopeFrom(
          places.map((place) => parts[place] ?? ''),
          context,
        );
        known.set(key, id);
      }
      return id;
    };
  }
  const isOwn = long !== undefined || readings?.some((reading) => reading.scope === undefined);
  const own = scopeId ?? (kind !== undefined && kind !== 'chip' ? context.rule.node : undefined);
  if (isOwn && own === undefined)
    throw new InputError(
      'scope-missing',
      `${context.path}: nothing says what was read; expected scope columns, a scope for each reading or a scopeId in the mapping`,
    );
  const id = own === undefined ? null : namedScope(own, context);
  return () => id;
}

function scopeFrom(parts: readonly string[], context: ReadContext): string | null {
  if (parts.some(isNull)) return null;
  const id = parts.join('/');
  return BARE_INDEX.test(id) ? chipId({ busId: id }, context) : chipId({ uuid: id }, context);
}
