const WATT_HOURS_PER_JOULE = 1 / 3600;
const MILLION = 1e6;

/** Cost in USD of so many chips for so many hours, at a price per chip-hour. */
export function costUsd(use: { chips: number; hours: number; pricePerChipHourUsd: number }): number {
  return use.chips * use.hours * use.pricePerChipHourUsd;
}

/**
 * Cost in USD of a million tokens: price per chip-hour / (tokens per second and chip * 3600 / 10^6).
 * Source: SemiAnalysis InferenceX-app.
 */
export function costPerMillionTokensUsd(pricePerChipHourUsd: number, tokensPerSecondPerChip: number): number {
  return pricePerChipHourUsd / ((tokensPerSecondPerChip * 3600) / MILLION);
}

/** Electricity in USD for a million tokens: J/token * $/kWh / 3.6, at the boundary of the energy: no PUE in it. */
export function electricityPerMillionTokensUsd(energyPerTokenJ: number, pricePerKwhUsd: number): number {
  return energyPerTokenJ * MILLION * WATT_HOURS_PER_JOULE * (pricePerKwhUsd / 1000);
}

/**
 * Tokens per second and megawatt: tokens per second and chip over the power that a chip takes, all in (`allInPowerW`)
 * or as measured. Source: SemiAnalysis InferenceX-app.
 */
export function tokensPerSecondPerMw(tokensPerSecondPerChip: number, powerPerChipW: number): number {
  return (tokensPerSecondPerChip * MILLION) / powerPerChipW;
}

/** Energy per token in J: mean power over tokens per second in the same window. From a nameplate power it is an estimate. */
export function energyPerTokenJ(meanPowerW: number, tokensPerSecond: number): number {
  return meanPowerW / tokensPerSecond;
}
