import type { Evaluation, ProgressEvaluation } from '../efficiency/evaluation.ts';
import { digits, joules, NO_READING, percent, seconds } from './format.ts';
import { type Html, html } from './html.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);
const count = (value: number | null): string => orNone(value, (v) => String(Number(v.toPrecision(12))));
const rate = (value: number | null): string => orNone(value, (v) => digits(v, 4));

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

const WORK_HEADS = ['kept', 'done'];
const RATE_HEADS = ['over the run', 'over the steps', 'as the log claims'];

function workRows({ useful, processed }: ProgressEvaluation): Row[] {
  const row = (name: string, key: keyof ProgressEvaluation['useful']): Row => ({
    name,
    cells: [count(useful[key]), count(processed[key])],
  });
  return [
    row('steps', 'steps'),
    row('samples', 'samples'),
    row('tokens', 'tokens'),
    row('tokens without padding', 'realTokens'),
  ].filter((r) => r.cells[0] !== NO_READING);
}

function rateRows({ overRun, overSteps, logged }: ProgressEvaluation): Row[] {
  const row = (name: string, key: keyof typeof logged, text: (value: number | null) => string): Row => ({
    name,
    cells: [overRun, overSteps, logged].map((rates) => text(rates[key])),
  });
  return [
    row('tokens per second and chip', 'tokensPerSecondPerChip', rate),
    row('TFLOP/s per chip', 'tflopsPerChip', rate),
    row('MFU', 'mfuRatio', percent),
  ].filter((r) => r.cells.some((cell) => cell !== NO_READING));
}

/** Goodput, step time, restarts and the yardstick of MFU, in sentences. */
function sentences(e: Evaluation, p: ProgressEvaluation): string[] {
  const basis = p.stepTimeBasis === 'clock' ? ', from the times of the log lines' : '';
  const perToken = e.evidence === 'D' ? 'not decidable' : joules(p.energyPerUsefulTokenJ);
  const peak = p.peakFlopsPerChip === null ? 'no peak' : `${digits(p.peakFlopsPerChip / 1e12, 4)} TFLOP/s`;
  return [
    ...(p.goodputRatio === null
      ? []
      : [`Goodput ${percent(p.goodputRatio)}: time of the steps kept over run time.`]),
    ...(p.meanStepTimeS === null ? [] : [`Mean step time ${seconds(p.meanStepTimeS)}${basis}.`]),
    `Restarts: ${p.restarts}. Skipped steps: ${count(p.skippedSteps)}.`,
    ...(p.energyPerUsefulTokenJ === null ? [] : [`Energy per useful token: ${perToken}.`]),
    ...(p.flopsFormula === null
      ? []
      : [
          `FLOPs a token: ${p.flopsPerToken?.toPrecision(4)} (${p.flopsFormula}); dense peak of a chip at ${p.precision ?? 'no stated precision'}: ${peak}.`,
        ]),
  ];
}

const tableOf = (rows: readonly Row[], heads: readonly string[], caption: string): Html | null =>
  rows.length === 0
    ? null
    : stackedTable(
        rows,
        [
          { head: 'measured', cell: (row) => row.name },
          ...heads.map((head, i) => ({ head, cell: (row: Row) => row.cells[i] ?? '', isNumber: true })),
        ],
        caption,
      );

/** Work, goodput and utilization by the training logs; null where they report none. */
export function progressSection(e: Evaluation): Html | null {
  const { progress } = e;
  if (!progress) return null;
  return html`<h2>Training</h2><p>${sentences(e, progress).join(' ')}</p>${tableOf(
    workRows(progress),
    WORK_HEADS,
    'Work that was kept, and all that was done',
  )}${tableOf(rateRows(progress), RATE_HEADS, 'Rates of one chip')}`;
}

export function progressMarkdown(e: Evaluation): string {
  const { progress } = e;
  if (!progress) return '';
  const rows = (of: readonly Row[], heads: readonly string[]): string =>
    of.length === 0
      ? ''
      : `\n${markdownTable(
          ['', ...heads],
          of.map((r) => [r.name, ...r.cells]),
        )}\n`;
  return `\n## Training\n\n${escapeMarkdown(sentences(e, progress).join(' '))}\n${rows(workRows(progress), WORK_HEADS)}${rows(rateRows(progress), RATE_HEADS)}`;
}
