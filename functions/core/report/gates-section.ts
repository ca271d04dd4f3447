import type { GateResult } from '../decision/decision.ts';
import { isLevel } from '../decision/policy.ts';
import { declaredText, levelText, METRIC_NAMES, ratioText } from './format.ts';
import { gatesChart, RESULT_CLASS, resultMark } from './gates-chart.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

const MARK_SIZE = 14;

/** Ratio or level, in the words of its kind. */
export const gateNumber = (g: GateResult, value: number): string =>
  isLevel(g.metric) ? levelText(value) : ratioText(value);

export function gateInterval(g: GateResult): string {
  if (g.low === null) return 'none';
  const high = g.high === null ? 'no upper end' : gateNumber(g, g.high);
  return `${gateNumber(g, g.low)} to ${high} (${Math.round(g.confidence * 100)} %)`;
}

/** What a gate rests on: units on both sides and nights. */
export function restsOn({ unit, n, nights }: GateResult): string {
  if (!unit || !n) return 'nothing';
  const units =
    unit === 'event' ? `${n.candidate} / ${n.baseline} events` : `${n.candidate} / ${n.baseline} ${unit}s`;
  return nights === null ? units : `${units}, ${nights} ${nights === 1 ? 'night' : 'nights'}`;
}

const mark = (result: GateResult['result']): Html =>
  html`<svg class="mark" width="${MARK_SIZE}" height="${MARK_SIZE}" viewBox="0 0 ${MARK_SIZE} ${MARK_SIZE}" role="img" aria-hidden="true" aria-label="${result}">${resultMark(result, MARK_SIZE / 2, MARK_SIZE / 2, 4.5)}</svg>`;

function gatesTable(gates: readonly GateResult[]): Html {
  return stackedTable(
    gates,
    [
      { head: 'gate', cell: (g) => html`${g.id}<small>${g.workload}, ${g.duty}</small>` },
      {
        head: 'result',
        cell: (g) =>
          html`<span class="${g.result === 'not decidable' ? 'open' : 'pair'}">${mark(g.result)} <strong class="${RESULT_CLASS[g.result]}">${g.result}</strong></span>`,
      },
      {
        head: 'metric',
        cell: (g) =>
          html`${METRIC_NAMES[g.metric]}${g.against === 'forecast' ? ', against the forecast' : ''}${g.method === '' ? null : html`<small>${g.method}</small>`}`,
      },
      {
        head: 'figure',
        cell: (g) =>
          html`${g.ratio === null ? 'none' : gateNumber(g, g.ratio)}<small>${gateInterval(g)}</small>`,
        isNumber: true,
      },
      {
        head: 'threshold',
        cell: (g) => html`${declaredText(g.threshold)}<small>${g.kind}</small>`,
        isNumber: true,
      },
      { head: 'rests on', cell: restsOn },
      {
        head: 'reason',
        cell: (g) => html`${g.reason}${g.needs ? html`<small>Needs: ${g.needs.text}.</small>` : null}`,
      },
    ],
    'Gates of the policy. A gate that is not decidable is never a pass.',
  );
}

/** Every gate against its margin; absolute rates, which share no axis, are in the table alone. */
export function gatesSection(gates: readonly GateResult[]): Html {
  return html`<h2>Gates</h2>${gatesChart(gates)}${gatesTable(gates)}`;
}
