import type { Evaluation } from '../efficiency/evaluation.ts';
import { clippedText } from './evidence-section.ts';
import { joules, minutes, percent, seconds, watts } from './format.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';

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

export function renderRunMarkdown(evaluation: Evaluation): string {
  const e = evaluation;
  return `${e.simulated ? '**Simulated data.**\n\n' : ''}# ${escapeMarkdown(`${e.program} / ${e.run}`)}

${escapeMarkdown(`${e.role}, ${e.sku}, ${e.workload.name}: ${e.status}`)}

${evidenceMarkdown([e])}

## Findings

${e.findings.length === 0 ? 'None.' : bullets(e.findings.map((f) => `${f.severity}: ${f.message}`))}
`;
}
