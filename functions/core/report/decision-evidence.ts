import type { ContrastResult, Decision } from '../decision/decision.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { counted } from './contrast-text.ts';
import { METRIC_NAMES, percent, ratioText, seconds } from './format.ts';
import { type Html, html } from './html.ts';
import { markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

/** One number of the report, and what it is known by. */
interface Entry {
  readonly number: string;
  readonly about: string;
  readonly value: string;
  readonly method: string;
  readonly boundary: string;
  readonly coverage: string;
  readonly gap: string;
  readonly grade: string;
  readonly runs: string;
}

const NO_POWER = 'no power in it';

function ofContrast(c: ContrastResult): Entry {
  const isEnergy = c.metric.startsWith('energy');
  const left = c.excluded.length > 0 ? `; ${counted(c.excluded.length, 'run')} left out` : '';
  return {
    number: METRIC_NAMES[c.metric],
    about: c.workload,
    value: ratioText(c.ratio),
    method: c.method,
    boundary: isEnergy ? (c.boundary ?? 'not one') : NO_POWER,
    coverage: isEnergy ? percent(c.coverageRatio) : '—',
    gap: isEnergy ? seconds(c.maxGapInRunS) : '—',
    grade: c.evidence ?? '—',
    runs: `${c.runs.candidate} / ${c.runs.baseline} runs${left}`,
  };
}

type Reading = number | null;

/** The worst of several; null where one of them has no reading. */
const worst = (values: readonly Reading[], of: (a: number, b: number) => number): Reading =>
  values.length === 0 ? null : values.reduce((a, b) => (a === null || b === null ? null : of(a, b)));
const least = (values: readonly Reading[]): Reading => worst(values, Math.min);
const most = (values: readonly Reading[]): Reading => worst(values, Math.max);

/** Ratios of sets: by the worst of the two sets that they are formed of. */
function ofRatios({ ratios, sets }: Decision, evaluations: readonly Evaluation[]): Entry[] {
  return ratios.map((r): Entry => {
    const own = sets.filter((s) => s.workload.name === r.workload);
    const isEnergy = r.metric.startsWith('energy');
    const runs = evaluations.filter((e) => own.some((s) => s.role === e.role && s.runs.includes(e.run)));
    const boundaries = [
      ...new Set(
        own.map((s) => `${s.boundary ?? 'not one'}${s.boundaryBasis === 'assumed' ? ' (assumed)' : ''}`),
      ),
    ];
    return {
      number: METRIC_NAMES[r.metric],
      about: `${r.workload}, sets`,
      value: ratioText(r.ratio),
      method: r.method,
      boundary: isEnergy ? boundaries.join(' and ') : NO_POWER,
      coverage: isEnergy ? percent(least(runs.map((e) => e.coverageRatio))) : '—',
      gap: isEnergy ? seconds(most(runs.map((e) => e.maxGapInRunS))) : '—',
      grade: isEnergy
        ? (own
            .map((s) => s.evidence)
            .sort()
            .at(-1) ?? '—')
        : '—',
      runs: `${r.n.candidate} / ${r.n.baseline} runs`,
    };
  });
}

const entries = (decision: Decision, evaluations: readonly Evaluation[]): Entry[] => [
  ...decision.contrasts.map(ofContrast),
  ...ofRatios(decision, evaluations),
];

const CAPTION =
  'What every ratio is known by: least coverage, largest gap and worst grade of the runs that count. Grade A: coverage at least 99 %, no gap over 3 s, bracketed by readings; B: 95 %; C: 80 %, or a declared factor; D: below, not decidable.';

/** The ledger: method, boundary, coverage, gap and grade of every ratio that the report prints. */
export function evidenceLedger(decision: Decision, evaluations: readonly Evaluation[]): Html | null {
  const rows = entries(decision, evaluations);
  if (rows.length === 0) return null;
  return stackedTable(
    rows,
    [
      { head: 'number', cell: (e) => html`${e.number}<small>${e.about}</small>` },
      { head: 'ratio', cell: (e) => e.value, isNumber: true },
      { head: 'method', cell: (e) => html`${e.method}<small>${e.runs}</small>` },
      { head: 'boundary', cell: (e) => e.boundary },
      { head: 'coverage', cell: (e) => e.coverage, isNumber: true },
      { head: 'largest gap', cell: (e) => e.gap, isNumber: true },
      { head: 'grade', cell: (e) => html`<strong>${e.grade}</strong>` },
    ],
    CAPTION,
  );
}

/** The same as a table of Markdown; empty where there is no ratio. */
export function ledgerMarkdown(decision: Decision, evaluations: readonly Evaluation[]): string {
  const rows = entries(decision, evaluations);
  if (rows.length === 0) return '';
  return markdownTable(
    ['number', 'of', 'ratio', 'method', 'boundary', 'coverage', 'largest gap', 'grade', 'runs'],
    rows.map((e) => [e.number, e.about, e.value, e.method, e.boundary, e.coverage, e.gap, e.grade, e.runs]),
  );
}
