import { linearTicks } from './linear-axis.ts';

/** Viridis at eight places: light against dark in the same order for every kind of sight, and in print without colours. Source: matplotlib, _cm_listed.py. */
const VIRIDIS = [
  '#440154',
  '#46327e',
  '#365c8d',
  '#277f8e',
  '#1fa187',
  '#4ac16d',
  '#a0da39',
  '#fde725',
] as const;

/** Shares of the values that may lie beyond the ends of a scale: neither a ramp up nor an odd reading must take all colours. */
const LOW_TAIL = 0.1;
const HIGH_TAIL = 0.02;

export interface ColourScale {
  /** Values between the classes, from the lowest class up. */
  readonly edges: readonly number[];
  readonly colours: readonly string[];
  readonly classOf: (value: number) => number;
}

/** A scale of few classes with round edges over what most of the values lie between. `values`: at least one. */
export function colourScale(values: readonly number[]): ColourScale {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))] as number;
  const [low, high] = [at(LOW_TAIL), at(1 - HIGH_TAIL)];
  const edges = high > low ? linearTicks(low, high, VIRIDIS.length - 1).slice(0, VIRIDIS.length - 1) : [];
  const last = VIRIDIS.length - 1;
  const colours = Array.from(
    { length: edges.length + 1 },
    (_, i) => VIRIDIS[edges.length === 0 ? 3 : Math.round((i * last) / edges.length)] as string,
  );
  return { edges, colours, classOf: (value) => edges.filter((edge) => value >= edge).length };
}
