import { FIELDS, type Field } from '../telemetry/sample.ts';

/** Points of a timeline: enough for a chart as wide as a page. */
const POINTS = 240;
const SHORTEST_STEP_MS = 1_000;
/** Share of the run that is shown before and after it, so that idle padding can be seen. */
const MARGIN_SHARE = 0.12;
/** A step is drawn where at least this share of it was read. */
const READ_SHARE = 0.5;

/** Evenly spaced steps around a run. */
export interface TimelineGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly points: number;
}

/** The steps of a run from `runStartMs` to the later `runStopMs`. */
export function gridOf(runStartMs: number, runStopMs: number): TimelineGrid {
  const marginMs = (runStopMs - runStartMs) * MARGIN_SHARE;
  const spanMs = runStopMs - runStartMs + 2 * marginMs;
  const stepMs = Math.max(SHORTEST_STEP_MS, Math.ceil(spanMs / POINTS / 1000) * 1000);
  const startMs = Math.floor((runStartMs - marginMs) / stepMs) * stepMs;
  return { startMs, stepMs, points: Math.ceil((runStopMs + marginMs - startMs) / stepMs) };
}

/** What is drawn over time, in the units of the fields. */
export const DRAWN = [
  'power_w',
  'temperature_c',
  'clock_hz',
  'throttled_power_ratio',
  'throttled_thermal_ratio',
  'throttled_other_ratio',
] as const satisfies readonly Field[];
export type Drawn = (typeof DRAWN)[number];

/** By field: its place in `DRAWN`, and -1 where it is not drawn. A counter of seconds held back is drawn as its rate. */
export const DRAWN_AT: readonly number[] = FIELDS.map((field) =>
  (DRAWN as readonly Field[]).indexOf(
    field.startsWith('throttled_') ? (field.replace(/_s$/, '_ratio') as Field) : field,
  ),
);

/** Windows of one field, a row each: what a source's windows hold of it. */
export interface WindowColumns {
  readonly rows: number;
  /** By row: the index of its scope. */
  readonly scopes: ArrayLike<number>;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** Integral of a gauge, or rise of a counter; NaN where a row has none of the field. */
  readonly sums: Float64Array;
  readonly maxIntervalMs: Float64Array;
  /** Of counters: falls in the window; null for gauges. */
  readonly resets: Float64Array | null;
}

/** Numbers of a step: integral over the time read (in field unit times milliseconds), and that time. */
const STRIDE = 2;

/**
 * Time-weighted means of what is drawn, step by step, of each scope; holes stay holes. The numbers of all scopes lie
 * in one array a field: a day of a thousand chips is millions of additions.
 */
export class TimelineBins {
  readonly grid: TimelineGrid;
  private readonly indices = new Map<string, number>();
  private readonly arrays: Float64Array[] = DRAWN.map(() => new Float64Array(0));
  /** First and last step that anything was added to one by one. */
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;

  constructor(grid: TimelineGrid) {
    this.grid = grid;
  }

  /** Index of a scope, to be given to `add`. */
  scope(id: string): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    this.indices.set(id, this.indices.size);
    return this.indices.size - 1;
  }

  /** A value on a straight line from one time to a later one. */
  add(drawn: number, scope: number, fromMs: number, from: number, toMs: number, to: number): void {
    const { startMs, stepMs, points } = this.grid;
    const array = this.roomFor(drawn, scope);
    const slope = (to - from) / (toMs - fromMs);
    const first = Math.max(0, Math.floor((fromMs - startMs) / stepMs));
    const base = scope * points * STRIDE;
    if (first < this.first) this.first = first;
    for (let i = first; i < points; i += 1) {
      const binMs = startMs + i * stepMs;
      if (binMs >= toMs) break;
      const a = Math.max(fromMs, binMs);
      const b = Math.min(toMs, binMs + stepMs);
      if (b <= a) continue;
      if (i > this.last) this.last = i;
      const at = base + STRIDE * i;
      const mean = from + slope * ((a + b) / 2 - fromMs);
      array[at] = (array[at] as number) + mean * (b - a);
      array[at + 1] = (array[at + 1] as number) + (b - a);
    }
  }

  /**
   * Windows that last and hold no interval longer than `limitMs`, nor a fall of their counter. In one loop: nearly all
   * lie within one step, and calls would cost more than the sums.
   */
  addWindows(drawn: number, windows: WindowColumns, limitMs: number): void {
    const { rows, scopes, fromMs: froms, toMs: tos, sums, maxIntervalMs, resets } = windows;
    const { startMs, stepMs, points } = this.grid;
    const array = this.roomFor(drawn, this.indices.size - 1);
    for (let row = 0; row < rows; row += 1) {
      const sum = sums[row] as number;
      const fromMs = froms[row] as number;
      const toMs = tos[row] as number;
      if (!(toMs > fromMs) || Number.isNaN(sum) || (maxIntervalMs[row] as number) > limitMs) continue;
      if (resets !== null && (resets[row] as number) > 0) continue;
      const scope = scopes[row] as number;
      const step = Math.floor((fromMs - startMs) / stepMs);
      if (step >= 0 && step < points && toMs <= startMs + (step + 1) * stepMs) {
        const at = STRIDE * (scope * points + step);
        array[at] = (array[at] as number) + sum * 1000;
        array[at + 1] = (array[at + 1] as number) + toMs - fromMs;
        continue;
      }
      const mean = sum / ((toMs - fromMs) / 1000);
      this.add(drawn, scope, fromMs, mean, toMs, mean);
    }
  }

  private roomFor(drawn: number, scope: number): Float64Array {
    const array = this.arrays[drawn] as Float64Array;
    const needed = (scope + 1) * this.grid.points * STRIDE;
    if (needed <= array.length) return array;
    const longer = new Float64Array(Math.max(2 * array.length, needed));
    longer.set(array);
    this.arrays[drawn] = longer;
    return longer;
  }

  /** Bins of the same steps, with nothing in them. */
  blank(): TimelineBins {
    return new TimelineBins(this.grid);
  }

  /** Adds what was added one by one to other bins of the same steps: a file mostly fills few of them. */
  absorb(other: TimelineBins): void {
    const count = this.grid.points * STRIDE;
    const [from, to] = [STRIDE * Math.min(other.first, this.grid.points), STRIDE * (other.last + 1)];
    for (const [id, theirs] of other.indices) {
      const own = this.scope(id);
      for (let drawn = 0; drawn < DRAWN.length; drawn += 1) {
        const added = other.arrays[drawn] as Float64Array;
        if (added.length < (theirs + 1) * count) continue;
        const array = this.roomFor(drawn, own);
        for (let i = from; i < to; i += 1)
          array[own * count + i] = (array[own * count + i] as number) + (added[theirs * count + i] as number);
      }
    }
  }

  /** Whether any scope has anything of it. */
  has(drawn: Drawn): boolean {
    return (this.arrays[DRAWN.indexOf(drawn)] as Float64Array).length > 0;
  }

  /** Means of one scope, step by step; NaN where less than half of a step was read. */
  means(drawn: Drawn, id: string): Float64Array {
    const means = new Float64Array(this.grid.points).fill(Number.NaN);
    this.fillMeans(drawn, id, means);
    return means;
  }

  /** Puts the means of one scope where `means` is NaN. */
  fillMeans(drawn: Drawn, id: string, means: Float64Array): void {
    const { points, stepMs } = this.grid;
    const scope = this.indices.get(id);
    const array = this.arrays[DRAWN.indexOf(drawn)] as Float64Array;
    if (scope === undefined || array.length < (scope + 1) * points * STRIDE) return;
    const leastMs = stepMs * READ_SHARE;
    for (let i = 0, at = STRIDE * scope * points; i < points; i += 1, at += STRIDE) {
      const readMs = array[at + 1] as number;
      if (readMs >= leastMs && Number.isNaN(means[i] as number)) means[i] = (array[at] as number) / readMs;
    }
  }
}
