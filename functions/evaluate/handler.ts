import type { Context, S3Event, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deadlineOf } from '../platform/deadline.ts';
import { handleEvent } from '../platform/direct-events.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { failStep } from '../platform/step-errors.ts';
import { EvaluateEnvironmentSchema } from './environment.ts';
import {
  type EvaluateQueueDependencies,
  handleEvaluateQueue,
  handleRunRequest,
  type RunRequest,
} from './evaluate-queue.ts';

const environment = parseEnvironment(EvaluateEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

const dependencies = (deadline: AbortSignal): EvaluateQueueDependencies => ({
  landing: clients.store(environment.LANDING_BUCKET, deadline),
  lake: clients.store(environment.LAKE_BUCKET, deadline),
  reports: clients.store(environment.REPORTS_BUCKET, deadline),
  accountId: environment.ACCOUNT_ID,
  log: lambdaLog,
  now: Date.now,
});

/** Called by the queue of receipts, and by the night's map with one run. */
export const handler = (
  event: SQSEvent | S3Event | RunRequest,
  context: Context,
): Promise<SQSBatchResponse | { kind: string }> =>
  'run' in event
    ? handleRunRequest(event, dependencies(deadlineOf(context))).catch(failStep)
    : handleEvent(event, (batch) => handleEvaluateQueue(batch, dependencies(deadlineOf(context))));
