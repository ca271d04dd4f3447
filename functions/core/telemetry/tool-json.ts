import { type Fault, isNull, numberFault } from './cell.ts';
import { dimensionOf, dimensionsOfUnit, unitsOf } from './dimensions.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import type { JsonHandlers } from './json-values.ts';
import type { TimeForm } from './mapping.ts';
import { rangeOf } from './plausible.ts';
import { PollClock } from './poll-clock.ts';
import { emptySample, FIELDS, type Field } from './sample.ts';
import type { ReadingPlan } from './table-plan.ts';
import { numberOf } from './table-row.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from './time.ts';
import { DEVICE_NAMES, type DeviceName, type ToolAliases } from './tool-aliases.ts';
import { bareClock, sentinelsOf } from './tool-cells.ts';
import { deviceId, STATES, timeFormOf, WHOLE_FILE } from './tool-devices.ts';
import { type Scale, scaleOf } from './units.ts';

/** One device as a document has it. */
export interface ToolDevice {
  readonly names: Partial<Record<DeviceName, unknown>>;
  /** What stands under an alias; undefined where nothing does. */
  readonly leaf: (alias: string) => unknown;
  /** Time of the reading as the file gives it; undefined where it gives none. */
  readonly time: unknown;
  readonly line: number;
  readonly raw: unknown;
}

interface Leaf {
  readonly text: string;
  readonly unit: string | null;
}

/** A document is long; its beginning tells which it is. */
const RAW_CHARACTERS = 1_000;

const plainText = (value: unknown): string | null =>
  typeof value === 'number' || typeof value === 'string' ? String(value).trim() : null;

/** A plain value, or one with its unit beside it; null for what is neither. */
function leafOf(value: unknown): Leaf | null {
  const isPair = value !== null && typeof value === 'object' && 'value' in value;
  const text = plainText(isPair ? value.value : value);
  if (text === null) return null;
  const unit = isPair && 'unit' in value ? plainText(value.unit) : null;
  return { text: bareClock(text), unit: unit === '' ? null : unit };
}

/** Text of what is rejected. Nesting may be too deep to be written. */
function rawText(raw: unknown): string {
  try {
    return JSON.stringify(raw).slice(0, RAW_CHARACTERS);
  } catch {
    return '(nested too deep)';
  }
}

/** Puts the readings of devices, as JSON of a vendor's tool has them, into the sink. */
export class ToolJsonReader {
  private readonly aliases: ToolAliases;
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly nulls: ReadonlySet<string>;
  private readonly fields: readonly Field[];
  private readonly times = new Map<TimeForm, TimeReader>();
  private readonly scopes = new Map<string, number>();
  private readonly values = emptySample();
  private clock: PollClock | null = null;

  constructor(aliases: ToolAliases, context: ReadContext, sink: RecordSink) {
    this.aliases = aliases;
    this.context = context;
    this.sink = sink;
    this.nulls = new Set(aliases.nulls);
    this.fields = [...new Set(Object.values(aliases.readings).map(({ field }) => field))];
  }

  /** Text that is no JSON: prose is told, a document that was cut is a bad row. */
  readonly other: JsonHandlers['other'] = (text, line) => {
    if (text.startsWith('{') || text.startsWith('[')) {
      this.sink.row();
      this.reject({ column: null, reason: 'json', expected: 'a whole JSON document' }, line, text);
    } else
      this.sink.note({
        code: 'prose',
        severity: 'warning',
        message: `no reading: ${text.trim().slice(0, 160)}`,
      });
  };

  /** A document in which nothing is a device. */
  unknown(line: number, raw: unknown): void {
    this.sink.row();
    this.reject(
      { column: null, reason: 'device', expected: 'an object with the readings of a device' },
      line,
      raw,
    );
  }

  /** Reads one device, whole or not at all. `more` adds what its aliases cannot say. */
  device(device: ToolDevice, more: (values: Float64Array) => void = () => undefined): void {
    this.sink.row();
    const fault = this.take(device, more);
    if (fault) this.reject(fault, device.line, device.raw);
  }

  private reject(fault: Fault, line: number, raw: unknown): void {
    this.sink.reject({ line, ...fault, raw: typeof raw === 'string' ? raw : rawText(raw) });
  }

  private take(device: ToolDevice, more: (values: Float64Array) => void): Fault | null {
    const id = this.idOf(device.names);
    if (id === null) return { column: null, reason: 'scope', expected: 'an id of what was read' };
    const timeMs = this.timeOf(device.time, id);
    if (typeof timeMs !== 'number') return timeMs;
    this.values.fill(Number.NaN);
    const fault = this.read(device.leaf);
    if (fault) return fault;
    more(this.values);
    if (this.values.some((value) => !Number.isNaN(value)))
      this.sink.sample(this.scope(id), timeMs, this.values);
    return null;
  }

  private idOf(names: ToolDevice['names']): string | null {
    const whole = this.context.rule.scopes?.[WHOLE_FILE];
    if (whole !== undefined) return whole;
    const named = DEVICE_NAMES.flatMap((name) => {
      const text = leafOf(names[name])?.text ?? '';
      return this.isNothing(text) ? [] : [[name, text]];
    });
    const said = Object.fromEntries(named) as Partial<Record<DeviceName, string>>;
    const by = DEVICE_NAMES.find((name) => said[name] !== undefined);
    return by === undefined ? null : deviceId(said, by, this.context);
  }

  private isNothing(text: string): boolean {
    return isNull(text) || this.nulls.has(text.toLowerCase());
  }

  private timeOf(time: unknown, id: string): number | Fault {
    const text = leafOf(time)?.text ?? '';
    if (this.isNothing(text)) {
      this.clock ??= new PollClock(this.context);
      return this.clock.at(id);
    }
    const form = timeFormOf(text);
    const reader = this.times.get(form) ?? timeReaderFor(this.context, form);
    this.times.set(form, reader);
    const timeMs = reader.read(text);
    if (typeof timeMs === 'number') return timeMs;
    refuseUntimed(timeMs, this.context.path, text);
    const expected = expectedTime(timeMs, form, this.context.rule.timeZone);
    return { column: 'timestamp', reason: timeMs, expected };
  }

  private read(leaf: ToolDevice['leaf']): Fault | null {
    const { readings, combined } = this.aliases;
    for (const field of this.fields) {
      const names = Object.keys(readings).filter((name) => readings[name]?.field === field);
      const fault = this.first(field, names, leaf);
      if (fault) return fault;
    }
    for (const { field, unit, names, by } of combined) {
      const index = FIELDS.indexOf(field);
      if (!Number.isNaN(this.values[index])) continue;
      for (const name of names) {
        const value = this.valueOf(field, name, unit, leaf);
        if (typeof value !== 'number') return value;
        if (!Number.isNaN(value)) this.values[index] = together(this.values[index] as number, value, by);
      }
    }
    return null;
  }

  /** Reads a field from the first of its names that has a reading. */
  private first(field: Field, names: readonly string[], leaf: ToolDevice['leaf']): Fault | null {
    for (const name of names) {
      const value = this.valueOf(field, name, this.aliases.readings[name]?.unit ?? '1', leaf);
      if (typeof value !== 'number') return value;
      if (Number.isNaN(value)) continue;
      this.values[FIELDS.indexOf(field)] = value;
      return null;
    }
    return null;
  }

  /** The reading under a name, in SI; NaN where there is none. */
  private valueOf(field: Field, name: string, unit: string, leaf: ToolDevice['leaf']): number | Fault {
    const found = leafOf(leaf(name));
    if (!found || this.isNothing(found.text)) return Number.NaN;
    const stated = found.unit ?? unit;
    const scale = scaleOf(stated);
    if (!scale || !dimensionsOfUnit(stated).includes(dimensionOf(field)))
      return {
        column: name,
        reason: 'unit',
        expected: `a unit of ${dimensionOf(field)}, for instance ${unit}`,
      };
    const value = STATES.get(found.text.toLowerCase()) ?? numberOf(found.text, this.planOf(field, scale));
    if (value === null) return numberFault(name);
    const [low, high] = rangeOf(field, 'chip');
    if (value < low || value > high) return { column: name, reason: 'range', expected: `${low} to ${high}` };
    return value;
  }

  private planOf(field: Field, scale: Scale): ReadingPlan {
    const sentinels = sentinelsOf(this.aliases, field);
    return { field, scale, suffixes: unitsOf(dimensionOf(field)), sentinels };
  }

  private scope(id: string): number {
    let scope = this.scopes.get(id);
    if (scope === undefined) {
      scope = this.sink.scope(id, 'chip');
      this.sink.state(scope, { boundary: 'chip' });
      this.scopes.set(id, scope);
    }
    return scope;
  }
}

/** What two readings of one field come to; the first may be NaN. */
function together(before: number, value: number, by: 'largest' | 'sum'): number {
  if (Number.isNaN(before)) return value;
  return by === 'sum' ? before + value : Math.max(before, value);
}
