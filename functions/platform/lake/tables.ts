import { DecisionSchema } from '../../core/decision/decision.ts';
import { EvaluationSchema } from '../../core/efficiency/evaluation.ts';
import { ReceiptSchema } from '../../core/telemetry/receipt.ts';
import { NUMBER_COLUMNS } from '../../core/telemetry/segment-table.ts';
import { type Column, columnsOf } from './column-type.ts';

/** Files below one prefix of the lake, as a table; people ask the views over it (views.ts). */
export interface LakeTable {
  readonly name: string;
  /** Prefix in the lake, and folder of a store. */
  readonly folder: string;
  readonly format: 'json' | 'parquet';
  /** From the path of a file, not from the file. */
  readonly partitions: readonly ('program' | 'run')[];
  readonly columns: readonly Column[];
}

const withName = (names: readonly string[], type: Column['type']): Column[] =>
  names.map((name) => ({ name, type }));

/** Of `latest.json`, which lies among the results that it points into. */
const POINTER = withName(['digest', 'key'], 'text');

const without = (columns: readonly Column[], names: readonly string[]): readonly Column[] =>
  columns.filter(({ name }) => !names.includes(name));

const PROGRESS_NUMBERS = [
  'step',
  'samples',
  'tokens',
  'real_tokens',
  'step_real_tokens',
  'step_ms',
  'skipped_steps',
  'tokens_per_second_per_chip',
  'tflops_per_chip',
  'mfu_ratio',
  'value',
];

/**
 * The lake as tables, for Glue and for DuckDB alike. JSON is found by program alone, and tells its run itself, so
 * that one query reads all runs of a program; Parquet, of which there is much, by program and run.
 */
export const LAKE_TABLES = {
  receipts: {
    name: 'receipt_files',
    folder: 'receipts',
    format: 'json',
    partitions: ['program'],
    columns: without(columnsOf(ReceiptSchema), ['program']),
  },
  segments: {
    name: 'segment_files',
    folder: 'segments',
    format: 'parquet',
    partitions: ['program', 'run'],
    columns: [
      ...withName(['scope', 'power_w_ledger'], 'text'),
      ...withName(['first_is_cut', 'last_is_cut'], 'flag'),
      ...withName(NUMBER_COLUMNS, 'number'),
    ],
  },
  progress: {
    name: 'progress_files',
    folder: 'progress',
    format: 'parquet',
    partitions: ['program', 'run'],
    columns: [
      { name: 'kind', type: 'text' },
      { name: 'time_ms', type: 'number' },
      { name: 'key', type: 'text' },
      ...withName(PROGRESS_NUMBERS, 'number'),
      { name: 'text', type: 'text' },
    ],
  },
  evaluations: {
    name: 'evaluation_files',
    folder: 'evaluations',
    format: 'json',
    partitions: ['program'],
    columns: [...without(columnsOf(EvaluationSchema), ['program']), ...POINTER],
  },
  decisions: {
    name: 'decision_files',
    folder: 'decisions',
    format: 'json',
    partitions: ['program'],
    columns: [...without(columnsOf(DecisionSchema), ['program']), ...POINTER],
  },
} as const satisfies Record<string, LakeTable>;
