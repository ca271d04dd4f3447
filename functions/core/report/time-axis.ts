import { px } from './chart-figure.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TICK_DISTANCE = 80;

/** Room beside the plot of charts over time: for labels, the same for all, so that they stand on one axis. */
export const TIME_LEFT = 58;
export const TIME_RIGHT = 10;

export interface TimeAxis {
  /** Pixels of a time; what lies outside stands at the edge. */
  readonly x: (ms: number) => number;
  readonly left: number;
  readonly right: number;
  /** Labels below `y`: time since run start. */
  readonly labels: (y: number) => Html[];
}

const UNITS = [
  { unit: 's', ms: 1_000, until: 3 * MINUTE_MS },
  { unit: 'min', ms: MINUTE_MS, until: 3 * HOUR_MS },
  { unit: 'h', ms: HOUR_MS, until: Number.POSITIVE_INFINITY },
] as const;

const unitOf = (spanMs: number): (typeof UNITS)[number] => UNITS.find((u) => spanMs < u.until) ?? UNITS[2];

/** A time since run start, as the axis of a run of that length writes it. */
export function sinceStart(ms: number, run: { readonly startMs: number; readonly stopMs: number }): string {
  const { unit, ms: unitMs } = unitOf(run.stopMs - run.startMs);
  return `${Number(((ms - run.startMs) / unitMs).toPrecision(3))} ${unit}`;
}

/** The time axis of a drawing: from the first to the last step of a timeline, counted from run start. */
export function timeAxis(
  drawn: { readonly fromMs: number; readonly toMs: number },
  run: { readonly startMs: number; readonly stopMs: number },
  width: number,
): TimeAxis {
  const [left, right] = [TIME_LEFT, width - TIME_RIGHT];
  const spanMs = Math.max(drawn.toMs - drawn.fromMs, 1);
  const x = (ms: number): number =>
    left + (Math.min(Math.max(ms - drawn.fromMs, 0), spanMs) / spanMs) * (right - left);
  const { unit, ms } = unitOf(run.stopMs - run.startMs);
  const about = Math.max(2, Math.floor((right - left) / TICK_DISTANCE));
  const ticks = linearTicks(0, (drawn.toMs - run.startMs) / ms, about);
  const labels = (y: number): Html[] =>
    ticks.map((t) => {
      const at = x(run.startMs + t * ms);
      const anchor = at > right - 20 ? 'end' : 'middle';
      return html`<text class="soft" x="${px(anchor === 'end' ? right : at)}" y="${px(y)}" text-anchor="${anchor}">${Number(t.toPrecision(6))} ${unit}</text>`;
    });
  return { x, left, right, labels };
}
