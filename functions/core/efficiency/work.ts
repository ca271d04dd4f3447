import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';

export interface Work {
  readonly samples: number | null;
  readonly tokens: number | null;
  /** In the manifest's work unit. */
  readonly amount: number | null;
  readonly basis: string;
}

/** Work done in the run: from the logs, from the manifest where no log counts it, and tokens only where declared. */
export function workOf(manifest: RunManifest, progress: RunProgress): Work {
  const declared = manifest.work ?? null;
  const isSample = manifest.workUnit === 'sample';
  const samples = progress.samples ?? (isSample ? declared : null);
  const perSample = manifest.tokensPerSample ?? null;
  const tokens =
    progress.tokens ??
    (isSample ? null : declared) ??
    (samples !== null && perSample !== null ? samples * perSample : null);
  const amount = isSample ? samples : tokens;
  const counted = isSample ? progress.samples : progress.tokens;
  if (amount === null) return { samples, tokens, amount, basis: progress.workBasis };
  if (counted !== null) return { samples, tokens, amount, basis: progress.workBasis };
  return {
    samples,
    tokens,
    amount,
    basis:
      declared !== null ? 'declared in run.json' : `samples times ${perSample} tokens, declared in run.json`,
  };
}
