import type { ContrastResult } from '../decision/decision.ts';
import { chartFigure, type Drawing, fittingCharacters, level, px, upright } from './chart-figure.ts';
import { type ChipSpread, chipsFinding, percentileText } from './chip-spread.ts';
import { contrastName, counted, lotName } from './contrast-text.ts';
import { shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';

const SIDE = 12;
const TOP = 30;
const LABEL = 16;
const DOT = 5;
/** Dots of one row are stacked up to this height; more of them overlap. */
const STRIP = 40;
const LEAST_STRIP = 12;
const SUMMARY = 26;
const TICK_DISTANCE = 46;
/** Lots that have a row of their own; the others share one. */
const LOT_ROWS = 16;

interface Row {
  readonly name: string;
  readonly ratios: readonly number[];
  readonly isBaseline: boolean;
}

/** Lot 2 before lot 10. */
const byNumbers = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1);

function rowsOf({ unit }: ContrastResult, { candidate, baseline, lots }: ChipSpread): Row[] {
  const groups = [...Map.groupBy(candidate, (u) => u.lot ?? '')].sort(([a], [b]) => byNumbers(a, b));
  const own = groups.length > LOT_ROWS ? groups.slice(0, LOT_ROWS - 1) : groups;
  const rest = groups.slice(own.length).flatMap(([, units]) => units);
  const name = (lot: string): string => (lot !== '' ? lotName(lot) : lots > 0 ? 'no lot named' : 'candidate');
  const row = (label: string, units: readonly { ratio: number }[], isBaseline = false): Row[] =>
    units.length === 0
      ? []
      : [{ name: `${label}, ${counted(units.length, unit)}`, ratios: units.map((u) => u.ratio), isBaseline }];
  return [
    ...own.flatMap(([lot, units]) => row(name(lot), units)),
    ...row(`${groups.length - own.length} more lots`, rest),
    ...row('baseline', baseline, true),
  ];
}

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
  const path = columns.map(([x, depth]) => `M${px(x)} ${px(middle + offset(depth))}h0`).join('');
  const [colour, cap] = row.isBaseline ? ['base', 'square'] : ['cand', 'round'];
  const part = html`<text class="halo" x="${SIDE}" y="${top + 11}">${shortened(row.name, fittingCharacters(width - 2 * SIDE))}</text>${level(middle, SIDE, width - SIDE, 'stroke="var(--line)"')}<path d="${path}" stroke="var(--${colour})" stroke-width="${row.isBaseline ? DOT - 1 : DOT}" stroke-linecap="${cap}"/>`;
  return { part, height: LABEL + height + 8 };
}

/** P5 to P95 of all units of the candidate, with their intervals as whiskers' ends. */
function summary(spread: ChipSpread, scale: LogScale, top: number, unit: string): Html {
  const y = top + LABEL + 4;
  const [p5, p50, p95] = spread.percentiles;
  const ticks = spread.percentiles.map((p) =>
    upright(scale.at(p.value), y - 7, y + 7, `stroke="var(--ink)" stroke-width="${p === p50 ? 4 : 2}"`),
  );
  return html`<text class="halo" x="${SIDE}" y="${top + 9}"><tspan font-weight="600">all ${unit}s: P5, P50, P95</tspan></text>${level(y, scale.at(p5?.value ?? 1), scale.at(p95?.value ?? 1), 'stroke="var(--cand)" stroke-width="6" opacity=".5"')}${ticks}`;
}

/** Every unit against the mean of the baseline: a row of dots for each lot, the baseline's own units below them. */
export function chipsChart(contrast: ContrastResult, spread: ChipSpread): Html {
  const rows = rowsOf(contrast, spread);
  const domain = logDomain(rows.flatMap((r) => r.ratios));
  const draw = (width: number): Drawing => {
    const scale = logScale(domain, [SIDE + 4, width - SIDE - 4], TICK_DISTANCE);
    let top = TOP + SUMMARY + 8;
    const strips = rows.map((row) => {
      const { part, height } = strip(row, scale, top, width);
      top += height;
      return part;
    });
    const grid = scale.ticks.map(
      (t) =>
        html`${upright(scale.at(t), TOP - 8, top, t === 1 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${px(scale.at(t))}" y="${TOP - 14}" text-anchor="middle">${t}</text>`,
    );
    return { height: top + 4, parts: [...grid, summary(spread, scale, TOP, contrast.unit), ...strips] };
  };
  return chartFigure(
    `${contrastName(contrast)}: ${chipsFinding(contrast, spread)}`,
    draw,
    html`<strong>${chipsFinding(contrast, spread)}</strong> ${spread.percentiles.map(percentileText).join(', ')}; ${Math.round(spread.confidence * 100)} % intervals. Round: a ${contrast.unit} of the candidate; square: of the baseline; at its ratio to the mean of the baseline (1), log axis. Bar: P5 to P95.`,
    `From ${spread.candidate.length} and ${spread.baseline.length} ${contrast.unit}s`,
  );
}
