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

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');

/** The accelerator with this SKU or alias; case, spaces and dashes apart, the name must be the same. Null where none is. */
export function findBaseline(sku: string): Baseline | null {
  const wanted = plain(sku);
  return BASELINES.find((b) => [b.sku, ...b.aliases].some((name) => plain(name) === wanted)) ?? null;
}

/**
 * Dense peak of a chip at a precision, FLOP/s.
 *
 * @throws InputError `unknown-peak`: a peak that is not known is an error, never another chip's.
 */
export function peakFlops(sku: string, precision: string): Figure {
  const figure = findBaseline(sku)?.densePeakFlops[precision];
  if (!figure)
    throw new InputError(
      'unknown-peak',
      `no dense ${precision} peak is known for ${JSON.stringify(sku)}; expected a chip and precision of data/baselines`,
    );
  return figure;
}

/**
 * Model FLOPs utilisation: model FLOPs / (chips * dense peak * time), without recomputation.
 * Source: MLPerf training_rules, appendix Utilization.
 */
export function modelFlopsUtilization(use: {
  modelFlops: number;
  durationS: number;
  chips: number;
  peakFlops: number;
}): number {
  return use.modelFlops / (use.chips * use.peakFlops * use.durationS);
}
