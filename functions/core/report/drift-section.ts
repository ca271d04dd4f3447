import type { Decision, Drift } from '../decision/decision.ts';
import { driftChart } from './drift-chart.ts';
import { METRIC_NAMES, ratioText } from './format.ts';
import { type Html, html, type TableColumn } from './html.ts';
import { stackedTable } from './stacked-table.ts';

/** Charts that stand open; the others are a click away. */
const OPEN = 1;

/** "3.0 % less" would compare; a trend goes down or up. */
const moved = (ratio: number): string =>
  `${Math.abs((ratio - 1) * 100).toFixed(1)} % ${ratio < 1 ? 'down' : 'up'}`;

const rangeOf = ({ low, high }: { low: number; high: number }): string => `${moved(low)} to ${moved(high)}`;

function trendText(d: Drift): string {
  const what = `${METRIC_NAMES[d.metric]}, ${d.workload}`;
  const range = `(${Math.round(d.confidence * 100)} % interval ${rangeOf(d)} in 30 days)`;
  if (d.low <= 1 && d.high >= 1) return `${what}: no drift of the baseline is shown ${range}`;
  return `${what}: the baseline ${d.high < 1 ? 'improves' : 'gets worse'}, ${moved(d.perMonthRatio)} in 30 days ${range}`;
}

function forecastText({ forecast }: Drift): string {
  if (!forecast) return '';
  return `; its line leads to a ratio of ${ratioText(forecast.ratio)} to the baseline of ${forecast.date}`;
}

/** Gates that the age of the baseline blocks. */
const staleTexts = ({ gates }: Decision): string[] => [
  ...new Set(gates.filter((g) => g.reason.startsWith('the baseline is stale')).map((g) => g.reason)),
];

const blockedTexts = (decision: Decision): string[] =>
  staleTexts(decision).map((reason) => `Blocked: ${reason}.`);

const sentence = (d: Drift): string => `${trendText(d)}${forecastText(d)}.`;

const isGated =
  ({ gates }: Decision) =>
  (d: Drift): boolean =>
    gates.some((g) => g.metric === d.metric);

/** Where the baseline leads, in sentences: of the metrics that gates look at, and whatever is stale. */
export function driftTexts(decision: Decision): string[] {
  const own = decision.drift.filter(isGated(decision));
  return [...blockedTexts(decision), ...own.map(sentence)];
}

/** Columns of the ramp date stand only where the policy names one. */
function driftTable(drift: readonly Drift[]): Html {
  const forecast: readonly TableColumn<Drift>[] = [
    { head: 'forecast for', cell: (d) => d.forecast?.date ?? 'no ramp date' },
    {
      head: 'baseline of then to now',
      cell: (d) =>
        d.forecast
          ? html`${ratioText(d.forecast.baselineRatio)}<small>${ratioText(d.forecast.low)} to ${ratioText(d.forecast.high)}</small>`
          : 'none',
      isNumber: true,
    },
    {
      head: 'candidate to baseline of then',
      cell: (d) => (d.forecast ? ratioText(d.forecast.ratio) : 'none'),
      isNumber: true,
    },
  ];
  return stackedTable(
    drift,
    [
      { head: 'metric', cell: (d) => html`${METRIC_NAMES[d.metric]}<small>${d.workload}</small>` },
      { head: 'nights', cell: (d) => d.nights, isNumber: true },
      {
        head: 'baseline in 30 days',
        cell: (d) => html`${moved(d.perMonthRatio)}<small>${rangeOf(d)}</small>`,
      },
      ...(drift.some((d) => d.forecast) ? forecast : []),
    ],
    'Trend of the baseline, and where it leads; 95 % intervals',
  );
}

/** The baseline moves too; null where nothing is known of that. */
export function driftSection(decision: Decision): Html | null {
  const stale = blockedTexts(decision);
  const own = decision.drift.filter(isGated(decision));
  if (stale.length === 0 && own.length === 0) return null;
  const chart = (d: Drift): Html => driftChart(d, sentence(d)) ?? html`<p>${sentence(d)}</p>`;
  const rest = own.slice(OPEN);
  return html`<h2>The baseline over time</h2>${stale.length > 0 ? html`<ul>${stale.map((t) => html`<li>${t}</li>`)}</ul>` : null}${own.slice(0, OPEN).map(chart)}${rest.length > 0 ? html`<details><summary>${rest.length} more trends of the baseline</summary>${rest.map(chart)}</details>` : null}${own.length > 0 ? driftTable(own) : null}`;
}
