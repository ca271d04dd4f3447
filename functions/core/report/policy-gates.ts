import type { Decision } from '../decision/decision.ts';
import { thresholdOf } from '../decision/gates.ts';
import type { Gate, Policy } from '../decision/policy.ts';
import { declaredText, METRIC_NAMES } from './format.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

const MONITORING: {
  readonly [K in Policy['monitoring']['kind']]: (m: Extract<Policy['monitoring'], { kind: K }>) => string;
} = {
  once: () => 'looked at once, over complete data',
  nightly: (m) =>
    `looked at every night, intervals valid over all of them at once and narrowest at ${m.plannedNights}`,
  looks: (m) => `decided after ${m.nights.join(', ')} nights, which share alpha`,
};

/** How the pilot is looked at, in a sentence. */
export function monitoringText({ monitoring, futility, maximumExcludedRatio }: Policy): string {
  const how = (MONITORING[monitoring.kind] as (m: Policy['monitoring']) => string)(monitoring);
  const stop = futility
    ? `; a required gate shown to be out of reach, at ${declaredText(futility.alpha)}, stops`
    : '; a gate out of reach holds';
  return `The pilot is ${how}${stop}. At most ${declaredText(maximumExcludedRatio * 100)} % of the runs may be left out for their evidence.`;
}

const limitText = (g: Gate): string =>
  `${g.duty === 'stop' ? 'fires above' : 'below'} ${declaredText(thresholdOf(g))}`;

function leastText(g: Gate): string {
  const parts = [
    ...(g.minimumChips > 0 ? [`${g.minimumChips} chips a side`] : []),
    ...(g.minimumNights > 0 ? [`${g.minimumNights} nights`] : []),
    `${g.minimumRuns} runs a side`,
    `grade ${g.minimumEvidence}`,
  ];
  return parts.join(', ');
}

/** Every gate as it was declared before the pilot, with its reason. */
export const policyGates = ({ policy }: Decision): Html =>
  stackedTable(
    policy.gates,
    [
      { head: 'gate', cell: (g) => html`${g.id}<small>${g.duty}</small>` },
      {
        head: 'metric',
        cell: (g) =>
          html`${METRIC_NAMES[g.metric]}<small>${g.over === 'mix' ? 'of the mix' : 'of each workload'}${g.against === 'forecast' ? ', against the forecast' : ''}</small>`,
      },
      { head: 'has to lie', cell: (g) => html`${limitText(g)}<small>${g.kind}</small>` },
      { head: 'alpha', cell: (g) => declaredText(g.alpha), isNumber: true },
      { head: 'asks for at least', cell: leastText },
      { head: 'why', cell: (g) => g.why ?? '—' },
    ],
    'Gates as they were declared',
  );
