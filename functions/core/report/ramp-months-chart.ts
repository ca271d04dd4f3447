import type { ComputedRamp, RampMonth } from '../decision/ramp-result.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { count, money } from './ramp-text.ts';

const WIDTH = 720;
const LEFT = 84;
const RIGHT = 12;
const TOP = 20;
const BOTTOM = 26;
/** Labels of months need so much room. */
const MONTH_LABEL = 76;

interface Frame {
  readonly height: number;
  readonly x: (month: number) => number;
  readonly y: (amount: number) => number;
  readonly axes: Html[];
}

/** Months along, amounts up; month m takes the room from m to m + 1. */
function frameOf(ramp: ComputedRamp, amounts: readonly number[], height: number): Frame {
  const { months, currency } = ramp;
  const [low, high] = [Math.min(0, ...amounts), Math.max(0, ...amounts)];
  const span = high > low ? high - low : 1;
  const x = (month: number): number => LEFT + (month / months.length) * (WIDTH - LEFT - RIGHT);
  const y = (amount: number): number => height - BOTTOM - ((amount - low) / span) * (height - TOP - BOTTOM);
  const across = linearTicks(low, high, 5).map(
    (t) =>
      html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(t).toFixed(1)}" y2="${y(t).toFixed(1)}" stroke="var(--${t === 0 ? 'ink' : 'line'})"/><text class="soft" x="${LEFT - 6}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end">${money(t, currency)}</text>`,
  );
  const every = Math.max(1, Math.ceil((MONTH_LABEL * months.length) / (WIDTH - LEFT - RIGHT)));
  const labels = months.map((m, i) =>
    i % every === 0
      ? html`<text class="soft" x="${x(i + 0.5).toFixed(1)}" y="${height - 8}" text-anchor="middle">${m.month}</text>`
      : null,
  );
  return { height, x, y, axes: [...across, ...labels.filter((label) => label !== null)] };
}

function figure(frame: Frame, finding: string, drawing: Html[], caption: string): Html {
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${frame.height}" role="img" aria-label="${finding}"><title>${finding}</title>${frame.axes}${drawing}</svg><figcaption>${caption}</figcaption></figure>`;
}

const bounds = ({ cumulativeSavings: c }: RampMonth): [number, number] => [
  c.low ?? c.central,
  c.high ?? c.central,
];

/** What cumulative savings come to, in a sentence. */
export function cumulativeFinding(ramp: ComputedRamp): string {
  const lowest = ramp.months.reduce((a, b) =>
    b.cumulativeSavings.central < a.cumulativeSavings.central ? b : a,
  );
  const { monthName } = ramp.breakEven;
  const end = monthName === null ? 'end below 0' : `stay at or above 0 from ${monthName} on`;
  return `Cumulative savings are lowest in ${lowest.month}, at ${money(lowest.cumulativeSavings.central, ramp.currency)}, and ${end}.`;
}

/** Cumulative savings at the end of each month, with their band and the month from which the ramp has paid. */
export function cumulativeChart(ramp: ComputedRamp): Html {
  const { months } = ramp;
  const frame = frameOf(ramp, months.flatMap(bounds), 240);
  const { x, y } = frame;
  const points = (amount: (m: RampMonth) => number): string[] =>
    months.map((m, i) => `${x(i + 1).toFixed(1)},${y(amount(m)).toFixed(1)}`);
  const band =
    ramp.draws > 0
      ? html`<polygon points="${[...points((m) => bounds(m)[0]), ...points((m) => bounds(m)[1]).reverse()].join(' ')}" fill="var(--cand)" opacity=".18"/>`
      : null;
  const line = html`<polyline points="${points((m) => m.cumulativeSavings.central).join(' ')}" fill="none" stroke="var(--cand)" stroke-width="2.2" stroke-linejoin="round"/>`;
  const paid = ramp.breakEven.month.central;
  const marker =
    paid === null
      ? null
      : html`<line x1="${x(paid).toFixed(1)}" x2="${x(paid).toFixed(1)}" y1="${TOP - 6}" y2="${frame.height - BOTTOM}" stroke="var(--ink)" stroke-dasharray="4 3"/><text x="${x(paid).toFixed(1)}" y="${TOP - 9}" text-anchor="${paid > months.length / 2 ? 'end' : 'start'}">paid back in ${ramp.breakEven.monthName}</text>`;
  return figure(
    frame,
    cumulativeFinding(ramp),
    [band, line, marker].filter((part) => part !== null),
    `Cumulative savings, ${ramp.currency}, to the end of the last chip's service life.${band ? ' Band: 90 % interval of each month.' : ''}`,
  );
}

/** What GPU spending is avoided, in a sentence. */
export function avoidedFinding(ramp: ComputedRamp): string {
  const total = ramp.months.reduce((sum, m) => sum + m.gpuSpendAvoided, 0);
  const most = ramp.months.reduce((a, b) => (b.gpuSpendAvoided > a.gpuSpendAvoided ? b : a));
  return `GPU spend of ${money(total, ramp.currency)} is avoided, most in ${most.month}: ${money(most.gpuSpendAvoided, ramp.currency)}, with ${count(most.gpusDropped)} GPUs dropped.`;
}

/** GPU spend that is avoided in each month: limited by what is committed. */
export function avoidedChart(ramp: ComputedRamp): Html {
  const { months } = ramp;
  const frame = frameOf(
    ramp,
    months.map((m) => m.gpuSpendAvoided),
    170,
  );
  const { x, y } = frame;
  const width = Math.max(0.5, (x(1) - x(0)) * 0.8);
  const bars = months.map(
    (m, i) =>
      html`<rect x="${(x(i) + (x(1) - x(0)) * 0.1).toFixed(1)}" y="${y(m.gpuSpendAvoided).toFixed(1)}" width="${width.toFixed(1)}" height="${(y(0) - y(m.gpuSpendAvoided)).toFixed(1)}" fill="var(--base)"><title>${m.month}: ${money(m.gpuSpendAvoided, ramp.currency)}, ${count(m.gpusDropped)} of ${count(m.gpusReplaced)} replaced GPUs dropped</title></rect>`,
  );
  return figure(frame, avoidedFinding(ramp), bars, `GPU spend avoided by month, ${ramp.currency}.`);
}
