import { NARROW, px, upright, WIDE } from './chart-figure.ts';
import { type Html, html } from './html.ts';
import type { LogScale } from './log-axis.ts';

/** Room above a chart for the name of its axis and the numbers. */
export const AXIS_ROOM = 48;

interface Place {
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
}

interface Names {
  /** What the axis counts. */
  readonly title: string;
  /** What lies left and right of 1. */
  readonly below: string;
  readonly above: string;
}

export const RATIO_NAMES: Names = {
  title: 'ratio candidate / baseline',
  below: 'candidate needs less',
  above: 'needs more',
};

/** A log axis of ratios along the top: its name, what either side of 1 means, and a line at each tick. */
export function ratioAxis(
  scale: LogScale,
  { top, bottom, width }: Place,
  names: Names = RATIO_NAMES,
): Html[] {
  const one = scale.at(1);
  const side = (text: string, x: number, anchor: string): Html =>
    html`<text class="soft" x="${px(x)}" y="${top - 34}" text-anchor="${anchor}">${text}</text>`;
  const isRoomy = width === WIDE && one > 190 && width - one > 120;
  const title = isRoomy
    ? [side(`← ${names.below}`, one - 6, 'end'), side(`${names.above} →`, one + 6, 'start')]
    : [side(width === NARROW ? names.title : `${names.title}; left of 1: ${names.below}`, 0, 'start')];
  const named = isRoomy && one > 400 ? [side(names.title, 0, 'start')] : [];
  const ticks = scale.ticks.map(
    (t) =>
      html`${upright(scale.at(t), top - 8, bottom, t === 1 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${px(scale.at(t))}" y="${top - 14}" text-anchor="middle">${t}</text>`,
  );
  return [...named, ...title, ...ticks];
}
