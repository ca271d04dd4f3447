import type { GateResult } from '../decision/decision.ts';
import { isLevel } from '../decision/policy.ts';
import { chartFigure, type Drawing, fittingCharacters, level, NARROW, px, upright } from './chart-figure.ts';
import { declaredText, listText, METRIC_NAMES, ratioText, shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';

const SIDE = 10;
const ROW = 46;
const NARROW_ROW = 62;
const TOP = 30;
const LINE = 16;
const TICK_DISTANCE = 46;
/** Half the size of the mark of a result. */
const MARK = 6;

export const RESULT_CLASS: Record<GateResult['result'], string> = {
  pass: 'pass',
  fail: 'fail',
  'not decidable': 'open',
};

const COLOURS: Record<GateResult['result'], string> = {
  pass: 'var(--good)',
  fail: 'var(--bad)',
  'not decidable': 'var(--open)',
};

/** A disc passes, a cross fails, a hollow diamond is open: told apart without colour. */
export function resultMark(result: GateResult['result'], x: number, y: number, size = MARK): Html {
  const colour = COLOURS[result];
  if (result === 'pass') return html`<circle cx="${px(x)}" cy="${px(y)}" r="${size}" fill="${colour}"/>`;
  if (result === 'fail')
    return html`<path d="M${px(x - size)} ${px(y - size)}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}" stroke="${colour}" stroke-width="3.5" fill="none"/>`;
  return html`<path d="M${px(x)} ${px(y - size - 1)}l${size + 1} ${size + 1}l${-size - 1} ${size + 1}l${-size - 1} ${-size - 1}z" stroke="${colour}" stroke-width="2.2" fill="var(--paper)"/>`;
}

/** What a gate wants of its interval. */
export const goalText = ({ duty, threshold }: GateResult): string =>
  duty === 'stop' ? `fires above ${declaredText(threshold)}` : `below ${declaredText(threshold)}`;

/** Why a gate is where it is, by its numbers. */
function positionText(g: GateResult): string {
  const name = `${g.id} (${g.workload})`;
  if (g.low === null) return `${name} has no interval`;
  const reach = g.high === null ? 'has no upper end' : `reaches ${ratioText(g.high)}`;
  return g.duty === 'stop'
    ? `${name} fires: its interval lies wholly above ${declaredText(g.threshold)}`
    : `the interval of ${name} ${reach} where it has to stay below ${declaredText(g.threshold)}`;
}

/** What all gates together show, in a sentence or two. */
export function gatesFinding(gates: readonly GateResult[]): string {
  const [stops, needed] = [gates.filter((g) => g.duty === 'stop'), gates.filter((g) => g.duty !== 'stop')];
  const passed = needed.filter((g) => g.result === 'pass').length;
  const open = needed.filter((g) => g.result !== 'pass');
  const fired = stops.filter((g) => g.result === 'fail');
  const ready = `${passed} of ${needed.length} required gates and guardrails ${passed === 1 ? 'passes' : 'pass'}`;
  const why = open.length === 0 ? '' : `: ${listText(open.slice(0, 3).map(positionText))}`;
  const more = open.length > 3 ? `, and ${open.length - 3} more` : '';
  const stopText =
    stops.length === 0
      ? ''
      : fired.length === 0
        ? ' No stop gate fires.'
        : ` ${listText(fired.map(positionText))}.`;
  return `${ready}${why}${more}.${stopText}`;
}

/** Levels have units of their own: only ratios share an axis. */
export const isCharted = (g: GateResult): boolean => !isLevel(g.metric);

function interval(g: GateResult, scale: LogScale, y: number): Html | null {
  if (g.low === null) return null;
  const [a, b] = [scale.at(g.low), scale.at(g.high ?? Number.POSITIVE_INFINITY)];
  const style = `stroke="${COLOURS[g.result]}" stroke-width="5" opacity=".55"`;
  const arrow = (x: number, step: number): Html =>
    html`<path d="M${px(x - step)} ${px(y - 6)}L${px(x)} ${px(y)}L${px(x - step)} ${px(y + 6)}" fill="none" stroke="${COLOURS[g.result]}" stroke-width="2"/>`;
  return html`${level(y, a, b, style)}${scale.isInside(g.low) ? null : arrow(a, -7)}${g.high !== null && scale.isInside(g.high) ? null : arrow(b, 7)}`;
}

function rowOf(g: GateResult, scale: LogScale, top: number, width: number): Html {
  const isNarrow = width === NARROW;
  const y = top + (isNarrow ? 2 * LINE : LINE) + 14;
  const about = `${METRIC_NAMES[g.metric]}, ${g.workload}${g.against === 'forecast' ? ', against the forecast' : ''}; ${goalText(g)}`;
  const value = g.ratio === null ? 'no ratio' : ratioText(g.ratio);
  const right = html`<text class="halo" x="${width - SIDE - 18}" y="${top + 12}" text-anchor="end"><tspan class="soft">${value}</tspan> <tspan font-weight="600">${g.result}</tspan></text>${resultMark(g.result, width - SIDE - 7, top + 8, 5)}`;
  const room = fittingCharacters(width - 2 * SIDE) - (isNarrow ? 0 : value.length + g.result.length + 6);
  const left = isNarrow
    ? html`<text class="halo" x="${SIDE}" y="${top + 12}"><tspan font-weight="600">${shortened(g.id, 26)}</tspan></text><text class="soft halo" x="${SIDE}" y="${top + 12 + LINE}">${shortened(about, room)}</text>`
    : html`<text class="halo" x="${SIDE}" y="${top + 12}"><tspan font-weight="600">${shortened(g.id, 30)}</tspan> <tspan class="soft">${shortened(about, room - Math.min(g.id.length, 30))}</tspan></text>`;
  const mark = scale.at(g.threshold);
  const side = g.duty === 'stop' ? 7 : -7;
  const threshold = html`${upright(mark, y - 11, y + 11, 'stroke="var(--ink)" stroke-width="2.5"')}<path d="M${px(mark)} ${px(y - 11)}l${side} 0l${-side} 7z" fill="var(--ink)"/>`;
  const point = g.ratio === null || g.ratio <= 0 ? null : resultMark(g.result, scale.at(g.ratio), y);
  return html`<g>${left}${right}${level(y, SIDE, width - SIDE, 'stroke="var(--line)"')}${interval(g, scale, y)}${threshold}${point}</g>`;
}

/** Every gate over a ratio as its interval against its margin, on one log axis. */
export function gatesChart(gates: readonly GateResult[]): Html {
  const charted = gates.filter(isCharted);
  if (charted.length === 0) return html`<p>${gatesFinding(gates)}</p>`;
  const domain = logDomain(
    charted.flatMap((g) => [g.threshold, g.ratio ?? g.threshold]),
    charted.flatMap((g) => [g.low ?? g.threshold, g.high ?? g.threshold]),
  );
  const draw = (width: number): Drawing => {
    const row = width === NARROW ? NARROW_ROW : ROW;
    const scale = logScale(domain, [SIDE + 8, width - SIDE - 8], TICK_DISTANCE);
    const height = TOP + charted.length * row + 6;
    const grid = scale.ticks.map(
      (t) =>
        html`${upright(scale.at(t), TOP - 8, height - 4, t === 1 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${px(scale.at(t))}" y="${TOP - 14}" text-anchor="middle">${t}</text>`,
    );
    return { height, parts: [...grid, ...charted.map((g, i) => rowOf(g, scale, TOP + i * row, width))] };
  };
  const alphas = [...new Set(charted.map((g) => `${Math.round(g.confidence * 100)} %`))];
  return chartFigure(
    gatesFinding(gates),
    draw,
    html`${gatesFinding(gates)} Ratio candidate / baseline, log axis; left of 1 the candidate needs less. Bars: ${listText(alphas)} intervals. Upright marks: the threshold, with a flag to the side that the interval has to stay on (of a stop gate: on which it fires). Disc: pass; cross: fail; diamond: not decidable. An arrow goes on past the edge.`,
  );
}
