import type { Decision, Ratio } from '../decision/decision.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText } from './format.ts';
import { type Html, html } from './html.ts';
import { intervalChart } from './interval-chart.ts';
import { fittingTable } from './stacked-table.ts';

const OVER_NIGHTS =
  'Scored as published results are, over runs. Runs of the same chips night after night are not independent, so that these ratios have no interval of their own; the contrasts over nights have one.';

/** Why the ratios of the sets have no interval; null where they have. */
export const withoutIntervals = ({ ratios, policy }: Decision): string | null =>
  policy.monitoring.kind !== 'once' && ratios.every((r) => r.low === null) ? OVER_NIGHTS : null;

const ratiosTable = (ratios: readonly Ratio[]): Html =>
  fittingTable(
    ratios,
    [
      {
        head: 'metric',
        cell: (r) => html`${METRIC_NAMES[r.metric]}<small>${r.workload}; ${r.method}</small>`,
      },
      { head: 'ratio', cell: (r) => ratioText(r.ratio), isNumber: true },
      { head: 'change', cell: (r) => changeText(r.ratio) },
      { head: 'runs', cell: (r) => `${r.n.candidate} / ${r.n.baseline}` },
    ],
    'Ratios of the sets',
  );

/** Ratios of sets of runs, as they are scored; null where none could be formed and contrasts say more. */
export function scoredRatios(decision: Decision): Html | null {
  const { ratios, gates, contrasts } = decision;
  if (ratios.length === 0 && contrasts.length > 0) return null;
  const reason = withoutIntervals(decision);
  return html`<h3>Ratios of the sets</h3>${reason && ratios.length > 0 ? html`<p>${reason}</p>${ratiosTable(ratios)}` : intervalChart(ratios, gates)}`;
}

/** The interval of a ratio in a table, which says why there is none but once. */
export const scoredInterval = (decision: Decision, r: Ratio): string =>
  withoutIntervals(decision) ? 'none' : intervalText(r.low, r.high, r.confidence);
