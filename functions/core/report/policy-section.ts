import type { Decision } from '../decision/decision.ts';
import type { Gate, Policy } from '../decision/policy.ts';
import { listText } from './format.ts';
import { type Html, html } from './html.ts';
import { monitoringText, policyGates } from './policy-gates.ts';
import { stackedTable } from './stacked-table.ts';

type Version = Decision['policyHistory'][number];

/** One thing that an edit changed. */
export interface PolicyChange {
  readonly before: Version;
  readonly after: Version;
  /** Gate id, or the policy itself. */
  readonly about: string;
  readonly field: string;
  readonly old: string;
  readonly new: string;
}

const ABSENT = 'none';

/** A declared value as text; records by their sorted keys. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return ABSENT;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, v]) => `${key} ${valueText(v)}`).join(', ');
}

const wholeGate = ({ id: _, why: __, ...rest }: Gate): string => valueText(rest);

function differences(a: object, b: object): { field: string; old: string; new: string }[] {
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const fields = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return fields
    .map((field) => ({ field, old: valueText(left[field]), new: valueText(right[field]) }))
    .filter((d) => d.old !== d.new);
}

function gateChanges(before: Policy, after: Policy): Omit<PolicyChange, 'before' | 'after'>[] {
  const ids = [...new Set([...before.gates, ...after.gates].map((g) => g.id))];
  return ids.flatMap((id) => {
    const [a, b] = [before, after].map((p) => p.gates.find((g) => g.id === id));
    if (a && b) return differences(a, b).map((d) => ({ about: id, ...d }));
    if (a) return [{ about: id, field: 'gate', old: wholeGate(a), new: 'removed' }];
    return b ? [{ about: id, field: 'gate', old: 'not declared', new: wholeGate(b) }] : [];
  });
}

/** Every difference between a policy and the one that replaced it, in order of the edits. */
export function policyChanges({ policyHistory }: Pick<Decision, 'policyHistory'>): PolicyChange[] {
  return policyHistory.slice(1).flatMap((after, i): PolicyChange[] => {
    const before = policyHistory[i] as Version;
    const { gates: _, ...own } = before.policy;
    const { gates: __, ...next } = after.policy;
    const changes = [
      ...gateChanges(before.policy, after.policy),
      ...differences(own, next).map((d) => ({ about: 'policy', ...d })),
    ];
    return changes.map((c) => ({ before, after, ...c }));
  });
}

/** Said at the top of a report: gates that were edited after data was seen are not what was agreed before. */
export function editedText({ policyHistory }: Pick<Decision, 'policyHistory'>): string | null {
  const [first, ...edits] = policyHistory;
  if (!first || edits.length === 0) return null;
  const dates = edits.map((v) => v.from);
  const late = dates.some((d) => d > first.from) ? ', after the first night' : ', the first night';
  return `The policy was edited on ${listText(dates)}${late} (${first.from}).`;
}

/** The banner of an edited policy; null where it stands as it was declared. */
export function policyBanner(decision: Decision): Html | null {
  const text = editedText(decision);
  return text === null
    ? null
    : html`<p class="banner"><strong>${text}</strong> Gates that change once data is seen do not keep the errors that they declare. What differs: <a href="#policy">policy and its history</a>.</p>`;
}

export const versionText = ({ from, digest }: Version): string => `${from}, ${digest.slice(0, 12)}`;

/** Policy in force and, where it was edited, old beside new. */
export function policySection(decision: Decision): Html {
  const { policy, policyHistory, prices } = decision;
  const changes = policyChanges(decision);
  const versions =
    policyHistory.length > 1
      ? html`<p>${editedText(decision)}</p>${stackedTable(
          changes,
          [
            { head: 'gate', cell: (c) => c.about },
            { head: 'field', cell: (c) => c.field },
            { head: 'before', cell: (c) => html`${c.old}<small>from ${versionText(c.before)}</small>` },
            { head: 'after', cell: (c) => html`${c.new}<small>from ${versionText(c.after)}</small>` },
          ],
          'What differs between the policies that nights were decided by, each with its first night and digest',
        )}`
      : policyHistory[0]
        ? html`<p>Unchanged since its first night, ${versionText(policyHistory[0])}.</p>`
        : null;
  return html`<h2 id="policy">Policy and its history</h2><p><strong>${policy.name}</strong>: ${policy.description}</p><p>${monitoringText(policy)}</p>${versions}<details><summary>${policy.gates.length} gates as they were declared, with their reasons</summary>${policyGates(decision)}</details><p>${prices ? `Prices: ${prices.name}, ${prices.date}, ${prices.currency}; ${prices.source}.` : 'No price basis.'}</p>`;
}
