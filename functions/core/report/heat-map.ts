import type { Evaluation, UnitEvaluation } from '../efficiency/evaluation.ts';
import type { HeatMap, Timeline } from '../efficiency/run-timeline.ts';
import { chartFigure, type Drawing, px, upright } from './chart-figure.ts';
import { type ColourScale, colourScale } from './colour-scale.ts';
import { percent, watts } from './format.ts';
import { type Html, html } from './html.ts';
import { hatched } from './lane.ts';
import { pngUri } from './png.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';

const TOP = 20;
const TALLEST_ROW = 14;
const LEAST_ROW = 3;
const TALLEST = 384;
const LABEL_DISTANCE = 13;
const LABEL_CHARACTERS = 9;
const LEGEND = 44;
const SWATCH = 62;

type Drawn = Evaluation & { readonly timeline: Timeline & { readonly heatMap: HeatMap } };

const hasHeatMap = (e: Evaluation): e is Drawn => e.timeline?.heatMap != null;

/** Values of the steps that lie in the run: idle time beside it must not take the colours. */
function inRun({ timeline, startMs, stopMs }: Drawn): number[] {
  const { heatMap } = timeline;
  return heatMap.rows.flatMap(({ powerW }) =>
    powerW.filter((v, column): v is number => {
      const fromMs = timeline.startMs + column * heatMap.stepMs;
      return v !== null && fromMs >= startMs && fromMs + heatMap.stepMs <= stopMs;
    }),
  );
}

/** The end of an id tells more than its beginning. */
const labelOf = (name: string): string =>
  name.length > LABEL_CHARACTERS ? `…${name.slice(1 - LABEL_CHARACTERS)}` : name;

function labels({ rows }: HeatMap, height: number, axis: TimeAxis): Html[] {
  const every = Math.ceil(LABEL_DISTANCE / height);
  return rows.flatMap(({ first }, i) =>
    i % every !== 0
      ? []
      : html`<text class="soft" x="${axis.left - 5}" y="${px(TOP + (i + 0.5) * height + 3.5)}" text-anchor="end" style="font-size:10px">${labelOf(first)}</text>`,
  );
}

/** A swatch a class, with the value that it begins at; what was not read beside them. */
function legendOf({ edges, colours }: ColourScale, top: number, { left, right }: TimeAxis): Html[] {
  const width = Math.min(SWATCH, (right - left) / (colours.length + 1.6));
  const ends = edges.map(
    (edge, i) =>
      html`<text class="soft" x="${px(left + (i + 1) * width)}" y="${top + 25}" text-anchor="middle" style="font-size:10px">${edge >= 1000 ? Number((edge / 1000).toPrecision(4)) : Number(edge.toPrecision(4))}</text>`,
  );
  const unit = (edges[0] ?? 0) >= 1000 ? 'kW' : 'W';
  const gap = left + (colours.length + 0.5) * width;
  return [
    ...colours.map(
      (colour, i) =>
        html`<rect x="${px(left + i * width)}" y="${top}" width="${px(width)}" height="12" fill="${colour}"/>`,
    ),
    ...ends,
    html`<text class="soft" x="${left - 6}" y="${top + 10}" text-anchor="end">${unit}</text>`,
    hatched(gap, top, Math.min(width, 30), 12),
    html`<text class="soft" x="${px(gap)}" y="${top + 25}" style="font-size:10px">not read</text>`,
  ];
}

function draw(e: Drawn, scale: ColourScale, image: string, width: number): Drawing {
  const { timeline } = e;
  const { heatMap } = timeline;
  const columns = heatMap.rows[0]?.powerW.length ?? 0;
  const toMs = timeline.startMs + timeline.powerW.length * timeline.stepMs;
  const axis = timeAxis({ fromMs: timeline.startMs, toMs }, e, width);
  const { left, right, x } = axis;
  const height = Math.max(LEAST_ROW, Math.min(TALLEST_ROW, TALLEST / heatMap.rows.length));
  const bottom = TOP + height * heatMap.rows.length;
  // The last column may reach beyond the last step.
  const across = ((right - left) * columns * heatMap.stepMs) / (toMs - timeline.startMs);
  const ends = [e.startMs, e.stopMs].map(
    (ms, i) =>
      html`${upright(x(ms), TOP - 5, bottom, 'stroke="var(--ink)" stroke-dasharray="4 3"')}<text class="soft" x="${px(x(ms))}" y="${TOP - 8}" text-anchor="middle">${i === 0 ? 'start' : 'stop'}</text>`,
  );
  return {
    height: bottom + 22 + LEGEND,
    parts: [
      hatched(left, TOP, right - left, bottom - TOP),
      html`<image href="${image}" x="${left}" y="${TOP}" width="${px(across)}" height="${px(bottom - TOP)}" preserveAspectRatio="none" style="image-rendering:pixelated"/>`,
      ...labels(heatMap, height, axis),
      ...ends,
      ...axis.labels(bottom + 16),
      ...legendOf(scale, bottom + 32, axis),
    ],
  };
}

type Powered = UnitEvaluation & { readonly meanPowerW: number };

/** Which unit drew most and which least, against the median of all: from every one of them, whatever the rows hold. */
export function heatMapFinding(e: Evaluation): string {
  const kind = e.timeline?.heatMap?.kind ?? 'chip';
  const read = e.units
    .filter((u): u is Powered => u.kind === kind && u.meanPowerW !== null && u.evidence !== 'D')
    .sort((a, b) => a.meanPowerW - b.meanPowerW || (a.id < b.id ? -1 : 1));
  const [least, most, middle] = [read[0], read.at(-1), read[read.length >> 1]];
  if (!least || !most || !middle || e.evidence === 'D')
    return `Power of each ${kind} over time; too little of it was read to rank them.`;
  const off = (u: Powered): string => {
    const share = u.meanPowerW / middle.meanPowerW - 1;
    return `${watts(u.meanPowerW)}, ${percent(Math.abs(share))} ${share < 0 ? 'below' : 'above'} the median`;
  };
  return `${most.id} drew most on average (${off(most)}), ${least.id} least (${off(least)}).`;
}

/** Power of every chip or node over time, as colours; null where there are not two of them. */
export function heatMapFigure(e: Evaluation): Html | null {
  if (!hasHeatMap(e)) return null;
  const { heatMap } = e.timeline;
  const values = inRun(e);
  if (values.length === 0) return null;
  const scale = colourScale(values);
  const image = pngUri(
    heatMap.rows.map(({ powerW }) => powerW.map((v) => (v === null ? 0 : scale.classOf(v) + 1))),
    ['#000000', ...scale.colours],
  );
  const most = Math.max(...heatMap.rows.map((row) => row.count));
  const first = heatMap.rows[0]?.first ?? '';
  const last = heatMap.rows.at(-1)?.last ?? '';
  const rows =
    most === 1
      ? `A row a ${heatMap.kind}`
      : `A row is the mean of up to ${most} neighbouring ${heatMap.kind}s, named for the first of them`;
  const finding = heatMapFinding(e);
  return chartFigure(
    `Power of each ${heatMap.kind} over time. ${finding}`,
    (width) => draw(e, scale, image, width),
    html`<strong>${finding}</strong> Mean power, by node and id from ${first} to ${last}. ${rows}; a column is ${heatMap.stepMs / 1000} s. Colours from the lowest (dark) to the highest (light) in the run, outliers in the outer classes; hatched: not read.`,
  );
}
