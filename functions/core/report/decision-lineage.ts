import type { Decision } from '../decision/decision.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { lineage } from './evidence-section.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

/** What makes this report again, from a store whose landing folder has the files that it names. */
export const rebuildCommand = ({ program, date }: Pick<Decision, 'program' | 'date'>): string =>
  `wattline decide <store> --program ${program} --night ${date}`;

const REBUILD =
  'Makes this report again, byte for byte, in the store that it was made in, with the same version of Wattline. In a new store whose landing/ holds the files below, only the history of the policy may differ: it begins with the first night that is decided there.';

function evaluationsTable({ evaluations }: Decision): Html {
  return html`<details><summary>${evaluations.length} evaluations with their digests</summary>${stackedTable(
    evaluations,
    [
      { head: 'run', cell: (e) => e.run },
      { head: 'digest of telemetry and run times', cell: (e) => html`<code>${e.digest}</code>` },
    ],
    'Runs that were decided from; equal digests are copies',
  )}</details>`;
}

/** From the verdict back to the bytes: the command, the version, every digest. */
export function decisionLineage(
  decision: Decision,
  evaluations: readonly Evaluation[],
  inputsDigest: string | null,
): Html {
  const policy = decision.policyHistory.at(-1);
  const facts = [
    ...(inputsDigest === null ? [] : [['inputs of the decision', inputsDigest] as const]),
    ...(policy ? [['policy in force', policy.digest] as const] : []),
    ['code', decision.code] as const,
  ];
  return html`<p>${REBUILD}</p><pre><code>${rebuildCommand(decision)}</code></pre><dl class="digests">${facts.map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>${evaluationsTable(decision)}${lineage(evaluations)}`;
}
