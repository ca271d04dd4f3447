import type { Timeline } from './evaluation.ts';

/** Points of a timeline: enough for a chart as wide as a page. */
const POINTS = 240;
const SHORTEST_STEP_MS = 1_000;
/** Share of the run that is shown before and after it, so that idle padding can be seen. */
const MARGIN_SHARE = 0.12;
/** A step is drawn where at least this share of it was read. */
const READ_SHARE = 0.5;

interface Bins {
  readonly joules: Float64Array;
  readonly readMs: Float64Array;
}

/** Mean power of several scopes over evenly spaced steps around a run; holes stay holes. */
export class TimelineBuilder {
  readonly startMs: number;
  readonly stepMs: number;
  private readonly scopes = new Map<string, Bins>();

  private readonly runStartMs: number;
  private readonly runStopMs: number;

  constructor(runStartMs: number, runStopMs: number) {
    this.runStartMs = runStartMs;
    this.runStopMs = runStopMs;
    const marginMs = (runStopMs - runStartMs) * MARGIN_SHARE;
    const spanMs = runStopMs - runStartMs + 2 * marginMs;
    this.stepMs = Math.max(SHORTEST_STEP_MS, Math.ceil(spanMs / POINTS / 1000) * 1000);
    this.startMs = Math.floor((runStartMs - marginMs) / this.stepMs) * this.stepMs;
    this.points = Math.ceil((runStopMs + marginMs - this.startMs) / this.stepMs);
  }

  private readonly points: number;

  /** Power on a straight line from one time to another. */
  add(scope: string, fromMs: number, fromW: number, toMs: number, toW: number): void {
    const bins = this.bins(scope);
    const slope = (toW - fromW) / (toMs - fromMs);
    const first = Math.max(0, Math.floor((fromMs - this.startMs) / this.stepMs));
    for (let i = first; i < this.points; i += 1) {
      const binMs = this.startMs + i * this.stepMs;
      if (binMs >= toMs) break;
      const [a, b] = [Math.max(fromMs, binMs), Math.min(toMs, binMs + this.stepMs)];
      if (b <= a) continue;
      const meanW = fromW + slope * ((a + b) / 2 - fromMs);
      bins.joules[i] = (bins.joules[i] as number) + meanW * (b - a);
      bins.readMs[i] = (bins.readMs[i] as number) + (b - a);
    }
  }

  /** An empty timeline of the same steps. */
  blank(): TimelineBuilder {
    return new TimelineBuilder(this.runStartMs, this.runStopMs);
  }

  /** Adds what was drawn on another timeline of the same steps. */
  absorb(other: TimelineBuilder): void {
    for (const [scope, { joules, readMs }] of other.scopes) {
      const bins = this.bins(scope);
      for (let i = 0; i < this.points; i += 1) {
        bins.joules[i] = (bins.joules[i] as number) + (joules[i] as number);
        bins.readMs[i] = (bins.readMs[i] as number) + (readMs[i] as number);
      }
    }
  }

  private bins(scope: string): Bins {
    let bins = this.scopes.get(scope);
    if (!bins) {
      bins = { joules: new Float64Array(this.points), readMs: new Float64Array(this.points) };
      this.scopes.set(scope, bins);
    }
    return bins;
  }

  /** Sum over the named scopes, each scaled; null where one of them was not read. */
  build(scales: ReadonlyMap<string, number>, constantW: number): Timeline {
    const powerW = Array.from({ length: this.points }, (_, i): number | null => {
      let sum = constantW;
      for (const [scope, scale] of scales) {
        const bins = this.scopes.get(scope);
        const readMs = bins?.readMs[i] ?? 0;
        if (!bins || readMs < this.stepMs * READ_SHARE) return null;
        sum += (scale * (bins.joules[i] as number)) / readMs;
      }
      return Math.round(sum * 10) / 10;
    });
    return { startMs: this.startMs, stepMs: this.stepMs, powerW };
  }
}
