/**
 * The fields of one sample, as indices into the `Float64Array` that a reader fills and hands to its sink again
 * and again: no object per row. NaN is "no reading"; nothing else is, least of all zero. SI units.
 */
export const FIELDS = [
  'power_w',
  'temperature_c',
  'clock_hz',
  'utilization_ratio',
  'tensor_active_ratio',
  'throttled_power_ratio',
  'throttled_thermal_ratio',
  'throttled_other_ratio',
  'energy_j',
  'throttled_power_s',
  'throttled_thermal_s',
  'throttled_other_s',
  'ecc_corrected_total',
  'ecc_uncorrected_total',
  'faults_total',
  'work_total',
] as const;
export type Field = (typeof FIELDS)[number];

export const POWER = 0;
export const ENERGY = FIELDS.indexOf('energy_j');

/** Fields from here on are counters that only rise (until a reset); those before are gauges. */
export const FIRST_COUNTER = FIELDS.indexOf('energy_j');

/** A sample without any reading. Readers keep one and refill it. */
export function emptySample(): Float64Array {
  return new Float64Array(FIELDS.length).fill(Number.NaN);
}
