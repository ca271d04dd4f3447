import type { Decision, GateResult } from '../decision/decision.ts';
import { BAND, chartFigure, type Drawing, level, px, upright } from './chart-figure.ts';
import { declaredText, prefixed } from './format.ts';
import { goalText } from './gates-finding.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { lossFinding } from './loss-finding.ts';

type Curve = Decision['lossCurves'][number];
type Point = Curve['points'][number];

const LEFT = 52;
const RIGHT = 16;
/** Losses above, their difference below. */
const CURVES = { top: 26, bottom: 196 };
const DIFFERENCE = { top: 236, bottom: 346 };
const HEIGHT = 386;
const WORK_DISTANCE = 64;
/** Losses of the first steps are far above all that matters: the axis begins where this share of the work is done. */
const WARM_UP = 0.04;

interface Panel {
  readonly y: (value: number) => number;
  readonly axis: Html[];
}

function panel(
  values: readonly number[],
  { top, bottom }: typeof CURVES,
  right: number,
  text: (v: number) => string,
): Panel {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  const [from, to] = [low - room, high + room];
  const y = (value: number): number =>
    bottom - ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (bottom - top);
  const axis = linearTicks(from, to, 4).map(
    (t) =>
      html`${level(y(t), LEFT, right, 'stroke="var(--line)"')}<text class="soft" x="${LEFT - 6}" y="${px(y(t) + 4)}" text-anchor="end">${text(t)}</text>`,
  );
  return { y, axis };
}

const percentText = (value: number): string => `${value > 0 ? '+' : ''}${declaredText(value)} %`;
const share = (ratio: number): number => (ratio - 1) * 100;

/** Losses of both sides over the work done, and below them their ratio with its interval and the margins of gates. */
export function lossChart(curve: Curve, gates: readonly GateResult[]): Html {
  const { points, readAt, unit } = curve;
  const late = points.filter((p) => p.work >= WARM_UP * readAt);
  const shown = late.length > 1 ? late : points;
  const draw = (width: number): Drawing => {
    const right = width - RIGHT;
    const [from, to] = [shown[0]?.work ?? 0, readAt];
    const x = (work: number): number => LEFT + ((work - from) / (to - from || 1)) * (right - LEFT);
    const losses = panel(
      shown.flatMap((p) => [p.candidate, p.baseline]),
      CURVES,
      right,
      declaredText,
    );
    const limits = gates.map((g) => share(g.threshold));
    const all = shown.flatMap((p) => [p.ratio, p.low ?? p.ratio, p.high ?? p.ratio]).map(share);
    const difference = panel([0, ...limits, ...clipped(all, limits)], DIFFERENCE, right, percentText);
    const path = (of: (p: Point) => number): string =>
      shown.map((p) => `${px(x(p.work))},${px(of(p))}`).join(' ');
    const line = (of: (p: Point) => number, style: string): Html =>
      html`<polyline points="${path(of)}" fill="none" stroke-linejoin="round" ${{ markup: style }}/>`;
    const works = linearTicks(from, to, Math.floor((right - LEFT) / WORK_DISTANCE)).map(
      (t) =>
        html`<text class="soft" x="${px(x(t))}" y="${DIFFERENCE.bottom + 18}" text-anchor="middle">${prefixed(t, '', 3)}</text>`,
    );
    const title = (text: string, y: number): Html => html`<text class="soft" x="0" y="${y}">${text}</text>`;
    return {
      height: HEIGHT,
      parts: [
        title('training loss, mean of runs', 12),
        ...losses.axis,
        line((p) => losses.y(p.candidate), CANDIDATE),
        line((p) => losses.y(p.baseline), BASELINE),
        legend(right),
        title('candidate against baseline', DIFFERENCE.top - 12),
        ...difference.axis,
        level(difference.y(0), LEFT, right, 'stroke="var(--ink)" stroke-width="1.5"'),
        band(shown, x, difference),
        line((p) => difference.y(share(p.ratio)), CANDIDATE),
        ...limitLines(gates, difference, right),
        ...works,
        upright(x(readAt), CURVES.top, DIFFERENCE.bottom, 'stroke="var(--ink)" stroke-dasharray="2 3"'),
        html`<text class="soft" x="${right}" y="${HEIGHT - 4}" text-anchor="end">${unit}s of work, the same on both sides</text>`,
      ],
    };
  };
  const finding = lossFinding(curve, gates);
  return chartFigure(
    finding,
    draw,
    html`<strong>${finding}</strong> Above: geometric mean of the runs' losses; below: their ratio, with the ${Math.round(curve.confidence * 100)} % interval of each point by itself. Dotted: where gates read the losses, with an interval of their own.`,
  );
}

const CANDIDATE = 'stroke="var(--cand)" stroke-width="2.4"';
/** Dashed as well as purple: the two lines often lie on each other. */
const BASELINE = 'stroke="var(--base)" stroke-width="2.4" stroke-dasharray="6 4"';

/** Intervals of first points may be wide: the axis holds twice what the margins and most of the points need. */
function clipped(values: readonly number[], limits: readonly number[]): number[] {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  const most = Math.max(sorted[Math.floor(sorted.length * 0.9)] ?? 0, ...limits.map(Math.abs), 0.1) * 1.5;
  return values.map((v) => Math.min(Math.max(v, -most), most));
}

function legend(right: number): Html {
  const y = CURVES.top + 8;
  return html`${level(y, right - 104, right - 78, CANDIDATE)}<text class="halo" x="${right - 72}" y="${y + 4}">candidate</text>${level(y + 18, right - 104, right - 78, BASELINE)}<text class="halo" x="${right - 72}" y="${y + 22}">baseline</text>`;
}

function band(points: readonly Point[], x: (work: number) => number, { y }: Panel): Html | null {
  const bounded = points.filter((p) => p.low !== null && p.high !== null);
  if (bounded.length < 2) return null;
  const edge = (of: 'low' | 'high'): string[] =>
    bounded.map((p) => `${px(x(p.work))},${px(y(share(p[of] as number)))}`);
  return html`<polygon points="${[...edge('high'), ...edge('low').reverse()].join(' ')}" ${BAND.cand}/>`;
}

const limitLines = (gates: readonly GateResult[], { y }: Panel, right: number): Html[] =>
  [...new Map(gates.map((g) => [goalText(g), g])).values()].map((g) => {
    const at = y(share(g.threshold));
    const dash = g.duty === 'stop' ? '2 4' : '7 4';
    return html`${level(at, LEFT, right, `stroke="var(--open)" stroke-width="2" stroke-dasharray="${dash}"`)}<text class="halo" x="${LEFT + 4}" y="${px(at - 4)}">${g.id}: ${goalText(g)}</text>`;
  });
