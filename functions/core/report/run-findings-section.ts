import type { Evaluation, Finding } from '../efficiency/evaluation.ts';
import { pair } from './folded.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';
import { sinceStart } from './time-axis.ts';

const ORDER: Record<Finding['severity'], number> = { error: 0, warning: 1, info: 2 };
const WORDS: Record<Finding['severity'], string> = {
  error: 'Changes the result',
  warning: 'Weakens it',
  info: 'To know',
};
/** Findings above the figures: more of them would hide what the run is. */
const ON_TOP = 4;

const worstFirst = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);

/** What changes the result stands before it. */
export function errorsOnTop({ findings }: Evaluation): Html | null {
  const errors = findings.filter((f) => f.severity === 'error');
  if (errors.length === 0) return null;
  const more = errors.length > ON_TOP ? html`<li>${errors.length - ON_TOP} more, below</li>` : null;
  return html`<div class="banner bad"><strong>${errors.length === 1 ? 'A finding changes' : `${errors.length} findings change`} the result.</strong><ul>${errors.slice(0, ON_TOP).map((f) => html`<li>${f.message}</li>`)}${more}</ul></div>`;
}

/** Findings of the run, worst first, each with its place in time where it has one. */
export function runFindingsSection(e: Evaluation): Html {
  if (e.findings.length === 0)
    return html`<h2>Findings</h2><p>Nothing was found that a reader would have to know.</p>`;
  const when = ({ time }: Finding): string => (time ? `from ${sinceStart(time.fromMs, e)}` : '');
  return html`<h2>Findings</h2>${stackedTable(
    worstFirst(e.findings),
    [
      { head: 'weight', cell: (f) => WORDS[f.severity] },
      { head: 'finding', cell: (f) => pair(f.code, when(f)) },
      { head: 'about', cell: (f) => f.about ?? 'the run' },
      { head: 'what', cell: (f) => f.message },
    ],
    'Findings, worst first',
  )}`;
}
