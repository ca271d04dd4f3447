import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processBatch } from '../platform/batch.ts';
import { eventTimeMs } from '../platform/event-time.ts';
import type { Log } from '../platform/log.ts';
import { Metrics } from '../platform/metrics.ts';
import { parseObjectEvents } from '../platform/s3-events.ts';
import { type EvaluateDependencies, type EvaluateOutcome, evaluate } from './evaluate.ts';

export interface EvaluateQueueDependencies extends EvaluateDependencies {
  readonly accountId: string;
  readonly log: Log;
  readonly now: () => number;
}

const RECEIPT_KEY = /^receipts\/program=([^/]+)\/run=([^/]+)\//;

/** What the nightly job passes instead of a queue's batch. */
export interface RunRequest {
  readonly program: string;
  readonly run: string;
}

function count(metrics: Metrics<'evaluate'>, { kind }: EvaluateOutcome): void {
  metrics.count(
    kind === 'published' ? 'RunsEvaluated' : kind === 'unchanged' ? 'RunsUnchanged' : 'RunsWaiting',
  );
}

/**
 * Evaluates the runs that a batch of receipts belongs to, each once however many receipts it has in the batch. A run
 * that fails brings all its messages back, without being tried again for each.
 */
export async function handleEvaluateQueue(
  event: SQSEvent,
  dependencies: EvaluateQueueDependencies,
): Promise<SQSBatchResponse> {
  const { lake, accountId, log, now } = dependencies;
  const metrics = new Metrics('evaluate');
  const beganMs = now();
  const runs = new Map<string, Promise<EvaluateOutcome>>();
  const reported = new Set<string>();
  const response = await processBatch(event, log, async (record) => {
    for (const object of parseObjectEvents(record.body)) {
      if (object.bucket !== lake.bucket || (object.account !== null && object.account !== accountId)) {
        metrics.count('ForgedEvents');
        continue;
      }
      const [, program, run] = RECEIPT_KEY.exec(object.key) ?? [];
      if (!program || !run) continue;
      const work = runs.get(`${program}/${run}`) ?? evaluateOne(dependencies, { program, run }, metrics);
      runs.set(`${program}/${run}`, work);
      const { kind } = await work;
      const receivedMs = eventTimeMs(record.body);
      if (kind !== 'published' || receivedMs === null || reported.has(`${program}/${run}`)) continue;
      reported.add(`${program}/${run}`);
      metrics.took('ReceiptToReport', now() - receivedMs);
    }
  });
  metrics.count('Failures', response.batchItemFailures.length);
  const endedMs = now();
  metrics.took('WorkDuration', endedMs - beganMs);
  log.line(metrics.line(endedMs));
  return response;
}

async function evaluateOne(
  dependencies: EvaluateQueueDependencies,
  place: RunRequest,
  metrics: Metrics<'evaluate'>,
): Promise<EvaluateOutcome> {
  const outcome = await evaluate(dependencies, place);
  count(metrics, outcome);
  const reason = 'reason' in outcome ? { reason: outcome.reason } : {};
  dependencies.log.info('evaluate', { kind: outcome.kind, ...place, ...reason });
  return outcome;
}

/** Evaluates one run, for the nightly job. */
export async function handleRunRequest(
  { program, run }: RunRequest,
  dependencies: EvaluateQueueDependencies,
): Promise<{ kind: string }> {
  const metrics = new Metrics('evaluate');
  const { log, now } = dependencies;
  const beganMs = now();
  const outcome = await evaluate(dependencies, { program, run });
  count(metrics, outcome);
  const endedMs = now();
  metrics.took('WorkDuration', endedMs - beganMs);
  log.line(metrics.line(endedMs, { program, run }));
  return { kind: outcome.kind };
}
