import { energyBy } from '../efficiency/energy.ts';
import type { EnergyMethod, Evaluation, Finding } from '../efficiency/evaluation.ts';
import { joules, percent, seconds, watts } from './format.ts';
import { type Html, html } from './html.ts';
import { stackedTable } from './stacked-table.ts';

/** An energy is printed only where its evidence carries it; below grade C it is not. */
export const clippedText = (e: Pick<Evaluation, 'evidence' | 'energy'>): string =>
  e.evidence === 'D' ? 'not decidable' : joules(e.energy.clippedTrapezoidJ);

const METHOD_TEXTS: Record<EnergyMethod, string> = {
  'clipped-trapezoid': 'by clipped trapezoids over power readings',
  counter: 'from the hardware energy counters',
};

/** The run's energy by the method that stands for it, and that method in words. */
export function energyText(e: Evaluation): { energy: string; method: string } {
  const energyJ = energyBy(e.energyMethod, e.energy);
  return {
    energy: e.evidence === 'D' ? 'not decidable' : joules(energyJ),
    method: e.energyMethod === null ? 'no method covers the system' : METHOD_TEXTS[e.energyMethod],
  };
}

/** A counter's energy; not printed either where it stands for the run and the evidence does not carry it. */
export function counterText(
  e: Pick<Evaluation, 'evidence' | 'energyMethod'>,
  counterJ: number | null,
): string {
  if (counterJ === null) return 'none';
  return e.evidence === 'D' && e.energyMethod === 'counter' ? 'not decidable' : joules(counterJ);
}

/** Methods beside the one that stands for the run, in a line. */
function otherEnergies(e: Evaluation): string {
  const rule = `MLPerf v4.0 rule ${joules(e.energy.mlperfTrainingV40J)}`;
  return e.energy.counterJ === null ? rule : `${rule}; counter ${counterText(e, e.energy.counterJ)}`;
}

const meanPowerText = (e: Evaluation): string => (e.evidence === 'D' ? 'not decidable' : watts(e.meanPowerW));

/** How each run was measured: what the table says first is what its grade is made of. */
export function evidenceTable(evaluations: readonly Evaluation[]): Html {
  return stackedTable(
    evaluations,
    [
      { head: 'run', cell: (e) => html`${e.run}<small>${e.status}, ${seconds(e.timeToTrainS)}</small>` },
      {
        head: 'energy, clipped',
        cell: (e) => html`${clippedText(e)}<small>${otherEnergies(e)}</small>`,
        isNumber: true,
      },
      { head: 'mean power', cell: meanPowerText, isNumber: true },
      { head: 'boundary', cell: (e) => html`${e.boundary ?? 'not one'}<small>${e.boundaryBasis}</small>` },
      { head: 'coverage', cell: (e) => percent(e.coverageRatio), isNumber: true },
      {
        head: 'largest gap',
        cell: (e) => html`${seconds(e.maxGapInRunS)}<small>period ${seconds(e.medianPeriodS)}</small>`,
        isNumber: true,
      },
      {
        head: 'grade',
        cell: (e) =>
          html`<strong>${e.evidence}</strong>${e.evidenceReasons.length > 0 ? html`<small>${e.evidenceReasons.join('; ')}</small>` : null}`,
      },
    ],
    'Evidence behind each run. A: coverage at least 99 %, no gap over 3 s, bracketed by readings. B: 95 %. C: 80 %, or a declared factor. D: below, and the energy is not decidable.',
  );
}

const ORDER: Record<Finding['severity'], number> = { error: 0, warning: 1, info: 2 };
const WORDS: Record<Finding['severity'], string> = {
  error: 'Changes the result',
  warning: 'Weakens it',
  info: 'To know',
};

/** Findings, worst first; what several say alike is said once. */
export function findingsSection(findings: readonly Finding[]): Html {
  if (findings.length === 0) return html`<p>Nothing was found that a reader would have to know.</p>`;
  const sorted = [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  return stackedTable(
    sorted,
    [
      { head: 'weight', cell: (f) => WORDS[f.severity] },
      { head: 'finding', cell: (f) => f.code },
      { head: 'about', cell: (f) => f.about ?? 'the run' },
      { head: 'what', cell: (f) => f.message },
    ],
    'Findings, worst first',
  );
}

/** Every file that the numbers rest on. */
export function lineage(evaluations: readonly Evaluation[]): Html {
  const rows = evaluations.flatMap((e) => e.inputs.map((input) => ({ run: e.run, ...input })));
  return html`<details><summary>${rows.length} input files with their hashes</summary>${stackedTable(
    rows,
    [
      { head: 'run', cell: (r) => r.run },
      { head: 'file', cell: (r) => r.path },
      { head: 'format', cell: (r) => r.format ?? 'none' },
      { head: 'status', cell: (r) => r.status },
      { head: 'rows', cell: (r) => r.rows, isNumber: true },
      { head: 'rejected', cell: (r) => r.rejected, isNumber: true },
      { head: 'SHA-256', cell: (r) => html`<code>${r.sha256}</code>` },
    ],
    'Input files',
  )}</details>`;
}

export const METHODS: Html = html`<p>Energy, clipped: trapezoids between readings, cut to run start and run stop, power interpolated at both ends. Energy, MLPerf v4.0 rule: mean power over the whole power log times time to train, as published results are computed; idle time in the log dilutes it. Energy, counter: rise of the hardware counter, resets bridged at its mean power; it stands for the run where no power was read. What lies over a gap is bridged, never taken for a measurement. Intervals: Welch's t on the log scale over runs.</p>`;
