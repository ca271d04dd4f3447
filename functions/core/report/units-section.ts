import type { Evaluation, UnitEvaluation } from '../efficiency/evaluation.ts';
import { type UnitSpread, unitSpread } from '../efficiency/unit-spread.ts';
import { folded, pair } from './folded.ts';
import { digits, joules, NO_READING, percent, watts } from './format.ts';
import { type Html, html, type TableColumn } from './html.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

/** Units that stand open at either end, and in all. */
const WORST = 6;
const BEST = 4;
/** Units of the whole table; the rest of very many is in chips.csv. */
const SHOWN = 1_000;
/** Rows of Markdown. */
const SHOWN_MARKDOWN = 40;

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);
const held = ({ throttledRatio: t }: UnitEvaluation): number | null => {
  const known = [t.power, t.thermal, t.other].filter((v) => v !== null);
  return known.length === 0 ? null : known.reduce((sum, v) => sum + v, 0);
};
const heldBy = ({ throttledRatio: t }: UnitEvaluation): string =>
  [
    ...(t.power ? [`power ${percent(t.power)}`] : []),
    ...(t.thermal ? [`heat ${percent(t.thermal)}`] : []),
    ...(t.other ? [`other ${percent(t.other)}`] : []),
  ].join(', ');
const decided = (u: UnitEvaluation, value: number | null): string =>
  u.evidence === 'D' ? 'not decidable' : joules(value);
const listed = (parts: readonly (readonly [string, string | null])[]): string =>
  parts.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`])).join(', ');

/** What one cell says: a figure, and below it what belongs to it. */
interface Said {
  readonly figure: string;
  readonly below: string;
}

interface Column {
  readonly head: string;
  readonly cell: (unit: UnitEvaluation) => Said;
  /** Shown even where no unit has anything in it. */
  readonly isAlways?: boolean;
}

const energyColumn: Column = {
  head: 'energy',
  cell: (u) => ({
    figure: decided(u, u.energyJ),
    below: u.evidence === 'D' || u.meanPowerW === null ? '' : `mean ${watts(u.meanPowerW)}`,
  }),
  isAlways: true,
};
/** Energy for a unit of work, by the best one that is known of the chip or node. */
function perWork(u: UnitEvaluation): { figure: string; per: string } {
  if (u.evidence === 'D') return { figure: 'not decidable', per: '' };
  const sample = u.energyPerSampleJ === null ? '' : `${joules(u.energyPerSampleJ)} a sample`;
  const token = u.energyPerUsefulTokenJ ?? u.energyPerTokenJ;
  if (token === null)
    return sample === ''
      ? { figure: NO_READING, per: '' }
      : { figure: joules(u.energyPerSampleJ), per: 'a sample' };
  const unit = u.energyPerUsefulTokenJ === null ? 'a token' : 'a useful token';
  return { figure: joules(token), per: sample === '' ? unit : `${unit}; ${sample}` };
}

const workColumn: Column = {
  head: 'per work',
  cell: (u) => ({ figure: perWork(u).figure, below: perWork(u).per }),
};
const gradeColumn: Column = {
  head: 'grade',
  cell: (u) => ({ figure: u.evidence, below: `work by ${u.work.basis}` }),
  isAlways: true,
};

const COLUMNS: readonly Column[] = [
  {
    head: 'made',
    cell: (u) => ({
      figure: listed([
        ['lot', u.lot],
        ['bin', u.bin],
      ]),
      below: listed([
        ['stepping', u.stepping],
        ['firmware', u.firmware],
      ]),
    }),
  },
  energyColumn,
  workColumn,
  {
    head: 'tokens/s and chip',
    cell: (u) => ({
      figure: orNone(u.tokensPerSecond, (v) => digits(v, 4)),
      below: u.mfuRatio === null ? '' : `MFU ${percent(u.mfuRatio)}`,
    }),
  },
  { head: 'held back', cell: (u) => ({ figure: percent(held(u)), below: heldBy(u) }) },
  {
    head: 'temperature',
    cell: (u) => ({
      figure: orNone(u.temperatureC, (v) => `${digits(v, 3)} °C`),
      below: u.maxTemperatureC === null ? '' : `highest ${digits(u.maxTemperatureC, 3)} °C`,
    }),
  },
  {
    head: 'errors',
    cell: (u) => ({
      figure:
        listed([
          ['ECC', u.eccUncorrected === null ? null : String(u.eccUncorrected)],
          ['faults', u.faults === null ? null : String(u.faults)],
        ]) || NO_READING,
      below: u.eccCorrected === null ? '' : `${u.eccCorrected} corrected`,
    }),
  },
  gradeColumn,
];

/** Columns in which a unit has something. */
const columnsOf = (units: readonly UnitEvaluation[]): readonly Column[] =>
  COLUMNS.filter(
    (c) =>
      c.isAlways ||
      units.some((u) => {
        const { figure, below } = c.cell(u);
        return below !== '' || !['', NO_READING, 'not decidable'].includes(figure);
      }),
  );

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
  /** Worst first. */
  readonly units: readonly UnitEvaluation[];
  readonly columns: readonly Column[];
}

/** What is shown of each kind of unit that the run has. The parts of a run of grade D are printed no more than the whole. */
function shownOf({ units: all, evidence }: Evaluation): Shown[] {
  const units = evidence === 'D' ? all.map((u): UnitEvaluation => ({ ...u, evidence })) : all;
  return (['chip', 'node'] as const).flatMap((kind): Shown[] => {
    const own = units.filter((u) => u.kind === kind);
    if (own.length === 0) return [];
    const spread = unitSpread(own);
    const title = kind === 'chip' ? 'Chips' : 'Nodes';
    const text = sentences(own, spread).join(' ');
    return [{ title, text, units: worstFirst(own, spread), columns: columnsOf(own) }];
  });
}

const analysis = ({ unitOfAnalysis }: Evaluation): string =>
  `Unit of analysis: the ${unitOfAnalysis}, the finest of which each one has an energy per token.`;

const place = (u: UnitEvaluation): string =>
  listed([
    ['node', u.kind === 'chip' ? u.node : null],
    ['slot', u.slot],
  ]);

const unitColumn: TableColumn<UnitEvaluation> = { head: 'unit', cell: (u) => pair(u.id, place(u)) };
const tableColumns = (columns: readonly Column[]): TableColumn<UnitEvaluation>[] => [
  unitColumn,
  ...columns.map(
    ({ head, cell }): TableColumn<UnitEvaluation> => ({
      head,
      cell: (u) => pair(cell(u).figure, cell(u).below),
      isNumber: true,
    }),
  ),
];

/** Few columns, so that a table of a thousand chips is no heavier than the rest of the page. */
const LEAN: readonly TableColumn<UnitEvaluation>[] = [
  { head: 'unit', cell: (u) => u.id },
  { head: 'energy', cell: (u) => energyColumn.cell(u).figure, isNumber: true },
  { head: 'per work', cell: (u) => `${perWork(u).figure} ${perWork(u).per.split(';')[0]}`, isNumber: true },
  { head: 'grade', cell: (u) => u.evidence },
];

/** The worst and the best stand open; where there are more, all are a click away. */
function unitTables({ title, units, columns }: Shown): Html {
  const kinds = title.toLowerCase();
  if (units.length <= WORST + BEST)
    return stackedTable(units, tableColumns(columns), `${title} of the run, worst first`);
  const all = stackedTable(
    units.slice(0, SHOWN),
    LEAN,
    `${title} of the run, worst first${units.length > SHOWN ? `, ${SHOWN} of ${units.length}` : ''}; every figure of each is in chips.csv`,
  );
  return html`${stackedTable(units.slice(0, WORST), tableColumns(columns), `The ${WORST} worst of ${units.length} ${kinds}`)}${stackedTable(units.slice(-BEST).reverse(), tableColumns(columns), `The ${BEST} best, the best one first`)}${folded(`All ${units.length} ${kinds}`, all)}`;
}

/** Tables of chips and nodes; null where neither was read. */
export function unitsSection(e: Evaluation): Html | null {
  if (e.units.length === 0) return null;
  return html`${shownOf(e).map((shown) => html`<h2>${shown.title}</h2><p>${shown.text}</p>${unitTables(shown)}`)}<p class="small">${analysis(e)}</p>`;
}

export function unitsMarkdown(e: Evaluation): string {
  if (e.units.length === 0) return '';
  const parts = shownOf(e).map(({ title, text, units, columns }) => {
    const cells = units
      .slice(0, SHOWN_MARKDOWN)
      .map((u) => [u.id, place(u), ...columns.map((c) => saidText(c.cell(u)))]);
    const which =
      units.length > SHOWN_MARKDOWN
        ? `the ${SHOWN_MARKDOWN} worst of ${units.length}; all are in chips.csv`
        : 'worst first';
    return `\n## ${title}\n\n${escapeMarkdown(text)}\n\n${title} of the run, ${which}.\n\n${markdownTable(['unit', 'place', ...columns.map((c) => c.head)], cells)}\n`;
  });
  return `${parts.join('')}\n${analysis(e)}\n`;
}

const saidText = ({ figure, below }: Said): string =>
  below === '' ? figure : figure === '' ? below : `${figure} (${below})`;
