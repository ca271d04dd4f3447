import capacityBlocks from '../../../data/prices/aws-capacity-blocks.json' with { type: 'json' };
import rental from '../../../data/prices/semianalysis-3-year-rental.json' with { type: 'json' };
import hyperscaler from '../../../data/prices/semianalysis-hyperscaler.json' with { type: 'json' };
import neocloud from '../../../data/prices/semianalysis-neocloud.json' with { type: 'json' };
import { InputError } from '../errors.ts';
import { isSameChip } from './baselines.ts';
import { type PriceBasis, PriceBasisSchema } from './catalogue.ts';

/** The packaged price bases. They differ by a factor of three: a cost is nothing without its basis. */
export const PRICE_BASES: readonly PriceBasis[] = [hyperscaler, neocloud, rental, capacityBlocks].map(
  (basis) => PriceBasisSchema.parse(basis),
);

export const findPriceBasis = (name: string): PriceBasis | null =>
  PRICE_BASES.find((basis) => basis.name === name) ?? null;

type PriceEntry = PriceBasis['perChipHour'][number];

/**
 * What a basis says an hour of one chip costs, by SKU or alias on either side; null where it does not know the chip.
 *
 * @throws InputError `ambiguous-price` where the basis gives one chip two prices.
 */
export function priceEntry(basis: PriceBasis, sku: string): PriceEntry | null {
  const entries = basis.perChipHour.filter((entry) => isSameChip(entry.sku, sku));
  const prices = new Set(entries.map((entry) => entry.value));
  if (prices.size > 1)
    throw new InputError(
      'ambiguous-price',
      `${JSON.stringify(sku)} costs ${[...prices].join(' and ')} USD an hour in the basis ${basis.name}; expected one price`,
    );
  return entries[0] ?? null;
}

/** Price of an hour of one chip in USD; as `priceEntry`. */
export const pricePerChipHour = (basis: PriceBasis, sku: string): number | null =>
  priceEntry(basis, sku)?.value ?? null;
