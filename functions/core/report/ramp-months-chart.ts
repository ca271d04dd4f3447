import type { ComputedRamp, RampMonth } from '../decision/ramp-result.ts';
import { BAND, chartFigure, type Drawing, level, px, upright } from './chart-figure.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { amountText, count, money } from './ramp-text.ts';

const LEFT = 54;
const RIGHT = 14;
/** Room for the name of the axis; above the savings for the month of pay-back too. */
const TOP = 26;
const PAID_TOP = 44;
const BOTTOM = 26;
/** Labels of months need so much room. */
const MONTH_LABEL = 76;

interface Frame {
  readonly x: (month: number) => number;
  readonly y: (amount: number) => number;
  readonly bottom: number;
  readonly axes: Html[];
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly top: number;
}

/** Months along, amounts up; month m takes the room from m to m + 1. */
function frameOf(ramp: ComputedRamp, amounts: readonly number[], { width, height, top }: Size): Frame {
  const { months, currency } = ramp;
  const [low, high] = [Math.min(0, ...amounts), Math.max(0, ...amounts)];
  const span = high > low ? high - low : 1;
  const right = width - RIGHT;
  const x = (month: number): number => LEFT + (month / months.length) * (right - LEFT);
  const y = (amount: number): number => height - BOTTOM - ((amount - low) / span) * (height - top - BOTTOM);
  const across = linearTicks(low, high, 5).map(
    (t) =>
      html`${level(y(t), LEFT, right, `stroke="var(--${t === 0 ? 'ink' : 'line'})"`)}<text class="soft" x="${LEFT - 6}" y="${px(y(t) + 4)}" text-anchor="end">${amountText(t)}</text>`,
  );
  const every = Math.max(1, Math.ceil((MONTH_LABEL * months.length) / (right - LEFT)));
  const labels = months.flatMap((m, i) =>
    i % every === 0 && x(i + 0.5) < right - MONTH_LABEL / 3
      ? [
          html`<text class="soft" x="${px(x(i + 0.5))}" y="${height - 8}" text-anchor="middle">${m.month}</text>`,
        ]
      : [],
  );
  const title = html`<text class="soft" x="0" y="11">${currency}</text>`;
  return { x, y, bottom: height - BOTTOM, axes: [title, ...across, ...labels] };
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

/** When the ramp has paid: a line at the central month, and the interval of that month below the label. */
function paidMarker(ramp: ComputedRamp, { x, bottom }: Frame): Html | null {
  const { month, monthName } = ramp.breakEven;
  if (month.central === null) return null;
  const at = x(month.central);
  const isLate = month.central > ramp.months.length / 2;
  const ends = [month.low ?? month.central, month.high ?? ramp.months.length].map(x) as [number, number];
  const range =
    ramp.draws > 0 && month.low !== null
      ? html`${level(PAID_TOP - 12, ends[0], ends[1], 'stroke="var(--ink)" stroke-width="3"')}${month.high === null ? html`<path d="M${px(ends[1] - 6)} ${PAID_TOP - 18}l6 6l-6 6" fill="none" stroke="var(--ink)" stroke-width="2"/>` : null}`
      : null;
  return html`${upright(at, PAID_TOP - 18, bottom, 'stroke="var(--ink)" stroke-dasharray="4 3"')}${range}<text class="halo" x="${px(at)}" y="${PAID_TOP - 23}" text-anchor="${isLate ? 'end' : 'start'}">paid back in ${monthName}</text>`;
}

/** Cumulative savings at the end of each month, with their band and the month from which the ramp has paid. */
export function cumulativeChart(ramp: ComputedRamp): Html {
  const { months } = ramp;
  const hasBand = ramp.draws > 0;
  const draw = (width: number): Drawing => {
    const frame = frameOf(ramp, months.flatMap(bounds), { width, height: 264, top: PAID_TOP });
    const { x, y } = frame;
    const points = (amount: (m: RampMonth) => number): string[] =>
      months.map((m, i) => `${px(x(i + 1))},${px(y(amount(m)))}`);
    const edge = [...points((m) => bounds(m)[0]), ...points((m) => bounds(m)[1]).reverse()].join(' ');
    const band = hasBand ? html`<polygon points="${edge}" ${BAND.cand}/>` : null;
    const line = html`<polyline points="${points((m) => m.cumulativeSavings.central).join(' ')}" fill="none" stroke="var(--cand)" stroke-width="2.4" stroke-linejoin="round"/>`;
    return { height: 264, parts: [...frame.axes, band, line, paidMarker(ramp, frame)] };
  };
  const percent = `${Math.round(ramp.confidence * 100)} %`;
  return chartFigure(
    cumulativeFinding(ramp),
    draw,
    html`<strong>${cumulativeFinding(ramp)}</strong> Line: all inputs at their central values, to the end of the last chip's service life.${hasBand ? ` Band: ${percent} interval of each month; bar at the top: of the month of pay-back.` : ''}`,
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
  const spends = months.map((m) => m.gpuSpendAvoided);
  const draw = (width: number): Drawing => {
    const frame = frameOf(ramp, spends, { width, height: 176, top: TOP });
    const { x, y } = frame;
    const each = x(1) - x(0);
    const bar = (m: RampMonth, i: number): Html =>
      html`<rect x="${px(x(i) + each * 0.1)}" y="${px(y(m.gpuSpendAvoided))}" width="${px(Math.max(0.5, each * 0.8))}" height="${px(y(0) - y(m.gpuSpendAvoided))}" fill="var(--base)"/>`;
    return { height: 176, parts: [...frame.axes, ...months.map(bar)] };
  };
  return chartFigure(
    avoidedFinding(ramp),
    draw,
    html`<strong>${avoidedFinding(ramp)}</strong> A month each, all inputs at their central values.`,
  );
}
