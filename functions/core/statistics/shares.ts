import { InputError } from '../errors.ts';
import { positive, wholeNumber } from './arguments.ts';

/** One row of a printed table of causes: its count, and its share of the total as printed, in percent. */
export interface ShareRow {
  readonly name: string;
  readonly count: number;
  readonly percent: number;
}

export interface SharesCheck {
  readonly addsUp: boolean;
  /** Rows whose printed share is not count / total, with the share that it is. */
  readonly wrong: readonly (ShareRow & { readonly expectedPercent: number })[];
  readonly countsSum: number;
  readonly percentSum: number;
}

/**
 * Whether a table of shares is consistent: every share is count / total to the `decimals` printed, and the counts
 * sum to the total. Shares are not required to print as a sum of exactly 100, which rounding may break.
 *
 * Why it is checked: Llama 3's table of 419 interruptions prints 148 of them as 30.1 %, which is 35.3 %.
 * Throws InputError `statistics-argument` for a count that is no whole number, `shares` for a percentage outside 0..100.
 */
export function sharesAddUp(total: number, rows: readonly ShareRow[], decimals = 1): SharesCheck {
  positive('total', wholeNumber('total', total));
  for (const { name, count, percent } of rows) {
    wholeNumber(`count of ${name}`, count);
    if (!(percent >= 0 && percent <= 100))
      throw new InputError('shares', `${name} ${percent} %: expected 0 to 100`);
  }
  // Half a unit of the last place printed, and a little for the binary form of decimals such as 17.25.
  const tolerance = 0.5 * 10 ** -wholeNumber('decimals', decimals) + 1e-9;
  const wrong = rows
    .map((row) => ({ ...row, expectedPercent: (row.count / total) * 100 }))
    .filter((row) => Math.abs(row.percent - row.expectedPercent) > tolerance);
  const countsSum = rows.reduce((sum, row) => sum + row.count, 0);
  const percentSum = rows.reduce((sum, row) => sum + row.percent, 0);
  return { addsUp: wrong.length === 0 && countsSum === total, wrong, countsSum, percentSum };
}
