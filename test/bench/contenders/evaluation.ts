import { isMainThread } from 'node:worker_threads';
import { evaluate } from '../../../functions/evaluate/evaluate.ts';
import { DirectoryStore } from '../../../functions/platform/directory-store.ts';
import { argumentsOf, measured } from './measured.ts';

export interface EvaluationArguments {
  /** Holds `landing` and `lake`, as ingest left them; the reports go beside them. */
  readonly stores: string;
  readonly program: string;
  readonly run: string;
}

async function main(): Promise<void> {
  const { stores, program, run } = argumentsOf<EvaluationArguments>();
  const store = (name: string): DirectoryStore => new DirectoryStore(name, `${stores}/${name}`);
  const dependencies = { landing: store('landing'), lake: store('lake'), reports: store('reports') };
  await measured(async () => {
    const outcome = await evaluate(dependencies, { program, run });
    if (outcome.kind === 'waiting') throw new Error(`the run was not evaluated: ${outcome.reason}`);
    const { evaluation: e } = outcome;
    const chips = e.units.filter((u) => u.kind === 'chip' && u.energyPerUsefulTokenJ !== null).length;
    return {
      chips,
      unitOfAnalysis: e.unitOfAnalysis,
      evidence: e.evidence,
      energyJ: e.energy.clippedTrapezoidJ,
    };
  });
}

// The bundle is the reader's thread as well.
if (isMainThread) await main();
