import type { Decision } from '../decision/decision.ts';
import { csvText } from './csv.ts';

const HEAD = ['role', 'unit', 'lot', 'bin', 'workload', 'metric', 'ratio', 'nights'] as const;

/** Every unit of every contrast: its ratio to the mean of the baseline, one a row. An empty lot was not named. */
export function renderUnitsCsv({ contrasts }: Decision): string {
  const rows = contrasts.flatMap(({ workload, metric, units }) =>
    units.map((u) => [u.role, u.unit, u.lot, u.bin, workload, metric, u.ratio, u.nights]),
  );
  return csvText([HEAD, ...rows]);
}
