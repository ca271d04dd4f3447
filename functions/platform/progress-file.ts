import type { ProgressRecord } from '../core/telemetry/progress.ts';
import { readRows } from './parquet.ts';

/** Columns of a progress file. */
export const PROGRESS_COLUMNS = [
  { name: 'kind', type: 'STRING' },
  { name: 'time_ms', type: 'DOUBLE' },
  { name: 'key', type: 'STRING' },
  { name: 'step', type: 'DOUBLE' },
  { name: 'samples', type: 'DOUBLE' },
  { name: 'tokens', type: 'DOUBLE' },
  { name: 'value', type: 'DOUBLE' },
  { name: 'text', type: 'STRING' },
] as const;

export async function readProgress(bytes: Uint8Array): Promise<ProgressRecord[]> {
  const rows = await readRows(bytes);
  return rows.map(
    ({ time_ms, ...rest }) => ({ ...rest, timeMs: Number(time_ms) }) as unknown as ProgressRecord,
  );
}
