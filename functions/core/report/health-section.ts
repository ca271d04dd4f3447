import type { Evaluation, Health, ScopeEvaluation } from '../efficiency/evaluation.ts';
import { pair } from './folded.ts';
import { digits, NO_READING, percent } from './format.ts';
import { type Html, html } from './html.ts';
import { markdownTable } from './markdown.ts';
import { stackedTable } from './stacked-table.ts';

/** Scopes shown: those that fared worst. */
const WORST = 8;

type HealthScope = ScopeEvaluation & { readonly health: Health };

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);
const celsius = (value: number | null): string => orNone(value, (v) => `${digits(v, 3)} °C`);
const count = (value: number | null): string => orNone(value, String);
const throttledOf = ({ throttledRatio: t }: Health): number =>
  (t.power ?? 0) + (t.thermal ?? 0) + (t.other ?? 0);

/** What one cell says: a figure, and below it what belongs to it. */
interface Said {
  readonly figure: string;
  readonly below: string;
}

const heldBy = ({ throttledRatio: t }: Health): string =>
  [
    ...(t.power === null ? [] : [`power ${percent(t.power)}`]),
    ...(t.thermal === null ? [] : [`heat ${percent(t.thermal)}`]),
    ...(t.other === null ? [] : [`other ${percent(t.other)}`]),
  ].join(', ');
const isHeldRead = ({ throttledRatio: t }: Health): boolean => Object.values(t).some((v) => v !== null);

const COLUMNS: readonly { readonly head: string; readonly cell: (health: Health) => Said }[] = [
  {
    head: 'held back',
    cell: (h) => ({ figure: isHeldRead(h) ? percent(throttledOf(h)) : NO_READING, below: heldBy(h) }),
  },
  {
    head: 'temperature, mean',
    cell: (h) => ({
      figure: celsius(h.temperatureC),
      below: h.maxTemperatureC === null ? '' : `highest ${celsius(h.maxTemperatureC)}`,
    }),
  },
  {
    head: 'clock, mean',
    cell: (h) => ({ figure: orNone(h.clockHz, (v) => `${digits(v / 1e6, 4)} MHz`), below: '' }),
  },
  {
    head: 'utilization',
    cell: (h) => ({
      figure: percent(h.utilizationRatio),
      below: h.tensorActiveRatio === null ? '' : `tensor units ${percent(h.tensorActiveRatio)}`,
    }),
  },
  {
    head: 'ECC, uncorrected',
    cell: (h) => ({
      figure: count(h.eccUncorrected),
      below: h.eccCorrected === null ? '' : `${h.eccCorrected} corrected`,
    }),
  },
  { head: 'faults', cell: (h) => ({ figure: count(h.faults), below: '' }) },
];

const hasHealth = (scope: ScopeEvaluation): scope is HealthScope => scope.health !== undefined;

/** Uncorrected errors and faults first, then what heat and power took, then the hottest. */
function byHarm({ health: a, id }: HealthScope, { health: b, id: other }: HealthScope): number {
  const errors = (h: Health): number => (h.eccUncorrected ?? 0) + (h.faults ?? 0);
  return (
    errors(b) - errors(a) ||
    throttledOf(b) - throttledOf(a) ||
    (b.maxTemperatureC ?? 0) - (a.maxTemperatureC ?? 0) ||
    (id < other ? -1 : 1)
  );
}

interface Row {
  readonly name: string;
  readonly health: Health;
}

/** The run, then its worst scopes; columns that nothing was read for are left out. */
function rowsOf({ health, scopes }: Evaluation): { rows: Row[]; columns: typeof COLUMNS; caption: string } {
  const read = scopes.filter(hasHealth).sort(byHarm);
  const worst = read.slice(0, WORST);
  const whole: Row[] = health ? [{ name: `the run (${health.scopes} scopes)`, health }] : [];
  const rows = [...whole, ...worst.map((s) => ({ name: s.id, health: s.health }))];
  const columns = COLUMNS.filter((c) =>
    rows.some((row) => c.cell(row.health).figure !== NO_READING || c.cell(row.health).below !== ''),
  );
  const which =
    read.length > WORST ? `the ${WORST} worst of ${read.length} scopes` : 'every scope, worst first';
  return { rows, columns, caption: `How the hardware fared during the run: ${which}` };
}

/** How the hardware fared, in a sentence. */
function healthText(h: Health): string {
  const heat = h.maxTemperatureC === null ? [] : [`the hottest reading was ${celsius(h.maxTemperatureC)}`];
  const held = isHeldRead(h) ? [`chips were held back for ${percent(throttledOf(h))} of the time`] : [];
  const errors =
    h.eccUncorrected === null && h.faults === null
      ? ['nothing counted errors']
      : [`${(h.eccUncorrected ?? 0) + (h.faults ?? 0) || 'no'} uncorrected memory errors and faults`];
  const [first = '', ...rest] = [...held, ...heat, ...errors];
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...rest].join('; ')}.`;
}

const saidText = ({ figure, below }: Said): string => (below === '' ? figure : `${figure} (${below})`);

/** Throttling, temperature, errors; null where nothing of it was read. */
export function healthSection(evaluation: Evaluation): Html | null {
  if (!evaluation.health) return null;
  const { rows, columns, caption } = rowsOf(evaluation);
  const cells = columns.map(({ head, cell }) => ({
    head,
    cell: (row: Row) => pair(cell(row.health).figure, cell(row.health).below),
    isNumber: true,
  }));
  return html`<h2>Hardware</h2><p>${healthText(evaluation.health)}</p>${stackedTable(rows, [{ head: 'scope', cell: (row) => row.name }, ...cells], caption)}`;
}

export function healthMarkdown(evaluation: Evaluation): string {
  if (!evaluation.health) return '';
  const { rows, columns, caption } = rowsOf(evaluation);
  const cells = rows.map((row) => [row.name, ...columns.map((c) => saidText(c.cell(row.health)))]);
  return `\n## Hardware\n\n${healthText(evaluation.health)}\n\n${caption}.\n\n${markdownTable(['scope', ...columns.map((c) => c.head)], cells)}\n`;
}
