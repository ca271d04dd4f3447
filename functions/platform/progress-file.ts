import type { ProgressRecord } from '../core/telemetry/progress.ts';
import { type ParquetColumn, readRows, writeRows } from './parquet.ts';

/** Columns of a progress file, and the property of a record that each holds. */
const COLUMNS: readonly (ParquetColumn & { readonly property: keyof ProgressRecord })[] = [
  { name: 'kind', type: 'STRING', property: 'kind' },
  { name: 'time_ms', type: 'DOUBLE', property: 'timeMs' },
  { name: 'key', type: 'STRING', property: 'key' },
  { name: 'step', type: 'DOUBLE', property: 'step' },
  { name: 'samples', type: 'DOUBLE', property: 'samples' },
  { name: 'tokens', type: 'DOUBLE', property: 'tokens' },
  { name: 'real_tokens', type: 'DOUBLE', property: 'realTokens' },
  { name: 'step_real_tokens', type: 'DOUBLE', property: 'stepRealTokens' },
  { name: 'step_ms', type: 'DOUBLE', property: 'stepMs' },
  { name: 'skipped_steps', type: 'DOUBLE', property: 'skippedSteps' },
  { name: 'tokens_per_second_per_chip', type: 'DOUBLE', property: 'tokensPerSecondPerChip' },
  { name: 'tflops_per_chip', type: 'DOUBLE', property: 'tflopsPerChip' },
  { name: 'mfu_ratio', type: 'DOUBLE', property: 'mfuRatio' },
  { name: 'value', type: 'DOUBLE', property: 'value' },
  { name: 'text', type: 'STRING', property: 'text' },
];

export const progressFile = (records: readonly ProgressRecord[]): Uint8Array =>
  writeRows(
    COLUMNS,
    records.map((record) =>
      Object.fromEntries(COLUMNS.map(({ name, property }) => [name, record[property]])),
    ),
  );

export async function readProgress(bytes: Uint8Array): Promise<ProgressRecord[]> {
  const rows = await readRows(bytes);
  return rows.map(
    (row) =>
      Object.fromEntries(
        COLUMNS.map(({ name, property }) => [property, row[name] ?? null]),
      ) as unknown as ProgressRecord,
  );
}
