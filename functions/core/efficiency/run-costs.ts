import { costPerMillionTokensUsd, costUsd } from './cost.ts';
import { PRICE_BASES, priceEntry } from './prices.ts';
import type { RunCost } from './run-figures.ts';

const HOUR_S = 3_600;

export interface CostUse {
  readonly sku: string;
  readonly chips: number | null;
  readonly runS: number;
  readonly tokens: number | null;
  readonly usefulTokens: number | null;
}

/**
 * What the run cost by each packaged price basis that knows the chip, in USD. The chips are paid for the whole run,
 * so that lost work makes useful tokens dearer. A price that nobody verified (grade M) gives no cost.
 */
export function runCosts({ sku, chips, runS, tokens, usefulTokens }: CostUse): RunCost[] {
  return PRICE_BASES.flatMap((basis): RunCost[] => {
    const price = priceEntry(basis, sku);
    if (!price || price.grade === 'M') return [];
    const perMillion = (done: number | null): number | null =>
      done && chips ? costPerMillionTokensUsd(price.value, done / runS / chips) : null;
    return [
      {
        basis: basis.name,
        date: basis.date,
        currency: basis.currency,
        grade: price.grade,
        perChipHour: price.value,
        perMillionTokens: perMillion(tokens),
        perMillionUsefulTokens: perMillion(usefulTokens),
        perRun: chips ? costUsd({ chips, hours: runS / HOUR_S, pricePerChipHourUsd: price.value }) : null,
      },
    ];
  });
}
