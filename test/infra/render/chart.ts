import { type Html, html } from '../../../functions/core/report/html.ts';
import { linearTicks } from '../../../functions/core/report/linear-axis.ts';
import type { Widget } from '../synthesised.ts';
import type { Series } from './widget-series.ts';

/** Place of a widget on the picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const COLORS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#17becf',
  '#bcbd22',
];
const ANNOTATION = '#6b7785';
const MARGIN = { left: 54, right: 16, rightAxis: 50, top: 36, time: 20 } as const;
const LEGEND_ROW = 15;
/** Mean width of a character of the legend. */
const CHARACTER = 6.3;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const colorOf = (i: number): string => COLORS[i % COLORS.length] as string;
const px = (value: number): string => String(Math.round(value * 10) / 10);

/** A number as an axis has room for it. */
export function brief(value: number): string {
  const size = Math.abs(value);
  for (const [factor, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (size >= factor) return `${Number((value / factor).toPrecision(3))}${unit}`;
  return String(Number(value.toPrecision(3)));
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

type Axis = { readonly min?: number; readonly max?: number } | undefined;

/** Room for what is drawn, and an axis's own bounds where it declares them. */
function rangeOf(values: readonly number[], axis: Axis): Range {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = (high - low || Math.abs(high)) * 0.06;
  const min = axis?.min ?? low - pad;
  const max = axis?.max ?? high + pad;
  return max > min ? { min, max } : { min, max: min + 1 };
}

interface Frame extends Box {
  readonly times: Range;
  readonly left: Range;
  readonly right: Range | null;
}

const atX = ({ x, width, times }: Frame, timeMs: number): number =>
  x + ((timeMs - times.min) / Math.max(1, times.max - times.min)) * width;
const atY = ({ y, height }: Box, { min, max }: Range, value: number): number =>
  y + height - ((Math.min(Math.max(value, min), max) - min) / (max - min)) * height;

/** One on top of the other, in order; a series without a point at a time adds nothing there. */
export function stacked(series: readonly Series[]): Series[] {
  const below = new Map<number, number>();
  return series.map((s) => ({
    ...s,
    points: s.points.map(({ timeMs, value }) => {
      const top = (below.get(timeMs) ?? 0) + value;
      below.set(timeMs, top);
      return { timeMs, value: top };
    }),
  }));
}

function frameOf(
  { properties }: Widget,
  series: readonly Series[],
  box: Box,
  times: Range,
  legendRows: number,
): Frame {
  const own = series.filter((s) => !s.isRight).flatMap((s) => s.points.map((p) => p.value));
  const other = series.filter((s) => s.isRight).flatMap((s) => s.points.map((p) => p.value));
  const lines = properties.annotations?.horizontal?.map((a) => a.value) ?? [];
  const hasRight = series.some((s) => s.isRight);
  return {
    x: box.x + MARGIN.left,
    y: box.y + MARGIN.top,
    width: box.width - MARGIN.left - (hasRight ? MARGIN.rightAxis : MARGIN.right),
    height: box.height - MARGIN.top - MARGIN.time - legendRows * LEGEND_ROW - 8,
    times,
    left: rangeOf([...own, ...lines], properties.yAxis?.left),
    right: hasRight ? rangeOf(other, properties.yAxis?.right) : null,
  };
}

function valueAxis(frame: Frame, range: Range, isRight: boolean): Html[] {
  const { x, width } = frame;
  return linearTicks(range.min, range.max, Math.max(2, Math.floor(frame.height / 38))).map((tick) => {
    const y = atY(frame, range, tick);
    const text = html`<text class="soft" x="${px(isRight ? x + width + 6 : x - 6)}" y="${px(y + 4)}" text-anchor="${isRight ? 'start' : 'end'}">${brief(tick)}</text>`;
    return isRight
      ? text
      : html`<line x1="${px(x)}" x2="${px(x + width)}" y1="${px(y)}" y2="${px(y)}" stroke="#e3e7ec"/>${text}`;
  });
}

function timeAxis(frame: Frame): Html[] {
  const span = frame.times.max - frame.times.min;
  const steps = [
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
  ];
  const step = steps.find((s) => (span / s) * 62 <= frame.width) ?? 28 * DAY_MS;
  const first = Math.ceil(frame.times.min / step) * step;
  const count = Math.max(0, Math.floor((frame.times.max - first) / step) + 1);
  return Array.from({ length: count }, (_, i) => first + i * step).map((timeMs) => {
    const iso = new Date(timeMs).toISOString();
    const text = step >= DAY_MS ? iso.slice(5, 10) : `${iso.slice(8, 10)}. ${iso.slice(11, 16)}`;
    return html`<text class="soft" x="${px(atX(frame, timeMs))}" y="${px(frame.y + frame.height + 15)}" text-anchor="middle">${text}</text>`;
  });
}

const annotationLines = ({ properties }: Widget, frame: Frame): Html[] =>
  (properties.annotations?.horizontal ?? []).map(({ value, label, color }) => {
    const y = atY(frame, frame.left, value);
    return html`<line x1="${px(frame.x)}" x2="${px(frame.x + frame.width)}" y1="${px(y)}" y2="${px(y)}" stroke="${color ?? ANNOTATION}" stroke-dasharray="5 4"/><text class="halo" x="${px(frame.x + frame.width - 4)}" y="${px(y - 4)}" text-anchor="end">${label ?? ''}</text>`;
  });

function drawnSeries(frame: Frame, { points, isRight }: Series, color: string): Html {
  const range = isRight && frame.right ? frame.right : frame.left;
  const path = points
    .map((p, i) => `${i === 0 ? 'M' : 'L'}${px(atX(frame, p.timeMs))} ${px(atY(frame, range, p.value))}`)
    .join('');
  const [only] = points;
  return points.length === 1 && only
    ? html`<circle cx="${px(atX(frame, only.timeMs))}" cy="${px(atY(frame, range, only.value))}" r="3" fill="${color}"/>`
    : html`<path d="${path}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"/>`;
}

/** The area under a series of a stack, down to the one below it. */
function drawnArea(frame: Frame, { points }: Series, color: string): Html {
  const at = (p: { timeMs: number; value: number }): string =>
    `${px(atX(frame, p.timeMs))} ${px(atY(frame, frame.left, p.value))}`;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return html``;
  const floor = px(frame.y + frame.height);
  return html`<path d="M${px(atX(frame, first.timeMs))} ${floor}L${points.map(at).join('L')}L${px(atX(frame, last.timeMs))} ${floor}Z" fill="${color}" stroke="${color}" stroke-width=".8"/>`;
}

interface Entry {
  readonly label: string;
  readonly color: string;
  readonly x: number;
  readonly row: number;
}

/** Labels in rows, as many in each as there is room for. */
function legendOf(series: readonly Series[], box: Box): Entry[] {
  let x = 0;
  let row = 0;
  return series.map(({ label, isRight }, i) => {
    const text = isRight ? `${label} (right)` : label;
    const width = text.length * CHARACTER + 24;
    if (x > 0 && x + width > box.width - 24) {
      x = 0;
      row += 1;
    }
    const entry = { label: text, color: colorOf(i), x: box.x + 14 + x, row };
    x += width;
    return entry;
  });
}

/** A chart over the time that the dashboard shows, as the console draws it. */
export function chart(widget: Widget, all: readonly Series[], box: Box, times: Range): Html {
  const legend = legendOf(all, box);
  const rows = (legend.at(-1)?.row ?? 0) + 1;
  const entries = legend.map(({ label, color, x, row }) => {
    const y = box.y + box.height - 8 - (rows - 1 - row) * LEGEND_ROW;
    return html`<rect x="${px(x)}" y="${px(y - 8)}" width="9" height="9" fill="${color}"/><text class="small" x="${px(x + 13)}" y="${px(y)}">${label}</text>`;
  });
  if (all.every((s) => s.points.length === 0))
    return html`<text class="soft" x="${px(box.x + box.width / 2)}" y="${px(box.y + box.height / 2)}" text-anchor="middle">no data in the time shown</text>${entries}`;
  const isStacked = widget.properties.stacked === true;
  const series = isStacked ? stacked(all) : all;
  const frame = frameOf(widget, series, box, times, rows);
  const drawn = series.map((s, i) =>
    isStacked && !s.isRight ? drawnArea(frame, s, colorOf(i)) : drawnSeries(frame, s, colorOf(i)),
  );
  return html`${valueAxis(frame, frame.left, false)}${frame.right ? valueAxis(frame, frame.right, true) : null}${timeAxis(frame)}${isStacked ? drawn.reverse() : drawn}${annotationLines(widget, frame)}${entries}`;
}
