import type { Decision, SetScore } from '../decision/decision.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { chipsTexts } from './chips-section.ts';
import { contrastName, gatesOn } from './contrast-text.ts';
import { contrastRows, INTERVALS_TEXT, mixText } from './contrasts-section.ts';
import { ledgerMarkdown } from './decision-evidence.ts';
import { type DecisionModel, gradesText } from './decision-html.ts';
import { rebuildCommand } from './decision-lineage.ts';
import { meaningOf } from './decision-meaning.ts';
import { reliabilityTexts } from './decision-reliability.ts';
import { driftTexts } from './drift-section.ts';
import { changeText, declaredText, joules, METRIC_NAMES, minutes, ratioText } from './format.ts';
import { gatesFinding } from './gates-finding.ts';
import { gateInterval, gateNumber, restsOn } from './gates-section.ts';
import { headlineFacts } from './headline-facts.ts';
import { lossTexts } from './loss-section.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';
import { nightsFinding } from './nights-finding.ts';
import { floors, overNights } from './nights-section.ts';
import { editedText, policyChanges, versionText } from './policy-section.ts';
import { rampMarkdown } from './ramp-markdown.ts';
import { evidenceMarkdown } from './run-markdown.ts';
import { scoredInterval, withoutIntervals } from './scored-ratios.ts';

/** Runs and findings that are listed; all of them are in the page and in JSON. */
const LISTED = 20;

const listed = (title: string, lines: readonly string[]): string =>
  lines.length > 0 ? `## ${title}\n\n${bullets(lines)}` : '';

function gates({ gates: all }: Decision): string {
  const rows = all.map((g) => [
    `${g.id} (${g.workload})`,
    g.duty,
    g.result,
    METRIC_NAMES[g.metric],
    g.ratio === null ? 'none' : gateNumber(g, g.ratio),
    gateInterval(g),
    declaredText(g.threshold),
    restsOn(g),
    `${g.reason}${g.needs ? `; ${g.needs.text}` : ''}`,
  ]);
  const head = ['gate', 'duty', 'result', 'metric', 'figure', 'interval', 'threshold', 'rests on', 'reason'];
  return `## Gates\n\n${escapeMarkdown(gatesFinding(all))}\n\n${markdownTable(head, rows)}`;
}

function contrasts(decision: Decision): string {
  const rows = contrastRows(decision);
  if (rows.length === 0) return '';
  const text = (facts: readonly (readonly [string, string])[]): string =>
    facts.map(([name, value]) => `${name} ${value}`).join('; ') || 'none';
  const table = markdownTable(
    ['metric', 'of', 'ratio', 'rests on', 'intervals', 'spread'],
    rows.map((r) => [
      r.metric,
      r.about,
      r.ratio,
      `${r.units}, ${r.nights}`,
      text(r.intervals),
      text(r.spreads),
    ]),
  );
  const mix = mixText(decision);
  return `## By workload and mix\n\n${mix ? `${escapeMarkdown(mix)}\n\n` : ''}${table}\n\n${INTERVALS_TEXT}`;
}

function policy(decision: Decision): string {
  const changes = policyChanges(decision);
  if (changes.length === 0) return '';
  const rows = changes.map((c) => [
    c.about,
    c.field,
    `${c.old} (from ${versionText(c.before)})`,
    `${c.new} (from ${versionText(c.after)})`,
  ]);
  return `## Policy and its history\n\n${escapeMarkdown(editedText(decision) ?? '')}\n\n${markdownTable(['gate', 'field', 'before', 'after'], rows)}`;
}

function ramp({ ramp: result }: Decision): string {
  if (!result) return '';
  if (result.status === 'computed') return rampMarkdown(result).trimEnd();
  return `## Ramp economics: ${escapeMarkdown(result.plan)}\n\n**Not computable.** ${escapeMarkdown(result.reason)}`;
}

function ratios(decision: Decision): string {
  const { ratios: all } = decision;
  const why = withoutIntervals(decision);
  const rows = all.map((r) => [
    r.workload,
    METRIC_NAMES[r.metric],
    r.method,
    ratioText(r.ratio),
    changeText(r.ratio),
    scoredInterval(decision, r),
    `${r.n.candidate} / ${r.n.baseline}`,
  ]);
  return all.length === 0
    ? ''
    : `## Ratios of the sets\n\n${why ? `${why}\n\n` : ''}${markdownTable(['workload', 'metric', 'method', 'ratio', 'change', 'interval', 'runs'], rows)}`;
}

const setRow = (s: SetScore): string[] => [
  s.id,
  s.role,
  s.sku,
  String(s.runs.length),
  minutes(s.timeToTrainMin),
  s.evidence === 'D' ? 'not decidable' : joules(s.energy.clippedTrapezoidJ),
  joules(s.energy.mlperfTrainingV40J),
  s.evidence,
];
const SET_HEAD = [
  'set',
  'role',
  'SKU',
  'runs',
  'time to train',
  'energy, clipped',
  'energy, MLPerf v4.0 rule',
  'evidence',
];

/** The runs that are worst known come first where not all are listed. */
function evidence(decision: Decision, evaluations: readonly Evaluation[]): string {
  const isLong = evaluations.length > LISTED;
  const worst = [...evaluations].sort((a, b) =>
    a.evidence === b.evidence ? 0 : a.evidence < b.evidence ? 1 : -1,
  );
  const shown = isLong ? worst.slice(0, LISTED) : evaluations;
  const about = isLong ? `${gradesText(evaluations)} The ${LISTED} that are known worst:\n\n` : '';
  const ledger = ledgerMarkdown(decision, evaluations);
  return `## Evidence\n\n${ledger ? `${ledger}\n\n` : ''}${about}${evidenceMarkdown(shown)}`;
}

function findings({ findings: all }: Decision): string {
  const lines = all.slice(0, LISTED).map((f) => `${f.severity}, ${f.about ?? ''}: ${f.message}`);
  return listed('Findings', all.length > LISTED ? [...lines, `${all.length - LISTED} more`] : lines);
}

function opening(decision: Decision): string[] {
  const edited = editedText(decision);
  return [
    decision.simulated ? '**Simulated data.** These numbers say nothing about any real chip.' : '',
    edited ? `**${escapeMarkdown(edited)}**` : '',
    decision.methodConflict
      ? `**The verdict depends on the energy method.** ${escapeMarkdown(decision.methodConflict.message)}`
      : '',
    `# ${escapeMarkdown(decision.program)}: ${decision.verdict}`,
    `${decision.date}, policy ${escapeMarkdown(decision.policy.name)}`,
    meaningOf(decision),
    bullets(headlineFacts(decision).map((f) => `${f.figure}: ${f.about}`)),
    listed('Why', decision.reasons),
    listed('What would change it', decision.next),
  ];
}

/** The decision as Markdown: the same facts as the page, without the pictures. */
export function renderDecisionMarkdown({ decision, evaluations }: DecisionModel): string {
  const nights = overNights(decision).map(
    (c) => `${contrastName(c)}: ${nightsFinding(c, gatesOn(decision, c))}`,
  );
  const sections = [
    ...opening(decision),
    gates(decision),
    listed('Over nights', [...nights, ...floors(decision)]),
    listed('Over chips', chipsTexts(decision)),
    listed('Loss at equal tokens', lossTexts(decision)),
    contrasts(decision),
    listed('Reliability', reliabilityTexts(decision)),
    listed('The baseline over time', driftTexts(decision)),
    ramp(decision),
    policy(decision),
    ratios(decision),
    `## Sets\n\n${markdownTable(SET_HEAD, decision.sets.map(setRow))}`,
    evidence(decision, evaluations),
    findings(decision),
    `## Lineage\n\nMade again, byte for byte, by \`${rebuildCommand(decision)}\`. Code ${escapeMarkdown(decision.code)}.`,
  ];
  return `${sections.filter((s) => s !== '').join('\n\n')}\n`;
}
