import { InputError } from '../../errors.ts';
import { splitCells } from '../cells.ts';
import { progressRecord, SAMPLED_EXPORT } from '../progress.ts';
import { readTable } from '../table.ts';
import type { ColumnPlan, ProgressColumn, TablePlan } from '../table-plan.ts';
import type { Format } from './format.ts';

/** What a chart is drawn over, as the first column of its export says. */
const AXES: Readonly<Record<string, ColumnPlan>> = {
  Step: { role: 'progress', property: 'step' },
  _step: { role: 'progress', property: 'step' },
  global_step: { role: 'progress', property: 'step' },
  'train/global_step': { role: 'progress', property: 'step' },
  'trainer/global_step': { role: 'progress', property: 'step' },
  _timestamp: { role: 'time', form: 'unix-s' },
  'Wall Time': { role: 'time', form: 'unix-s' },
  // Beside the series, these say the step.
  'Relative Time (Process)': { role: 'skip' },
  'Relative Time (Wall)': { role: 'skip' },
  _runtime: { role: 'skip' },
  'train/epoch': { role: 'skip' },
  epoch: { role: 'skip' },
};
/** What an export holds beside its metric where the chart is not drawn over steps. */
const STEP = '_step';
/** Metrics that are totals of work; any other is a value by its own name. */
const TOTALS: Readonly<Record<string, ProgressColumn>> = {
  'train/global_step': 'step',
  'trainer/global_step': 'step',
  consumed_samples: 'samples',
  'train/num_input_tokens_seen': 'tokens',
};
const SERIES = /^(.+?) - (.+)$/;
/** Exports put the range of what a point stands for beside it. */
const RANGE = /__(?:MIN|MAX)$/;

interface Series {
  readonly run: string;
  readonly metric: string;
}

/** What each column is a series of; null for the axis, the ranges and what names no run. */
const seriesOf = (cells: readonly string[]): (Series | null)[] =>
  cells.map((cell, i) => {
    const [, run, metric] = (i > 0 && !RANGE.test(cell) && SERIES.exec(cell)) || [];
    return run === undefined || metric === undefined ? null : { run, metric };
  });

const isHeader = (cells: readonly string[]): boolean =>
  Object.hasOwn(AXES, cells[0] ?? '') && seriesOf(cells).some((series) => series !== null);

function planOf(cells: readonly string[], path: string): TablePlan {
  const series = seriesOf(cells);
  const runs = [...new Set(series.flatMap((s) => (s ? [s.run] : [])))];
  const metrics = [...new Set(series.flatMap((s) => (s && s.metric !== STEP ? [s.metric] : [])))];
  if (runs.length > 1 || metrics.length > 1)
    throw new InputError(
      'several-series',
      `${path}: the chart shows ${[...runs, ...metrics].slice(0, 6).join(', ')}; expected the export of one metric of one run`,
    );
  const [metric] = metrics;
  if (metric === undefined)
    throw new InputError(
      'columns-unknown',
      `${path}: the chart shows ${STEP} alone; expected the export of a metric`,
    );
  const property = Object.hasOwn(TOTALS, metric) ? (TOTALS[metric] as ProgressColumn) : 'value';
  const axis = AXES[cells[0] as string] as ColumnPlan;
  const hasStep = axis.role !== 'progress' && property !== 'step' && series.some((s) => s?.metric === STEP);
  if (axis.role === 'skip' && !hasStep)
    throw new InputError(
      'columns-unknown',
      `${path}: the chart is drawn over ${JSON.stringify(cells[0])}, which says neither step nor time; expected its export with Step or Wall Time as the x-axis`,
    );
  const isLoss = metric.split('/').at(-1) === 'loss';
  return {
    names: cells,
    columns: series.map((s, i): ColumnPlan => {
      if (i === 0) return axis;
      if (s?.metric === STEP) return hasStep ? { role: 'progress', property: 'step' } : { role: 'skip' };
      return s ? { role: 'progress', property } : { role: 'skip' };
    }),
    kind: 'chip',
    progressKey: isLoss ? 'loss' : metric,
    progressKind: /^(?:eval|val|validation)\b/.test(metric) ? 'evaluation' : 'step',
  };
}

/** A chart of Weights & Biases as CSV: one metric of one run, of which the export may hold only some points. */
export const wandbChartCsv: Format = {
  id: 'wandb-chart-csv',
  title: 'Weights & Biases chart CSV',
  sniff: (head) => isHeader(splitCells(head.split(/\r?\n/)[0]?.replace(/^\ufeff/, '') ?? '') ?? []),
  async read(chunks, context, sink) {
    sink.progress(progressRecord({ kind: 'fact', key: SAMPLED_EXPORT, value: 1 }));
    sink.note({
      code: 'sampled-export',
      severity: 'info',
      message: 'a chart holds some of the points of its metric; its rows are not counted as steps',
    });
    await readTable(chunks, context, sink, {
      header: (cells) => (isHeader(cells) ? planOf(cells, context.path) : null),
    });
  },
};
