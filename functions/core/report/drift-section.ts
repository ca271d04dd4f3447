import type { Decision, Drift } from '../decision/decision.ts';
import { METRIC_NAMES, ratioText } from './format.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

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

const isGated =
  ({ gates }: Decision) =>
  (d: Drift): boolean =>
    gates.some((g) => g.metric === d.metric);

/** Where the baseline leads, in sentences: of the metrics that gates look at, and whatever is stale. */
export function driftTexts(decision: Decision): string[] {
  const own = decision.drift.filter(isGated(decision));
  const stale = staleTexts(decision).map((reason) => `Blocked: ${reason}.`);
  return [...stale, ...own.map((d) => `${trendText(d)}${forecastText(d)}.`)];
}

function driftTable(drift: readonly Drift[]): Html {
  return stackedTable(
    drift,
    [
      { head: 'metric', cell: (d) => html`${METRIC_NAMES[d.metric]}<small>${d.workload}</small>` },
      { head: 'nights', cell: (d) => d.nights, isNumber: true },
      {
        head: 'baseline in 30 days',
        cell: (d) => html`${moved(d.perMonthRatio)}<small>${rangeOf(d)}</small>`,
      },
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
    ],
    'Trend of the baseline, and where it leads; 95 % intervals',
  );
}

/** The baseline moves too; null where nothing is known of that. */
export function driftSection(decision: Decision): Html | null {
  const texts = driftTexts(decision);
  if (texts.length === 0 && decision.drift.length === 0) return null;
  return html`<h2>The baseline over time</h2><ul>${texts.map((t) => html`<li>${t}</li>`)}</ul>${decision.drift.length > 0 ? driftTable(decision.drift) : null}`;
}
