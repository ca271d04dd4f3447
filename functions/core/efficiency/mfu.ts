import { InputError } from '../errors.ts';
import type { Workload } from '../telemetry/manifest.ts';
import { peakFlops } from './baselines.ts';
import type { Figure } from './catalogue.ts';

/** Tensor FLOPs that a model needs for one token of training, and the formula that says so. */
export interface ModelFlops {
  readonly formula: string;
  readonly perToken: number;
}

type ModelFact = Exclude<keyof Workload, 'name' | 'flopsFormula'>;

interface Formula {
  readonly needs: readonly ModelFact[];
  readonly perToken: (of: (fact: ModelFact) => number) => number;
}

/** Of a mixture of experts those parameters count that work on a token. */
const PARAMETERS: ModelFact = 'activeParameters';

/**
 * N parameters, L layers, hidden size h (heads H times head dimension Q), sequence length s (T), vocabulary V. All
 * count a forward and a backward pass, and nothing that is computed again to save memory.
 */
const FORMULAS: Readonly<Record<NonNullable<Workload['flopsFormula']>, Formula>> = {
  /** 6 N. Kaplan et al. 2020, arXiv 2001.08361. */
  '6N': { needs: [PARAMETERS], perToken: (of) => 6 * of(PARAMETERS) },
  /** 6 N + 12 L H Q T. Chowdhery et al. 2022 (PaLM), arXiv 2204.02311, appendix B. */
  palm: {
    needs: [PARAMETERS, 'layers', 'hiddenSize', 'sequenceLength'],
    perToken: (of) => 6 * of(PARAMETERS) + 12 * of('layers') * of('hiddenSize') * of('sequenceLength'),
  },
  /**
   * 72 L h^2 (1 + s / 6h + V / 12 L h): a quarter less than 96 B s L h^2 (1 + s / 6h + V / 16 L h) a batch, which
   * counts the forward pass twice, as recomputed. Narayanan et al. 2021 (Megatron-LM), arXiv 2104.04473, equation 3.
   */
  megatron: {
    needs: ['layers', 'hiddenSize', 'sequenceLength', 'vocabularySize'],
    perToken: (of) => {
      const [L, h, s, V] = [of('layers'), of('hiddenSize'), of('sequenceLength'), of('vocabularySize')];
      return 72 * L * h ** 2 * (1 + s / (6 * h) + V / (12 * L * h));
    },
  },
};

const factOf = (workload: Workload, fact: ModelFact): unknown =>
  fact === PARAMETERS ? (workload.activeParameters ?? workload.parameters) : workload[fact];

/** FLOPs a token as run.json declares them or by the formula that it names; null where it names none. */
export function modelFlops(workload: Workload): ModelFlops | { readonly missing: readonly string[] } | null {
  const { flopsPerToken, flopsFormula } = workload;
  if (flopsPerToken !== undefined) return { formula: 'declared', perToken: flopsPerToken };
  if (flopsFormula === undefined) return null;
  const { needs, perToken } = FORMULAS[flopsFormula];
  const missing = needs.filter((fact) => factOf(workload, fact) === undefined);
  if (missing.length > 0)
    return { missing: missing.map((fact) => (fact === PARAMETERS ? 'parameters' : fact)) };
  return { formula: flopsFormula, perToken: perToken((fact) => factOf(workload, fact) as number) };
}

/** Dense peak of a chip at the workload's precision, or why there is none that could be used. */
export function peakFor(sku: string, { precision }: Workload): Figure | { readonly reason: string } {
  if (precision === undefined) return { reason: 'run.json does not say the precision of the workload' };
  try {
    const peak = peakFlops(sku, precision);
    if (peak.grade !== 'M') return peak;
    return { reason: `the dense ${precision} peak of ${sku} is not verified: ${peak.source}` };
  } catch (error) {
    if (error instanceof InputError) return { reason: error.message };
    throw error;
  }
}
