import { InputError } from '../errors.ts';
import { FIELDS } from './sample.ts';

/** Samples that one scope may hold back to put them in order: hours of 1 Hz telemetry never need more than a few. */
export const REORDER_SAMPLES = 256;

/**
 * Puts one scope's samples in time order. Meters step back by a sample now and then; a sample that comes more
 * than `REORDER_SAMPLES` late cannot be placed any more, and the file is refused rather than summed wrongly.
 * Equal times keep their order.
 */
export class ReorderBuffer {
  private readonly values = new Float64Array(REORDER_SAMPLES * FIELDS.length);
  private readonly times = new Float64Array(REORDER_SAMPLES);
  /** Slots in time order. */
  private readonly order: number[] = [];
  private readonly free: number[] = Array.from({ length: REORDER_SAMPLES }, (_, i) => i);
  private handedOnMs = Number.NEGATIVE_INFINITY;
  private readonly next: (timeMs: number, values: Float64Array) => void;
  private readonly scope: string;
  steppedBack = 0;

  constructor(scope: string, next: (timeMs: number, values: Float64Array) => void) {
    this.scope = scope;
    this.next = next;
  }

  sample(timeMs: number, values: Float64Array): void {
    if (timeMs < this.handedOnMs) {
      throw new InputError(
        'out-of-order',
        `scope ${this.scope}: a sample at ${new Date(timeMs).toISOString()} comes more than ${REORDER_SAMPLES} samples late ` +
          `(already at ${new Date(this.handedOnMs).toISOString()}); expected samples in time order`,
      );
    }
    if (this.order.length === REORDER_SAMPLES) this.handOn();
    const slot = this.free.pop() as number;
    this.times[slot] = timeMs;
    this.values.set(values, slot * FIELDS.length);
    let at = this.order.length;
    while (at > 0 && (this.times[this.order[at - 1] as number] as number) > timeMs) at -= 1;
    if (at === this.order.length) this.order.push(slot);
    else {
      this.order.splice(at, 0, slot);
      this.steppedBack += 1;
    }
  }

  flush(): void {
    while (this.order.length > 0) this.handOn();
  }

  private handOn(): void {
    const slot = this.order.shift() as number;
    this.handedOnMs = this.times[slot] as number;
    this.next(this.handedOnMs, this.values.subarray(slot * FIELDS.length, (slot + 1) * FIELDS.length));
    this.free.push(slot);
  }
}
