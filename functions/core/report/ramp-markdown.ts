import type { ComputedRamp, RampResult } from '../decision/ramp-result.ts';
import { bullets, escapeMarkdown, markdownTable } from './markdown.ts';
import { avoidedFinding, cumulativeFinding } from './ramp-months-chart.ts';
import {
  basisText,
  count,
  FLIP_CAPTION,
  FLIP_HEADS,
  finding,
  flipRow,
  inputText,
  money,
  PART_HEADS,
  partRows,
  partsCaption,
  statements,
  withRange,
} from './ramp-text.ts';
import { tornadoFinding } from './tornado-chart.ts';

const YEAR = 12;

function tornadoTable({ tornado, currency }: ComputedRamp): string {
  return markdownTable(
    ['input', 'unit', 'from', '5 %', '95 %', 'savings at 5 %', 'savings at 95 %'],
    tornado.map((bar) => [
      bar.input,
      bar.unit,
      bar.source,
      inputText(bar.low),
      inputText(bar.high),
      money(bar.savingsAtLow, currency),
      money(bar.savingsAtHigh, currency),
    ]),
  );
}

/** The end of each year of the plan, and of the plan: JSON has every month. */
function yearsTable(ramp: ComputedRamp): string {
  const amount = (value: number): string => money(value, ramp.currency);
  const { months } = ramp;
  const ends = months.flatMap((m, i) => ((i + 1) % YEAR === 0 || i === months.length - 1 ? [{ m, i }] : []));
  return markdownTable(
    ['by the end of', 'chips', 'GPUs dropped', 'GPU spend avoided so far', 'cumulative savings'],
    ends.map(({ m, i }) => [
      m.month,
      count(m.chips),
      count(m.gpusDropped),
      amount(months.slice(0, i + 1).reduce((sum, { gpuSpendAvoided }) => sum + gpuSpendAvoided, 0)),
      withRange(ramp, m.cumulativeSavings, amount),
    ]),
  );
}

function computed(ramp: ComputedRamp): string {
  const flips = ramp.flipPrices.map((f) => flipRow(ramp, f));
  const text = escapeMarkdown;
  return [
    `**${text(finding(ramp))}**`,
    bullets([...statements(ramp), ...ramp.notes]),
    `### Cost of a million useful tokens\n\n${text(partsCaption(ramp))}`,
    markdownTable(
      PART_HEADS,
      partRows(ramp).map((r) => [r.name, r.candidate, r.gpu]),
    ),
    `### Prices at which it flips\n\n${FLIP_CAPTION}`,
    markdownTable(
      FLIP_HEADS,
      flips.map((r) => [r.price, r.planned, r.flip, r.room]),
    ),
    `### What the savings hang on\n\n${text(tornadoFinding(ramp))}`,
    ...(ramp.tornado.length > 0 ? [tornadoTable(ramp)] : []),
    `### Over time\n\n${text(`${cumulativeFinding(ramp)} ${avoidedFinding(ramp)}`)}`,
    yearsTable(ramp),
    text(basisText(ramp)),
  ].join('\n\n');
}

/** The economics of a ramp as Markdown: the same facts as the section of the page, without the pictures. */
export function rampMarkdown(ramp: RampResult): string {
  return `## Ramp economics: ${escapeMarkdown(ramp.plan)}\n\n${ramp.status === 'computed' ? computed(ramp) : escapeMarkdown(ramp.reason)}\n`;
}
