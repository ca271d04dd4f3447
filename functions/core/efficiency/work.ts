import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { WorkTotals } from '../telemetry/work-totals.ts';

export interface Work {
  readonly samples: number | null;
  readonly tokens: number | null;
  /** In the manifest's work unit. */
  readonly amount: number | null;
  readonly basis: string;
}

/** An amount of work and where it comes from. */
interface Counted {
  readonly amount: number | null;
  readonly basis: string;
}

/** The first that knows the amount; the first one itself where none does. */
const firstOf = (...candidates: readonly [Counted, ...Counted[]]): Counted =>
  candidates.find((c) => c.amount !== null) ?? candidates[0];

const times = (a: number | null, b: number | undefined): number | null =>
  a === null || b === undefined ? null : a * b;

/**
 * Work done in the run: as the logs count it; else by what run.json declares, of the amount itself or of what a step
 * and a sample hold. The logs' own count stands before the declared batch, which a ramp-up does not keep to.
 */
export function workOf(manifest: RunManifest, progress: RunProgress): Work {
  const { tokensPerSample, workUnit } = manifest;
  const batch = manifest.workload.globalBatchSize;
  const declaredFor = (unit: RunManifest['workUnit']): Counted => ({
    amount: unit === workUnit ? (manifest.work ?? null) : null,
    basis: 'declared in run.json',
  });
  const samples = firstOf(
    { amount: progress.samples, basis: progress.workBasis },
    {
      amount: times(progress.steps?.useful.steps ?? null, batch),
      basis: `steps of the training log times globalBatchSize ${batch}, declared in run.json`,
    },
    declaredFor('sample'),
  );
  const tokens = firstOf({ amount: progress.tokens, basis: progress.workBasis }, declaredFor('token'), {
    amount: times(samples.amount, tokensPerSample),
    basis: `samples times ${tokensPerSample} tokens, declared in run.json`,
  });
  const real = { amount: progress.realTokens, basis: 'tokens without padding, of the training log' };
  const chosen = workUnit === 'sample' ? samples : firstOf(tokens, real);
  return { samples: samples.amount, tokens: tokens.amount, ...chosen };
}

/** What the log does not count of the work that it lost, where run.json declares what a step holds. */
export function completed(totals: WorkTotals, { workload, tokensPerSample }: RunManifest): WorkTotals {
  const samples = totals.samples ?? times(totals.steps, workload.globalBatchSize);
  return { ...totals, samples, tokens: totals.tokens ?? times(samples, tokensPerSample) };
}
