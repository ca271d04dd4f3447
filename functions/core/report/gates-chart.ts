import type { GateResult } from '../decision/decision.ts';
import { isLevel } from '../decision/policy.ts';
import { chartFigure, type Drawing, fittingCharacters, level, NARROW, px, upright } from './chart-figure.ts';
import { levelText, listText, METRIC_NAMES, ratioText, shortened } from './format.ts';
import { gatesFinding, goalText } from './gates-finding.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';
import { AXIS_ROOM, RATIO_NAMES, ratioAxis } from './ratio-axis.ts';

const SIDE = 10;
const ROW = 46;
const NARROW_ROW = 62;
const LINE = 16;
const TICK_DISTANCE = 46;
/** Half the size of the mark of a result. */
const MARK = 5;

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

/** Levels have units of their own: only ratios share an axis as they are. */
export const isCharted = (g: GateResult): boolean => !isLevel(g.metric);

/** A gate, and where it stands on the axis: a ratio as it is, a level by its share of the limit. */
interface Row {
  readonly gate: GateResult;
  readonly value: string;
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly threshold: number;
}

const ratioRow = (gate: GateResult): Row => ({
  gate,
  value: gate.ratio === null ? 'no ratio' : ratioText(gate.ratio),
  ratio: gate.ratio,
  low: gate.low,
  high: gate.high,
  threshold: gate.threshold,
});

function levelRow(gate: GateResult): Row {
  const share = (value: number | null): number | null => (value === null ? null : value / gate.threshold);
  return {
    gate,
    value: gate.ratio === null ? 'no reading' : levelText(gate.ratio),
    ratio: share(gate.ratio),
    low: share(gate.low),
    high: share(gate.high),
    threshold: 1,
  };
}

/** The bar has ends of its own: one that is shorter than its mark is still seen. */
function interval({ gate, low, high }: Row, scale: LogScale, y: number): Html | null {
  if (low === null) return null;
  const [a, b] = [scale.at(low), scale.at(high ?? Number.POSITIVE_INFINITY)];
  const colour = COLOURS[gate.result];
  const cap = (x: number): Html => upright(x, y - 9, y + 9, `stroke="${colour}" stroke-width="2"`);
  const arrow = (x: number, step: number): Html =>
    html`<path d="M${px(x - step)} ${px(y - 6)}L${px(x)} ${px(y)}L${px(x - step)} ${px(y + 6)}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  return html`${level(y, a, b, `stroke="${colour}" stroke-width="4"`)}${scale.isInside(low) ? cap(a) : arrow(a, -7)}${high !== null && scale.isInside(high) ? cap(b) : arrow(b, 7)}`;
}

function rowOf(row: Row, scale: LogScale, top: number, width: number): Html {
  const { gate: g, value } = row;
  const isNarrow = width === NARROW;
  const y = top + (isNarrow ? 2 * LINE : LINE) + 14;
  const about = `${goalText(g)}; ${METRIC_NAMES[g.metric]}${g.workload === 'program' ? '' : `, ${g.workload}`}${g.against === 'forecast' ? ', against the forecast' : ''}`;
  const right = html`<text class="halo" x="${width - SIDE - 18}" y="${top + 12}" text-anchor="end"><tspan class="soft">${value}</tspan> <tspan font-weight="600">${g.result}</tspan></text>${resultMark(g.result, width - SIDE - 7, top + 8, 5)}`;
  const room = fittingCharacters(width - 2 * SIDE) - (isNarrow ? 0 : value.length + g.result.length + 6);
  const left = isNarrow
    ? html`<text class="halo" x="${SIDE}" y="${top + 12}"><tspan font-weight="600">${shortened(g.id, 26)}</tspan></text><text class="soft halo" x="${SIDE}" y="${top + 12 + LINE}">${shortened(about, room)}</text>`
    : html`<text class="halo" x="${SIDE}" y="${top + 12}"><tspan font-weight="600">${shortened(g.id, 30)}</tspan> <tspan class="soft">${shortened(about, room - Math.min(g.id.length, 30))}</tspan></text>`;
  const mark = scale.at(row.threshold);
  const side = g.duty === 'stop' ? 7 : -7;
  const threshold = html`${upright(mark, y - 11, y + 11, 'stroke="var(--ink)" stroke-width="2.5"')}<path d="M${px(mark)} ${px(y - 11)}l${side} 0l${-side} 7z" fill="var(--ink)"/>`;
  const point = row.ratio === null || row.ratio <= 0 ? null : resultMark(g.result, scale.at(row.ratio), y);
  return html`<g>${left}${right}${level(y, SIDE, width - SIDE, 'stroke="var(--line)"')}${interval(row, scale, y)}${threshold}${point}</g>`;
}

/** Of events that were not seen the bound is the finding: the axis holds it, with room below. */
const boundOf = ({ ratio, high }: Row): number[] => (ratio === 0 && high !== null ? [high, high / 2] : []);

function drawingOf(rows: readonly Row[], names: typeof RATIO_NAMES): (width: number) => Drawing {
  const domain = logDomain(
    rows.flatMap((r) => [r.threshold, r.ratio ?? r.threshold, ...boundOf(r)]),
    rows.flatMap((r) => [r.low ?? r.threshold, r.high ?? r.threshold]),
  );
  return (width) => {
    const each = width === NARROW ? NARROW_ROW : ROW;
    const scale = logScale(domain, [SIDE + 8, width - SIDE - 8], TICK_DISTANCE);
    const height = AXIS_ROOM + rows.length * each + 6;
    const axis = ratioAxis(scale, { top: AXIS_ROOM, bottom: height - 4, width }, names);
    return { height, parts: [...axis, ...rows.map((r, i) => rowOf(r, scale, AXIS_ROOM + i * each, width))] };
  };
}

const confidences = (gates: readonly GateResult[]): string =>
  listText([...new Set(gates.map((g) => `${Math.round(g.confidence * 100)} %`))]);

const LEGEND =
  'Upright mark: the threshold, its flag to the side where the interval has to stay (of a stop gate: where it fires). Disc: pass; cross: fail; diamond: not decidable. An arrow goes on past the edge.';

function ratiosChart(gates: readonly GateResult[], isAll: boolean): Html {
  const finding = gatesFinding(gates, isAll ? '' : ' over ratios');
  return chartFigure(
    finding,
    drawingOf(gates.map(ratioRow), RATIO_NAMES),
    html`<strong>${finding}</strong> Log axis; bars: ${confidences(gates)} intervals. ${LEGEND}`,
  );
}

const LEVEL_NAMES = { title: 'share of the limit', below: 'within the limit', above: 'past it' };

/** Rates and shares of the candidate alone, each by how much of its own limit it takes. */
function levelsChart(gates: readonly GateResult[]): Html {
  const finding = gatesFinding(gates, ' over rates and shares');
  return chartFigure(
    finding,
    drawingOf(gates.map(levelRow), LEVEL_NAMES),
    html`<strong>${finding}</strong> Rates and shares of the candidate, each divided by its own limit, log axis; bars: ${confidences(gates)} intervals. What was counted none of has no mark: its bar comes from below the edge.`,
  );
}

/** Every gate as its interval against its margin: ratios on one log axis, levels by their share of the limit on another. */
export function gatesChart(gates: readonly GateResult[]): Html {
  const [ratios, levels] = [gates.filter(isCharted), gates.filter((g) => !isCharted(g))];
  if (gates.length === 0) return html`<p>The policy has no gate.</p>`;
  return html`${ratios.length > 0 ? ratiosChart(ratios, levels.length === 0) : null}${levels.length > 0 ? levelsChart(levels) : null}`;
}
