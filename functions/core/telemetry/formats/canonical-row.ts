import { InputError } from '../../errors.ts';
import { type Boundary, BoundarySchema } from '../boundary.ts';
import type { ProgressRecord } from '../progress.ts';
import { emptySample, FIELDS, type Field } from '../sample.ts';
import { isZone, parseTimeMs } from '../time.ts';
import type { ReadContext, RecordSink, ScopeFacts } from './format.ts';

const TIME_COLUMNS = ['time', 'time_unix_ms', 'time_unix_nano'] as const;
const SCOPE_COLUMNS = ['scope', 'kind', 'boundary'] as const;
const PROGRESS_COLUMNS = ['event', 'step', 'samples', 'tokens', 'loss', 'value', 'text'] as const;

/** Every column of Wattline's own files. */
export const CANONICAL_COLUMNS: readonly string[] = [
  ...TIME_COLUMNS,
  ...SCOPE_COLUMNS,
  ...FIELDS,
  ...PROGRESS_COLUMNS,
];

/** Spellings of "no reading". */
const NULLS = new Set(['', 'na', 'n/a', '[n/a]', 'nan', 'null', 'none', '-']);
const KINDS = ['chip', 'node', 'switch', 'rack', 'facility'] as const;
const EVENTS = ['run-start', 'run-stop', 'evaluation', 'step'] as const;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Range gates: what lies outside is a fault of the sensor or of the unit, not a reading. */
const RANGES: Partial<Record<Field, readonly [number, number]>> = {
  power_w: [0, 200_000],
  temperature_c: [-20, 150],
  clock_hz: [0, 1e10],
  utilization_ratio: [0, 1.02],
  tensor_active_ratio: [0, 1.02],
  throttled_power_ratio: [0, 1.02],
  throttled_thermal_ratio: [0, 1.02],
  throttled_other_ratio: [0, 1.02],
};

/** Reads rows of Wattline's own columns, however they are written down. */
export class CanonicalRowReader {
  private readonly values = emptySample();
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly stated = new Set<number>();

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
    const zone = context.rule.timeZone;
    if (zone !== undefined && !isZone(zone)) {
      throw new InputError(
        'time-zone',
        `${context.path}: time zone ${JSON.stringify(zone)}: expected an IANA zone or an offset such as +01:00`,
      );
    }
  }

  /** `cells` maps column names to texts; absent is the same as blank. */
  row(cells: ReadonlyMap<string, string>, line: number, raw: string): void {
    this.sink.row();
    const fault = this.read(cells);
    if (fault) this.sink.reject({ line, ...fault, raw });
  }

  private read(
    cells: ReadonlyMap<string, string>,
  ): { column: string | null; reason: string; expected: string } | null {
    const timeMs = this.time(cells);
    if (typeof timeMs !== 'number') return timeMs;
    this.values.fill(Number.NaN);
    let readings = 0;
    for (let i = 0; i < FIELDS.length; i += 1) {
      const field = FIELDS[i] as Field;
      const text = cells.get(field);
      if (text === undefined || NULLS.has(text.toLowerCase())) continue;
      const [low, high] = RANGES[field] ?? [0, Number.POSITIVE_INFINITY];
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(value))
        return { column: field, reason: 'number', expected: 'a plain decimal number, or blank' };
      if (value < low || value > high)
        return { column: field, reason: 'range', expected: `${low} to ${high}` };
      this.values[i] = value;
      readings += 1;
    }
    const progress = this.progress(cells, timeMs);
    if (progress && 'reason' in progress) return progress;
    if (readings === 0 && !progress)
      return { column: null, reason: 'no-reading', expected: 'a reading or progress in the row' };
    if (readings > 0) {
      const scope = this.scope(cells);
      if (typeof scope !== 'number') return scope;
      this.sink.sample(scope, timeMs, this.values);
    }
    if (progress) this.sink.progress(progress);
    return null;
  }

  private time(
    cells: ReadonlyMap<string, string>,
  ): number | { column: string; reason: string; expected: string } {
    const nano = cells.get('time_unix_nano');
    if (nano)
      return /^\d{17,19}$/.test(nano)
        ? Number(BigInt(nano) / 1_000n) / 1_000
        : { column: 'time_unix_nano', reason: 'time-stamp', expected: 'nanoseconds since 1970' };
    const ms = cells.get('time_unix_ms');
    if (ms)
      return /^\d{11,14}(?:\.\d+)?$/.test(ms)
        ? Number(ms)
        : { column: 'time_unix_ms', reason: 'time-stamp', expected: 'milliseconds since 1970' };
    const text = cells.get('time') ?? '';
    const parsed = parseTimeMs(text, this.context.rule.timeZone);
    if (typeof parsed === 'number') return parsed;
    if (parsed === 'time-zone-missing') {
      throw new InputError(
        'time-zone-missing',
        `${this.context.path}: the time ${JSON.stringify(text)} has no zone; expected an offset in it, or a timeZone for the file in run.json`,
      );
    }
    const expected =
      parsed === 'time-skipped'
        ? `a time that exists in ${this.context.rule.timeZone}`
        : 'RFC 3339, for instance 2026-01-31T12:00:00.5Z';
    return { column: 'time', reason: parsed, expected };
  }

  private scope(
    cells: ReadonlyMap<string, string>,
  ): number | { column: string; reason: string; expected: string } {
    const id = cells.get('scope') ?? '';
    if (id === '') return { column: 'scope', reason: 'scope', expected: 'an id of what was read' };
    const kind = (cells.get('kind') || 'chip') as ScopeFacts['kind'];
    if (!KINDS.includes(kind)) return { column: 'kind', reason: 'kind', expected: KINDS.join(', ') };
    const boundary = cells.get('boundary') || null;
    if (boundary !== null && !BoundarySchema.safeParse(boundary).success) {
      return { column: 'boundary', reason: 'boundary', expected: BoundarySchema.options.join(', ') };
    }
    const scope = this.sink.scope(id, kind);
    if (boundary !== null && !this.stated.has(scope)) {
      this.sink.state(scope, { boundary: boundary as Boundary });
      this.stated.add(scope);
    }
    return scope;
  }

  private progress(
    cells: ReadonlyMap<string, string>,
    timeMs: number,
  ): ProgressRecord | { column: string; reason: string; expected: string } | null {
    const numbers: Record<string, number | null> = {};
    for (const name of ['step', 'samples', 'tokens', 'loss', 'value']) {
      const text = cells.get(name);
      const isBlank = text === undefined || NULLS.has(text.toLowerCase());
      const value = isBlank ? null : NUMBER.test(text) ? Number(text) : Number.NaN;
      if (value !== null && !Number.isFinite(value))
        return { column: name, reason: 'number', expected: 'a plain decimal number, or blank' };
      numbers[name] = value;
    }
    const event = cells.get('event') || null;
    if (event === null && Object.values(numbers).every((n) => n === null)) return null;
    const kind = (event ?? 'step') as ProgressRecord['kind'];
    if (!EVENTS.includes(kind as never))
      return { column: 'event', reason: 'event', expected: EVENTS.join(', ') };
    const { step = null, samples = null, tokens = null, loss = null, value = null } = numbers;
    return {
      kind,
      timeMs,
      key: loss !== null ? 'loss' : null,
      step,
      samples,
      tokens,
      value: value ?? loss,
      text: cells.get('text') || null,
    };
  }
}

/** Checks the columns of a file against the known ones. */
export function checkColumns(columns: readonly string[], path: string): void {
  const unknown = columns.filter((name) => !CANONICAL_COLUMNS.includes(name));
  if (unknown.length > 0) {
    throw new InputError(
      'column-unknown',
      `${path}: unknown column ${unknown.map((n) => JSON.stringify(n)).join(', ')}; expected ${CANONICAL_COLUMNS.join(', ')}`,
    );
  }
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new InputError(
      'column-twice',
      `${path}: the column ${JSON.stringify(twice)} stands twice in the header; expected each once`,
    );
}
