import type { Evaluation, ScopeEvaluation } from '../efficiency/evaluation.ts';
import { counterText } from './evidence-section.ts';
import { folded, pair } from './folded.ts';
import { declaredText, joules, percent, seconds } from './format.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

/** Scopes that stand open; more of them are a click away, and of very many the worst covered. */
const OPEN = 10;
const SHOWN = 200;

const conversion = (s: ScopeEvaluation): string =>
  s.conversionEfficiency === 1 && s.efficiencyBasis === 'none'
    ? ''
    : `times ${declaredText(s.conversionEfficiency)} (${s.efficiencyBasis}) is ${s.boundary}`;

/** The least covered first; those that are read alike in the order of their ids. */
function leastCovered(scopes: readonly ScopeEvaluation[]): ScopeEvaluation[] {
  const coverage = (s: ScopeEvaluation): number => s.coverageRatio ?? -1;
  return [...scopes].sort((a, b) => coverage(a) - coverage(b) || (a.id < b.id ? -1 : 1));
}

const coverageText = (s: ScopeEvaluation): Html =>
  s.isEstimate
    ? pair('estimate', '')
    : pair(
        percent(s.coverageRatio),
        `largest gap ${seconds(s.maxGapInRunS)}, period ${seconds(s.medianPeriodS)}`,
      );

/** What was read, scope by scope: where, how it was converted, and what it comes to by each method. */
export function scopesSection(e: Evaluation): Html {
  const isOpen = e.evidence === 'D';
  const scopes = e.scopes.length > SHOWN ? leastCovered(e.scopes).slice(0, SHOWN) : e.scopes;
  const which =
    e.scopes.length > SHOWN
      ? `, the ${SHOWN} least covered of ${e.scopes.length}; all are in report.json`
      : '';
  const rows = stackedTable(
    scopes,
    [
      { head: 'scope', cell: (s) => pair(s.id, s.kind) },
      {
        head: 'measured at',
        cell: (s) => pair(s.isEstimate ? 'estimated' : s.measuredBoundary, conversion(s)),
      },
      {
        head: 'energy, clipped',
        cell: (s) =>
          isOpen
            ? 'not decidable'
            : pair(
                joules(s.energy.clippedTrapezoidJ),
                s.isEstimate || s.bridgedJ === null ? '' : `${joules(s.bridgedJ)} of it bridged`,
              ),
        isNumber: true,
      },
      { head: 'counter', cell: (s) => counterText(e, s.energy.counterJ), isNumber: true },
      { head: 'MLPerf rule', cell: (s) => joules(s.energy.mlperfTrainingV40J), isNumber: true },
      { head: 'coverage', cell: coverageText, isNumber: true },
    ],
    `What was read, scope by scope${which}`,
  );
  const covered = e.scopes.filter((s) => !s.isEstimate && (s.coverageRatio ?? 0) >= 0.99).length;
  const text = html`<p>${covered} of ${e.scopes.length} scopes are covered for at least 99 % of the run.</p>`;
  return html`<h3>Scopes</h3>${e.scopes.length === 0 ? html`<p>No file holds a scope.</p>` : html`${text}${e.scopes.length > OPEN ? folded(`${e.scopes.length} scopes`, rows) : rows}`}`;
}
