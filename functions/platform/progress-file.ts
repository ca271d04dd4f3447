import type { ProgressRecord } from '../core/telemetry/progress.ts';
import { readRows } from './parquet.ts';
import { type FileColumn, numberPage, ParquetFile, textPage } from './parquet-file.ts';

/** Columns of a progress file, and the property of a record that each holds. */
const COLUMNS: readonly (FileColumn & { readonly property: keyof ProgressRecord })[] = [
  { name: 'kind', type: 'text', property: 'kind' },
  { name: 'time_ms', type: 'number', property: 'timeMs' },
  { name: 'key', type: 'text', property: 'key' },
  { name: 'step', type: 'number', property: 'step' },
  { name: 'samples', type: 'number', property: 'samples' },
  { name: 'tokens', type: 'number', property: 'tokens' },
  { name: 'real_tokens', type: 'number', property: 'realTokens' },
  { name: 'step_real_tokens', type: 'number', property: 'stepRealTokens' },
  { name: 'step_ms', type: 'number', property: 'stepMs' },
  { name: 'skipped_steps', type: 'number', property: 'skippedSteps' },
  { name: 'tokens_per_second_per_chip', type: 'number', property: 'tokensPerSecondPerChip' },
  { name: 'tflops_per_chip', type: 'number', property: 'tflopsPerChip' },
  { name: 'mfu_ratio', type: 'number', property: 'mfuRatio' },
  { name: 'value', type: 'number', property: 'value' },
  { name: 'text', type: 'text', property: 'text' },
];

/** Records as a Parquet file, in one group: a training log has thousands of lines, not millions. */
export async function progressFile(records: readonly ProgressRecord[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const file = new ParquetFile(COLUMNS, async (bytes) => void pieces.push(bytes));
  const pages = COLUMNS.map(({ type, property }) =>
    type === 'text'
      ? textPage(records.map((record) => record[property] as string | null))
      : numberPage(
          Float64Array.from(records, (record) => (record[property] as number | null) ?? Number.NaN),
          records.length,
        ),
  );
  await file.group(records.length, pages);
  await file.finish();
  return Buffer.concat(pieces);
}

export async function readProgress(bytes: Uint8Array): Promise<ProgressRecord[]> {
  const rows = await readRows(bytes);
  return rows.map(
    (row) =>
      Object.fromEntries(
        COLUMNS.map(({ name, property }) => [property, row[name] ?? null]),
      ) as unknown as ProgressRecord,
  );
}
