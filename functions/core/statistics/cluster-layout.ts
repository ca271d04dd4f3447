import { InputError } from '../errors.ts';

/** One chip of one group: its value on the log scale and where it sits. Null labels: not known. */
export interface ChipValue {
  readonly logValue: number;
  readonly lot: string | null;
  readonly node: string | null;
}

/** With fewer lots than this their spread cannot be judged: they are kept as strata, not resampled. */
export const LOTS_TO_RESAMPLE = 8;

/** What is resampled in one group: units within strata, each unit given by the sum and the number of its values. */
export interface ClusterLayout {
  /** What the units are: whole lots, nodes (single chips where a lot has one node), or chips. */
  readonly unit: 'lot' | 'node' | 'chip';
  readonly units: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Stratum h has the units from stratumStart[h] to stratumStart[h + 1]. */
  readonly stratumStart: Int32Array;
  /** Each stratum's share of the group's chips. */
  readonly shares: Float64Array;
}

/** The values of the chips of one unit. */
type Unit = readonly number[];

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function flatten(unit: ClusterLayout['unit'], strata: readonly (readonly Unit[])[]): ClusterLayout {
  const units = strata.flat();
  const chips = strata.map((stratum) => total(stratum.map((values) => values.length)));
  const stratumStart = new Int32Array(strata.length + 1);
  for (const [h, stratum] of strata.entries()) {
    stratumStart[h + 1] = (stratumStart[h] as number) + stratum.length;
  }
  return {
    unit,
    units: units.length,
    sums: Float64Array.from(units, total),
    counts: Float64Array.from(units, (values) => values.length),
    stratumStart,
    shares: Float64Array.from(chips, (number) => number / total(chips)),
  };
}

function checkValues(chips: readonly ChipValue[], side: string): void {
  if (chips.length === 0) throw new InputError('bootstrap', `${side}: no chip; expected at least one`);
  for (const { logValue } of chips) {
    if (!Number.isFinite(logValue))
      throw new InputError('bootstrap', `${side} value ${logValue}: expected a finite logarithm`);
  }
}

/** Each chip its own unit, whatever its lot and node. */
export function chipLayout(chips: readonly ChipValue[], side: string): ClusterLayout {
  checkValues(chips, side);
  return flatten('chip', [chips.map(({ logValue }) => [logValue])]);
}

/** Values by node; a chip whose node is not known is a node of its own. In order of first appearance. */
function byNode(chips: readonly ChipValue[]): number[][] {
  const nodes = Map.groupBy(chips, (chip) => chip.node ?? chip);
  return [...nodes.values()].map((members) => members.map(({ logValue }) => logValue));
}

/** A stratum of a single unit shows no spread: such strata are pooled, with the largest other one if need be. */
function collapsed(strata: readonly (readonly Unit[])[]): (readonly Unit[])[] {
  const several = strata.filter((stratum) => stratum.length > 1).sort((a, b) => b.length - a.length);
  const single = strata.filter((stratum) => stratum.length === 1).flat();
  if (single.length === 0) return several;
  if (single.length > 1 || several.length === 0) return [...several, single];
  const [largest = [], ...others] = several;
  return [[...largest, ...single], ...others];
}

/**
 * Lot > node > chip. With `LOTS_TO_RESAMPLE` lots or more the units are lots. With fewer, each lot is a stratum
 * that keeps its share, and the units are its nodes (its chips where it has one node): the interval then speaks of
 * these lots only, not of lots to come. Chips without a lot share one.
 */
export function hierarchicalLayout(chips: readonly ChipValue[], side: string): ClusterLayout {
  checkValues(chips, side);
  const lots = [...Map.groupBy(chips, ({ lot }) => lot).values()].map(byNode);
  if (lots.length >= LOTS_TO_RESAMPLE) return flatten('lot', [lots.map((nodes) => nodes.flat())]);
  const strata = lots.map((nodes) => (nodes.length > 1 ? nodes : nodes.flat().map((value) => [value])));
  const isByChip = strata.flat().length === chips.length;
  return flatten(isByChip ? 'chip' : 'node', collapsed(strata));
}
