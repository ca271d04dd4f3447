import type { Evaluation, UnitEvaluation } from '../efficiency/evaluation.ts';
import { csvText } from './csv.ts';

type Cell = string | number | null;

const COLUMNS: readonly (readonly [string, (unit: UnitEvaluation) => Cell])[] = [
  ['kind', (u) => u.kind],
  ['id', (u) => u.id],
  ['node', (u) => u.node],
  ['slot', (u) => u.slot],
  ['lot', (u) => u.lot],
  ['bin', (u) => u.bin],
  ['stepping', (u) => u.stepping],
  ['firmware', (u) => u.firmware],
  ['chips', (u) => u.chips],
  ['boundary', (u) => u.boundary],
  ['evidence', (u) => u.evidence],
  ['energy_method', (u) => u.energyMethod],
  // Below grade C an energy is not printed, here no more than in the report.
  ['energy_j', (u) => (u.evidence === 'D' ? null : u.energyJ)],
  ['mean_power_w', (u) => (u.evidence === 'D' ? null : u.meanPowerW)],
  ['coverage_ratio', (u) => u.coverageRatio],
  ['max_gap_in_run_s', (u) => u.maxGapInRunS],
  ['work_basis', (u) => u.work.basis],
  ['tokens', (u) => u.work.tokens],
  ['useful_tokens', (u) => u.work.usefulTokens],
  ['samples', (u) => u.work.samples],
  ['energy_per_token_j', (u) => u.energyPerTokenJ],
  ['energy_per_useful_token_j', (u) => u.energyPerUsefulTokenJ],
  ['energy_per_sample_j', (u) => u.energyPerSampleJ],
  ['tokens_per_second', (u) => u.tokensPerSecond],
  ['time_per_useful_token_s', (u) => u.timePerUsefulTokenS],
  ['tflops', (u) => u.tflops],
  ['mfu_ratio', (u) => u.mfuRatio],
  ['throttled_power_ratio', (u) => u.throttledRatio.power],
  ['throttled_thermal_ratio', (u) => u.throttledRatio.thermal],
  ['throttled_other_ratio', (u) => u.throttledRatio.other],
  ['temperature_c', (u) => u.temperatureC],
  ['max_temperature_c', (u) => u.maxTemperatureC],
  ['ecc_corrected', (u) => u.eccCorrected],
  ['ecc_uncorrected', (u) => u.eccUncorrected],
  ['faults', (u) => u.faults],
];

/** Every chip and node of a run as CSV (RFC 4180 but for line ends), one a row. An empty cell was not read; it is never 0. */
export function renderChipsCsv({ units }: Evaluation): string {
  const rows = units.map((unit) => COLUMNS.map(([, pick]) => pick(unit)));
  return csvText([COLUMNS.map(([name]) => name), ...rows]);
}
