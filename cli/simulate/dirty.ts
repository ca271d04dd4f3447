import type { Random } from './random.ts';

/** What can be wrong with a row: cut short, a number beyond all limits, or a text where a number belongs. */
export const DIRT = ['cut', 'spike', 'text'] as const;
export type Dirt = (typeof DIRT)[number];

/** Dirt by the number of the reading in its file: poll times chips plus place of the chip. */
export type DirtyRows = ReadonlyMap<number, Dirt>;

/** A spike that a power sensor was seen to give, W. */
export const SPIKE_W = '3689348814741.91';
/** Polls at both ends that stay clean: they bracket the run. */
const CLEAN_POLLS = 3;
/** Files with more than these rejected rows are refused as a whole: five, or one in a hundred of up to 10,000. */
const ALWAYS_TAKEN = 5;
const MOST_SHARE = 0.01;
const MOST = 100;

/** Which readings of a file are spoilt; never so many that the file would be refused. */
export function dirtyRows(
  { polls, chips, share }: { polls: number; chips: number; share: number },
  random: Random,
): DirtyRows {
  const rows = polls * chips;
  const most = Math.min(MOST, Math.max(ALWAYS_TAKEN, Math.floor(rows * MOST_SHARE)));
  const possible = Math.max(0, polls - 2 * CLEAN_POLLS) * chips;
  const count = Math.min(random.poisson(share * rows), most, possible);
  const found = new Map<number, Dirt>();
  while (found.size < count)
    found.set(CLEAN_POLLS * chips + random.below(possible), DIRT[random.below(DIRT.length)] as Dirt);
  return found;
}
