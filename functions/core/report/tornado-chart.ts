import type { ComputedRamp, TornadoBar } from '../decision/ramp-result.ts';
import { type Html, html } from './html.ts';
import { linearTicks } from './linear-axis.ts';
import { inputText, money } from './ramp-text.ts';

const WIDTH = 720;
/** Room for the value of an input beside its bar. */
const SIDE = 74;
const ROW = 42;
const BAR = 14;
const TOP = 34;
const BOTTOM = 10;
/** What comes after moves the savings little. */
const ROWS_LIMIT = 12;

type Scale = (savings: number) => number;

function scaleOf(bars: readonly TornadoBar[]): { x: Scale; from: number; to: number } {
  const values = bars.flatMap((b) => [b.savingsAtLow, b.savingsAtCentral, b.savingsAtHigh]);
  const [from, to] = [Math.min(...values), Math.max(...values)];
  // Bars of no length, all inputs without effect, stand in the middle.
  const x: Scale = (savings) =>
    to > from ? SIDE + ((savings - from) / (to - from)) * (WIDTH - 2 * SIDE) : WIDTH / 2;
  return { x, from, to };
}

function half(bar: TornadoBar, end: 'low' | 'high', x: Scale, y: number): Html {
  const savings = end === 'low' ? bar.savingsAtLow : bar.savingsAtHigh;
  const [at, middle] = [x(savings), x(bar.savingsAtCentral)];
  const other = x(end === 'low' ? bar.savingsAtHigh : bar.savingsAtLow);
  const isLeft = at < middle || (at === middle && other > middle);
  return html`<rect x="${Math.min(at, middle).toFixed(1)}" y="${y}" width="${Math.abs(at - middle).toFixed(1)}" height="${BAR}" fill="var(--${end === 'low' ? 'base' : 'cand'})" opacity="${end === 'low' ? '.6' : '.9'}"/><text class="soft" x="${(at + (isLeft ? -5 : 5)).toFixed(1)}" y="${y + BAR - 3}" text-anchor="${isLeft ? 'end' : 'start'}">${inputText(bar[end])}</text>`;
}

function row(bar: TornadoBar, index: number, x: Scale, currency: string): Html {
  const y = TOP + index * ROW + 20;
  const text = `${money(bar.savingsAtLow, currency)} at ${inputText(bar.low)}, ${money(bar.savingsAtHigh, currency)} at ${inputText(bar.high)}`;
  return html`<g><title>${bar.input}: ${text}</title><text x="20" y="${y - 6}">${bar.input} <tspan class="soft">${bar.unit}${bar.source === 'pilot' ? ', measured' : ''}</tspan></text>${half(bar, 'low', x, y)}${half(bar, 'high', x, y)}</g>`;
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

/** Savings with one input at a time moved to the ends of its 90 % range; the input that matters most comes first. */
export function tornadoChart(ramp: ComputedRamp): Html {
  const bars = ramp.tornado.slice(0, ROWS_LIMIT);
  const [first] = bars;
  if (!first) return html`<p>${tornadoFinding(ramp)}</p>`;
  const { currency } = ramp;
  const { x, from, to } = scaleOf(bars);
  const height = TOP + bars.length * ROW + BOTTOM;
  const line = (value: number, kind: string): Html =>
    html`<line x1="${x(value).toFixed(1)}" x2="${x(value).toFixed(1)}" y1="${TOP - 8}" y2="${height - 4}" ${{ markup: kind }}/>`;
  const grid = linearTicks(from, to, 5).map(
    (t) =>
      html`${line(t, t === 0 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${x(t).toFixed(1)}" y="${TOP - 14}" text-anchor="middle">${money(t, currency)}</text>`,
  );
  const rest = ramp.tornado.length - bars.length;
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${tornadoFinding(ramp)}"><title>${tornadoFinding(ramp)}</title><desc>${bars.map((b) => describe(b, currency)).join('; ')}</desc>${grid}${bars.map((b, i) => row(b, i, x, currency))}${line(first.savingsAtCentral, 'stroke="var(--ink)" stroke-dasharray="4 3"')}</svg><figcaption>Savings over the plan, ${currency}, where one input is moved to the ends of its 90 % range and the others stay. The numbers beside a bar are the input's; dark: its high end, light: its low end. Dashed: all inputs at their central values.${rest > 0 ? ` ${rest} more inputs move the savings less.` : ''}</figcaption></figure>`;
}
