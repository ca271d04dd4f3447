import type { Evaluation } from '../efficiency/evaluation.ts';
import { costSection } from './cost-section.ts';
import {
  counterText,
  energyText,
  evidenceTable,
  findingsSection,
  lineage,
  METHODS,
} from './evidence-section.ts';
import { joules, minutes, NO_READING, percent, seconds, timeText, watts } from './format.ts';
import { healthSection } from './health-section.ts';
import { html, table } from './html.ts';
import { page, simulatedBanner } from './page.ts';
import { progressSection } from './progress-section.ts';
import { reliabilitySection } from './reliability-section.ts';
import { sensorSection } from './sensor-section.ts';
import { timelineChart } from './timeline-chart.ts';
import { unitsSection } from './units-section.ts';

/** The page of one run: what it took, how well that is known, and what it rests on. */
export function renderRunHtml(evaluation: Evaluation): string {
  const e = evaluation;
  const { energy, method } = energyText(e);
  return page(
    `${e.program} / ${e.run}`,
    html`${simulatedBanner(e.simulated)}<h1>${e.program} · run ${e.run} · ${e.role} · ${e.sku} · ${e.workload.name}</h1>
<p class="verdict ${e.status === 'success' ? 'scale-up' : 'stop'}">${e.status}</p>
<p class="lead">${timeText(e.startMs)} to ${timeText(e.stopMs)}, ${minutes(e.timeToTrainS / 60)}.</p>
<ul class="facts"><li><b>${energy}</b><span>energy of the system between run start and stop, ${method}</span></li><li><b>${joules(e.energy.mlperfTrainingV40J)}</b><span>by the MLPerf Training v4.0 rule</span></li><li><b>${e.evidence === 'D' ? 'not decidable' : watts(e.meanPowerW)}</b><span>mean power at ${e.boundary ?? 'no single boundary'}</span></li><li><b>${e.evidence}</b><span>evidence grade; coverage ${percent(e.coverageRatio)}, largest gap ${seconds(e.maxGapInRunS)}</span></li></ul>
<h2>Power</h2>${timelineChart(e, e.sku, 'var(--cand)')}
<h2>Scopes</h2>${table(
      e.scopes,
      [
        { head: 'scope', cell: (s) => s.id },
        { head: 'kind', cell: (s) => s.kind },
        { head: 'measured at', cell: (s) => (s.isEstimate ? 'estimated' : s.measuredBoundary) },
        { head: 'factor', cell: (s) => s.conversionEfficiency, isNumber: true },
        { head: 'basis of factor', cell: (s) => s.efficiencyBasis },
        { head: 'boundary after it', cell: (s) => s.boundary },
        {
          head: 'energy, clipped',
          cell: (s) => (e.evidence === 'D' ? 'not decidable' : joules(s.energy.clippedTrapezoidJ)),
          isNumber: true,
        },
        {
          head: 'of it bridged',
          cell: (s) =>
            e.evidence === 'D' ? 'not decidable' : s.isEstimate ? 'estimate' : joules(s.bridgedJ),
          isNumber: true,
        },
        {
          head: 'counter',
          cell: (s) => counterText(e, s.energy.counterJ),
          isNumber: true,
        },
        { head: 'MLPerf rule', cell: (s) => joules(s.energy.mlperfTrainingV40J), isNumber: true },
        {
          head: 'coverage',
          cell: (s) => (s.isEstimate ? 'estimate' : percent(s.coverageRatio)),
          isNumber: true,
        },
      ],
      'What was read, scope by scope',
    )}
${unitsSection(e)}${healthSection(e)}${reliabilitySection(e)}${sensorSection(e)}${progressSection(e)}${costSection(e)}<h2>Work and quality</h2><p>${e.work.amount === null ? `Work done: ${NO_READING} (${e.work.basis}).` : `${e.work.amount} ${e.work.unit}s (${e.work.basis}).`} ${e.energyPerSampleJ === null || e.evidence === 'D' ? '' : `${joules(e.energyPerSampleJ)} a sample.`} ${e.energyPerTokenJ === null || e.evidence === 'D' ? '' : `${joules(e.energyPerTokenJ)} a token.`}</p>${
      e.quality.length === 0
        ? null
        : table(
            e.quality,
            [
              { head: 'time since start', cell: (q) => seconds(q.timeS), isNumber: true },
              { head: 'evaluation', cell: (q) => q.value, isNumber: true },
            ],
            'Evaluations of the model',
          )
    }
<h2>Evidence</h2>${evidenceTable([e])}
<h2>Findings</h2>${findingsSection(e.findings)}
<h2>Method and lineage</h2>${METHODS}${lineage([e])}<p class="small">${e.code} · content ${e.contentDigest}</p>`,
  );
}
