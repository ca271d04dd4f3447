import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded stream of standard normal draws (Box & Muller), for simulations. */
export function normalDraws(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  random.jump();
  return () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
}

/** Three standard errors of a proportion `p` seen in `trials` trials. */
export const threeErrors = (p: number, trials: number): number => 3 * Math.sqrt((p * (1 - p)) / trials);
