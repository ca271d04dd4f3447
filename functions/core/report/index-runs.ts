import { shortened } from './format.ts';
import { type Html, html } from './html.ts';
import { verdictText } from './index-nights.ts';
import { CELL_LIMIT, type NightSummary, type RunRow } from './index-rows.ts';

const HEADS = ['run', 'role', 'SKU', 'workload', 'status', 'grade', 'energy'] as const;

const STATUS_CLASSES: Readonly<Record<string, string>> = { success: 'pass', aborted: 'fail' };

const cells = (r: RunRow, href: string): readonly (Html | string)[] => [
  html`<a href="${href}">${r.run}</a>`,
  r.role,
  shortened(r.sku, CELL_LIMIT),
  shortened(r.workload, CELL_LIMIT),
  html`<span class="${STATUS_CLASSES[r.status] ?? 'open'}">${shortened(r.status, CELL_LIMIT)}</span>`,
  r.grade,
  r.energy,
];

/** Runs in groups, a night each, beside what was decided of that night. Paths are relative to the page. */
export function runsTable(
  runs: readonly RunRow[],
  decided: ReadonlyMap<string, NightSummary>,
  to: { readonly runs: string; readonly nights: string },
): Html {
  const caption = 'Runs by the day on which they began (UTC); each leads to its report';
  const group = (night: string, own: readonly RunRow[]): Html => {
    const decision = decided.get(night);
    const said = decision
      ? html` <a href="${to.nights}${night}/report.html">decided</a>: ${verdictText(decision.verdict)}`
      : null;
    const row = (r: RunRow): Html =>
      html`<tr role="row">${cells(r, `${to.runs}${r.run}/report.html`).map((cell, i) => html`<td role="cell" data-label="${HEADS[i] ?? ''}"><span>${cell}</span></td>`)}</tr>`;
    return html`<tbody role="rowgroup"><tr role="row"><th scope="rowgroup" role="rowheader" colspan="${HEADS.length}" style="background:var(--band);padding-left:.7rem">${night}${said}</th></tr>${own.map(row)}</tbody>`;
  };
  const groups = [...Map.groupBy(runs, (r) => r.night)].map(([night, own]) => group(night, own));
  return html`<div class="scroll stack" tabindex="0" role="region" aria-label="${caption}"><table role="table"><caption>${caption}</caption><thead role="rowgroup"><tr role="row">${HEADS.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>${groups}</table></div>`;
}
