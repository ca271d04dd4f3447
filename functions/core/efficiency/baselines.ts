import a100 from '../../../data/baselines/a100-sxm-80gb.json' with { type: 'json' };
import b200 from '../../../data/baselines/b200-sxm.json' with { type: 'json' };
import gaudi3 from '../../../data/baselines/gaudi3.json' with { type: 'json' };
import gb200 from '../../../data/baselines/gb200.json' with { type: 'json' };
import h100 from '../../../data/baselines/h100-sxm-80gb.json' with { type: 'json' };
import h200 from '../../../data/baselines/h200-sxm.json' with { type: 'json' };
import mi300x from '../../../data/baselines/mi300x.json' with { type: 'json' };
import mi355x from '../../../data/baselines/mi355x.json' with { type: 'json' };
import tpuV5p from '../../../data/baselines/tpu-v5p.json' with { type: 'json' };
import tpuV6e from '../../../data/baselines/tpu-v6e.json' with { type: 'json' };
import trainium2 from '../../../data/baselines/trainium2.json' with { type: 'json' };
import { InputError } from '../errors.ts';
import { type Baseline, BaselineSchema, type Figure } from './catalogue.ts';

/** Accelerators to compare with, each figure with its source and grade. */
export const BASELINES: readonly Baseline[] = [
  a100,
  h100,
  h200,
  b200,
  gb200,
  mi300x,
  mi355x,
  tpuV5p,
  tpuV6e,
  trainium2,
  gaudi3,
].map((figures) => BaselineSchema.parse(figures));

/** What is left of a name where case, spaces, dashes and underscores do not count. */
const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');

/** The accelerator with this SKU or alias; case, spaces, dashes and underscores apart, the name must be the same. Null where none is. */
export function findBaseline(sku: string): Baseline | null {
  const wanted = plain(sku);
  return BASELINES.find((b) => [b.sku, ...b.aliases].some((name) => plain(name) === wanted)) ?? null;
}

/** Whether two names mean one chip: aliases of one accelerator, or the same name of a chip that is in no catalogue. */
export function isSameChip(a: string, b: string): boolean {
  const [known, other] = [findBaseline(a), findBaseline(b)];
  return known || other ? known === other : plain(a) === plain(b);
}

/**
 * Dense peak of a chip at a precision, FLOP/s.
 *
 * @throws InputError `unknown-peak`: a peak that is not known is an error, never another chip's. torchtitan's
 * `get_peak_flops` falls back to an A100, and gives a new chip a wrong utilisation without a word.
 */
export function peakFlops(sku: string, precision: string): Figure {
  const peaks = findBaseline(sku)?.densePeakFlops ?? {};
  const figure = Object.hasOwn(peaks, precision) ? peaks[precision] : undefined;
  if (figure) return figure;
  const known = Object.keys(peaks).join(', ') || 'a chip of data/baselines';
  throw new InputError(
    'unknown-peak',
    `no dense ${JSON.stringify(precision)} peak is known for ${JSON.stringify(sku)}; expected ${known}`,
  );
}

export interface FlopsUse {
  /** Tensor FLOPs that the model needs for the work done; recomputed activations and padding do not count. */
  readonly modelFlops: number;
  readonly durationS: number;
  readonly chips: number;
  /** Dense peak of one chip at the precision used, FLOP/s: as `peakFlops` gives it. */
  readonly peakFlops: number;
}

/**
 * Model FLOPs utilisation, 0 to 1: model FLOPs / (chips * dense peak * time).
 * With recomputed FLOPs in the numerator it would be HFU; the two are never mixed.
 * Source: mlcommons/training_policies, training_rules, appendix Utilization.
 *
 * @throws InputError `flops-use` where time, chips or peak are not positive: a ratio to nothing is not a number.
 */
export function modelFlopsUtilization(use: FlopsUse): number {
  for (const name of ['durationS', 'chips', 'peakFlops'] as const)
    if (!(use[name] > 0)) throw new InputError('flops-use', `${name} ${use[name]}: expected more than 0`);
  return use.modelFlops / (use.chips * use.peakFlops * use.durationS);
}
