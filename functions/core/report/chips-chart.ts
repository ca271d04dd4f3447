import type { ContrastResult } from '../decision/decision.ts';
import { chartFigure, type Drawing, fittingCharacters, level, px, upright } from './chart-figure.ts';
import { binsOf, type ChipGroup, lotsOf } from './chip-groups.ts';
import { type ChipSpread, chipsFinding, percentileText } from './chip-spread.ts';
import { contrastName, counted } from './contrast-text.ts';
import { ratioText, shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';
import { AXIS_ROOM, RATIO_NAMES, ratioAxis } from './ratio-axis.ts';

const SIDE = 12;
const LABEL = 16;
const DOT = 5;
/** Dots of one row are stacked up to this height; more of them overlap. */
const STRIP = 40;
const LEAST_STRIP = 12;
const SUMMARY = 66;
/** Room for the name of the best or worst chip beside its mark. */
const NAME = 150;
const TICK_DISTANCE = 46;
/** Rows of lots, and of bins. */
const GROUP_ROWS = 16;

const NAMES = { ...RATIO_NAMES, title: 'ratio to the mean of the baseline' };

interface Row {
  readonly name: string;
  readonly ratios: readonly number[];
  readonly isBaseline: boolean;
}

/** The first groups have a row of their own; the others share one. */
function groupRows(groups: readonly ChipGroup[], what: string, unit: string): Row[] {
  const own = groups.length > GROUP_ROWS ? groups.slice(0, GROUP_ROWS - 1) : groups;
  const rest = groups.slice(own.length).flatMap((g) => g.units);
  return [
    ...own.flatMap((g) => rowOf(g.name, g.units, unit)),
    ...rowOf(`${groups.length - own.length} more ${what}`, rest, unit),
  ];
}

const rowOf = (
  label: string,
  units: readonly { ratio: number }[],
  unit: string,
  isBaseline = false,
): Row[] =>
  units.length === 0
    ? []
    : [{ name: `${label}, ${counted(units.length, unit)}`, ratios: units.map((u) => u.ratio), isBaseline }];

const rowsOf = ({ unit }: ContrastResult, spread: ChipSpread): Row[] => [
  ...groupRows(lotsOf(spread), 'lots', unit),
  ...groupRows(binsOf(spread), 'bins', unit),
  ...rowOf('baseline', spread.baseline, unit, true),
];

/** Dots that would lie on each other are stacked around the middle of the row, in order of their ratio. */
function stacked(row: Row, scale: LogScale): { columns: [number, number][]; deepest: number } {
  const depths = new Map<number, number>();
  const columns = row.ratios.map((ratio): [number, number] => {
    const at = Math.round(scale.at(ratio) / DOT) * DOT;
    const depth = depths.get(at) ?? 0;
    depths.set(at, depth + 1);
    return [at, depth];
  });
  return { columns, deepest: Math.max(...depths.values()) };
}

function strip(row: Row, scale: LogScale, top: number, width: number): { part: Html; height: number } {
  const { columns, deepest } = stacked(row, scale);
  const height = Math.min(STRIP, Math.max(LEAST_STRIP, deepest * DOT));
  const pitch = Math.min(DOT, height / deepest);
  const middle = top + LABEL + height / 2;
  const offset = (depth: number): number => (depth % 2 === 0 ? depth / 2 : -(depth + 1) / 2) * pitch;
  const path = columns.map(([x, depth]) => `M${px(x)} ${px(middle + offset(depth))}h0.1`).join('');
  const [colour, cap] = row.isBaseline ? ['base', 'square'] : ['cand', 'round'];
  const part = html`<text class="halo" x="${SIDE}" y="${top + 11}">${shortened(row.name, fittingCharacters(width - 2 * SIDE))}</text>${level(middle, SIDE, width - SIDE, 'stroke="var(--line)"')}<path d="${path}" stroke="var(--${colour})" stroke-width="${row.isBaseline ? DOT - 1 : DOT}" stroke-linecap="${cap}"/>`;
  return { part, height: LABEL + height + 8 };
}

/** The best and the worst by name, each with a mark at its ratio. */
function ends({ candidate }: ChipSpread, scale: LogScale, y: number, width: number): Html[] {
  const [best, worst] = [candidate[0], candidate.at(-1)];
  if (!best || !worst || candidate.length < 2) return [];
  return [
    { word: 'best', unit: best, line: 0 },
    { word: 'worst', unit: worst, line: 1 },
  ].map(({ word, unit, line }) => {
    const [x, at] = [scale.at(unit.ratio), y + line * 17];
    const isLeft = word === 'best' ? x > NAME + SIDE : width - x < NAME + SIDE;
    const text = `${word} ${shortened(unit.unit, 14)} ${ratioText(unit.ratio)}`;
    return html`<path d="M${px(x)} ${px(at - 9)}l5 8l-10 0z" fill="none" stroke="var(--cand)" stroke-width="2"/><text class="halo" x="${px(x + (isLeft ? -9 : 9))}" y="${px(at)}" text-anchor="${isLeft ? 'end' : 'start'}">${text}</text>`;
  });
}

/** P5 to P95 of all units of the candidate. */
function summary(spread: ChipSpread, scale: LogScale, top: number, unit: string): Html {
  const y = top + LABEL + 4;
  const [p5, p50, p95] = spread.percentiles;
  const ticks = spread.percentiles.map((p) =>
    upright(scale.at(p.value), y - 7, y + 7, `stroke="var(--ink)" stroke-width="${p === p50 ? 4 : 2}"`),
  );
  return html`<text class="halo" x="${SIDE}" y="${top + 9}"><tspan font-weight="600">all ${unit}s: P5, P50, P95</tspan></text>${level(y, scale.at(p5?.value ?? 1), scale.at(p95?.value ?? 1), 'stroke="var(--cand)" stroke-width="5"')}${ticks}`;
}

/** Every unit against the mean of the baseline: a row of dots for each lot, the baseline's own units below them. */
export function chipsChart(contrast: ContrastResult, spread: ChipSpread): Html {
  const rows = rowsOf(contrast, spread);
  const domain = logDomain(rows.flatMap((r) => r.ratios));
  const draw = (width: number): Drawing => {
    const scale = logScale(domain, [SIDE + 4, width - SIDE - 4], TICK_DISTANCE);
    let top = AXIS_ROOM + SUMMARY + 8;
    const strips = rows.map((row) => {
      const { part, height } = strip(row, scale, top, width);
      top += height;
      return part;
    });
    const grid = ratioAxis(scale, { top: AXIS_ROOM, bottom: top, width }, NAMES);
    const named = ends(spread, scale, AXIS_ROOM + LABEL + 30, width);
    return {
      height: top + 4,
      parts: [...grid, summary(spread, scale, AXIS_ROOM, contrast.unit), ...named, ...strips],
    };
  };
  return chartFigure(
    `${contrastName(contrast)}: ${chipsFinding(contrast, spread)}`,
    draw,
    html`<strong>${chipsFinding(contrast, spread)}</strong> ${spread.percentiles.map(percentileText).join(', ')}; ${Math.round(spread.confidence * 100)} % intervals. Round: a ${contrast.unit} of the candidate; square: of the baseline; log axis. Bar: P5 to P95, its thick mark P50.`,
    `From ${spread.candidate.length} and ${spread.baseline.length} ${contrast.unit}s`,
  );
}
