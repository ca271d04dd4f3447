import type { Field } from './sample.ts';

/**
 * Bits of NVML's clocks event reasons (nvml.h, nvmlClocksEventReason*) by what they are a loss to. Idle,
 * application clocks and display clock are settings, not losses.
 */
const BITS = {
  throttled_power_ratio: 0x4 | 0x80,
  throttled_thermal_ratio: 0x20 | 0x40,
  throttled_other_ratio: 0x8 | 0x10,
} as const satisfies Partial<Record<Field, number>>;

export type ThrottleGauge = keyof typeof BITS;
export const THROTTLE_GAUGES = Object.keys(BITS) as readonly ThrottleGauge[];

/** 1 where the mask has a reason of this kind, else 0. */
export const throttledBy = (mask: number, gauge: ThrottleGauge): number =>
  (mask & BITS[gauge]) === 0 ? 0 : 1;

/** A reason mask, decimal or hexadecimal; null where the text is none. */
export function reasonMask(text: string): number | null {
  return /^(?:0x[0-9a-f]{1,16}|\d{1,16})$/i.test(text) ? Number(BigInt(text) & 0xffffn) : null;
}
