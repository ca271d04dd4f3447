import type { ContrastResult, GateResult } from '../decision/decision.ts';
import { BAND, chartFigure, type Drawing, level, px, upright } from './chart-figure.ts';
import { contrastName, rangeText } from './contrast-text.ts';
import { ratioText } from './format.ts';
import { goalText } from './gates-finding.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';
import { nightAxis } from './night-axis.ts';
import { type Floor, nightsFinding } from './nights-finding.ts';

const HEIGHT = 266;
const LEFT = 44;
/** Room for the bar of the floor. */
const RIGHT = 30;
const TOP = 30;
const BOTTOM = 26;
const TICK_DISTANCE = 26;
const AXIS_TITLE = 'ratio candidate / baseline, log; below 1: needs less';
/** Height of a label with its room. */
const LABEL = 18;

interface Frame {
  readonly x: (night: string) => number;
  readonly y: LogScale;
  readonly right: number;
  readonly dates: Html[];
}

function frameOf(contrast: ContrastResult, gates: readonly GateResult[], width: number): Frame {
  const { nights } = contrast;
  const right = width - RIGHT;
  const span = [nights[0]?.night ?? '', nights.at(-1)?.night ?? ''] as const;
  const { x, dates } = nightAxis(span, [LEFT + 6, right - 6], HEIGHT - 8);
  const domain = logDomain(
    [...nights.map((n) => n.ratio), ...gates.map((g) => g.threshold)],
    nights.flatMap((n) => [n.ofNight, n.low ?? n.ratio, n.high ?? n.ratio]),
  );
  const y = logScale(domain, [HEIGHT - BOTTOM, TOP], TICK_DISTANCE);
  return { x, y, right, dates };
}

/** The band of the nights that have an interval. */
function band({ nights }: ContrastResult, { x, y }: Frame): Html | null {
  const bounded = nights.filter((n) => n.low !== null && n.high !== null);
  if (bounded.length === 0) return null;
  const edge = (of: 'low' | 'high'): string[] =>
    bounded.map((n) => `${px(x(n.night))},${px(y.at(n[of] as number))}`);
  return html`<polygon points="${[...edge('high'), ...edge('low').reverse()].join(' ')}" ${BAND.cand}/>`;
}

/** One path of round ends, however many nights: an element a night would be half the page. */
const dots = ({ nights }: ContrastResult, { x, y }: Frame): Html =>
  html`<path d="${nights.map((n) => `M${px(x(n.night))} ${px(y.at(n.ofNight))}h0.1`).join('')}" stroke="var(--soft)" stroke-width="4.5" stroke-linecap="round"/>`;

const line = ({ nights }: ContrastResult, { x, y }: Frame): Html =>
  html`<polyline points="${nights.map((n) => `${px(x(n.night))},${px(y.at(n.ratio))}`).join(' ')}" fill="none" stroke="var(--cand)" stroke-width="2.4" stroke-linejoin="round"/>`;

/** A label stands above its line; below it where the next line up leaves no room. */
function thresholds(gates: readonly GateResult[], { y, right }: Frame): Html[] {
  const distinct = [...new Map(gates.map((g) => [goalText(g), g])).values()].sort(
    (a, b) => b.threshold - a.threshold,
  );
  return distinct.map((g, i) => {
    const at = y.at(g.threshold);
    const above = distinct[i - 1];
    const label = above && at - y.at(above.threshold) < LABEL ? at + 13 : at - 5;
    const dash = g.duty === 'stop' ? '2 4' : '7 4';
    const text = `${g.id}${g.workload === 'mix' ? ' (of the mix)' : ''}: ${goalText(g)}`;
    return html`${level(at, LEFT, right, `stroke="var(--open)" stroke-width="2" stroke-dasharray="${dash}"`)}<text class="halo" x="${px(right - 4)}" y="${px(label)}" text-anchor="end">${text}</text>`;
  });
}

/** The last interval as a bar beside the chart; thick in it what more nights cannot lower. */
function floorBar(contrast: ContrastResult, floor: Floor | null, { y, right }: Frame): Html | null {
  const last = contrast.nights.at(-1);
  if (!floor || !last || last.low === null || last.high === null) return null;
  const at = right + 14;
  const part = Math.exp(floor.floor);
  const [low, high] = [y.at(last.low), y.at(last.high)];
  const cap = (end: number): Html => level(end, at - 6, at + 6, 'stroke="var(--cand)" stroke-width="2"');
  const whole = upright(at, high, low, 'stroke="var(--cand)" stroke-width="2"');
  const due = upright(
    at,
    y.at(last.ratio * part),
    y.at(last.ratio / part),
    'stroke="var(--cand)" stroke-width="7"',
  );
  return html`${whole}${cap(low)}${cap(high)}${due}`;
}

/** The ratio of all nights up to each one, with the interval that holds at all of them at once. */
export function nightsChart(
  contrast: ContrastResult,
  gates: readonly GateResult[],
  floor: Floor | null,
): Html {
  const { nights } = contrast;
  const draw = (width: number): Drawing => {
    const frame = frameOf(contrast, gates, width);
    const { y, right, dates } = frame;
    const grid = y.ticks.map(
      (t) =>
        html`${level(y.at(t), LEFT, right, t === 1 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${LEFT - 6}" y="${px(y.at(t) + 4)}" text-anchor="end">${t}</text>`,
    );
    const edge = upright(right, TOP, HEIGHT - BOTTOM, 'stroke="var(--line)"');
    const drawn = [band(contrast, frame), dots(contrast, frame), line(contrast, frame)];
    return {
      height: HEIGHT,
      parts: [
        ...grid,
        ...dates,
        edge,
        html`<text class="soft" x="0" y="11">${AXIS_TITLE}</text>`,
        ...drawn,
        ...thresholds(gates, frame),
        floorBar(contrast, floor, frame),
      ],
    };
  };
  const last = nights.at(-1);
  const text = last
    ? `${nights[0]?.night} to ${last.night}: ratio ${ratioText(last.ratio)}${last.low !== null && last.high !== null ? `, interval ${rangeText({ low: last.low, high: last.high })}` : ''}`
    : '';
  return chartFigure(
    `${contrastName(contrast)}: ${nightsFinding(contrast, gates)}`,
    draw,
    html`<strong>${nightsFinding(contrast, gates)}</strong> ${text}. Line: all nights up to that one; band: its ${Math.round((contrast.nightly?.confidence ?? 0.95) * 100)} % interval, which holds at all nights at once; dots: each night by itself; dashed: thresholds of gates.${floor ? ' Bar at the right: the last interval, thick in it the part that more nights do not lower.' : ''}`,
  );
}
