import type { Evaluation, Health, ScopeEvaluation } from '../efficiency/evaluation.ts';
import { digits, NO_READING, percent } from './format.ts';
import { type Html, html, table } from './html.ts';
import { markdownTable } from './markdown.ts';

/** Scopes shown: those that fared worst. */
const WORST = 8;

type HealthScope = ScopeEvaluation & { readonly health: Health };

const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? NO_READING : text(value);
const celsius = (value: number | null): string => orNone(value, (v) => `${digits(v, 3)} °C`);
const count = (value: number | null): string => orNone(value, String);
const throttledOf = ({ throttledRatio: t }: Health): number =>
  (t.power ?? 0) + (t.thermal ?? 0) + (t.other ?? 0);

const COLUMNS: readonly { readonly head: string; readonly cell: (health: Health) => string }[] = [
  { head: 'held back by power', cell: (h) => percent(h.throttledRatio.power) },
  { head: 'by heat', cell: (h) => percent(h.throttledRatio.thermal) },
  { head: 'otherwise', cell: (h) => percent(h.throttledRatio.other) },
  { head: 'temperature, mean', cell: (h) => celsius(h.temperatureC) },
  { head: 'highest', cell: (h) => celsius(h.maxTemperatureC) },
  { head: 'clock, mean', cell: (h) => orNone(h.clockHz, (v) => `${digits(v / 1e6, 4)} MHz`) },
  { head: 'utilization', cell: (h) => percent(h.utilizationRatio) },
  { head: 'tensor units active', cell: (h) => percent(h.tensorActiveRatio) },
  { head: 'ECC, corrected', cell: (h) => count(h.eccCorrected) },
  { head: 'ECC, uncorrected', cell: (h) => count(h.eccUncorrected) },
  { head: 'faults', cell: (h) => count(h.faults) },
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
  const columns = COLUMNS.filter((c) => rows.some((row) => c.cell(row.health) !== NO_READING));
  const which =
    read.length > WORST ? `the ${WORST} worst of ${read.length} scopes` : 'every scope, worst first';
  return { rows, columns, caption: `How the hardware fared during the run: ${which}` };
}

/** Throttling, temperature, errors; null where nothing of it was read. */
export function healthSection(evaluation: Evaluation): Html | null {
  if (!evaluation.health) return null;
  const { rows, columns, caption } = rowsOf(evaluation);
  const cells = columns.map(({ head, cell }) => ({
    head,
    cell: (row: Row) => cell(row.health),
    isNumber: true,
  }));
  return html`<h2>Hardware</h2>${table(rows, [{ head: 'scope', cell: (row) => row.name }, ...cells], caption)}`;
}

export function healthMarkdown(evaluation: Evaluation): string {
  if (!evaluation.health) return '';
  const { rows, columns, caption } = rowsOf(evaluation);
  const cells = rows.map((row) => [row.name, ...columns.map((c) => c.cell(row.health))]);
  return `\n## Hardware\n\n${caption}.\n\n${markdownTable(['scope', ...columns.map((c) => c.head)], cells)}\n`;
}
