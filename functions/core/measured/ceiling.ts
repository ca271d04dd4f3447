import { InputError } from '../errors.ts';
import type { Ceiling } from './measured-set.ts';

/** What large matrix products reach on the board, FLOP/s. */
export interface CeilingRate {
  readonly bestFlops: number;
  readonly meanFlops: number;
}

/**
 * 2 n^3 FLOPs a product of two n by n matrices, over the seconds of a batch of products: of the fastest batch, and
 * of all together. Training whose products ran at less than the whole of this in every step is slower.
 *
 * @throws InputError `ceiling` for a batch that took no time.
 */
export function ceilingRate({
  size,
  products,
  seconds,
}: Pick<Ceiling, 'size' | 'products' | 'seconds'>): CeilingRate {
  const fastest = Math.min(...seconds);
  if (!(fastest > 0))
    throw new InputError(
      'ceiling',
      `a batch of ${products} products took ${fastest} s; expected more than 0`,
    );
  const flops = 2 * size ** 3 * products;
  return {
    bestFlops: flops / fastest,
    meanFlops: (flops * seconds.length) / seconds.reduce((sum, s) => sum + s, 0),
  };
}
