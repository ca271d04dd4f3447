import type { Evaluation } from '../efficiency/evaluation.ts';
import { costMarkdown } from './cost-section.ts';
import { clippedText, energyText } from './evidence-section.ts';
import { joules, minutes, percent, seconds, watts } from './format.ts';
import { healthMarkdown } from './health-section.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';
import { progressMarkdown } from './progress-section.ts';
import { reliabilityMarkdown } from './reliability-section.ts';
import { filesMarkdown } from './run-files-section.ts';
import { runSentence } from './run-summary.ts';
import { sensorMarkdown } from './sensor-section.ts';
import { timelineMarkdown } from './timeline-section.ts';
import { unitsMarkdown } from './units-section.ts';

export function evidenceMarkdown(evaluations: readonly Evaluation[]): string {
  return markdownTable(
    [
      'run',
      'status',
      'time',
      'energy, clipped',
      'energy, MLPerf v4.0 rule',
      'mean power',
      'coverage',
      'largest gap in run',
      'grade',
    ],
    evaluations.map((e) => [
      e.run,
      e.status,
      minutes(e.timeToTrainS / 60),
      clippedText(e),
      joules(e.energy.mlperfTrainingV40J),
      e.evidence === 'D' ? 'not decidable' : watts(e.meanPowerW),
      percent(e.coverageRatio),
      seconds(e.maxGapInRunS),
      e.evidence,
    ]),
  );
}

/** What was read where, and what led it to the boundary that the energy is taken at. */
function boundaryMarkdown(e: Evaluation): string {
  if (e.scopes.length === 0) return '';
  const rows = e.scopes.map((s) => [
    s.id,
    s.isEstimate ? 'estimated' : s.measuredBoundary,
    String(s.conversionEfficiency),
    s.efficiencyBasis,
    s.boundary,
  ]);
  return `\n## Boundaries\n\n${markdownTable(['scope', 'measured at', 'factor', 'basis of factor', 'boundary after it'], rows)}\n`;
}

export function renderRunMarkdown(evaluation: Evaluation): string {
  const e = evaluation;
  const { energy, method } = energyText(e);
  return `${e.simulated ? '**Simulated data.**\n\n' : ''}# ${escapeMarkdown(`${e.program} / ${e.run}`)}

${escapeMarkdown(runSentence(e))}

${escapeMarkdown(`${e.role}, ${e.sku}, ${e.workload.name}: ${e.status}`)}

${escapeMarkdown(`Energy of the system: ${energy}, ${method}.`)}

${evidenceMarkdown([e])}
${boundaryMarkdown(e)}${timelineMarkdown(e)}${unitsMarkdown(e)}${healthMarkdown(e)}${reliabilityMarkdown(e)}${sensorMarkdown(e)}${progressMarkdown(e)}${costMarkdown(e)}
## Findings

${e.findings.length === 0 ? 'None.' : bullets(e.findings.map((f) => `${f.severity}: ${f.message}`))}
${filesMarkdown(e)}`;
}
