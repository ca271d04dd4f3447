import type { Decision } from '../decision/decision.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { chipsSection } from './chips-section.ts';
import { contrastsSection } from './contrasts-section.ts';
import { evidenceLedger } from './decision-evidence.ts';
import { decisionLineage } from './decision-lineage.ts';
import { decisionOpening } from './decision-opening.ts';
import { decisionReliability } from './decision-reliability.ts';
import { driftSection } from './drift-section.ts';
import { evidenceTable, findingsSection, lineage, METHODS } from './evidence-section.ts';
import { gatesSection } from './gates-section.ts';
import { type Html, html } from './html.ts';
import { lossSection } from './loss-section.ts';
import { nightsSection } from './nights-section.ts';
import { page, simulatedBanner } from './page.ts';
import { policySection } from './policy-section.ts';
import { rampSection } from './ramp-section.ts';
import { scoredRatios } from './scored-ratios.ts';
import { setSection } from './set-section.ts';
import { timelineChart } from './timeline-chart.ts';

export interface DecisionModel {
  readonly decision: Decision;
  /** What it was decided from. */
  readonly evaluations: readonly Evaluation[];
  /** Digest of everything that was decided from; absent where nothing keeps the decision. */
  readonly inputsDigest?: string;
}

/** Rows of a table that stand open; a longer one is a click away. */
const OPEN_ROWS = 20;

const folded = (count: number, what: string, content: Html): Html =>
  count > OPEN_ROWS ? html`<details><summary>${count} ${what}</summary>${content}</details>` : content;

/** Of each set, the run of median time. */
function representatives(model: DecisionModel): { evaluation: Evaluation; role: string; sku: string }[] {
  return model.decision.sets.flatMap((set) => {
    const runs = model.evaluations
      .filter((e) => e.role === set.role && set.runs.includes(e.run))
      .sort((a, b) => a.timeToTrainS - b.timeToTrainS);
    const evaluation = runs[Math.floor(runs.length / 2)];
    return evaluation ? [{ evaluation, role: set.role, sku: set.sku }] : [];
  });
}

function economics({ ramp }: Decision): Html | null {
  if (!ramp || ramp.status === 'computed') return ramp && rampSection(ramp);
  return html`<h2>Ramp economics: ${ramp.plan}</h2><p><strong>Not computable.</strong> ${ramp.reason}</p>`;
}

const GRADES = ['A', 'B', 'C', 'D'] as const;

/** How many runs have which evidence: all of a pilot of many nights in a line. */
export function gradesText(evaluations: readonly Evaluation[]): string {
  const counts = GRADES.map((grade) => ({
    grade,
    n: evaluations.filter((e) => e.evidence === grade).length,
  }));
  const known = counts.filter(({ n }) => n > 0).map(({ grade, n }) => `${n} of grade ${grade}`);
  return `${evaluations.length} runs: ${known.join(', ')}.`;
}

function evidence({ decision, evaluations }: DecisionModel): Html {
  return html`<h2>Evidence</h2><p>${gradesText(evaluations)}</p>${evidenceLedger(decision, evaluations)}${folded(evaluations.length, 'runs with their evidence', evidenceTable(evaluations))}`;
}

const OVER_NIGHTS: Html = html`<p>Over nights: chips (or nodes, or runs) are the units, each reduced to one figure over its nights. An interval that is valid at every night adds Student's t for the spread between units, by lot where at least three are named, to an asymptotic confidence sequence over nights. Rates: exact, by the Poisson distribution.</p>`;

function findings(decision: Decision): Html {
  const { length } = decision.findings;
  return html`<h2>Findings</h2>${folded(length, 'findings', findingsSection(decision.findings))}`;
}

/** The page that a ramp decision is read from: verdict, why, what would change it, and all that it rests on. */
export function renderDecisionHtml(model: DecisionModel): string {
  const { decision, evaluations } = model;
  const colours: Record<string, string> = { candidate: 'var(--cand)', baseline: 'var(--base)' };
  return page(
    `${decision.program}: ${decision.verdict}`,
    html`${decisionOpening(decision)}
${gatesSection(decision.gates)}
${nightsSection(decision)}
${chipsSection(decision)}
${lossSection(decision)}
${contrastsSection(decision)}
${decisionReliability(decision)}
${driftSection(decision)}
${economics(decision)}
${policySection(decision)}
<h2>Both sides</h2>${scoredRatios(decision)}${decision.sets.map((set) => setSection(set, decision.policy.monitoring.kind === 'once'))}
<h2>Power over time</h2>${representatives(model).map((r) => timelineChart(r.evaluation, `${r.role} ${r.sku}`, colours[r.role] ?? 'var(--ink)'))}
${evidence(model)}
${findings(decision)}
<h2>Method and lineage</h2>${METHODS}${decision.policy.monitoring.kind === 'once' ? null : OVER_NIGHTS}${decisionLineage(decision, evaluations, model.inputsDigest ?? null)}`,
  );
}

/** The page of sets that are scored without a comparison. */
export function renderSetHtml(model: DecisionModel): string {
  const { decision, evaluations } = model;
  return page(
    `${decision.program}: ${decision.sets.map((s) => s.id).join(', ')}`,
    html`${simulatedBanner(decision.simulated)}<h1>${decision.program} · ${decision.sets.length} ${decision.sets.length === 1 ? 'set' : 'sets'}, scored</h1><h2>${decision.sets.length === 1 ? 'The set' : 'The sets'}</h2>${decision.sets.map((set) => setSection(set, decision.policy.monitoring.kind === 'once'))}<h2>Power over time</h2>${representatives(model).map((r) => timelineChart(r.evaluation, r.sku, 'var(--cand)'))}<h2>Evidence</h2>${evidenceTable(evaluations)}<h2>Findings</h2>${findingsSection(decision.findings)}<h2>Method and lineage</h2>${METHODS}${lineage(evaluations)}<p class="small">${decision.code}</p>`,
  );
}
