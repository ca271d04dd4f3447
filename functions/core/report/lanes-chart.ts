import type { Evaluation } from '../efficiency/evaluation.ts';
import type { Timeline } from '../efficiency/run-timeline.ts';
import { chartFigure, type Drawing, px, upright } from './chart-figure.ts';
import { type Html, html } from './html.ts';
import { drawLane, type Lane } from './lane.ts';
import { timeAxis } from './time-axis.ts';

/** Room for flags above the lanes. */
const FLAGS = 22;
const NO_FLAGS = 8;
const GAP = 16;
const BOTTOM = 22;
/** Shaded stretches narrower than this would not be seen. */
const LEAST_WIDTH = 1.5;
const FLAG = 7;

/** A stretch of time that is shaded over all lanes. */
export interface Shade {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'throttled' | 'lost';
}

/** A number that stands above the lanes at its time; the caption says what it is of. */
export interface Flag {
  readonly atMs: number;
  readonly label: string;
}

export interface Lanes {
  readonly run: Pick<Evaluation, 'startMs' | 'stopMs'>;
  readonly timeline: Pick<Timeline, 'startMs' | 'stepMs' | 'powerW'>;
  readonly lanes: readonly Lane[];
  readonly shades: readonly Shade[];
  readonly flags: readonly Flag[];
  /** Times of evaluations of the model. */
  readonly ticks: readonly number[];
}

const FILLS: Record<Shade['kind'], string> = {
  throttled: 'fill="var(--open)" opacity=".2"',
  lost: 'fill="var(--bad)" opacity=".16"',
};

/** Flags at one place would hide each other: they stand side by side. */
function flagsAt(flags: readonly Flag[], x: (ms: number) => number): Html[] {
  let before = Number.NEGATIVE_INFINITY;
  return [...flags]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, label }) => {
      const at = Math.max(x(atMs), before + 2 * FLAG + 1);
      before = at;
      return html`<circle cx="${px(at)}" cy="${FLAG + 1}" r="${FLAG}" fill="var(--ink)"/><text x="${px(at)}" y="${FLAG + 5}" text-anchor="middle" style="fill:var(--paper);font-weight:600;font-size:10px">${label}</text>`;
    });
}

function draw({ run, timeline, lanes, shades, flags, ticks }: Lanes, width: number): Drawing {
  const { startMs, stepMs, powerW } = timeline;
  const axis = timeAxis({ fromMs: startMs, toMs: startMs + powerW.length * stepMs }, run, width);
  const { x } = axis;
  const at = (step: number): number => x(startMs + step * stepMs);
  const inRun = [
    Math.ceil((run.startMs - startMs) / stepMs - 0.5),
    Math.floor((run.stopMs - startMs) / stepMs - 0.5),
  ] as const;
  const first = flags.length > 0 ? FLAGS : NO_FLAGS;
  let top = first;
  const drawn = lanes.map((lane) => {
    const { bottom: end, ...parts } = drawLane(lane, top, { axis, at, inRun });
    top = end + GAP;
    return parts;
  });
  const bottom = top - GAP;
  const box = (fromMs: number, toMs: number, style: string): Html =>
    html`<rect x="${px(x(fromMs))}" y="${first}" width="${px(Math.max(x(toMs) - x(fromMs), LEAST_WIDTH))}" height="${px(bottom - first)}" ${{ markup: style }}/>`;
  const ends = (
    [
      [run.startMs, 'start'],
      [run.stopMs, 'stop'],
    ] as const
  ).map(
    ([ms, name]) =>
      html`${upright(x(ms), first - 4, bottom, 'stroke="var(--ink)" stroke-dasharray="4 3"')}<text class="soft halo" x="${px(x(ms))}" y="${px(bottom - 4)}" dx="${name === 'start' ? 4 : -4}" text-anchor="${name === 'start' ? 'start' : 'end'}">${name}</text>`,
  );
  const evaluated = ticks.map((ms) => `M${px(x(ms))} ${px(bottom)}v-7`).join('');
  return {
    height: bottom + BOTTOM,
    parts: [
      box(run.startMs, run.stopMs, 'fill="var(--band)"'),
      ...shades.map((s) => box(s.fromMs, s.toMs, FILLS[s.kind])),
      ...drawn.flatMap((lane) => lane.parts),
      ...ends,
      // Over all that would cross them.
      ...drawn.map((lane) => lane.heading),
      evaluated === '' ? null : html`<path d="${evaluated}" stroke="var(--ink)" stroke-width="2"/>`,
      ...flagsAt(flags, x),
      ...axis.labels(bottom + 16),
    ],
  };
}

/** Lanes over one time axis, with run start and stop, and what happened in between. */
export const lanesChart = (lanes: Lanes, finding: string, caption: Html): Html =>
  chartFigure(finding, (width) => draw(lanes, width), caption);
