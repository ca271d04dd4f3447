import { linearTicks } from './linear-axis.ts';

/** Ticks of an axis that spans more than a factor of two. */
const WIDE_TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((t) =>
  t < 0.5 ? [t, 1 / t] : t === 1 ? [1] : [t, 2 - t, 1 / t],
);
const ROUND_WIDE_TICKS = [...new Set(WIDE_TICKS.map((t) => Number(t.toPrecision(2))))];
/** Narrower than this, an axis would magnify noise. */
const LEAST_SPAN = Math.log(1.04);
/** Room at both ends, of the span. */
const ROOM = 0.06;

export interface LogDomain {
  readonly from: number;
  readonly to: number;
}

/** Ratios that can stand on a log axis. */
const positive = (values: readonly number[]): number[] => values.filter((v) => v > 0 && Number.isFinite(v));

/**
 * Ends of a log axis that holds all of `core`, and of `ends` as much as makes it at most three times as long: one
 * interval that is open towards one side must not press everything else into a line.
 */
export function logDomain(core: readonly number[], ends: readonly number[] = []): LogDomain {
  const logs = positive(core).map(Math.log);
  const [low, high] = [Math.min(...logs, 0), Math.max(...logs, 0)];
  const span = Math.max(high - low, LEAST_SPAN);
  const others = positive(ends).map(Math.log);
  const from = Math.max(Math.min(low, ...others), low - span);
  const to = Math.min(Math.max(high, ...others), high + span);
  const room = Math.max(to - from, LEAST_SPAN) * ROOM;
  return { from: Math.exp(from - room), to: Math.exp(to + room) };
}

export interface LogScale {
  /** Pixels of a ratio; what lies outside stands at the edge. */
  readonly at: (ratio: number) => number;
  readonly isInside: (ratio: number) => boolean;
  readonly ticks: readonly number[];
}

/** A log axis from `start` to `stop` pixels, with ticks at least `distance` pixels apart; 1 is always among them. */
export function logScale(
  { from, to }: LogDomain,
  [start, stop]: readonly [number, number],
  distance: number,
): LogScale {
  const [a, b] = [Math.log(from), Math.log(to)];
  const place = (ratio: number): number => start + ((Math.log(ratio) - a) / (b - a)) * (stop - start);
  const isInside = (ratio: number): boolean => ratio >= from && ratio <= to;
  const at = (ratio: number): number => (ratio <= from ? start : ratio >= to ? stop : place(ratio));
  const about = Math.max(2, Math.floor(Math.abs(stop - start) / distance));
  const candidates =
    to / from < 2
      ? linearTicks(from, to, about).map((t) => Number(t.toPrecision(6)))
      : ROUND_WIDE_TICKS.filter(isInside);
  const ticks: number[] = isInside(1) ? [1] : [];
  for (const tick of candidates)
    if (ticks.every((t) => Math.abs(place(t) - place(tick)) >= distance)) ticks.push(tick);
  return { at, isInside, ticks: ticks.sort((x, y) => x - y) };
}
