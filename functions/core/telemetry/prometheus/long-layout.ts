import { splitCells } from '../cells.ts';
import { seriesName } from './labels.ts';
import { isKnownMetric } from './series-plan.ts';

const SEPARATOR_LINE = /^sep=(.)$/;
const DELIMITERS = [',', ';', '\t'] as const;
export type LongDelimiter = (typeof DELIMITERS)[number];
/** Rows in which a metric that is known must stand. */
const LOOKED_AT = 200;

const TIME = /^(?:_?time(?:[ _-]?stamp)?(?:[ _-]?(?:utc|ms|s))?|ts|date[ _]?time)$/i;
const METRIC = /^(?:metric(?:[ _]?name)?|__name__|series|name)$/i;
/** Grafana puts the letter of the query behind it. */
const VALUE = /^(?:value(?: #[A-Z])?|metric_value)$/i;
const LABELS = /^(?:labels(?:_raw)?|tags|metric_labels)$/i;

/** What may tell the chip of a row that holds several metrics. */
const CHIP = /^(?:gpu|(?:gpu[-_ ]?)?(?:id|index|uuid)|serial(?:_number)?)$/i;
/** Names that only an exporter gives; `gpu_power_usage` is also what a home-made column of milliwatts is called. */
const DISTINCT =
  /^(?:dcgm_|nvidia_smi_|habanalabs_|amd_gpu_|gpu_(?:average_)?package_power$|gpu_gfx_activity$|hw_(?:power_watts|energy_joules)|neuroncore_)/i;

const isExporters = (name: string): boolean => DISTINCT.test(name) && isKnownMetric(name);

/** A table of exporters' metrics, and which of its columns is what. */
export interface LongLayout {
  readonly delimiter: LongDelimiter;
  readonly names: readonly string[];
  readonly time: number;
  /** Columns of one metric a row; -1 where columns are named by metrics. */
  readonly metric: number;
  readonly value: number;
  /** Columns that are named by metrics, of a table without a column of metrics. */
  readonly metrics: readonly number[];
  /** -1: there is none. */
  readonly labels: number;
  /** Whether the rows go series by series; else scrape by scrape. */
  readonly isBySeries: boolean;
}

/** Name of the metric in a cell, which may be a whole series: `name{gpu="0"}`. */
export function metricIn(cell: string): { name: string; labels: ReadonlyMap<string, string> } {
  const series = cell.endsWith('}') ? seriesName(cell) : null;
  return series && series.end === cell.length ? series : { name: cell, labels: new Map() };
}

const cellsOf = (line: string, delimiter: string): string[] =>
  splitCells(line.replace(/^\ufeff/, ''), delimiter) ?? [];

/** The only column whose name fits; -1 where there is none or several. */
function onlyColumn(names: readonly string[], pattern: RegExp): number {
  const fitting = [...names.keys()].filter((i) => pattern.test(names[i] as string));
  return fitting.length === 1 ? (fitting[0] as number) : -1;
}

function layoutBy(lines: readonly string[], delimiter: LongDelimiter): Omit<LongLayout, 'isBySeries'> | null {
  const names = cellsOf(lines[0] ?? '', delimiter);
  const [time, value, labels] = [TIME, VALUE, LABELS].map((pattern) => onlyColumn(names, pattern)) as [
    number,
    number,
    number,
  ];
  if (time < 0) return null;
  const named = [...names.keys()].filter((i) => isExporters(names[i] as string));
  if (named.length > 0 && names.some((name) => CHIP.test(name)))
    return { delimiter, names, time, metric: -1, value: -1, metrics: named, labels };
  if (value < 0) return null;
  const rows = lines.slice(1).map((line) => cellsOf(line, delimiter));
  const metrics = [...names.keys()].filter((i) => METRIC.test(names[i] as string));
  const known = metrics.find((i) => rows.some((cells) => isExporters(metricIn(cells[i] ?? '').name)));
  const isScript = names.includes('uuid') || names.includes('gpu_id');
  const metric = known ?? (isScript ? names.indexOf('metric_name') : -1);
  return metric < 0 ? null : { delimiter, names, time, metric, value, metrics: [], labels };
}

/** Series by series: the second row is of the same series as the first one, at another time. */
function goesBySeries({ time, value, delimiter }: Omit<LongLayout, 'isBySeries'>, rows: readonly string[]) {
  if (value < 0) return false;
  const [first = [], second = []] = rows.slice(0, 2).map((line) => cellsOf(line, delimiter));
  const isOfBoth = (cell: string, i: number): boolean => i === time || i === value || cell === second[i];
  return second.length === first.length && first[time] !== second[time] && first.every(isOfBoth);
}

/** What a file's first lines say of its columns; null where it is no table of known metrics. */
export function longLayout(all: readonly string[]): LongLayout | null {
  const lines = all.filter((line) => line.trim() !== '').slice(0, LOOKED_AT);
  const stated = SEPARATOR_LINE.exec(lines[0] ?? '')?.[1];
  const table = stated === undefined ? lines : lines.slice(1);
  for (const delimiter of DELIMITERS) {
    if (stated !== undefined && stated !== delimiter) continue;
    const layout = layoutBy(table, delimiter);
    if (layout) return { ...layout, isBySeries: goesBySeries(layout, table.slice(1)) };
  }
  return null;
}

export const isSeparatorLine = (line: string): boolean => SEPARATOR_LINE.test(line);
