import type { Evaluation } from '../efficiency/evaluation.ts';
import { clippedText, counterText, METHODS } from './evidence-section.ts';
import { joules, percent, seconds, watts } from './format.ts';
import { type Html, html } from './html.ts';
import { scopesSection } from './run-scopes-section.ts';
import { stackedTable } from './stacked-table.ts';

interface Line {
  readonly figure: string;
  readonly value: string;
  readonly meaning: string;
}

function lines(e: Evaluation): Line[] {
  return [
    {
      figure: 'energy, clipped',
      value: clippedText(e),
      meaning: 'trapezoids between readings, cut to run start and stop; the default',
    },
    {
      figure: 'energy, counter',
      value: counterText(e, e.energy.counterJ),
      meaning: 'rise of the hardware counters, resets repaired',
    },
    {
      figure: 'energy, MLPerf v4.0 rule',
      value: joules(e.energy.mlperfTrainingV40J),
      meaning: 'mean power over the whole log times time to train; idle time in the log dilutes it',
    },
    {
      figure: 'mean power',
      value: e.evidence === 'D' ? 'not decidable' : watts(e.meanPowerW),
      meaning: `at ${e.boundary ?? 'no single boundary'}${e.boundaryBasis === 'assumed' ? ', which is assumed' : ''}`,
    },
    {
      figure: 'coverage',
      value: percent(e.coverageRatio),
      meaning: 'of the run lies between readings without a gap; of the least covered part of the system',
    },
    {
      figure: 'largest gap',
      value: seconds(e.maxGapInRunS),
      meaning: `between readings in the run; ${seconds(e.maxGapS)} in the whole log`,
    },
    { figure: 'median period', value: seconds(e.medianPeriodS), meaning: 'between readings' },
    {
      figure: 'ends',
      value: e.bracketed ? 'bracketed' : 'open',
      meaning: e.bracketed
        ? 'readings on both sides of run start and stop'
        : 'the readings do not reach run start or stop',
    },
  ];
}

const GRADES =
  'A: coverage at least 99 %, no gap over 3 s, bracketed. B: 95 %. C: 80 %, or a declared factor. D: below, and the energy is not decidable.';

/** How good the measurement is, and what keeps it from being better. */
export function runEvidenceSection(e: Evaluation): Html {
  const why =
    e.evidenceReasons.length === 0 ? 'nothing keeps it from being better' : e.evidenceReasons.join('; ');
  return html`<h2>Evidence</h2><p><strong>Grade ${e.evidence}:</strong> ${why}.</p>${stackedTable(
    lines(e),
    [
      { head: 'figure', cell: (l) => l.figure },
      { head: 'value', cell: (l) => l.value, isNumber: true },
      { head: 'what it is', cell: (l) => l.meaning },
    ],
    `Evidence behind the run. ${GRADES}`,
  )}${scopesSection(e)}${METHODS}`;
}
