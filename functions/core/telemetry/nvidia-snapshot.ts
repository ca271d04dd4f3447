import { type Fault, isNull, numberIn } from './cell.ts';
import type { ReadContext, RecordSink } from './formats/format.ts';
import { SNAPSHOT_ALIASES as NAMES } from './nvidia-snapshot-aliases.ts';
import { rangeOf } from './plausible.ts';
import { PollClock } from './poll-clock.ts';
import { emptySample, FIELDS, type Field } from './sample.ts';
import { chipId } from './scope-id.ts';
import { expectedTime, refuseUntimed, type TimeReader, timeReaderFor } from './time.ts';
import { applyScale, type Scale, scaleOf } from './units.ts';

/** What a snapshot says of one GPU: texts by path below it. */
export interface SnapshotGpu {
  readonly busId: string;
  readonly values: ReadonlyMap<string, string>;
  /** As the snapshot gives it, local; null where it does not. */
  readonly time: string | null;
  readonly line: number;
  readonly raw: string;
}

const MEASURED = /^([+-]?[\d.]+) ([A-Za-z%]+)$/;
const NULLS = new Set(NAMES.nulls);
const isNothing = (text: string): boolean => isNull(text) || NULLS.has(text.toLowerCase());
const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'reason' in value;

/** A number and its unit as SI; null for no reading. A number whose unit was cut off is none. */
function measured(path: string, text: string | undefined, unit: string): number | null | Fault {
  if (text === undefined || isNothing(text)) return null;
  const parts = unit === '' ? [text, text, ''] : MEASURED.exec(text);
  const value = parts && parts[2] === unit ? numberIn(parts[1] as string) : null;
  if (value === null || Number.isNaN(value))
    return { column: path, reason: 'number', expected: unit === '' ? 'a number' : `a number in ${unit}` };
  return applyScale(value, scaleOf(unit) as Scale);
}

/** Reads what `nvidia-smi -q` prints of a GPU, whichever way it was printed. */
export class SnapshotReader {
  private readonly context: ReadContext;
  private readonly sink: RecordSink;
  private readonly values = emptySample();
  private readonly powers = new Map<string, 'chip' | 'module'>();
  private times: TimeReader | null = null;
  private clock: PollClock | null = null;

  constructor(context: ReadContext, sink: RecordSink) {
    this.context = context;
    this.sink = sink;
  }

  gpu(gpu: SnapshotGpu): void {
    const fault = this.read(gpu);
    this.sink.row();
    if (fault) this.sink.reject({ line: gpu.line, ...fault, raw: gpu.raw });
  }

  /** A GPU whose end is missing: part of it is not taken. */
  cut(line: number, raw: string): void {
    this.sink.row();
    this.sink.reject({ line, column: null, reason: 'cut', expected: 'the whole of a GPU', raw });
  }

  private read(gpu: SnapshotGpu): Fault | null {
    const first = (paths: readonly string[]): string | undefined =>
      paths.map((path) => gpu.values.get(path)).find((text) => text !== undefined && !isNothing(text));
    const id = chipId(
      { uuid: first(NAMES.uuid), serial: serialOf(first(NAMES.serial)), busId: gpu.busId },
      this.context,
    );
    if (id === null) return { column: null, reason: 'scope', expected: 'a UUID or bus id of the GPU' };
    const timeMs = this.timeOf(gpu, id);
    if (isFault(timeMs)) return timeMs;
    this.values.fill(Number.NaN);
    return this.fill(gpu.values) ?? this.readPower(gpu.values, id) ?? this.emit(id, timeMs);
  }

  private emit(id: string, timeMs: number): null {
    const scope = this.sink.scope(id, 'chip');
    this.sink.state(scope, { boundary: this.powers.get(id) ?? 'chip' });
    if (this.values.some((value) => !Number.isNaN(value))) this.sink.sample(scope, timeMs, this.values);
    return null;
  }

  private timeOf({ time }: SnapshotGpu, id: string): number | Fault {
    if (time === null) {
      this.clock ??= new PollClock(this.context);
      return this.clock.at(id);
    }
    this.times ??= timeReaderFor(this.context, 'ctime');
    const timeMs = this.times.read(time);
    if (typeof timeMs === 'number') return timeMs;
    refuseUntimed(timeMs, this.context.path, time);
    const expected = expectedTime(timeMs, 'ctime', this.context.rule.timeZone);
    return { column: 'timestamp', reason: timeMs, expected };
  }

  /** Fills all but the power; the first fault, or null. */
  private fill(texts: ReadonlyMap<string, string>): Fault | null {
    for (const { field, unit, anyOf } of NAMES.readings) {
      for (const paths of anyOf) {
        const fault = this.sum(field, unit, paths, texts);
        if (fault) return fault;
        if (!Number.isNaN(this.values[FIELDS.indexOf(field)])) break;
      }
    }
    for (const { field, paths } of NAMES.states) {
      const states = paths.map((path) => texts.get(path)?.toLowerCase());
      if (states.includes('active')) this.set(field, 1);
      else if (states.includes('not active')) this.set(field, 0);
    }
    return null;
  }

  private sum(
    field: Field,
    unit: string,
    paths: readonly string[],
    texts: ReadonlyMap<string, string>,
  ): Fault | null {
    let total: number | null = null;
    for (const path of paths) {
      const value = measured(path, texts.get(path), unit);
      if (isFault(value)) return value;
      if (value !== null) total = (total ?? 0) + value;
    }
    return total === null ? null : this.put(field, total, paths[0] as string);
  }

  /** The GPU's own power; that of the module, which has the CPU in it, only where it stands alone. */
  private readPower(texts: ReadonlyMap<string, string>, id: string): Fault | null {
    const power = firstOf(NAMES.power, texts);
    const module = firstOf(NAMES.modulePower, texts);
    if (isFault(power)) return power;
    if (isFault(module)) return module;
    const kind = this.powers.get(id) ?? (power ? 'chip' : module ? 'module' : null);
    if (kind !== null) this.powers.set(id, kind);
    if (module) this.noteModule(kind === 'module');
    const chosen = kind === 'module' ? module : power;
    if (!chosen) return null;
    this.notePower(chosen.path);
    return this.put('power_w', chosen.value, chosen.path);
  }

  private notePower(path: string): void {
    this.sink.note({ code: 'power-kind', severity: 'info', message: `power is read from ${path}` });
  }

  private noteModule(isRead: boolean): void {
    const message = isRead
      ? 'the only power is that of the module, which includes the CPU: its boundary is module'
      : "the module's power, which includes the CPU, is left out beside that of the GPU";
    this.sink.note({ code: 'module-power', severity: isRead ? 'warning' : 'info', message });
  }

  private put(field: Field, value: number, column: string): Fault | null {
    const [low, high] = rangeOf(field, 'chip');
    if (value < low || value > high) return { column, reason: 'range', expected: `${low} to ${high}` };
    this.set(field, value);
    return null;
  }

  private set(field: Field, value: number): void {
    this.values[FIELDS.indexOf(field)] = value;
  }
}

/** A serial of zeros only was taken out by whoever published the file. */
const serialOf = (serial: string | undefined): string | undefined =>
  serial !== undefined && /^\d*[1-9]\d*$/.test(serial) ? serial : undefined;

/** The first of these powers that has a reading. */
function firstOf(
  paths: readonly string[],
  texts: ReadonlyMap<string, string>,
): { readonly path: string; readonly value: number } | Fault | null {
  for (const path of paths) {
    const value = measured(path, texts.get(path), 'W');
    if (isFault(value)) return value;
    if (value !== null) return { path, value };
  }
  return null;
}
