import type { ScopeKind } from './formats/format.ts';
import type { Field } from './sample.ts';

export const KINDS: readonly ScopeKind[] = ['chip', 'node', 'switch', 'rack', 'facility'];

/** Range gates: what lies outside is a fault of the sensor or of the unit, not a reading. */
export const RANGES: Partial<Record<Field, readonly [number, number]>> = {
  temperature_c: [-20, 150],
  clock_hz: [0, 1e10],
  utilization_ratio: [0, 1.02],
  tensor_active_ratio: [0, 1.02],
  throttled_power_ratio: [0, 1.02],
  throttled_thermal_ratio: [0, 1.02],
  throttled_other_ratio: [0, 1.02],
};

/**
 * The most that one scope can draw, in W, with an order of magnitude to spare: an accelerator stays below 2 kW, a
 * node below 20 kW and a rack below 1 MW, and the largest sites planned are a few GW. Watts read as milliwatts
 * lie beyond.
 */
export const POWER_LIMITS_W: Readonly<Record<ScopeKind, number>> = {
  chip: 20_000,
  node: 200_000,
  switch: 200_000,
  rack: 2_000_000,
  facility: 10_000_000_000,
};

/** Infinity itself is no reading: a number grew beyond what a double holds. */
const UNBOUNDED = [0, Number.MAX_VALUE] as const;

/** Lowest and highest value of a field that can be a reading of a scope of this kind. */
export function rangeOf(field: Field, kind: ScopeKind): readonly [number, number] {
  return field === 'power_w' ? [0, POWER_LIMITS_W[kind]] : (RANGES[field] ?? UNBOUNDED);
}
