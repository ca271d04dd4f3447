import type { GateResult, Ratio } from '../decision/decision.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText } from './format.ts';
import { type Html, html } from './html.ts';

const WIDTH = 720;
const LEFT = 20;
const RIGHT = 20;
const ROW = 50;
const TOP = 34;
/** Ticks of a log axis around one. */
const TICKS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10];
const TICK_DISTANCE = 44;

interface Scale {
  readonly x: (ratio: number) => number;
  readonly ticks: readonly number[];
}

function scaleOf(ratios: readonly Ratio[], gates: readonly GateResult[]): Scale {
  const values = [
    1,
    ...ratios.flatMap((r) => [r.ratio, r.low ?? r.ratio, r.high ?? r.ratio]),
    ...gates.map((g) => g.threshold),
  ];
  const [from, to] = [Math.log(Math.min(...values) * 0.93), Math.log(Math.max(...values) * 1.07)];
  const x = (ratio: number): number =>
    LEFT + ((Math.log(ratio) - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const inside = TICKS.filter((t) => x(t) >= LEFT && x(t) <= WIDTH - RIGHT);
  const ticks: number[] = inside.includes(1) ? [1] : [];
  for (const tick of inside)
    if (ticks.every((t) => Math.abs(x(t) - x(tick)) >= TICK_DISTANCE)) ticks.push(tick);
  return { x, ticks: ticks.sort((a, b) => a - b) };
}

/** Marks where a required gate or guardrail on this ratio wants the interval to end. */
function thresholds(ratio: Ratio, gates: readonly GateResult[], scale: Scale, y: number): Html[] {
  const fitting = gates.filter(
    (g) =>
      g.duty !== 'stop' &&
      g.metric === ratio.metric &&
      g.method === ratio.method &&
      g.workload === ratio.workload,
  );
  return fitting.map(
    (g) =>
      html`<line x1="${scale.x(g.threshold).toFixed(1)}" x2="${scale.x(g.threshold).toFixed(1)}" y1="${y - 12}" y2="${y + 12}" stroke="var(--open)" stroke-width="3"><title>gate ${g.id}: below ${ratioText(g.threshold)}</title></line>`,
  );
}

function row(ratio: Ratio, gates: readonly GateResult[], scale: Scale, index: number): Html {
  const y = TOP + index * ROW + 32;
  const at = scale.x(ratio.ratio).toFixed(1);
  const interval =
    ratio.low === null || ratio.high === null
      ? null
      : html`<line x1="${scale.x(ratio.low).toFixed(1)}" x2="${scale.x(ratio.high).toFixed(1)}" y1="${y}" y2="${y}" stroke="var(--cand)" stroke-width="5" stroke-linecap="round" opacity=".55"/>`;
  const label = `${METRIC_NAMES[ratio.metric] ?? ratio.metric}, ${ratio.method}`;
  return html`<g><text x="${LEFT}" y="${y - 15}">${label.length > 66 ? `${label.slice(0, 65)}…` : label}</text><text x="${WIDTH - RIGHT}" y="${y - 15}" text-anchor="end" font-weight="600">${ratioText(ratio.ratio)}</text>${interval}<circle cx="${at}" cy="${y}" r="6" fill="var(--cand)"/>${thresholds(ratio, gates, scale, y)}</g>`;
}

/** One row a ratio, on a log axis around 1: left of it the candidate needs less. */
export function intervalChart(ratios: readonly Ratio[], gates: readonly GateResult[]): Html {
  if (ratios.length === 0) return html`<p>No ratio could be formed.</p>`;
  const scale = scaleOf(ratios, gates);
  const height = TOP + ratios.length * ROW + 14;
  const text = ratios
    .map(
      (r) =>
        `${METRIC_NAMES[r.metric] ?? r.metric}, ${r.method}: ${changeText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}`,
    )
    .join('; ');
  const grid = scale.ticks.map(
    (t) =>
      html`<line x1="${scale.x(t).toFixed(1)}" x2="${scale.x(t).toFixed(1)}" y1="${TOP - 8}" y2="${height - 6}" stroke="${t === 1 ? 'var(--ink)' : 'var(--line)'}" stroke-width="${t === 1 ? 1.5 : 1}"/><text class="soft" x="${scale.x(t).toFixed(1)}" y="${TOP - 14}" text-anchor="middle">${t}</text>`,
  );
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Ratios candidate to baseline with intervals"><title>Ratios candidate to baseline with intervals</title><desc>${text}</desc>${grid}${ratios.map((r, i) => row(r, gates, scale, i))}</svg><figcaption>Ratio candidate / baseline, log axis; left of 1 the candidate needs less. Bars: ${Math.round((ratios[0] as Ratio).confidence * 100)} % intervals. Upright marks: where a gate wants the interval to end.</figcaption></figure>`;
}
