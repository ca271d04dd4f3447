import { InputError } from '../errors.ts';
import type { ScopeKind } from './formats/format.ts';
import { emptySample, FIELDS } from './sample.ts';
import type { SampleTarget } from './source-reading.ts';
import { isoTime } from './time.ts';

/** Readings that one field of one scope may hold back to put them in order: hours of 1 Hz telemetry need a few. */
export const REORDER_READINGS = 256;

/** The readings of one field of one scope that are held back, in time order. Equal times keep their order. */
class HeldReadings {
  private readonly times: number[] = [];
  private readonly values: number[] = [];
  handedOnMs = Number.NEGATIVE_INFINITY;

  add(timeMs: number, value: number): void {
    let at = this.times.length;
    while (at > 0 && (this.times[at - 1] as number) > timeMs) at -= 1;
    this.times.splice(at, 0, timeMs);
    this.values.splice(at, 0, value);
  }

  get length(): number {
    return this.times.length;
  }

  take(): { timeMs: number; value: number } {
    this.handedOnMs = this.times.shift() as number;
    return { timeMs: this.handedOnMs, value: this.values.shift() as number };
  }
}

/**
 * Puts the readings of each scope and field in time order before it hands them on. Meters step back by a reading now
 * and then; one that comes more than `REORDER_READINGS` late cannot be placed any more, and the file is refused
 * rather than summed wrongly.
 */
export class SortingTarget implements SampleTarget {
  private readonly held: Map<number, HeldReadings>[] = [];
  private readonly ids: string[] = [];
  private readonly one = emptySample();
  private readonly target: SampleTarget;

  constructor(target: SampleTarget) {
    this.target = target;
  }

  addScope(id: string, kind: ScopeKind): void {
    this.ids.push(id);
    this.held.push(new Map());
    this.target.addScope(id, kind);
  }

  sample(scope: number, timeMs: number, values: Float64Array, fields: readonly number[]): void {
    for (const field of fields) {
      const value = values[field] as number;
      if (!Number.isNaN(value)) this.reading(scope, field, timeMs, value);
    }
  }

  private reading(scope: number, field: number, timeMs: number, value: number): void {
    const fields = this.held[scope] as Map<number, HeldReadings>;
    let held = fields.get(field);
    if (!held) {
      held = new HeldReadings();
      fields.set(field, held);
    }
    if (timeMs < held.handedOnMs) {
      throw new InputError(
        'out-of-order',
        `scope ${this.ids[scope]}: a reading of ${FIELDS[field]} at ${isoTime(timeMs)} comes more than ` +
          `${REORDER_READINGS} readings late (already at ${isoTime(held.handedOnMs)}); expected time order`,
      );
    }
    held.add(timeMs, value);
    if (held.length > REORDER_READINGS) this.handOn(scope, field, held);
  }

  private handOn(scope: number, field: number, held: HeldReadings): void {
    const { timeMs, value } = held.take();
    this.one[field] = value;
    this.target.sample(scope, timeMs, this.one, [field]);
    this.one[field] = Number.NaN;
  }

  /** Hands on what is still held back. Call once, after the last sample. */
  finish(): void {
    for (const [scope, fields] of this.held.entries()) {
      for (const [field, held] of fields) while (held.length > 0) this.handOn(scope, field, held);
    }
  }
}
