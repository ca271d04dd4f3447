import type { Evaluation, UnitEvaluation } from '../efficiency/evaluation.ts';
import { type UnitSpread, unitSpread } from '../efficiency/unit-spread.ts';
import { digits, joules, NO_READING, percent } from './format.ts';
import { type Html, html, table } from './html.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';

/** Units shown; the rest is in chips.csv. */
const SHOWN = 40;

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);
const count = (value: number | null): string => orNone(value, String);
const held = ({ throttledRatio: t }: UnitEvaluation): string => {
  const known = [t.power, t.thermal, t.other].filter((v) => v !== null);
  return known.length === 0 ? NO_READING : known.map((v) => percent(v)).join(' / ');
};
const perUnit = (u: UnitEvaluation, value: number | null): string =>
  u.evidence === 'D' ? 'not decidable' : joules(value);

interface Column {
  readonly head: string;
  readonly cell: (unit: UnitEvaluation) => string;
  /** Shown even where no unit has anything in it. */
  readonly isAlways?: boolean;
}

const NAMES: readonly (keyof UnitEvaluation & ('node' | 'slot' | 'lot' | 'bin' | 'stepping' | 'firmware'))[] =
  ['node', 'slot', 'lot', 'bin', 'stepping', 'firmware'];

const COLUMNS: readonly Column[] = [
  ...NAMES.map((name): Column => ({ head: name, cell: (u) => u[name] ?? NO_READING })),
  { head: 'energy', cell: (u) => (u.evidence === 'D' ? 'not decidable' : joules(u.energyJ)), isAlways: true },
  { head: 'a useful token', cell: (u) => perUnit(u, u.energyPerUsefulTokenJ) },
  { head: 'a sample', cell: (u) => perUnit(u, u.energyPerSampleJ) },
  { head: 'tokens/s and chip', cell: (u) => orNone(u.tokensPerSecond, (v) => digits(v, 4)) },
  { head: 'MFU', cell: (u) => percent(u.mfuRatio) },
  { head: 'held back: power / heat / other', cell: held },
  { head: 'temperature', cell: (u) => orNone(u.temperatureC, (v) => `${digits(v, 3)} °C`) },
  { head: 'highest', cell: (u) => orNone(u.maxTemperatureC, (v) => `${digits(v, 3)} °C`) },
  { head: 'ECC, corrected', cell: (u) => count(u.eccCorrected) },
  { head: 'ECC, uncorrected', cell: (u) => count(u.eccUncorrected) },
  { head: 'faults', cell: (u) => count(u.faults) },
  { head: 'work by', cell: (u) => u.work.basis, isAlways: true },
  { head: 'grade', cell: (u) => u.evidence, isAlways: true },
];

/** Columns in which a unit has something. */
const columnsOf = (units: readonly UnitEvaluation[]): readonly Column[] =>
  COLUMNS.filter((c) => c.isAlways || units.some((u) => ![NO_READING, 'not decidable'].includes(c.cell(u))));

const PLURALS: Record<UnitEvaluation['kind'], string> = { chip: 'chips', node: 'nodes' };

/** Worst first; units without the figure, which nothing can be said of, before all. */
function worstFirst(units: readonly UnitEvaluation[], spread: UnitSpread | null): UnitEvaluation[] {
  const value = (u: UnitEvaluation): number => (spread ? (u[spread.key] ?? Number.POSITIVE_INFINITY) : 0);
  return [...units].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return x === y ? (a.id < b.id ? -1 : 1) : y - x;
  });
}

const KEY_TEXTS: Record<UnitSpread['key'], string> = {
  energyPerUsefulTokenJ: 'a useful token',
  energyPerTokenJ: 'a token',
  energyPerSampleJ: 'a sample',
  energyJ: 'over the run',
};

/** Best, worst and outlying units, and what the spread rests on, in sentences. */
function sentences(units: readonly UnitEvaluation[], spread: UnitSpread | null): string[] {
  const kind = (units[0] as UnitEvaluation).kind;
  const open = units.filter((u) => u.evidence === 'D').length;
  const undecided = open === 0 ? [] : [`Not decidable: ${open} of ${units.length} ${PLURALS[kind]}.`];
  if (!spread) return undecided;
  const { best, worst, key, median } = spread;
  const per = KEY_TEXTS[key];
  const range =
    best.id === worst.id
      ? []
      : [
          `Worst: ${worst.id} with ${joules(worst[key])} ${per}, ${percent((worst[key] as number) / (best[key] as number) - 1)} above the best, ${best.id} with ${joules(best[key])}; median ${joules(median)}.`,
        ];
  const outliers = spread.outliers.map(
    (o) => `${o.unit.id} (${joules(o.unit[key])}, modified z ${digits(o.z, 3)})`,
  );
  const list = outliers.length > 8 ? [...outliers.slice(0, 8), `${outliers.length - 8} more`] : outliers;
  const outlying = outliers.length === 0 ? [] : [`Outliers by the modified z: ${list.join(', ')}.`];
  const isShared = units.some((u) => u.work.basis === 'equal share');
  const parts = units.find((u) => u.work.basis === 'equal share')?.work.sharedBy;
  const shared = isShared
    ? [
        `No counter tells the work of ${units.every((u) => u.work.basis === 'equal share') ? 'each' : 'some'} of them: an equal share of the run's work stands in (1 of ${parts ?? 'all'} for each chip), so that their figures differ by their energy alone.`,
      ]
    : [];
  return [...range, ...outlying, ...undecided, ...shared];
}

interface Shown {
  readonly title: string;
  readonly text: string;
  readonly rows: readonly UnitEvaluation[];
  readonly columns: readonly Column[];
  readonly caption: string;
}

/** What is shown of each kind of unit that the run has. The parts of a run of grade D are printed no more than the whole. */
function shownOf({ units: all, evidence }: Evaluation): Shown[] {
  const units = evidence === 'D' ? all.map((u): UnitEvaluation => ({ ...u, evidence })) : all;
  return (['chip', 'node'] as const).flatMap((kind): Shown[] => {
    const own = units.filter((u) => u.kind === kind);
    if (own.length === 0) return [];
    const spread = unitSpread(own);
    const which =
      own.length > SHOWN ? `the ${SHOWN} worst of ${own.length}; all are in chips.csv` : 'worst first';
    const title = kind === 'chip' ? 'Chips' : 'Nodes';
    return [
      {
        title,
        text: sentences(own, spread).join(' '),
        rows: worstFirst(own, spread).slice(0, SHOWN),
        columns: columnsOf(own),
        caption: `${title} of the run, ${which}`,
      },
    ];
  });
}

const analysis = ({ unitOfAnalysis }: Evaluation): string =>
  `Unit of analysis: the ${unitOfAnalysis}, the finest of which each one has an energy per token.`;

/** Tables of chips and nodes; null where neither was read. */
export function unitsSection(e: Evaluation): Html | null {
  if (e.units.length === 0) return null;
  return html`${shownOf(e).map(({ title, text, rows, columns, caption }) => {
    const cells = columns.map(({ head, cell }) => ({ head, cell, isNumber: true }));
    return html`<h2>${title}</h2><p>${text}</p>${table(rows, [{ head: 'unit', cell: (u) => u.id }, ...cells], caption)}`;
  })}<p class="small">${analysis(e)}</p>`;
}

export function unitsMarkdown(e: Evaluation): string {
  if (e.units.length === 0) return '';
  const parts = shownOf(e).map(({ title, text, rows, columns, caption }) => {
    const cells = rows.map((u) => [u.id, ...columns.map((c) => c.cell(u))]);
    return `\n## ${title}\n\n${escapeMarkdown(text)}\n\n${caption}.\n\n${markdownTable(['unit', ...columns.map((c) => c.head)], cells)}\n`;
  });
  return `${parts.join('')}\n${analysis(e)}\n`;
}
