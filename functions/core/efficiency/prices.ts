import capacityBlocks from '../../../data/prices/aws-capacity-blocks.json' with { type: 'json' };
import rental from '../../../data/prices/semianalysis-3-year-rental.json' with { type: 'json' };
import hyperscaler from '../../../data/prices/semianalysis-hyperscaler.json' with { type: 'json' };
import neocloud from '../../../data/prices/semianalysis-neocloud.json' with { type: 'json' };
import { findBaseline } from './baselines.ts';
import { type PriceBasis, PriceBasisSchema } from './catalogue.ts';

/** The packaged price bases. They differ by a factor of three: a cost is nothing without its basis. */
export const PRICE_BASES: readonly PriceBasis[] = [hyperscaler, neocloud, rental, capacityBlocks].map(
  (basis) => PriceBasisSchema.parse(basis),
);

export const findPriceBasis = (name: string): PriceBasis | null =>
  PRICE_BASES.find((basis) => basis.name === name) ?? null;

/** Price of an hour of one chip in USD, by SKU or alias; null where the basis does not know it. */
export function pricePerChipHour(basis: PriceBasis, sku: string): number | null {
  const known = findBaseline(sku)?.sku ?? sku;
  return basis.perChipHour.find((p) => p.sku === sku || p.sku === known)?.value ?? null;
}
