import { InputError } from '../errors.ts';
import type { Boundary } from './boundary.ts';
import { type Fault, numberFault } from './cell.ts';
import { dimensionOf, dimensionsOfUnit, unitsOf } from './dimensions.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { reasonMask, THROTTLE_GAUGES, throttledBy } from './nvml-reasons.ts';
import { rangeOf } from './plausible.ts';
import { PollClock } from './poll-clock.ts';
import type { Field } from './sample.ts';
import type { ColumnPlan, ReadingPlan, RowTarget, TablePlan } from './table-plan.ts';
import { numberOf } from './table-row.ts';
import type { Combined, ToolAliases } from './tool-aliases.ts';
import { bareClock, sentinelsOf } from './tool-cells.ts';
import { deviceIds, isInstant, isStamp, STATES, timeFormOf } from './tool-devices.ts';
import { type ColumnName, columnName, type TableHead } from './tool-head.ts';
import { type Scale, scaleOf } from './units.ts';

/** A vendor's tool that prints tables: its names, and how it spells them in a header. */
export interface Tool {
  readonly aliases: ToolAliases;
  /** Column of an alias, where it is not the alias itself. */
  readonly columnOf?: (alias: string) => string;
  /** Clocks are written `(300Mhz)`. */
  readonly hasBareClocks?: true;
  /** What the power readings are, for a note on the column that was chosen. */
  readonly powerKinds?: string;
  /** Whether a line is the header of a table in which nothing is read, and which may stand among the others. */
  readonly isOtherHeader?: (cells: readonly string[]) => boolean;
}

/** Decides what each column of a tool's table is, from its header and its first rows. */
class ToolPlanner {
  private readonly tool: Tool;
  private readonly head: TableHead;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly columns: ColumnPlan[];
  private readonly byKey = new Map<string, { readonly at: number; readonly name: ColumnName }>();
  private readonly repeated = new Set<string>();
  private boundary: Boundary = 'chip';
  /** The column of the chip's own power. */
  private power: string | null = null;

  constructor(
    header: readonly string[],
    tool: Tool,
    head: TableHead,
    context: ReadContext,
    sink: RecordSink,
  ) {
    this.tool = tool;
    this.head = head;
    this.context = context;
    this.sink = sink;
    this.columns = header.map(() => ({ role: 'skip' }));
    for (const [at, text] of header.entries()) {
      const name = columnName(text);
      if (this.byKey.has(name.key)) this.repeated.add(name.key);
      else this.byKey.set(name.key, { at, name });
    }
  }

  plan(names: readonly string[]): TablePlan {
    this.readings();
    this.throttling();
    this.refuseUnread(names);
    const clock = this.time() ? null : new PollClock(this.context);
    return {
      names,
      columns: this.columns,
      kind: 'chip',
      boundary: this.boundary,
      nulls: new Set(this.tool.aliases.nulls),
      scopeId: this.scopeId(),
      ...(clock ? { pollTimeMs: (scope: string) => clock.at(scope) } : {}),
    };
  }

  private readings(): void {
    const fields = Object.values(this.tool.aliases.readings).map(({ field }) => field);
    for (const field of new Set(fields)) this.reading(field);
    this.modulePower();
  }

  /** A mask has all reasons; without one, each has a column. */
  private throttling(): void {
    const gauges: readonly Field[] = this.mask() ? THROTTLE_GAUGES : [];
    const fields = this.tool.aliases.combined.map(({ field }) => field);
    for (const field of new Set(fields)) if (!gauges.includes(field)) this.combined(field);
  }

  /** Whether the table has a column of time. */
  private time(): boolean {
    const key = this.timeKey();
    if (key === undefined) return false;
    this.put(key, { role: 'time', form: timeFormOf(this.head.first(key) ?? '') });
    return true;
  }

  /** The tool's own column, but where its zone is not known and a wrapper's column needs none. */
  private timeKey(): string | undefined {
    const { time, wrapperTimes } = this.tool.aliases;
    const first = (key: string): string => this.head.first(key) ?? '';
    const wrapped = this.present(wrapperTimes).filter((key) => isStamp(first(key)));
    const [own] = this.present(time);
    const isSure = own !== undefined && (this.context.rule.timeZone !== undefined || isInstant(first(own)));
    if (isSure) return own;
    return wrapped.find((key) => isInstant(first(key))) ?? own ?? wrapped[0];
  }

  /** Marks the columns that name the device; rows hand their texts over in the order of the table. */
  private scopeId(): (parts: readonly string[]) => string | null {
    const { aliases } = this.tool;
    const ids = deviceIds(aliases, (names) => this.present(names), this.head, this.context);
    for (const key of ids.keys) this.name(key);
    const order = this.columns.flatMap((column, at) => (column.role === 'scope' ? [at] : []));
    const places = ids.keys.map((key) => order.indexOf(this.byKey.get(key)?.at ?? -1));
    return (parts) => ids.idOf(places.map((place) => parts[place] ?? ''));
  }

  /** A column that names the device. Where it comes again, a row is of several devices, of which one would be read. */
  private name(key: string): void {
    if (this.repeated.has(key))
      throw new InputError(
        'column-twice',
        `${this.context.path}: column ${JSON.stringify(key)}, which names the device, stands there more than once; expected one device a row`,
      );
    this.put(key, { role: 'scope' });
  }

  /** Those of these aliases that are columns here, as keys. */
  private present(aliases: readonly string[]): string[] {
    const { columnOf = (alias: string) => alias } = this.tool;
    return aliases.map((alias) => columnOf(alias).toLowerCase()).filter((key) => this.byKey.has(key));
  }

  private put(key: string, plan: ColumnPlan): void {
    const column = this.byKey.get(key);
    if (column) this.columns[column.at] = plan;
  }

  private reading(field: Field): void {
    const aliases = Object.entries(this.tool.aliases.readings).filter(([, r]) => r.field === field);
    const keys = this.present(aliases.map(([alias]) => alias));
    const chosen = this.head.fullest(keys);
    if (chosen === undefined) return;
    const plan = this.readingPlan(chosen, field, aliases[0]?.[1].unit ?? '1');
    this.put(chosen, this.clockColumn(chosen, plan) ?? { role: 'reading', ...plan });
    if (field !== 'power_w') return;
    this.power = chosen;
    if (keys.length > 1) this.notePower(chosen, keys);
  }

  /** The plan of a column whose clocks stand in brackets; null for any other. */
  private clockColumn(key: string, plan: ReadingPlan): ColumnPlan | null {
    const isBare = plan.field === 'clock_hz' && this.tool.hasBareClocks === true;
    const part = { plan, by: 'largest' } as const;
    return isBare ? { role: 'text', read: (text, row) => readPart(key, bareClock(text), part, row) } : null;
  }

  private notePower(chosen: string, keys: readonly string[]): void {
    const { powerKinds = '' } = this.tool;
    this.sink.note({
      code: 'power-kind',
      severity: 'info',
      message: `of ${keys.join(', ')} the power of ${chosen} is read${powerKinds}`,
    });
  }

  private readingPlan(key: string, field: Field, unit: string): ReadingPlan {
    const sentinels = sentinelsOf(this.tool.aliases, field);
    return {
      field,
      scale: this.scale(key, field, unit),
      suffixes: unitsOf(dimensionOf(field)),
      ...(sentinels.length > 0 ? { sentinels } : {}),
    };
  }

  /** Scale of the unit in a column's header, or of the tool's own where it has none. */
  private scale(key: string, field: Field, unit: string): Scale {
    const stated = this.byKey.get(key)?.name.unit ?? unit;
    const scale = scaleOf(stated);
    if (scale && dimensionsOfUnit(stated).includes(dimensionOf(field))) return scale;
    throw new InputError(
      'unit',
      `${this.context.path}: column ${JSON.stringify(`${key} [${stated}]`)}: expected a unit of ${dimensionOf(field)}, for instance ${unit}`,
    );
  }

  /** A module's power holds more than the chip's: it is read where the chip's own is not there, and never beside it. */
  private modulePower(): void {
    const module = this.head.fullest(this.present(this.tool.aliases.modulePower));
    if (module === undefined) return;
    const { power: chip, head } = this;
    if (chip !== null && (head.count(chip) > 0 || head.count(module) === 0)) {
      if (head.count(module) > 0) this.noteModule('info', `${module} is left out: it is`);
      return;
    }
    if (chip !== null) this.put(chip, { role: 'skip' });
    this.put(module, { role: 'reading', ...this.readingPlan(module, 'power_w', 'W') });
    this.boundary = 'module';
    this.noteModule('warning', `only ${module} has power:`);
  }

  private noteModule(severity: 'info' | 'warning', what: string): void {
    this.sink.note({
      code: 'module-power',
      severity,
      message: `${what} of the module, with its CPU and memory`,
    });
  }

  /** Plans the mask of clock event reasons, which has all of them; whether there is one. */
  private mask(): boolean {
    const key = this.head.fullest(this.present(this.tool.aliases.reasonMasks));
    if (key === undefined) return false;
    this.put(key, { role: 'text', read: (text, row) => readMask(key, text, row) });
    return true;
  }

  private combined(field: Field): void {
    const entries = this.tool.aliases.combined
      .filter((entry) => entry.field === field)
      .map((entry) => ({ entry, keys: this.present(entry.names) }))
      .filter(({ keys }) => keys.length > 0);
    const best = this.head.fullest(entries.flatMap(({ keys }) => keys));
    const found = entries.find(({ keys }) => best !== undefined && keys.includes(best));
    if (!found) return;
    for (const key of found.keys) this.put(key, this.part(key, found.entry, found.keys.length));
  }

  private part(key: string, entry: Combined, parts: number): ColumnPlan {
    const plan = this.readingPlan(key, entry.field, entry.unit);
    if (parts === 1 && entry.unit !== '1') return { role: 'reading', ...plan };
    return { role: 'text', read: (text, row) => readPart(key, text, { plan, by: entry.by }, row) };
  }

  private refuseUnread(names: readonly string[]): void {
    if (this.columns.some((column) => column.role !== 'skip')) return;
    const known = Object.keys(this.tool.aliases.readings).slice(0, 4).join(', ');
    throw new InputError(
      'columns-unknown',
      `${this.context.path}: nothing is read of the columns ${JSON.stringify(names.join(', ').slice(0, 200))}; expected such as ${known}`,
    );
  }
}

function readMask(column: string, text: string, row: RowTarget): Fault | null {
  const mask = reasonMask(text);
  if (mask === null) return { column, reason: 'number', expected: 'a bit mask of clock event reasons' };
  for (const gauge of THROTTLE_GAUGES) row.set(gauge, throttledBy(mask, gauge));
  return null;
}

/** Adds one of several columns to the field that they give together. */
function readPart(
  column: string,
  text: string,
  { plan, by }: { readonly plan: ReadingPlan; readonly by: Combined['by'] },
  row: RowTarget,
): Fault | null {
  const value = STATES.get(text.toLowerCase()) ?? numberOf(text, plan);
  if (value === null) return numberFault(column);
  if (Number.isNaN(value)) return null;
  const [low, high] = rangeOf(plan.field, 'chip');
  if (value < low || value > high) return { column, reason: 'range', expected: `${low} to ${high}` };
  const before = row.get(plan.field);
  const isFirst = Number.isNaN(before);
  row.set(plan.field, isFirst ? value : by === 'sum' ? before + value : Math.max(before, value));
  return null;
}

/**
 * How the rows below a tool's header are read. One column a field: the one that most of the first rows fill, of
 * equals the one that its aliases prefer.
 *
 * @throws InputError `unit`, `columns-unknown`, `scope-missing`, and without a time column what `PollClock` throws.
 */
export const toolPlan = (
  header: readonly string[],
  tool: Tool,
  head: TableHead,
  context: ReadContext,
  sink: RecordSink,
): TablePlan => new ToolPlanner(header, tool, head, context, sink).plan(header);
