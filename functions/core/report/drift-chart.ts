import type { Drift } from '../decision/decision.ts';
import { BAND, chartFigure, type Drawing, level, px, upright } from './chart-figure.ts';
import { declaredText } from './format.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { nightAxis } from './night-axis.ts';

const HEIGHT = 220;
const LEFT = 58;
const RIGHT = 22;
const TOP = 28;
const BOTTOM = 28;

const share = (ratio: number): number => (ratio - 1) * 100;
const percentText = (value: number): string => `${value > 0 ? '+' : ''}${declaredText(value)} %`;

/** The line beyond the nights, with its interval where it ends. */
function forecast(d: Drift, x: (night: string) => number, y: (ratio: number) => number): Html | null {
  const last = d.points.at(-1);
  if (!d.forecast || !last || d.forecast.date <= last.night) return null;
  const [from, to] = [x(last.night), x(d.forecast.date)];
  const cap = (ratio: number): Html =>
    level(y(ratio), to - 6, to + 6, 'stroke="var(--base)" stroke-width="2"');
  return html`<line x1="${px(from)}" y1="${px(y(last.line))}" x2="${px(to)}" y2="${px(y(d.forecast.baselineRatio))}" stroke="var(--base)" stroke-width="2" stroke-dasharray="6 4"/>${upright(to, y(d.forecast.high), y(d.forecast.low), 'stroke="var(--base)" stroke-width="2"')}${cap(d.forecast.low)}${cap(d.forecast.high)}`;
}

/** The baseline's own nights, the line through them with its interval, and where it leads by the ramp date. */
export function driftChart(d: Drift, finding: string): Html | null {
  const [first, last] = [d.points[0], d.points.at(-1)];
  if (!first || !last) return null;
  const end = d.forecast && d.forecast.date > last.night ? d.forecast : null;
  const shown = [...d.points.flatMap((p) => [p.ratio, p.low, p.high]), ...(end ? [end.low, end.high] : [])];
  const [low, high] = [Math.min(0, ...shown.map(share)), Math.max(0, ...shown.map(share))];
  const draw = (width: number): Drawing => {
    const right = width - RIGHT;
    const span = high - low || 1;
    const y = (ratio: number): number =>
      HEIGHT - BOTTOM - ((share(ratio) - low) / span) * (HEIGHT - TOP - BOTTOM);
    const { x, dates } = nightAxis([first.night, end?.date ?? last.night], [LEFT + 8, right], HEIGHT - 6);
    const ticks = linearTicks(low, high, 4).map(
      (t) =>
        html`${level(y(1 + t / 100), LEFT, right, t === 0 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${LEFT - 6}" y="${px(y(1 + t / 100) + 4)}" text-anchor="end">${percentText(t)}</text>`,
    );
    const at = (of: 'low' | 'high' | 'line'): string[] =>
      d.points.map((p) => `${px(x(p.night))},${px(y(p[of]))}`);
    const dots = d.points.map((p) => `M${px(x(p.night))} ${px(y(p.ratio))}h0.1`).join('');
    return {
      height: HEIGHT,
      parts: [
        html`<text class="soft" x="0" y="11">baseline, to the mean of its nights</text>`,
        ...ticks,
        ...dates,
        html`<polygon points="${[...at('high'), ...at('low').reverse()].join(' ')}" ${BAND.base}/>`,
        html`<path d="${dots}" stroke="var(--base)" stroke-width="4.5" stroke-linecap="square"/>`,
        html`<polyline points="${at('line').join(' ')}" fill="none" stroke="var(--base)" stroke-width="2.4"/>`,
        forecast(d, x, y),
      ],
    };
  };
  const confidence = `${Math.round(d.confidence * 100)} %`;
  return chartFigure(
    finding,
    draw,
    html`<strong>${finding}</strong> Squares: nights of the baseline; line with its ${confidence} interval.${end ? ` Dashed: the line drawn on to the ramp date, ${end.date}, with its interval there.` : ''}`,
  );
}
