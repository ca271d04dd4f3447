import type { Decision, GateResult, Ratio } from '../decision/decision.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { evidenceTable, findingsSection, lineage, METHODS } from './evidence-section.ts';
import { changeText, intervalText, METRIC_NAMES, ratioText } from './format.ts';
import { type Html, html, table } from './html.ts';
import { intervalChart } from './interval-chart.ts';
import { page, simulatedBanner } from './page.ts';
import { setSection } from './set-section.ts';
import { timelineChart } from './timeline-chart.ts';

export interface DecisionModel {
  readonly decision: Decision;
  readonly evaluations: readonly Evaluation[];
}

const MEANINGS: Record<Decision['verdict'], string> = {
  'scale-up': 'Every required gate passes: the chip is good enough to depend less on GPUs for this work.',
  hold: 'Not decided: at least one gate is not passed yet.',
  stop: 'A stop gate fired: on this evidence the chip should not be ramped.',
};

const RESULT_CLASS: Record<GateResult['result'], string> = {
  pass: 'pass',
  fail: 'fail',
  'not decidable': 'open',
};
const LETTERS: Record<GateResult['result'], string> = {
  pass: 'pass',
  fail: 'fail',
  'not decidable': 'not decidable',
};

/** The first ratio of each metric that gates look at most: what fits on the first screen. */
function headlines(ratios: readonly Ratio[]): Ratio[] {
  const wanted = ['energy-to-train', 'time-to-train', 'cost-to-train'] as const;
  return wanted.flatMap((metric) => ratios.find((r) => r.metric === metric) ?? []);
}

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

function first(model: DecisionModel): Html {
  const { decision } = model;
  const assumed = decision.sets.filter((s) => s.boundaryBasis === 'assumed');
  return html`${simulatedBanner(decision.simulated)}${decision.methodConflict ? html`<p class="banner"><strong>The verdict depends on the energy method.</strong> ${decision.methodConflict.message}</p>` : null}${assumed.length > 0 ? html`<p class="banner"><strong>Boundary assumed.</strong> No file of ${assumed.map((s) => s.id).join(', ')} states what its power readings cover.</p>` : null}
<h1>${decision.program} · ${decision.date} · policy ${decision.policy.name}</h1>
<p class="verdict ${decision.verdict}">${decision.verdict}</p>
<p class="lead">${MEANINGS[decision.verdict]}</p>
<ul class="facts">${headlines(decision.ratios).map((r) => html`<li><b>${changeText(r.ratio)}</b><span>${METRIC_NAMES[r.metric] ?? r.metric}; ratio ${ratioText(r.ratio)}, ${intervalText(r.low, r.high, r.confidence)}</span></li>`)}</ul>
${decision.reasons.length > 0 ? html`<h2>Why</h2><ul>${decision.reasons.map((r) => html`<li>${r}</li>`)}</ul>` : null}
${decision.next.length > 0 ? html`<h2>What would change it</h2><ul>${decision.next.map((r) => html`<li>${r}</li>`)}</ul>` : null}`;
}

function gatesTable(gates: readonly GateResult[]): Html {
  return table(
    gates,
    [
      { head: 'gate', cell: (g) => g.id },
      { head: 'workload', cell: (g) => g.workload },
      { head: 'duty', cell: (g) => g.duty },
      {
        head: 'result',
        cell: (g) => html`<strong class="${RESULT_CLASS[g.result]}">${LETTERS[g.result]}</strong>`,
      },
      { head: 'metric', cell: (g) => `${METRIC_NAMES[g.metric] ?? g.metric}, ${g.method}` },
      { head: 'ratio', cell: (g) => (g.ratio === null ? 'none' : ratioText(g.ratio)), isNumber: true },
      {
        head: 'interval',
        cell: (g) =>
          g.low === null || g.high === null
            ? 'none'
            : `${ratioText(g.low)} to ${ratioText(g.high)} (${Math.round(g.confidence * 100)} %)`,
        isNumber: true,
      },
      { head: 'threshold', cell: (g) => ratioText(g.threshold), isNumber: true },
      { head: 'reason', cell: (g) => g.reason, isLong: true },
    ],
    'Gates of the policy. A gate that is not decidable is never a pass.',
  );
}

/** The page that a ramp decision is read from: verdict, why, what would change it, and all that it rests on. */
export function renderDecisionHtml(model: DecisionModel): string {
  const { decision, evaluations } = model;
  const colours: Record<string, string> = { candidate: 'var(--cand)', baseline: 'var(--base)' };
  return page(
    `${decision.program}: ${decision.verdict}`,
    html`${first(model)}
<h2>Ratios and gates</h2>${intervalChart(decision.ratios, decision.gates)}${gatesTable(decision.gates)}
<h2>Both sides</h2>${decision.sets.map(setSection)}
<h2>Power over time</h2>${representatives(model).map((r) => timelineChart(r.evaluation, `${r.role} ${r.sku}`, colours[r.role] ?? 'var(--ink)'))}
<h2>Evidence</h2>${evidenceTable(evaluations)}
<h2>Findings</h2>${findingsSection(decision.findings)}
<h2>Method and lineage</h2>${METHODS}<p>Policy <strong>${decision.policy.name}</strong>: ${decision.policy.description}</p><p>${decision.prices ? `Prices: ${decision.prices.name}, ${decision.prices.date}, ${decision.prices.currency}; ${decision.prices.source}.` : 'No price basis.'}</p>${lineage(evaluations)}<p class="small">${decision.code}</p>`,
  );
}

/** The page of sets that are scored without a comparison. */
export function renderSetHtml(model: DecisionModel): string {
  const { decision, evaluations } = model;
  return page(
    `${decision.program}: ${decision.sets.map((s) => s.id).join(', ')}`,
    html`${simulatedBanner(decision.simulated)}<h1>${decision.program} · ${decision.sets.length} set, scored</h1>${decision.sets.map(setSection)}<h2>Power over time</h2>${representatives(model).map((r) => timelineChart(r.evaluation, r.sku, 'var(--cand)'))}<h2>Evidence</h2>${evidenceTable(evaluations)}<h2>Findings</h2>${findingsSection(decision.findings)}<h2>Method and lineage</h2>${METHODS}${lineage(evaluations)}<p class="small">${decision.code}</p>`,
  );
}
