import type { Log } from '../platform/log.ts';
import { Metrics } from '../platform/metrics.ts';
import { planNight } from './night-input.ts';
import { resultsPrefix, writeNightRuns } from './night-runs.ts';
import { type ReconcileDependencies, reconcile } from './reconcile.ts';

/** What the state machine hands over: when it was started, and with what. */
export interface ReconcileRequest {
  readonly startTime: string;
  /** Input of the execution: {} for a night, or what to replay (docs/runbook.md, "Replay"). */
  readonly input?: unknown;
}

/** What the next steps of the night work on. Bounded in size, however many runs there are. */
export interface NightWork {
  readonly date: string;
  readonly isReplay: boolean;
  /** JSON lines in the lake, one run each. */
  readonly runsKey: string;
  readonly resultsPrefix: string;
  readonly runCount: number;
  /** Runs that are evaluated at the same time; fewer in a replay, so that live uploads keep their share. */
  readonly runsAtOnce: number;
  readonly programs: readonly { readonly program: string }[];
}

export interface ReconcileNightDependencies extends ReconcileDependencies {
  readonly runsAtOnce: { readonly night: number; readonly replay: number };
  readonly log: Log;
  readonly now: () => number;
}

/** Begins the night: what is missing goes on the queue again, what is to be evaluated is written down. */
export async function handleReconcile(
  { startTime, input }: ReconcileRequest,
  dependencies: ReconcileNightDependencies,
): Promise<NightWork> {
  const { lake, runsAtOnce, log, now } = dependencies;
  const { date, selection } = planNight(startTime, input);
  const metrics = new Metrics('reconcile');
  const beganMs = now();
  const { runs, programs, requeued, waiting } = await reconcile(dependencies, selection);
  const runsKey = await writeNightRuns(lake, date, runs);
  metrics.count('ObjectsRequeued', requeued);
  metrics.count('ObjectsWaiting', waiting);
  metrics.count('ProgramsLanded', programs.length);
  if (!selection) metrics.count('RunsStale', runs.length);
  log.info('reconcile', { date, isReplay: selection !== null, requeued, waiting, runs: runs.length });
  const endedMs = now();
  metrics.took('WorkDuration', endedMs - beganMs);
  log.line(metrics.line(endedMs));
  return {
    date,
    isReplay: selection !== null,
    runsKey,
    resultsPrefix: resultsPrefix(date),
    runCount: runs.length,
    runsAtOnce: selection ? runsAtOnce.replay : runsAtOnce.night,
    programs,
  };
}
