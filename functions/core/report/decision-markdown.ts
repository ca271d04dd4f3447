import type { DecisionModel } from './decision-html.ts';
import { changeText, intervalText, joules, METRIC_NAMES, minutes, ratioText } from './format.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';
import { evidenceMarkdown } from './run-markdown.ts';

/** The decision as Markdown: the same facts as the page, without the pictures. */
export function renderDecisionMarkdown({ decision, evaluations }: DecisionModel): string {
  const sections = [
    decision.simulated ? '**Simulated data.** These numbers say nothing about any real chip.' : '',
    decision.methodConflict
      ? `**The verdict depends on the energy method.** ${escapeMarkdown(decision.methodConflict.message)}`
      : '',
    `# ${escapeMarkdown(decision.program)}: ${decision.verdict}`,
    `${decision.date}, policy ${escapeMarkdown(decision.policy.name)}`,
    decision.reasons.length > 0 ? `## Why\n\n${bullets(decision.reasons)}` : '',
    decision.next.length > 0 ? `## What would change it\n\n${bullets(decision.next)}` : '',
    `## Ratios\n\n${markdownTable(
      ['workload', 'metric', 'method', 'ratio', 'change', 'interval', 'runs'],
      decision.ratios.map((r) => [
        r.workload,
        METRIC_NAMES[r.metric],
        r.method,
        ratioText(r.ratio),
        changeText(r.ratio),
        intervalText(r.low, r.high, r.confidence),
        `${r.n.candidate} / ${r.n.baseline}`,
      ]),
    )}`,
    `## Gates\n\n${markdownTable(
      ['gate', 'duty', 'result', 'threshold', 'reason'],
      decision.gates.map((g) => [g.id, g.duty, g.result, ratioText(g.threshold), g.reason]),
    )}`,
    `## Sets\n\n${markdownTable(
      [
        'set',
        'role',
        'SKU',
        'runs',
        'time to train',
        'energy, clipped',
        'energy, MLPerf v4.0 rule',
        'evidence',
      ],
      decision.sets.map((s) => [
        s.id,
        s.role,
        s.sku,
        String(s.runs.length),
        minutes(s.timeToTrainMin),
        s.evidence === 'D' ? 'not decidable' : joules(s.energy.clippedTrapezoidJ),
        joules(s.energy.mlperfTrainingV40J),
        s.evidence,
      ]),
    )}`,
    `## Evidence\n\n${evidenceMarkdown(evaluations)}`,
    decision.findings.length > 0
      ? `## Findings\n\n${bullets(decision.findings.map((f) => `${f.severity}, ${f.about ?? ''}: ${f.message}`))}`
      : '',
  ];
  return `${sections.filter((s) => s !== '').join('\n\n')}\n`;
}
