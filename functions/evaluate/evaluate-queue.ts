import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processBatch } from '../platform/batch.ts';
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

/** Evaluates the runs that a batch of receipts belongs to, each once; a failure brings its messages back. */
export async function handleEvaluateQueue(
  event: SQSEvent,
  dependencies: EvaluateQueueDependencies,
): Promise<SQSBatchResponse> {
  const { lake, accountId, log, now } = dependencies;
  const metrics = new Metrics('evaluate');
  const done = new Set<string>();
  const response = await processBatch(event, log, async (record) => {
    for (const object of parseObjectEvents(record.body)) {
      if (object.bucket !== lake.bucket || (object.account !== null && object.account !== accountId)) {
        metrics.count('ForgedEvents');
        continue;
      }
      const [, program, run] = RECEIPT_KEY.exec(object.key) ?? [];
      if (!program || !run || done.has(`${program}/${run}`)) continue;
      const outcome = await evaluate(dependencies, { program, run });
      done.add(`${program}/${run}`);
      count(metrics, outcome);
      log.info('evaluate', {
        kind: outcome.kind,
        program,
        run,
        ...('reason' in outcome ? { reason: outcome.reason } : {}),
      });
    }
  });
  metrics.count('Failures', response.batchItemFailures.length);
  log.line(metrics.line(now()));
  return response;
}

/** Evaluates one run, for the nightly job. */
export async function handleRunRequest(
  { program, run }: RunRequest,
  dependencies: EvaluateQueueDependencies,
): Promise<{ kind: string }> {
  const metrics = new Metrics('evaluate');
  const outcome = await evaluate(dependencies, { program, run });
  count(metrics, outcome);
  dependencies.log.line(metrics.line(dependencies.now(), { program, run }));
  return { kind: outcome.kind };
}
