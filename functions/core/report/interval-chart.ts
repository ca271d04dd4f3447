import type { GateResult, Ratio } from '../decision/decision.ts';
import { chartFigure, type Drawing, fittingCharacters, level, NARROW, px, upright } from './chart-figure.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText, shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';

const SIDE = 10;
const ROW = 50;
/** On a phone the method has a line of its own. */
const NARROW_ROW = 66;
const TOP = 34;
const BOTTOM = 8;
const TICK_DISTANCE = 46;

const nameOf = (ratio: Ratio): string => `${METRIC_NAMES[ratio.metric]}, ${ratio.method}`;

/** Gates that scaling up needs on this ratio. */
const gatesOf = (ratio: Ratio, gates: readonly GateResult[]): GateResult[] =>
  gates.filter(
    (g) =>
      g.duty !== 'stop' &&
      g.metric === ratio.metric &&
      g.method === ratio.method &&
      g.workload === ratio.workload,
  );

function row(ratio: Ratio, gates: readonly GateResult[], scale: LogScale, top: number, width: number): Html {
  const isNarrow = width === NARROW;
  const y = top + (isNarrow ? 48 : 32);
  const value = ratioText(ratio.ratio);
  const room = fittingCharacters(width - 2 * SIDE);
  const interval =
    ratio.low === null || ratio.high === null
      ? null
      : level(
          y,
          scale.at(ratio.low),
          scale.at(ratio.high),
          'stroke="var(--cand)" stroke-width="5" stroke-linecap="round" opacity=".55"',
        );
  const thresholds = gatesOf(ratio, gates).map((g) =>
    upright(scale.at(g.threshold), y - 12, y + 12, 'stroke="var(--open)" stroke-width="3"'),
  );
  const label = isNarrow
    ? html`<text class="halo" x="${SIDE}" y="${top + 17}">${METRIC_NAMES[ratio.metric]}</text><text class="soft halo" x="${SIDE}" y="${top + 32}">${shortened(ratio.method, room)}</text>`
    : html`<text class="halo" x="${SIDE}" y="${top + 17}">${shortened(nameOf(ratio), room - value.length - 2)}</text>`;
  return html`<g>${label}<text class="halo" x="${width - SIDE}" y="${top + 17}" text-anchor="end"><tspan font-weight="600">${value}</tspan></text>${interval}<circle cx="${px(scale.at(ratio.ratio))}" cy="${y}" r="6" fill="var(--cand)"/>${thresholds}</g>`;
}

/** What the ratios show, in a sentence. */
function ratiosFinding(ratios: readonly Ratio[]): string {
  const below = ratios.filter((r) => r.high !== null && r.high < 1).length;
  const above = ratios.filter((r) => r.low !== null && r.low > 1).length;
  return `Of ${ratios.length} ratios candidate to baseline, ${below} lie wholly below 1 with their interval, ${above} wholly above it.`;
}

/** One row a ratio of scored sets, on a log axis around 1: left of it the candidate needs less. */
export function intervalChart(ratios: readonly Ratio[], gates: readonly GateResult[]): Html {
  const [first] = ratios;
  if (!first) return html`<p>No ratio could be formed.</p>`;
  const domain = logDomain(
    ratios.flatMap((r) => [r.ratio, ...gatesOf(r, gates).map((g) => g.threshold)]),
    ratios.flatMap((r) => [r.low ?? r.ratio, r.high ?? r.ratio]),
  );
  const draw = (width: number): Drawing => {
    const scale = logScale(domain, [SIDE + 8, width - SIDE - 8], TICK_DISTANCE);
    const each = width === NARROW ? NARROW_ROW : ROW;
    const height = TOP + ratios.length * each + BOTTOM;
    const grid = scale.ticks.map(
      (t) =>
        html`${upright(scale.at(t), TOP - 8, height - 6, t === 1 ? 'stroke="var(--ink)" stroke-width="1.5"' : 'stroke="var(--line)"')}<text class="soft" x="${px(scale.at(t))}" y="${TOP - 14}" text-anchor="middle">${t}</text>`,
    );
    return { height, parts: [...grid, ...ratios.map((r, i) => row(r, gates, scale, TOP + i * each, width))] };
  };
  const each = ratios.map(
    (r) => `${nameOf(r)}: ${changeText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}`,
  );
  return chartFigure(
    ratiosFinding(ratios),
    draw,
    `${ratiosFinding(ratios)} Log axis; left of 1 the candidate needs less. Bars: ${Math.round(first.confidence * 100)} % intervals. Upright marks: where a gate wants the interval to end.`,
    each.join('; '),
  );
}
