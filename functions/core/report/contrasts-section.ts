import type { ContrastResult, Decision, GateResult } from '../decision/decision.ts';
import { counted, gatesOn, rangeText } from './contrast-text.ts';
import { digits, logShare, METRIC_NAMES, percent, ratioText } from './format.ts';
import { restsOn } from './gates-section.ts';
import { type Html, html } from './html.ts';
import { nightCount } from './nights-finding.ts';
import { stackedTable } from './stacked-table.ts';

type Fact = readonly [string, string];

/** A contrast in cells of text, for the page and for Markdown. */
export interface ContrastRow {
  readonly metric: string;
  readonly about: string;
  readonly ratio: string;
  readonly units: string;
  readonly nights: string;
  readonly intervals: readonly Fact[];
  readonly spreads: readonly Fact[];
}

const NONE = 'none';

function pairing(c: ContrastResult): string {
  if (c.unit === 'run') return 'run by run, not paired';
  return `${counted(nightCount(c), 'night')}, ${c.isPaired ? 'paired within the night' : 'sides apart'}; ${c.runs.candidate} / ${c.runs.baseline} runs`;
}

const known = (facts: readonly (readonly [string, string | null])[]): Fact[] =>
  facts.filter((f): f is Fact => f[1] !== null);

function rowOf(c: ContrastResult): ContrastRow {
  const { spread, excluded } = c;
  const left = excluded.length > 0 ? `, ${counted(excluded.length, 'run')} left out` : '';
  const { clusters, cluster } = spread;
  const by = cluster === 'lot' ? 'lots' : `${c.unit}s`;
  const of = clusters ? ` (${clusters.candidate} / ${clusters.baseline})` : '';
  const deviations = [spread.lotSD, spread.unitSD, spread.nightSD];
  return {
    metric: METRIC_NAMES[c.metric],
    about: `${c.workload}${c.method === '' ? '' : `; ${c.method}`}`,
    ratio: ratioText(c.ratio),
    units: `${c.n.candidate} / ${c.n.baseline} ${c.unit}s`,
    nights: `${pairing(c)}${left}`,
    intervals: known([
      ['population', c.population && rangeText(c.population)],
      ['nightly', c.nightly && rangeText(c.nightly)],
      [`these ${c.unit}s`, c.theseUnits && rangeText(c.theseUnits)],
      ['bootstrap', c.bootstrap && rangeText(c.bootstrap)],
    ]),
    spreads: known([
      [`SE between ${by}`, spread.betweenSE === null ? null : `${logShare(spread.betweenSE)}${of}`],
      ['SE over nights', spread.nightSE === null ? null : logShare(spread.nightSE)],
      [
        `SD of lot / ${c.unit} / night`,
        deviations.every((d) => d === null) ? null : deviations.map((d) => logShare(d)).join(' / '),
      ],
      ['design effect', spread.designEffect === null ? null : digits(spread.designEffect, 3)],
    ]),
  };
}

const mixRow = (g: GateResult): ContrastRow => ({
  metric: METRIC_NAMES[g.metric],
  about: `mix of workloads; ${g.method}`,
  ratio: g.ratio === null ? NONE : ratioText(g.ratio),
  units: restsOn(g),
  nights: `as gate ${g.id} reads it`,
  intervals: [
    [
      `gate, ${Math.round(g.confidence * 100)} %`,
      g.low === null
        ? NONE
        : `${ratioText(g.low)} to ${g.high === null ? 'no upper end' : ratioText(g.high)}`,
    ],
  ],
  spreads: [],
});

/** The mix of each metric, as the first gate on it has it. */
function mixRows({ gates }: Decision): ContrastRow[] {
  const own = gates.filter((g) => g.workload === 'mix' && g.against === 'today' && g.ratio !== null);
  return [...new Map([...own].reverse().map((g) => [g.metric, g])).values()].reverse().map(mixRow);
}

export const contrastRows = (decision: Decision): ContrastRow[] => [
  ...mixRows(decision),
  ...decision.contrasts.map(rowOf),
];

/** Weights of the workloads, where there is more than one. */
export const mixText = ({ mix, policy }: Decision): string | null =>
  mix.length < 2
    ? null
    : `Weights of the mix: ${mix.map((m) => `${m.workload} ${percent(m.weight)}`).join(', ')}${policy.mix ? ', as the policy declares them' : '; the policy declares none, so that they are equal'}.`;

export const INTERVALS_TEXT =
  '95 % intervals. Population: of chips to come, looked at once. Nightly: the same over all nights at once. These chips: of these very units, over all nights at once. Bootstrap: of chips to come, resampled by cluster, a check of the first. Spreads are of the log ratio; the design effect compares its variance with that of as many independent unit-nights.';

const pairs = (list: readonly Fact[]): Html | string =>
  list.length === 0
    ? NONE
    : html`${list.map(([name, value]) => html`<span class="pair"><span class="soft">${name}</span> ${value}</span>`)}`;

const contrastsTable = (rows: readonly ContrastRow[]): Html =>
  stackedTable(
    rows,
    [
      { head: 'metric', cell: (r) => html`${r.metric}<small>${r.about}</small>` },
      { head: 'ratio', cell: (r) => r.ratio, isNumber: true },
      { head: 'rests on', cell: (r) => html`${r.units}<small>${r.nights}</small>` },
      { head: 'intervals', cell: (r) => pairs(r.intervals) },
      { head: 'spread', cell: (r) => pairs(r.spreads) },
    ],
    'Contrasts candidate to baseline',
  );

/** Everything that is known of each contrast, those that gates read first; null where there is none. */
export function contrastsSection(decision: Decision): Html | null {
  const { contrasts } = decision;
  if (contrasts.length === 0) return null;
  const mix = mixText(decision);
  const isGated = (c: ContrastResult): boolean => gatesOn(decision, c).length > 0;
  const [read, others] = [contrasts.filter(isGated), contrasts.filter((c) => !isGated(c))];
  const rest = others.length === 0 ? null : contrastsTable(others.map(rowOf));
  const open = [...mixRows(decision), ...read.map(rowOf)];
  return html`<h2>By workload and mix</h2>${mix ? html`<p>${mix}</p>` : null}${open.length === 0 ? rest : contrastsTable(open)}${open.length > 0 && rest ? html`<details><summary>${others.length} more that no gate reads</summary>${rest}</details>` : null}<p class="small">${INTERVALS_TEXT}</p>`;
}
