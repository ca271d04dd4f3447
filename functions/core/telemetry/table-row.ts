import { type Fault, isNull, numberFault, numberIn } from './cell.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import type { TimeForm } from './mapping.ts';
import { rangeOf } from './plausible.ts';
import { progressRecord } from './progress.ts';
import { emptySample, FIELDS, type Field } from './sample.ts';
import type { ColumnPlan, ProgressColumn, ReadingPlan, TablePlan } from './table-plan.ts';
import type { TableRows } from './table-scan.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from './time.ts';
import { applyScale, type Scale } from './units.ts';

const UNKNOWN = -1;
const SUFFIXED = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(\D.*)$/;

/** Index of a field in a sample. */
const INDEX: ReadonlyMap<Field, number> = new Map(FIELDS.map((field, i) => [field, i]));

/**
 * Reads the rows of a table from texts, cell by cell, as its plan says. A row is taken whole or not at all. What a
 * cell means is defined here; the fast reader of tables does the same on bytes, and comes here with every row that
 * it does not find plain.
 */
export class TableRowReader implements TableRows {
  private readonly plan: TablePlan;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  readonly times: TimeReader | null;
  private readonly timeForm: TimeForm;
  private readonly scopes = new Map<string, number>();
  /** Values by scope id; wide tables have several in a row. '' is the row's own. */
  private readonly samples = new Map<string, Float64Array>();
  private readonly rowIndex: { next: number };
  private readonly texts: string[] = [];

  /** `rowIndex` counts the rows of a table without times; it is shared with whoever else reads rows of it. */
  constructor(plan: TablePlan, context: ReadContext, sink: RecordSink, rowIndex = { next: 0 }) {
    this.plan = plan;
    this.context = context;
    this.sink = sink;
    this.rowIndex = rowIndex;
    const time = plan.columns.find((c) => c.role === 'time');
    this.timeForm = time?.form ?? 'iso';
    this.times = time ? timeReaderFor(context, time.form) : null;
  }

  /** `cells` are trimmed texts, as many as the plan has columns unless it is ragged. */
  row(cells: readonly string[], line: number, raw: string): void {
    this.sink.row();
    const { length } = this.plan.columns;
    const at = this.rowIndex.next;
    this.rowIndex.next += 1;
    const fault =
      cells.length === length || this.plan.isRagged === true
        ? this.read(cells, at)
        : { column: null, reason: 'cells', expected: `${length} cells, quotes closed` };
    if (fault) this.sink.reject({ line, ...fault, raw });
  }

  private read(cells: readonly string[], at: number): Fault | null {
    const timeMs = this.timeOf(cells, at);
    if (isFault(timeMs)) return timeMs;
    for (const values of this.samples.values()) values.fill(Number.NaN);
    const progress: Partial<Record<ProgressColumn, number>> = {};
    this.texts.length = 0;
    let metric: string | null = null;
    let value = '';
    for (let i = 0; i < this.plan.columns.length; i += 1) {
      const column = this.plan.columns[i] as ColumnPlan;
      const text = cells[i] ?? '';
      if (column.role === 'scope') this.texts.push(text);
      else if (column.role === 'metric') metric = text;
      else if (column.role === 'metric-value') value = text;
      else {
        const fault = this.cell(column, text, i, progress);
        if (fault) return fault;
      }
    }
    if (metric !== null) {
      const reading = this.plan.metrics?.get(metric);
      if (!reading) return null;
      const fault = this.reading(
        reading,
        value,
        '',
        this.plan.columns.findIndex((c) => c.role === 'metric-value'),
      );
      if (fault) return fault;
    }
    return this.emit(timeMs, progress);
  }

  private timeOf(cells: readonly string[], row: number): number | null | Fault {
    const { clock, columns } = this.plan;
    if (this.plan.pollTimeMs) return this.polledMs(cells, this.plan.pollTimeMs);
    if (!this.times) return clock ? clock.startMs + row * clock.periodMs : null;
    const [i = -1, ...further] = this.plan.timeColumns ?? [columns.findIndex((c) => c.role === 'time')];
    const text = [i, ...further].map((place) => cells[place] ?? '').join(' ');
    const timeMs = this.times.read(text);
    if (typeof timeMs === 'number') return timeMs;
    refuseUntimed(timeMs, this.context.path, text);
    return {
      column: this.nameOf(i),
      reason: timeMs,
      expected: expectedTime(timeMs, this.timeForm, this.context.rule.timeZone),
    };
  }

  private polledMs(cells: readonly string[], timeOf: (scopeId: string) => number): number | Fault {
    const { columns, scopeId } = this.plan;
    const parts = cells.filter((_, i) => columns[i]?.role === 'scope');
    const id = scopeId ? scopeId(parts) : parts.join('/');
    return id === null ? { column: null, reason: 'scope', expected: 'an id of what was read' } : timeOf(id);
  }

  private nameOf(column: number): string {
    return this.plan.names[column] ?? `column ${column + 1}`;
  }

  isNothing(text: string): boolean {
    return isNull(text) || this.plan.nulls?.has(text.toLowerCase()) === true;
  }

  /** Reads a cell that concerns values; the fault in it, or null. */
  private cell(
    column: ColumnPlan,
    text: string,
    i: number,
    progress: Partial<Record<ProgressColumn, number>>,
  ): Fault | null {
    if (column.role === 'reading') return this.reading(column, text, column.scope ?? '', i);
    if (this.isNothing(text)) return null;
    if (column.role === 'text') {
      const own = this.valuesOf('');
      return column.read(text, {
        set: (field, value) => own.fill(value, INDEX.get(field), (INDEX.get(field) ?? 0) + 1),
        get: (field) => own[INDEX.get(field) as number] as number,
      });
    }
    if (column.role !== 'progress') return null;
    const value = numberIn(text);
    if (value === null || value < 0)
      return column.property === 'value' && value !== null ? null : numberFault(this.nameOf(i));
    if (!Number.isNaN(value))
      progress[column.property] = column.scale ? applyScale(value, column.scale) : value;
    return null;
  }

  private reading(plan: ReadingPlan, text: string, scope: string, i: number): Fault | null {
    if (this.isNothing(text)) return null;
    const value = numberOf(text, plan);
    if (value === null) return numberFault(this.nameOf(i));
    if (Number.isNaN(value)) return null;
    const [low, high] = rangeOf(plan.field, this.plan.kind);
    if (value < low || value > high)
      return { column: this.nameOf(i), reason: 'range', expected: `${low} to ${high}` };
    this.valuesOf(scope)[INDEX.get(plan.field) as number] = value;
    return null;
  }

  private valuesOf(scope: string): Float64Array {
    let values = this.samples.get(scope);
    if (!values) {
      values = emptySample();
      this.samples.set(scope, values);
    }
    return values;
  }

  private emit(timeMs: number | null, progress: Partial<Record<ProgressColumn, number>>): Fault | null {
    const hasProgress = Object.keys(progress).length > 0;
    const read = [...this.samples].filter(([, values]) => values.some((v) => !Number.isNaN(v)));
    if (read.length > 0 && timeMs === null) {
      return {
        column: null,
        reason: 'time-missing',
        expected: 'a time column, or startTime and periodMs in run.json',
      };
    }
    const own = read.some(([scope]) => scope === '') ? this.ownScope() : '';
    if (own === null || (own === '' && read.some(([scope]) => scope === '')))
      return { column: null, reason: 'scope', expected: 'an id of what was read' };
    for (const [scope, values] of read)
      this.sink.sample(this.scopeIndex(scope || own), timeMs as number, values);
    if (hasProgress) {
      const { progressKind = 'step', progressKey = null } = this.plan;
      this.sink.progress(
        progressRecord({
          kind: progressKind,
          timeMs,
          key: 'value' in progress ? progressKey : null,
          ...progress,
        }),
      );
    }
    return null;
  }

  scopeOf(parts: readonly string[]): number {
    const id = this.idOf(parts);
    return id === null ? UNKNOWN : (this.scopes.get(id) ?? UNKNOWN);
  }

  private ownScope(): string | null {
    return this.idOf(this.texts);
  }

  private idOf(parts: readonly string[]): string | null {
    return this.plan.scopeId ? this.plan.scopeId(parts) : parts.join('/');
  }

  private scopeIndex(id: string): number {
    let index = this.scopes.get(id);
    if (index === undefined) {
      index = this.sink.scope(id, this.plan.kind);
      if (this.plan.boundary) this.sink.state(index, { boundary: this.plan.boundary });
      this.scopes.set(id, index);
    }
    return index;
  }
}

const isFault = (value: number | null | Fault): value is Fault => value !== null && typeof value === 'object';

/** The number of a reading's cell in SI; NaN for a sentinel or a spelling of nothing; null where it is no number. */
export function numberOf(text: string, { scale, suffixes, sentinels }: ReadingPlan): number | null {
  let used: Scale = scale;
  let value = numberIn(text);
  if (value === null && suffixes) {
    const match = SUFFIXED.exec(text);
    const suffix = match ? suffixes.get((match[2] as string).trim()) : undefined;
    if (!match || !suffix) return null;
    value = numberIn(match[1] as string);
    used = suffix;
  }
  if (value === null || Number.isNaN(value)) return value;
  return sentinels?.includes(value) ? Number.NaN : applyScale(value, used);
}
