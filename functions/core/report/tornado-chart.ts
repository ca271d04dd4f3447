import type { ComputedRamp, TornadoBar } from '../decision/ramp-result.ts';
import { chartFigure, type Drawing, fittingCharacters, NARROW, px, upright } from './chart-figure.ts';
import { shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { amountText, inputText, money } from './ramp-text.ts';

/** Room for the value of an input beside its bar. */
const SIDE = 58;
const ROW = 42;
const BAR = 14;
const TOP = 46;
const BOTTOM = 10;
/** Labels of the axis need so much room. */
const TICK_DISTANCE = 70;
/** What comes after moves the savings little. */
const ROWS_LIMIT = 12;

type Scale = (savings: number) => number;

/** A high end is filled, a low end hollow: sides of a range are told apart without colour, and are neither candidate nor baseline. */
const ENDS = {
  low: 'fill="var(--paper)" stroke="var(--soft)" stroke-width="1.5"',
  high: 'fill="var(--soft)" stroke="var(--soft)" stroke-width="1.5"',
};

function half(bar: TornadoBar, end: 'low' | 'high', x: Scale, y: number): Html {
  const savings = end === 'low' ? bar.savingsAtLow : bar.savingsAtHigh;
  const [at, middle] = [x(savings), x(bar.savingsAtCentral)];
  const other = x(end === 'low' ? bar.savingsAtHigh : bar.savingsAtLow);
  const isLeft = at < middle || (at === middle && other > middle);
  return html`<rect x="${px(Math.min(at, middle))}" y="${y}" width="${px(Math.abs(at - middle))}" height="${BAR}" ${{ markup: ENDS[end] }}/><text class="soft halo" x="${px(at + (isLeft ? -6 : 6))}" y="${y + BAR - 3}" text-anchor="${isLeft ? 'end' : 'start'}">${inputText(bar[end])}</text>`;
}

function rowOf(bar: TornadoBar, index: number, x: Scale, width: number): Html {
  const y = TOP + index * ROW + 20;
  const unit = `${bar.unit}${bar.source === 'pilot' ? ', measured' : ''}`;
  // The name is bold, which is a sixth wider.
  const room = fittingCharacters(width - 8) - Math.ceil((bar.input.length * 7) / 6) - 1;
  return html`<g><text class="halo" x="0" y="${y - 6}"><tspan font-weight="600">${bar.input}</tspan>${room > 8 ? html` <tspan class="soft">${shortened(unit, room)}</tspan>` : null}</text>${half(bar, 'low', x, y)}${half(bar, 'high', x, y)}</g>`;
}

const describe = (bar: TornadoBar, currency: string): string =>
  `${bar.input} from ${inputText(bar.low)} to ${inputText(bar.high)} ${bar.unit}: savings from ${money(bar.savingsAtLow, currency)} to ${money(bar.savingsAtHigh, currency)}`;

const turnsSign = (bar: TornadoBar): boolean =>
  Math.sign(bar.savingsAtLow) !== Math.sign(bar.savingsAtCentral) ||
  Math.sign(bar.savingsAtHigh) !== Math.sign(bar.savingsAtCentral);

/** What the tornado shows, in a sentence. */
export function tornadoFinding(ramp: ComputedRamp): string {
  const [first] = ramp.tornado;
  if (!first) return 'No input of the ramp has a range.';
  const turning = ramp.tornado.filter(turnsSign).map((bar) => bar.input);
  const alone =
    turning.length === 0
      ? 'No input alone turns the sign of the savings.'
      : `Alone, ${turning.join(', ')} can turn the sign of the savings.`;
  return `${first.input} moves the savings most. ${alone}`;
}

function drawing(bars: readonly TornadoBar[], currency: string, width: number): Drawing {
  const values = bars.flatMap((b) => [b.savingsAtLow, b.savingsAtCentral, b.savingsAtHigh]);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const room = width - 2 * SIDE;
  // Bars of no length, all inputs without effect, stand in the middle.
  const x: Scale = (savings) => (to > from ? SIDE + ((savings - from) / (to - from)) * room : width / 2);
  const height = TOP + bars.length * ROW + BOTTOM;
  const line = (value: number, style: string): Html => upright(x(value), TOP - 8, height - 4, style);
  const grid = linearTicks(from, to, Math.max(2, Math.floor(room / TICK_DISTANCE))).map(
    (t) =>
      html`${line(t, t === 0 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${px(x(t))}" y="${TOP - 14}" text-anchor="middle">${amountText(t)}</text>`,
  );
  const central = line(bars[0]?.savingsAtCentral ?? 0, 'stroke="var(--ink)" stroke-dasharray="4 3"');
  const title = html`<text class="soft" x="0" y="11">savings over the plan, ${currency}${width === NARROW ? '' : ': to the right it saves more'}</text>`;
  return { height, parts: [title, ...grid, central, ...bars.map((b, i) => rowOf(b, i, x, width))] };
}

/** Savings with one input at a time moved to the ends of its 90 % range; the input that matters most comes first. */
export function tornadoChart(ramp: ComputedRamp): Html {
  const bars = ramp.tornado.slice(0, ROWS_LIMIT);
  if (bars.length === 0) return html`<p>${tornadoFinding(ramp)}</p>`;
  const { currency } = ramp;
  const rest = ramp.tornado.length - bars.length;
  return chartFigure(
    tornadoFinding(ramp),
    (width) => drawing(bars, currency, width),
    html`<strong>${tornadoFinding(ramp)}</strong> One input at a time is moved to the ends of its 90 % range, the others stay. The numbers beside a bar are the input's; filled: its high end, hollow: its low end. Dashed: all inputs at their central values.${rest > 0 ? ` ${rest} more inputs move the savings less.` : ''}`,
    bars.map((b) => describe(b, currency)).join('; '),
  );
}
