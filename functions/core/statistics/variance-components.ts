import { InputError } from '../errors.ts';
import { finite, openProbability, positive, wholeNumber } from './arguments.ts';

/** One chip on one night: a value on the log scale. Chips of the same name are the same chip. */
export interface ChipNight {
  readonly chip: string;
  /** Null: not known. One chip without a lot makes the lot component unknown. */
  readonly lot: string | null;
  readonly logValue: number;
}

/** A component of variance as estimated: below zero it stands for "none seen" and is set to zero. */
export interface Component {
  readonly variance: number;
  /** The estimate came out below zero and was set to zero. */
  readonly truncated: boolean;
}

/** Spread of log values between lots, between chips of a lot, and between nights of a chip. */
export interface VarianceComponents {
  /** Null with one lot, or where a lot is not known. The chips' component then holds the lots' too. */
  readonly lot: Component | null;
  /** Null where no lot has two chips. With one night a chip it holds the nights' too. */
  readonly chip: Component | null;
  /** Null where no chip has two nights. */
  readonly night: Component | null;
  readonly lots: number;
  readonly chips: number;
  readonly nights: number;
}

/** Number and sum of the values of one chip. */
interface Cell {
  readonly n: number;
  readonly sum: number;
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** Values are taken relative to the grand mean first, so that squares do not lose digits. */
function lotsOfChips(values: readonly ChipNight[]): { lots: Cell[][]; squares: number; isLotKnown: boolean } {
  const isLotKnown = values.every(({ lot }) => lot !== null);
  const centre = sumOf(values, ({ logValue }) => logValue) / values.length;
  const lotOfChip = new Map<string, string>();
  const lots = new Map<string, Map<string, Cell>>();
  let squares = 0;
  for (const { chip, lot, logValue } of values) {
    if (!Number.isFinite(logValue))
      throw new InputError(
        'variance-components',
        `chip ${chip}: value ${logValue}, expected a finite logarithm`,
      );
    const name = isLotKnown ? (lot as string) : '';
    if ((lotOfChip.get(chip) ?? name) !== name)
      throw new InputError(
        'variance-components',
        `chip ${chip}: lots ${lotOfChip.get(chip)} and ${name}, expected one`,
      );
    lotOfChip.set(chip, name);
    const chips = lots.get(name) ?? new Map<string, Cell>();
    lots.set(name, chips);
    const { n, sum } = chips.get(chip) ?? { n: 0, sum: 0 };
    chips.set(chip, { n: n + 1, sum: sum + logValue - centre });
    squares += (logValue - centre) ** 2;
  }
  return { lots: [...lots.values()].map((chips) => [...chips.values()]), squares, isLotKnown };
}

const component = (estimate: number): Component => ({
  variance: Math.max(0, estimate),
  truncated: estimate < 0,
});

/**
 * Variance components of y = mu + lot + chip(lot) + night(chip) by the method of moments for unbalanced nested data
 * (Henderson's method I): the sums of squares within chips, between chips of a lot and between lots are set equal to
 * their expectations,
 *
 *   E SS_night = (N - b) v_night
 *   E SS_chip  = (b - a) v_night + (N - k1) v_chip
 *   E SS_lot   = (a - 1) v_night + (k1 - k2) v_chip + (N - k3) v_lot
 *
 * with N values, b chips, a lots, k1 = sum_i sum_j n_ij^2 / n_i, k2 = sum n_ij^2 / N, k3 = sum n_i^2 / N; solved
 * from the top without truncation, then truncated at zero. Source: Searle, Casella & McCulloch 1992, chapter 5 and
 * appendix F. Throws for no value, for a value that is not finite, and for a chip in two lots.
 */
export function varianceComponents(values: readonly ChipNight[]): VarianceComponents {
  if (values.length === 0) throw new InputError('variance-components', 'no value: expected at least one');
  const { lots, squares, isLotKnown } = lotsOfChips(values);
  const [N, a, b] = [values.length, lots.length, sumOf(lots, (chips) => chips.length)];
  const sizes = lots.map((chips) => sumOf(chips, ({ n }) => n));
  const ofChips = sumOf(lots.flat(), ({ n, sum }) => sum ** 2 / n);
  const ofLots = sumOf(lots, (chips) => sumOf(chips, ({ sum }) => sum) ** 2 / sumOf(chips, ({ n }) => n));
  const k1 = sumOf(lots, (chips) => sumOf(chips, ({ n }) => n ** 2) / sumOf(chips, ({ n }) => n));
  const k2 = sumOf(lots.flat(), ({ n }) => n ** 2) / N;
  const k3 = sumOf(sizes, (n) => n ** 2) / N;

  const night = N > b ? Math.max(0, squares - ofChips) / (N - b) : null;
  const chip = b > a ? (ofChips - ofLots - (b - a) * (night ?? 0)) / (N - k1) : null;
  const lot =
    isLotKnown && a > 1 ? (ofLots - (a - 1) * (night ?? 0) - (k1 - k2) * (chip ?? 0)) / (N - k3) : null;
  return {
    lot: lot === null ? null : component(lot),
    chip: chip === null ? null : component(chip),
    night: night === null ? null : component(night),
    lots: a,
    chips: b,
    nights: N,
  };
}

/**
 * Intraclass correlation of two nights of one chip, (v_lot + v_chip) / (v_lot + v_chip + v_night): how much of the
 * spread stays however many nights are added. Null where chip or night is unknown, or where nothing varies.
 */
export function intraclassCorrelation({ lot, chip, night }: VarianceComponents): number | null {
  if (chip === null || night === null) return null;
  const between = (lot?.variance ?? 0) + chip.variance;
  const all = between + night.variance;
  return all > 0 ? between / all : null;
}

/** Factor by which clusters of m values inflate the variance of a mean, 1 + (m - 1) ICC. Source: Kish 1965. */
export function designEffect(valuesPerCluster: number, icc: number): number {
  if (icc !== 0 && icc !== 1) openProbability('intraclass correlation', icc);
  if (positive('values a cluster', valuesPerCluster) < 1) {
    throw new InputError('variance-components', `values a cluster ${valuesPerCluster}: expected at least 1`);
  }
  return 1 + (valuesPerCluster - 1) * icc;
}

/** Number of independent values that would tell as much: clusters x m / design effect; at least the clusters. */
export const effectiveSampleSize = (clusters: number, valuesPerCluster: number, icc: number): number =>
  (positive('clusters', clusters) * valuesPerCluster) / designEffect(valuesPerCluster, icc);

/** Fewer nights than this say too little of how one follows another. */
const NIGHTS_AT_LEAST = 8;

/** An estimated correlation is held below this: at 1 the mean of the nights would never settle. */
const LARGEST_CORRELATION = 0.99;

/**
 * Correlation of a night with the one before it, of nights in order, one value each, none missing:
 *
 *   r = sum (x_t - m)(x_{t+1} - m) / sum (x_t - m)^2
 *
 * corrected for the bias of a short series, E r = rho - (1 + 4 rho) / n, to (n r + 1) / (n - 4), and held between
 * -0.99 and 0.99. Null below `NIGHTS_AT_LEAST` nights and for nights that are all the same. Source: Marriott &
 * Pope 1954.
 */
export function lagOne(nights: readonly number[]): number | null {
  const n = nights.length;
  const centre = sumOf(nights, (x) => finite('night', x)) / n;
  const squares = sumOf(nights, (x) => (x - centre) ** 2);
  if (n < NIGHTS_AT_LEAST || squares === 0) return null;
  const products = sumOf(
    nights.slice(1).map((x, t) => (x - centre) * ((nights[t] as number) - centre)),
    (p) => p,
  );
  const corrected = ((n * products) / squares + 1) / (n - 4);
  return Math.min(LARGEST_CORRELATION, Math.max(-LARGEST_CORRELATION, corrected));
}

/**
 * Factor by which a first-order autoregression inflates the variance of a mean of n values:
 *
 *   1 + 2 sum_{k=1}^{n-1} (1 - k/n) rho^k,   that is (1 + rho) / (1 - rho) less an end term
 *
 * At least 1: a negative correlation of few nights is not allowed to narrow an interval. `correlation` in (-1, 1).
 * Source: Bartlett 1946.
 */
export function meanVarianceFactor(correlation: number, n: number): number {
  openProbability('(1 + correlation) / 2', (1 + correlation) / 2);
  wholeNumber('nights', n, 1);
  const rest = 1 - correlation;
  const ends = (2 * correlation * (1 - correlation ** n)) / (n * rest ** 2);
  return Math.max(1, (1 + correlation) / rest - ends);
}
