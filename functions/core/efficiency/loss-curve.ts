import type { RunManifest } from '../telemetry/manifest.ts';
import type { LossRecord } from '../telemetry/step-fold.ts';
import type { WorkTotals } from '../telemetry/work-totals.ts';
import type { Evaluation } from './evaluation.ts';
import type { LossPoint } from './run-figures.ts';
import { completed } from './work.ts';

/** Points of a curve at most: enough for a chart as wide as a page. */
export const LOSS_POINTS = 200;

type Curve = Pick<Evaluation, 'lossCurve' | 'lossUnit'>;

/** In what the curve goes along: useful tokens, tokens, samples; the first that every record has. */
const MEASURES = ['realTokens', 'tokens', 'samples'] as const satisfies readonly (keyof WorkTotals)[];

interface Bin {
  steps: number;
  loss: number;
  done: number;
}

/**
 * Training loss against work: the work of the run is cut into equal bins, and each point is the mean loss of the
 * steps that end in its bin, at their mean work. Steps that were lost in a restart are not among the records.
 */
export function lossCurve(records: readonly LossRecord[], manifest: RunManifest): Curve {
  const usable = records.filter((r) => Number.isFinite(r.loss));
  const totals = usable.map((r) => completed(r.totals, manifest));
  const measure = MEASURES.find((m) => totals.every((t) => t[m] !== null));
  const last = measure && totals.at(-1)?.[measure];
  if (!measure || !last) return { lossCurve: [], lossUnit: null };
  const bins: (Bin | undefined)[] = Array.from({ length: LOSS_POINTS });
  for (const [i, { steps, loss }] of usable.entries()) {
    const done = totals[i]?.[measure] as number;
    const at = Math.min(Math.max(Math.ceil((done / last) * LOSS_POINTS) - 1, 0), LOSS_POINTS - 1);
    const bin = bins[at] ?? { steps: 0, loss: 0, done: 0 };
    // A log that numbers no steps gives each line the same weight.
    const weight = steps > 0 ? steps : 1;
    bins[at] = { steps: bin.steps + weight, loss: bin.loss + weight * loss, done: bin.done + weight * done };
  }
  const points = bins.flatMap((bin): LossPoint[] =>
    bin ? [{ tokens: bin.done / bin.steps, loss: bin.loss / bin.steps }] : [],
  );
  return { lossCurve: points, lossUnit: measure === 'samples' ? 'sample' : 'token' };
}
