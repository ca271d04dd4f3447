import type { Evaluation } from '../efficiency/evaluation.ts';
import { costSection } from './cost-section.ts';
import { joules, NO_READING, seconds, timeText } from './format.ts';
import { healthSection } from './health-section.ts';
import { type Html, html } from './html.ts';
import { page, simulatedBanner } from './page.ts';
import { progressSection } from './progress-section.ts';
import { reliabilitySection } from './reliability-section.ts';
import { runEvidenceSection } from './run-evidence-section.ts';
import { filesSection } from './run-files-section.ts';
import { errorsOnTop, runFindingsSection } from './run-findings-section.ts';
import { lengthText, runFacts, runSentence } from './run-summary.ts';
import { sensorSection } from './sensor-section.ts';
import { stackedTable } from './stacked-table.ts';
import { timelineSection } from './timeline-section.ts';
import { unitsSection } from './units-section.ts';

/** The first screen: what the run is, what it says, and what of that cannot be believed. */
function first(e: Evaluation): Html {
  const isGood = e.status === 'success';
  return html`${simulatedBanner(e.simulated)}<h1>${e.program} · run ${e.run} · ${e.role} · ${e.sku} · ${e.workload.name}</h1>
${errorsOnTop(e)}<p class="says">${runSentence(e)}</p>
<p><strong class="${isGood ? 'pass' : 'fail'}">${e.status}</strong> · ${e.system.name} · ${timeText(e.startMs)} to ${timeText(e.stopMs)}, ${lengthText(e.timeToTrainS)}</p>
<ul class="facts" style="grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr))">${runFacts(e).map(({ figure, about }) => html`<li><b>${figure}</b><span>${about}</span></li>`)}</ul>`;
}

/** Evaluations of the model that stand open; of more, the last ones. */
const EVALUATIONS = 12;

function workSection(e: Evaluation): Html {
  const isOpen = e.evidence === 'D';
  const amount =
    e.work.amount === null
      ? `Work done: ${NO_READING} (${e.work.basis}).`
      : `${e.work.amount} ${e.work.unit}s (${e.work.basis}).`;
  const sample = e.energyPerSampleJ === null || isOpen ? '' : ` ${joules(e.energyPerSampleJ)} a sample.`;
  const token = e.energyPerTokenJ === null || isOpen ? '' : ` ${joules(e.energyPerTokenJ)} a token.`;
  const which = e.quality.length > EVALUATIONS ? `, the last ${EVALUATIONS} of ${e.quality.length}` : '';
  const quality = stackedTable(
    e.quality.slice(-EVALUATIONS),
    [
      { head: 'time since start', cell: (q) => seconds(q.timeS), isNumber: true },
      { head: 'evaluation', cell: (q) => q.value, isNumber: true },
    ],
    `Evaluations of the model${which}`,
  );
  return html`<h2>Work and quality</h2><p>${amount}${sample}${token}</p>${e.quality.length === 0 ? null : quality}`;
}

/** The page of one run: what it took, how well that is known, and what it rests on. */
export function renderRunHtml(e: Evaluation): string {
  return page(
    `${e.program} / ${e.run}`,
    html`${first(e)}
${timelineSection(e)}
${runFindingsSection(e)}
${unitsSection(e)}${healthSection(e)}${reliabilitySection(e)}${sensorSection(e)}${progressSection(e)}${costSection(e)}${workSection(e)}
${runEvidenceSection(e)}
${filesSection(e)}`,
  );
}
