import { InputError } from '../../functions/core/errors.ts';
import type { Stores } from '../pipeline.ts';
import { type RunState, receiptFaults } from './check-run.ts';
import { lookAt } from './look.ts';
import type { SmokePlan, SmokeRun } from './plan.ts';

/** Between two looks: far below what a run takes to come through, and a handful of requests each. */
export const POLL_MS = 2_000;

export interface Watch {
  readonly stores: Stores;
  /** A clock, ms. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly tell: (what: string) => void;
  readonly timeoutMs: number;
}

const NOTHING: RunState = { receipts: new Map(), evaluation: null, report: null, reportJson: null };
const isDone = ({ evaluation, report, reportJson }: RunState): boolean =>
  evaluation !== null && report !== null && reportJson !== null;

/** What has not come, and where to look: the first stage that did not happen. */
function whatIsMissing(run: SmokeRun, state: RunState): string {
  const name = run.truth.run;
  const unread = run.objects.filter((o) => !state.receipts.has(o.key));
  if (unread.length === run.objects.length)
    return `${name}: no file has a receipt; does the landing bucket tell EventBridge, and what is in the ingest queue and its dead letters?`;
  if (unread.length > 0)
    return `${name}: ${unread.length} of ${run.objects.length} files have no receipt, ${unread[0]?.key} the first; see the log of ingest and its dead letters`;
  if (!state.evaluation)
    return `${name}: every file has a receipt, and no evaluation came; does the lake bucket tell EventBridge, and what is in the evaluate queue and its dead letters?`;
  return `${name}: it is evaluated, and its report is not in the reports bucket; see the log of evaluate`;
}

/** What is there now and was not before. */
function news(run: SmokeRun, before: RunState, after: RunState): string[] {
  const name = run.truth.run;
  const said: string[] = [];
  if (after.receipts.size > before.receipts.size)
    said.push(`${name}: ${after.receipts.size} of ${run.objects.length} receipts`);
  if (after.evaluation && !before.evaluation) said.push(`${name}: evaluation`);
  if (after.report !== null && before.report === null) said.push(`${name}: report`);
  return said;
}

async function lookAgain(
  { stores, tell }: Watch,
  program: string,
  run: SmokeRun,
  before: RunState,
): Promise<RunState> {
  const after = await lookAt(stores, program, run.truth.run, before);
  for (const what of news(run, before, after)) tell(what);
  const faults = receiptFaults(run, after.receipts);
  if (faults.length > 0) throw new InputError('smoke-wrong', faults.join('; '));
  return after;
}

/**
 * Waits until every run has its evaluation and its report.
 *
 * @throws InputError `smoke-timeout` naming the stage that did not happen; `smoke-wrong` as soon as a file was read
 * otherwise than it was sent.
 */
export async function watch(settings: Watch, plan: SmokePlan): Promise<ReadonlyMap<SmokeRun, RunState>> {
  const { now, wait, timeoutMs } = settings;
  const startMs = now();
  const states = new Map(plan.runs.map((run) => [run, NOTHING]));
  for (;;) {
    for (const [run, before] of states)
      if (!isDone(before)) states.set(run, await lookAgain(settings, plan.program, run, before));
    const open = [...states].filter(([, state]) => !isDone(state));
    if (open.length === 0) return states;
    if (now() - startMs >= timeoutMs)
      throw new InputError(
        'smoke-timeout',
        `after ${timeoutMs / 1000} s, ${open.map(([run, state]) => whatIsMissing(run, state)).join('; ')}`,
      );
    await wait(POLL_MS);
  }
}
