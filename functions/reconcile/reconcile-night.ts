import type { Log } from '../platform/log.ts';
import { Metrics } from '../platform/metrics.ts';
import { type ReconcileDependencies, type Reconciliation, reconcile } from './reconcile.ts';

/** Begins the night: what is missing goes on the queue again, what is stale is named for the next steps. */
export async function handleReconcile(
  event: { readonly startTime: string },
  dependencies: ReconcileDependencies & { readonly log: Log; readonly now: () => number },
): Promise<Reconciliation> {
  const metrics = new Metrics('reconcile');
  const result = await reconcile(dependencies, event.startTime);
  metrics.count('ObjectsRequeued', result.requeued);
  metrics.count('ObjectsWaiting', result.waiting);
  metrics.count('RunsStale', result.runs.length);
  dependencies.log.info('reconcile', {
    requeued: result.requeued,
    waiting: result.waiting,
    runs: result.runs.length,
  });
  dependencies.log.line(metrics.line(dependencies.now()));
  return result;
}
