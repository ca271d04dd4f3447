import type { Decision } from '../decision/decision.ts';
import { gatesOn } from './contrast-text.ts';
import { type Html, html } from './html.ts';
import { lossChart } from './loss-chart.ts';
import { lossFinding } from './loss-finding.ts';

/** Charts that stand open; the others are a click away. */
const OPEN = 2;

type Curve = Decision['lossCurves'][number];

const gatesOf = (decision: Decision, { workload }: Curve) =>
  gatesOn(decision, { metric: 'loss-at-equal-tokens', workload });

/** Loss parity in sentences, one a workload. */
export const lossTexts = (decision: Decision): string[] =>
  decision.lossCurves.map((curve) => lossFinding(curve, gatesOf(decision, curve)));

/** Whether the chip learns as much from the same tokens; null where no losses were read on both sides. */
export function lossSection(decision: Decision): Html | null {
  const { lossCurves } = decision;
  if (lossCurves.length === 0) return null;
  const one = (curve: Curve): Html => lossChart(curve, gatesOf(decision, curve));
  const rest = lossCurves.slice(OPEN);
  return html`<h2>Loss at equal tokens</h2><p>Energy and time count for nothing where the chip learns less from the same tokens.</p>${lossCurves.slice(0, OPEN).map(one)}${rest.length > 0 ? html`<details><summary>${rest.length} more workloads</summary>${rest.map(one)}</details>` : null}`;
}
