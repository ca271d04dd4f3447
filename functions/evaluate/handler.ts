import type { Context, S3Event, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handleEvent } from '../platform/direct-events.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { EvaluateEnvironmentSchema } from './environment.ts';
import {
  type EvaluateQueueDependencies,
  handleEvaluateQueue,
  handleRunRequest,
  type RunRequest,
} from './evaluate-queue.ts';

const environment = parseEnvironment(EvaluateEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);
const RESERVE_MS = 5_000;

const dependencies = (context: Context): EvaluateQueueDependencies => ({
  landing: clients.store(environment.LANDING_BUCKET),
  lake: clients.store(environment.LAKE_BUCKET),
  reports: clients.store(environment.REPORTS_BUCKET),
  accountId: environment.ACCOUNT_ID,
  signal: AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 1)),
  log: lambdaLog,
  now: Date.now,
});

/** Called by the queue of receipts, and by the night's map with one run. */
export const handler = (
  event: SQSEvent | S3Event | RunRequest,
  context: Context,
): Promise<SQSBatchResponse | { kind: string }> =>
  'run' in event
    ? handleRunRequest(event, dependencies(context))
    : handleEvent(event, (batch) => handleEvaluateQueue(batch, dependencies(context)));
