import type { GateResult, Ratio } from '../decision/decision.ts';
import { chartFigure, type Drawing, fittingCharacters, level, NARROW, px, upright } from './chart-figure.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText, shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { type LogScale, logDomain, logScale } from './log-axis.ts';
import { AXIS_ROOM, ratioAxis } from './ratio-axis.ts';

const SIDE = 10;
const ROW = 50;
/** On a phone the method has a line of its own. */
const NARROW_ROW = 66;
const BOTTOM = 8;
const TICK_DISTANCE = 46;

const BAR = 'stroke="var(--cand)" stroke-width="4"';
/** Ends that are seen where the interval is shorter than its mark. */
const CAP = 'stroke="var(--cand)" stroke-width="2"';

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
      : html`${level(y, scale.at(ratio.low), scale.at(ratio.high), BAR)}${[ratio.low, ratio.high].map((end) => upright(scale.at(end), y - 9, y + 9, CAP))}`;
  const thresholds = gatesOf(ratio, gates).map((g) =>
    upright(
      scale.at(g.threshold),
      y - 12,
      y + 12,
      'stroke="var(--ink)" stroke-width="2.5" stroke-dasharray="4 2"',
    ),
  );
  const label = isNarrow
    ? html`<text class="halo" x="${SIDE}" y="${top + 17}">${METRIC_NAMES[ratio.metric]}</text><text class="soft halo" x="${SIDE}" y="${top + 32}">${shortened(ratio.method, room)}</text>`
    : html`<text class="halo" x="${SIDE}" y="${top + 17}">${shortened(nameOf(ratio), room - value.length - 2)}</text>`;
  return html`<g>${label}<text class="halo" x="${width - SIDE}" y="${top + 17}" text-anchor="end"><tspan font-weight="600">${value}</tspan></text>${interval}<circle cx="${px(scale.at(ratio.ratio))}" cy="${y}" r="5" fill="var(--cand)"/>${thresholds}</g>`;
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
    const height = AXIS_ROOM + ratios.length * each + BOTTOM;
    const grid = ratioAxis(scale, { top: AXIS_ROOM, bottom: height - 6, width });
    return {
      height,
      parts: [...grid, ...ratios.map((r, i) => row(r, gates, scale, AXIS_ROOM + i * each, width))],
    };
  };
  const each = ratios.map(
    (r) => `${nameOf(r)}: ${changeText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}`,
  );
  return chartFigure(
    ratiosFinding(ratios),
    draw,
    `${ratiosFinding(ratios)} Log axis; bars: ${Math.round(first.confidence * 100)} % intervals. Upright dashes: where a gate wants the interval to end.`,
    each.join('; '),
  );
}
