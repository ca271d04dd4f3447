import type { Decision } from '../decision/decision.ts';
import { meaningOf } from './decision-meaning.ts';
import { declaredText, METRIC_NAMES } from './format.ts';
import { gatesFinding } from './gates-finding.ts';
import { gateInterval, gateNumber } from './gates-section.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';
import { editedText } from './policy-section.ts';

/** Reasons in a message; the report has all of them. */
const REASONS = 3;

const MARKS = { pass: 'pass', fail: '**fail**', 'not decidable': '**open**' } as const;

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const rest = lines.length - REASONS;
  const shown = rest > 0 ? [...lines.slice(0, REASONS), `${rest} more in the report`] : lines;
  return `**${title}**\n\n${bullets(shown)}`;
}

function gatesTable({ gates }: Decision): string {
  const cells = gates.map((g) => [
    `${g.id} (${g.workload})`,
    METRIC_NAMES[g.metric],
    g.ratio === null ? 'none' : gateNumber(g, g.ratio),
    gateInterval(g),
    `${g.duty === 'stop' ? 'fires above' : 'below'} ${declaredText(g.threshold)}`,
    g.result,
  ]);
  const head = ['gate', 'metric', 'figure', 'interval', 'threshold', 'result'];
  // Results are words of ours: their emphasis is put in after everything else was escaped.
  return markdownTable(head, cells).replace(
    /\| (fail|not decidable) \|$/gm,
    (_, result: 'fail' | 'not decidable') => `| ${MARKS[result]} |`,
  );
}

/**
 * The decision as a message for a pull request or a chat: verdict, reasons, gates, and where the report lies.
 * `report` is where whoever reads it finds the page: a path, a URI or a URL.
 */
export function renderDecisionSummary(decision: Decision, report: string): string {
  const { program, date, verdict, policy, simulated, reasons, next, gates } = decision;
  const edited = editedText(decision);
  const isLink = /^https?:\/\/[^\s()<>]+$/.test(report);
  const parts = [
    `### ${escapeMarkdown(program)}, ${date}: ${verdict}`,
    simulated ? '**Simulated data.** These numbers say nothing about any real chip.' : '',
    edited ? `**${escapeMarkdown(edited)}**` : '',
    `${meaningOf(decision)} ${escapeMarkdown(gatesFinding(gates))}`,
    list('Why', reasons),
    list('What would change it', next),
    gatesTable(decision),
    `Policy ${escapeMarkdown(policy.name)}. ${isLink ? `[Report](${report})` : `Report: ${escapeMarkdown(report)}`}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
