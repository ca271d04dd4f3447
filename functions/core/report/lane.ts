import { fittingCharacters, level, px } from './chart-figure.ts';
import { shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import type { TimeAxis } from './time-axis.ts';

type Series = readonly (number | null)[];

/** One quantity over time: a strip with a scale of its own, on the time axis that it shares with the others. */
export interface Lane {
  readonly title: string;
  /** What it comes to, in a few words: stands at the right of the title. */
  readonly says: string;
  readonly series: Series;
  readonly band: { readonly low: Series; readonly high: Series } | null;
  /** The scale begins at 0; else at the lowest value. */
  readonly isFromZero: boolean;
  /** The scale reaches at least this far. */
  readonly atLeast?: number;
  readonly tick: (value: number) => string;
  readonly colour: string;
}

export const LANE_HEIGHT = 92;
const TITLE = 24;
const TICKS = 3;
/** Room above the highest and below the lowest value, of the span. */
const ROOM = 0.08;
/** A scale is at least this wide, of its highest value: narrower ones magnify noise. */
const LEAST_SPAN = 0.02;
const HATCH = 6;

/** Steps in a row that a test holds for, as [first, last]. */
export function stretchesOf<T>(values: readonly T[], holds: (value: T) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (const [i, value] of values.entries()) {
    const last = found.at(-1);
    if (!holds(value)) continue;
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  }
  return found;
}

const known = (series: Series): number[] => series.filter((v) => v !== null);

function scaleOf({ series, band, isFromZero, atLeast }: Lane): { from: number; to: number } {
  const values = [...known(series), ...known(band?.low ?? []), ...known(band?.high ?? [])];
  const high = Math.max(...values, atLeast ?? Number.NEGATIVE_INFINITY);
  const low = isFromZero ? 0 : Math.min(...values);
  const span = Math.max(high - low, Math.abs(high) * LEAST_SPAN, 1e-9);
  const middle = (high + low) / 2;
  return isFromZero
    ? { from: 0, to: Math.max(high, 1e-9) * (1 + ROOM) }
    : { from: middle - span * (0.5 + ROOM), to: middle + span * (0.5 + ROOM) };
}

/** Slanted lines over a box: what was not read, also in print and for those who see no colours. */
export function hatched(x: number, y: number, width: number, height: number): Html {
  const parts: string[] = [];
  for (let c = HATCH - height; c < width; c += HATCH) {
    const [x1, y1] = [x + Math.max(c, 0), y + Math.max(-c, 0)];
    const length = Math.min(width - Math.max(c, 0), height - Math.max(-c, 0));
    if (length > 0) parts.push(`M${px(x1)} ${px(y1)}l${px(length)} ${px(length)}`);
  }
  return html`<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="var(--soft)" opacity=".1"/><path d="${parts.join('')}" stroke="var(--soft)" stroke-width=".8" opacity=".7"/>`;
}

interface Placing {
  readonly axis: TimeAxis;
  /** Left edge of a step, in pixels. */
  readonly at: (step: number) => number;
  /** Steps that lie in the run, as [first, last]: holes outside are no holes. */
  readonly inRun: readonly [number, number];
}

/** A lane at `top`, and where the next one begins. */
export function drawLane(
  lane: Lane,
  top: number,
  { axis, at, inRun }: Placing,
): { parts: Html[]; heading: Html; bottom: number } {
  const { left, right } = axis;
  const [plotTop, plotBottom] = [top + TITLE, top + LANE_HEIGHT];
  const { from, to } = scaleOf(lane);
  const y = (value: number): number => plotBottom - ((value - from) / (to - from)) * (plotBottom - plotTop);
  const ticks = linearTicks(from, to, TICKS).map(
    (t) =>
      html`${level(y(t), left, right, 'stroke="var(--line)"')}<text class="soft" x="${left - 6}" y="${px(y(t) + 4)}" text-anchor="end">${lane.tick(Number(t.toPrecision(6)))}</text>`,
  );
  const middle = (i: number): string => px((at(i) + at(i + 1)) / 2);
  const read = stretchesOf(lane.series, (v) => v !== null);
  const lines = read.map(([a, b]) => {
    const points = range(a, b).map((i) => `${middle(i)} ${px(y(lane.series[i] as number))}`);
    // A single step would be a line without length.
    const path =
      a === b ? `M${px(at(a))} ${points[0]?.split(' ')[1]}H${px(at(a + 1))}` : `M${points.join('L')}`;
    return html`<path class="drawn" d="${path}" fill="none" stroke="${lane.colour}" stroke-width="1.8" stroke-linejoin="round"/>`;
  });
  const holes = stretchesOf(
    lane.series.map((v, i) => v === null && i >= inRun[0] && i <= inRun[1]),
    (isHole) => isHole,
  ).map(
    ([a, b]) =>
      html`<g><title>not read</title>${hatched(at(a), plotTop, Math.max(at(b + 1) - at(a), 1.5), plotBottom - plotTop)}</g>`,
  );
  const limit = fittingCharacters(right - lane.title.length * 7 - 10);
  const heading = html`<text class="halo" x="0" y="${top + 12}"><tspan font-weight="600">${lane.title}</tspan></text><text class="soft halo" x="${right}" y="${top + 12}" text-anchor="end">${shortened(lane.says, limit)}</text>`;
  return { heading, parts: [...ticks, ...bandOf(lane, y, middle), ...holes, ...lines], bottom: plotBottom };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

function bandOf({ band, colour }: Lane, y: (value: number) => number, middle: (i: number) => string): Html[] {
  if (!band) return [];
  return stretchesOf(band.low, (v) => v !== null).map(([a, b]) => {
    const edge = (series: Series): string[] =>
      range(a, b).map((i) => `${middle(i)} ${px(y(series[i] as number))}`);
    return html`<path d="M${[...edge(band.high), ...edge(band.low).reverse()].join('L')}Z" fill="${colour}" opacity=".22"/>`;
  });
}
