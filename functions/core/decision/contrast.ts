import { InputError } from '../errors.ts';
import { mean, variance } from '../statistics/mean-interval.ts';
import { lagOne, meanVarianceFactor } from '../statistics/variance-components.ts';
import type { UnitKind, UnitNight } from './unit-nights.ts';

/** How far one unit lies from the baseline (candidate units) or from its peers (baseline units), on the log scale. */
export interface UnitEffect {
  readonly unit: string;
  readonly lot: string | null;
  readonly node: string | null;
  readonly logRatio: number;
  readonly nights: number;
}

/** A series of nights that is one term of the variance over nights. */
export interface NightTerm {
  readonly nights: number;
  /** Variance of one night's value. */
  readonly variance: number;
  /** Correlation of a night with the one before; null where there are too few to tell. */
  readonly autocorrelation: number | null;
}

/**
 * Candidate against baseline in one metric, reduced as `reference` says: each chip and night to one value, each chip
 * to one value, and only then compared. Where both sides ran in the same nights, differences are taken within the
 * night, so that weather and whatever else both sides share falls out.
 */
export interface Contrast {
  readonly kind: UnitKind;
  readonly isPaired: boolean;
  readonly logRatio: number;
  readonly candidate: readonly UnitEffect[];
  readonly baseline: readonly UnitEffect[];
  /** The log ratio of each night with both sides; of the candidate against the whole baseline where not paired. */
  readonly nights: readonly { readonly night: string; readonly logRatio: number }[];
  readonly nightTerms: readonly NightTerm[];
}

const byNight = (values: readonly UnitNight[]): Map<string, UnitNight[]> =>
  Map.groupBy(values, (v) => v.night);

const meanLog = (values: readonly UnitNight[]): number => mean(values.map((v) => v.logValue));

/** Units by how far they lie from `centreOf` their nights. */
export function effects(values: readonly UnitNight[], centreOf: (night: string) => number): UnitEffect[] {
  return [...Map.groupBy(values, (v) => v.unit)]
    .map(([unit, own]) => ({
      unit,
      lot: own[0]?.lot ?? null,
      node: own[0]?.node ?? null,
      logRatio: mean(own.map((v) => v.logValue - centreOf(v.night))),
      nights: own.length,
    }))
    .sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

/** Null below two nights. */
export function nightTerm(series: readonly number[]): NightTerm | null {
  if (series.length < 2) return null;
  return { nights: series.length, variance: variance(series), autocorrelation: lagOne(series) };
}

/** Fewer common nights than this, or than half of the candidate's, and the sides are taken each for itself. */
const PAIRED_NIGHTS = 3;

/**
 * The contrast of two sides of the same kind of unit. With `untilNight`, of the nights up to and with that one.
 *
 * @throws InputError `contrast` where a side has no value.
 */
export function contrastOf(
  kind: UnitKind,
  candidate: readonly UnitNight[],
  baseline: readonly UnitNight[],
): Contrast {
  if (candidate.length === 0 || baseline.length === 0)
    throw new InputError('contrast', 'no value on one side; expected at least one on each');
  const [c, b] = [byNight(candidate), byNight(baseline)];
  const common = [...c.keys()].filter((night) => b.has(night));
  const isPaired = kind !== 'run' && common.length >= PAIRED_NIGHTS && common.length * 2 >= c.size;
  if (!isPaired) return unpaired(kind, candidate, baseline);
  const centres = new Map(common.map((night) => [night, meanLog(b.get(night) as UnitNight[])]));
  const centreOf = (night: string): number => centres.get(night) as number;
  const inCommon = (v: UnitNight): boolean => centres.has(v.night);
  const units = effects(candidate.filter(inCommon), centreOf);
  const nights = common
    .sort()
    .map((night) => ({ night, logRatio: meanLog(c.get(night) as UnitNight[]) - centreOf(night) }));
  const term = nightTerm(nights.map((n) => n.logRatio));
  return {
    kind,
    isPaired,
    logRatio: mean(units.map((u) => u.logRatio)),
    candidate: units,
    baseline: effects(baseline.filter(inCommon), centreOf),
    nights,
    nightTerms: term ? [term] : [],
  };
}

function unpaired(kind: UnitKind, candidate: readonly UnitNight[], baseline: readonly UnitNight[]): Contrast {
  const own = effects(baseline, () => 0);
  const centre = mean(own.map((u) => u.logRatio));
  const units = effects(candidate, () => centre);
  const nightly = (values: readonly UnitNight[]) =>
    [...byNight(values)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([night, v]) => ({ night, value: meanLog(v) }));
  const nights = nightly(candidate).map(({ night, value }) => ({ night, logRatio: value - centre }));
  const terms = [nights.map((n) => n.logRatio), nightly(baseline).map((n) => n.value)].map(nightTerm);
  return {
    kind,
    isPaired: false,
    logRatio: mean(units.map((u) => u.logRatio)),
    candidate: units,
    baseline: own.map((u) => ({ ...u, logRatio: u.logRatio - centre })),
    nights,
    nightTerms: terms.flatMap((t) => t ?? []),
  };
}

/** Lots are what repeats where at least this many are named; fewer say next to nothing of the spread between lots. */
export const LOT_CLUSTERS = 3;

/** A mean over units and its standard error, where units of one lot are no strangers to each other. */
export interface ClusteredMean {
  readonly cluster: 'lot' | 'unit';
  readonly clusters: number;
  readonly standardError: number;
}

/**
 * Standard error of a mean over units that is robust to what units of one cluster share:
 * SE^2 = L/(L-1) sum_l (k_l/k)^2 (mean_l - mean)^2, for L clusters of k_l of k units; for clusters of one size it is
 * s/sqrt(L) of their means. Null for fewer than two clusters. Source: Liang & Zeger 1986, with the usual L/(L-1).
 */
export function clusteredMean(units: readonly UnitEffect[]): ClusteredMean | null {
  const lots = new Set(units.map((u) => u.lot));
  const isByLot = !lots.has(null) && lots.size >= LOT_CLUSTERS && lots.size < units.length;
  const groups = [...Map.groupBy(units, (u) => (isByLot ? (u.lot as string) : u.unit)).values()];
  const count = groups.length;
  if (count < 2) return null;
  const centre = mean(units.map((u) => u.logRatio));
  const sum = groups.reduce(
    (total, group) =>
      total + ((group.length / units.length) * (mean(group.map((u) => u.logRatio)) - centre)) ** 2,
    0,
  );
  return {
    cluster: isByLot ? 'lot' : 'unit',
    clusters: count,
    standardError: Math.sqrt((count / (count - 1)) * sum),
  };
}

/** What the spread of a contrast is told from. */
type Spreadable = Pick<Contrast, 'isPaired' | 'candidate' | 'baseline' | 'nightTerms'>;

/** Spread of a contrast: between units (what the next lots and chips may be like), and over nights for these units. */
export interface Spread {
  readonly between: {
    readonly standardError: number;
    readonly degreesOfFreedom: number;
    readonly candidate: ClusteredMean;
    readonly baseline: ClusteredMean;
  } | null;
  /** Of the mean over nights of these very units; autocorrelation widens it. Null below two nights. */
  readonly night: {
    readonly standardError: number;
    readonly nights: number;
    readonly inflation: number;
  } | null;
}

export function spreadOf({ candidate, baseline, nightTerms, isPaired }: Spreadable): Spread {
  const [c, b] = [clusteredMean(candidate), clusteredMean(baseline)];
  const isWhole = nightTerms.length === (isPaired ? 1 : 2);
  return { between: c && b ? welch(c, b) : null, night: spreadOfTerms(isWhole ? nightTerms : []) };
}

/** Variances of independent terms added, each with what its autocorrelation makes of it. Null for no term. */
export function spreadOfTerms(terms: readonly NightTerm[]): Spread['night'] {
  if (terms.length === 0) return null;
  const variances = terms.map((t) => {
    const plain = t.variance / t.nights;
    return { plain, whole: plain * meanVarianceFactor(t.autocorrelation ?? 0, t.nights) };
  });
  const whole = variances.reduce((sum, v) => sum + v.whole, 0);
  const plain = variances.reduce((sum, v) => sum + v.plain, 0);
  return {
    standardError: Math.sqrt(whole),
    nights: Math.min(...terms.map((t) => t.nights)),
    inflation: plain > 0 ? whole / plain : 1,
  };
}

/** Welch's standard error of a difference, with Satterthwaite's degrees of freedom. */
function welch(c: ClusteredMean, b: ClusteredMean): NonNullable<Spread['between']> {
  const [vc, vb] = [c.standardError ** 2, b.standardError ** 2];
  const total = vc + vb;
  const degreesOfFreedom =
    total === 0
      ? c.clusters + b.clusters - 2
      : total ** 2 / (vc ** 2 / (c.clusters - 1) + vb ** 2 / (b.clusters - 1));
  return { standardError: Math.sqrt(total), degreesOfFreedom, candidate: c, baseline: b };
}
