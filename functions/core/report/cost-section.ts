import type { Evaluation } from '../efficiency/evaluation.ts';
import type { Carbon, RunCost } from '../efficiency/run-figures.ts';
import { digits, NO_READING } from './format.ts';
import { type Html, html } from './html.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

const money = (value: number | null): string => (value === null ? NO_READING : digits(value, 4));

const COLUMNS: readonly { readonly head: string; readonly cell: (cost: RunCost) => string }[] = [
  { head: 'price basis', cell: (c) => c.basis },
  { head: 'of', cell: (c) => c.date },
  { head: 'grade', cell: (c) => c.grade },
  { head: 'currency', cell: (c) => c.currency },
  { head: 'a chip-hour', cell: (c) => money(c.perChipHour) },
  { head: 'a million tokens', cell: (c) => money(c.perMillionTokens) },
  { head: 'a million useful tokens', cell: (c) => money(c.perMillionUsefulTokens) },
  { head: 'the run', cell: (c) => money(c.perRun) },
];

const CAPTION =
  'Cost by each packaged price basis that knows the chip (V verified, S from a secondary source)';
const NO_COST = (sku: string): string => `No packaged price basis knows ${sku}: no cost is given.`;

const grams = (value: number): string =>
  value >= 1e6
    ? `${digits(value / 1e6, 4)} t`
    : value >= 1e3
      ? `${digits(value / 1e3, 4)} kg`
      : `${digits(value, 4)} g`;

function carbonText(carbon: Carbon | null): string {
  if (!carbon)
    return 'Carbon: not given; it needs an energy of grade C or better, and the carbon intensity of the site in run.json.';
  const { gramsCo2e, perMillionUsefulTokensG, intensityGPerKwh, basis, source } = carbon;
  const perTokens =
    perMillionUsefulTokensG === null ? '' : `, ${grams(perMillionUsefulTokensG)} a million useful tokens`;
  return `Carbon: ${grams(gramsCo2e)} CO2e${perTokens}; ${basis}, at ${intensityGPerKwh} g/kWh (${source ?? 'source not stated'}).`;
}

/** What the run cost and emitted, each with its basis. */
export function costSection({ costs, carbon, sku }: Evaluation): Html {
  const cells = COLUMNS.map(({ head, cell }, i) => ({ head, cell, isNumber: i > 3 }));
  return html`<h2>Cost and carbon</h2>${costs.length === 0 ? html`<p>${NO_COST(sku)}</p>` : stackedTable(costs, cells, CAPTION)}<p>${carbonText(carbon)}</p>`;
}

export function costMarkdown({ costs, carbon, sku }: Evaluation): string {
  const rows = costs.map((cost) => COLUMNS.map((c) => c.cell(cost)));
  const money =
    costs.length === 0
      ? escapeMarkdown(NO_COST(sku))
      : `${CAPTION}.\n\n${markdownTable(
          COLUMNS.map((c) => c.head),
          rows,
        )}`;
  return `\n## Cost and carbon\n\n${money}\n\n${escapeMarkdown(carbonText(carbon))}\n`;
}
