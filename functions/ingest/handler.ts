import type { Context, S3Event, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handleEvent } from '../platform/direct-events.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { IngestEnvironmentSchema } from './environment.ts';
import { handleIngestQueue } from './ingest-queue.ts';

const environment = parseEnvironment(IngestEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

/** Time kept back to answer with what failed, before Lambda ends the process. */
const RESERVE_MS = 5_000;

/** Called by the queue of the landing bucket's events, or by a bucket that is wired to the function itself. */
export const handler = (event: SQSEvent | S3Event, context: Context): Promise<SQSBatchResponse> => {
  const signal = AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 1));
  return handleEvent(event, (batch) =>
    handleIngestQueue(batch, {
      landing: clients.store(environment.LANDING_BUCKET),
      lake: clients.store(environment.LAKE_BUCKET),
      requeue: clients.requeueTo(environment.INGEST_QUEUE_URL),
      accountId: environment.ACCOUNT_ID,
      signal,
      log: lambdaLog,
      now: Date.now,
    }),
  );
};
