import type { Evaluation, Timeline } from '../efficiency/evaluation.ts';
import { seconds, watts } from './format.ts';
import { type Html, html } from './html.ts';

const WIDTH = 720;
const HEIGHT = 190;
const LEFT = 58;
const RIGHT = 8;
const TOP = 22;
const BOTTOM = 26;

/** Runs of steps that were read, as [first, last]. */
function stretches(powerW: readonly (number | null)[]): [number, number][] {
  const found: [number, number][] = [];
  powerW.forEach((value, i) => {
    const last = found.at(-1);
    if (value === null) return;
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/** Holes between stretches: what was not read is drawn as not read. */
function holes(powerW: readonly (number | null)[]): [number, number][] {
  const read = stretches(powerW);
  return read.slice(1).map(([from], i) => [(read[i] as [number, number])[1] + 1, from - 1]);
}

function axisStep(max: number): number {
  const raw = max / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw) as number) * power;
}

/** Power of the whole system over one run, with run start and stop. */
export function timelineChart(evaluation: Evaluation, label: string, colour: string): Html {
  const { timeline, startMs, stopMs } = evaluation;
  const read = timeline?.powerW.filter((v) => v !== null) ?? [];
  if (!timeline || read.length === 0) return html`<p>${label}: no power reading to draw.</p>`;
  const max = Math.max(...read) * 1.08;
  const spanMs = timeline.powerW.length * timeline.stepMs;
  const x = (ms: number): number => LEFT + ((ms - timeline.startMs) / spanMs) * (WIDTH - LEFT - RIGHT);
  const y = (w: number): number => HEIGHT - BOTTOM - (w / max) * (HEIGHT - TOP - BOTTOM);
  const middle = (i: number): number => timeline.startMs + (i + 0.5) * timeline.stepMs;
  const lines = stretches(timeline.powerW).map(([from, to]) => {
    const points = [];
    for (let i = from; i <= to; i += 1)
      points.push(`${x(middle(i)).toFixed(1)},${y(timeline.powerW[i] as number).toFixed(1)}`);
    return html`<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linejoin="round"/>`;
  });
  const gaps = holes(timeline.powerW).map(([from, to]) => {
    const [a, b] = [
      x(timeline.startMs + from * timeline.stepMs),
      x(timeline.startMs + (to + 1) * timeline.stepMs),
    ];
    return html`<rect x="${a.toFixed(1)}" y="${TOP}" width="${Math.max(b - a, 1).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="var(--bad)" opacity=".16"><title>not read</title></rect>`;
  });
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Power over time, ${label}"><title>Power over time, ${label}</title><desc>${describe(evaluation, timeline)}</desc><rect x="${x(startMs).toFixed(1)}" y="${TOP}" width="${(x(stopMs) - x(startMs)).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="var(--band)"/>${gaps}${axis(max, y)}${lines}${marker(x(startMs), 'start')}${marker(x(stopMs), 'stop')}${timeAxis(startMs, stopMs, x)}</svg><figcaption>${label}: run ${evaluation.run}. Shaded: between run start and run stop. ${gaps.length > 0 ? 'Red: not read; the energy there is bridged.' : ''}</figcaption></figure>`;
}

function axis(max: number, y: (w: number) => number): Html[] {
  const step = axisStep(max);
  const ticks = Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
  return ticks.map(
    (w) =>
      html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(w).toFixed(1)}" y2="${y(w).toFixed(1)}" stroke="var(--line)"/><text class="soft" x="${LEFT - 6}" y="${(y(w) + 4).toFixed(1)}" text-anchor="end">${w === 0 ? '0 W' : w >= 1000 ? `${w / 1000} kW` : `${w} W`}</text>`,
  );
}

const marker = (x: number, name: string): Html =>
  html`<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${TOP - 6}" y2="${HEIGHT - BOTTOM}" stroke="var(--ink)" stroke-dasharray="4 3"/><text x="${x.toFixed(1)}" y="${TOP - 9}" text-anchor="middle">${name}</text>`;

function timeAxis(startMs: number, stopMs: number, x: (ms: number) => number): Html[] {
  const runMin = (stopMs - startMs) / 60_000;
  const step = axisStep(runMin);
  const ticks = Array.from({ length: Math.floor(runMin / step) + 1 }, (_, i) => i * step);
  return ticks.map(
    (t) =>
      html`<text class="soft" x="${x(startMs + t * 60_000).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${Math.round(t * 100) / 100} min</text>`,
  );
}

function describe(evaluation: Evaluation, timeline: Timeline): string {
  const gaps = holes(timeline.powerW).length;
  return `Mean power ${watts(evaluation.meanPowerW)} over ${seconds(evaluation.timeToTrainS)}; ${gaps === 0 ? 'no hole' : `${gaps} holes`} in the drawing.`;
}
