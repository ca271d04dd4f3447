import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BASELINES } from '../functions/core/efficiency/baselines.ts';
import type { Baseline, Figure } from '../functions/core/efficiency/catalogue.ts';
import { PRICE_BASES } from '../functions/core/efficiency/prices.ts';
import { SENSORS } from '../functions/core/efficiency/sensors.ts';

/** Where the table of figures lies in the repository. */
export const FIGURES_PATH = fileURLToPath(new URL('../docs/figures.md', import.meta.url));

const HEAD = `# Figures

Every figure from outside that Wattline ships, with its source and grade. Written by \`node data/export-figures.ts\` from the files in \`data/baselines\` and \`data/prices\`; a test fails where the two differ.

Grades: **V** verified in the primary file or recomputed from it; **S** seen in a secondary source only. A figure that nobody verified or saw (M) is not shipped, and "not published" stands where there is none: nothing is estimated. Peaks are dense, without sparsity.
`;

type Cell = string | number;

/** Twelve digits hide what division by a power of ten adds at the end of a number. */
const scaled = (value: number, unit: number): number => Number((value / unit).toPrecision(12));

function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly divisor: number;
  readonly figure: Figure | null;
}

function quantities(baseline: Baseline): Quantity[] {
  const peaks = Object.entries(baseline.densePeakFlops).map(([precision, figure]) => ({
    name: `dense ${precision} peak`,
    unit: precision.startsWith('int') ? 'TOP/s' : 'TFLOP/s',
    divisor: 1e12,
    figure,
  }));
  return [
    { name: 'board power limit', unit: 'W', divisor: 1, figure: baseline.powerW },
    { name: 'all-in power', unit: 'W', divisor: 1, figure: baseline.allInPowerW },
    ...peaks,
    { name: 'memory', unit: 'GB', divisor: 1e9, figure: baseline.memoryBytes },
    { name: 'memory bandwidth', unit: 'TB/s', divisor: 1e12, figure: baseline.memoryBandwidthBytesPerS },
  ];
}

function accelerators(): string {
  const rows = BASELINES.flatMap((baseline) =>
    quantities(baseline).map(({ name, unit, divisor, figure }) =>
      figure
        ? [
            baseline.sku,
            name,
            `${scaled(figure.value, divisor)} ${unit}`,
            figure.grade,
            figure.source,
            figure.note ?? '',
          ]
        : [baseline.sku, name, 'not published', '', '', ''],
    ),
  );
  return table(['chip', 'figure', 'value', 'grade', 'source', 'note'], rows);
}

function names(): string {
  const rows = BASELINES.map((b) => [b.sku, b.vendor, b.aliases.join('; ')]);
  return table(['chip', 'maker', 'also found as'], rows);
}

function results(): string {
  const rows = BASELINES.flatMap(({ sku, published }) =>
    published.map((p) => [
      sku,
      p.suite,
      p.benchmark,
      `${p.submitter}, ${p.system}`,
      p.chips,
      p.timeToTrainMin,
      p.energyJ === null ? 'not published' : `${scaled(p.energyJ, 1000)} (${p.energyBoundary})`,
      p.grade,
      p.source,
      p.note ?? '',
    ]),
  );
  const columns = ['chip', 'suite', 'benchmark', 'submitter, system', 'chips', 'time, min', 'energy, kJ'];
  return table([...columns, 'grade', 'source', 'note'], rows);
}

function prices(): string {
  const rows = PRICE_BASES.flatMap((basis) =>
    basis.perChipHour.map((p) => [basis.name, basis.date, p.sku, p.value, p.grade, p.note ?? '']),
  );
  const bases = PRICE_BASES.map(
    (basis) => `- **${basis.name}** (${basis.date}): ${basis.description}. Source: ${basis.source}.`,
  );
  return `${bases.join('\n')}\n\n${table(['basis', 'date', 'chip', 'USD per chip-hour', 'grade', 'note'], rows)}`;
}

const share = (value: number): string => `${scaled(value, 0.01)} %`;
const signed = (value: number): string => `${value > 0 ? '+' : ''}${share(value)}`;

function sensors(): string {
  const rows = SENSORS.flatMap((s) => {
    const facts: [string, { grade: string; source: string; note?: string | undefined } | null, string][] = [
      ['energy against an external meter', s.energyBiasRatio, signed(s.energyBiasRatio?.value ?? 0)],
      ['stated accuracy', s.accuracyRatio, `±${share(s.accuracyRatio?.value ?? 0)}`],
      ['stated accuracy', s.accuracyW, `±${s.accuracyW?.value} W`],
      ['refresh period', s.refreshPeriodS, `${s.refreshPeriodS?.value} s`],
      ['share of the time sampled', s.sampledRatio, share(s.sampledRatio?.value ?? 0)],
      ['averaging', s.averaging, s.averaging?.text ?? ''],
    ];
    return facts.map(([name, figure, value]) =>
      figure
        ? [s.name, name, value, figure.grade, figure.source, figure.note ?? '']
        : [s.name, name, 'not published', '', '', ''],
    );
  });
  return table(['sensor', 'figure', 'value', 'grade', 'source', 'note'], rows);
}

/** docs/figures.md: every figure of the catalogues, one a row. */
export function figuresMarkdown(): string {
  return `${[
    HEAD,
    '## Accelerators\n',
    accelerators(),
    '\n## Names\n\nCompared without case, spaces, dashes and underscores, exactly otherwise.\n',
    names(),
    '\n## Published results\n\nTime is the olympic mean times the scaling factor; energy is of the whole system by the MLPerf Training v4.0 rule.\n',
    results(),
    '\n## Prices\n\nBases differ by a factor of three and more for one chip: a cost is nothing without the name and date of its basis.\n',
    prices(),
    '\n## Sensors\n\nWhat was published of the power sensors that chips carry. Reports print it beside an energy; nothing is corrected by it.\n',
    sensors(),
  ].join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FIGURES_PATH, figuresMarkdown());
