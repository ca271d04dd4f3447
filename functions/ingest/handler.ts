import type { Context, S3Event, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deadlineOf } from '../platform/deadline.ts';
import { handleEvent } from '../platform/direct-events.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { prepareReader } from '../platform/reader-thread.ts';
import { IngestEnvironmentSchema } from './environment.ts';
import { handleIngestQueue } from './ingest-queue.ts';

const environment = parseEnvironment(IngestEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);
prepareReader();

/** Called by the queue of the landing bucket's events, or by a bucket that is wired to the function itself. */
export const handler = (event: SQSEvent | S3Event, context: Context): Promise<SQSBatchResponse> => {
  const deadline = deadlineOf(context);
  return handleEvent(event, (batch) =>
    handleIngestQueue(batch, {
      landing: clients.store(environment.LANDING_BUCKET, deadline),
      lake: clients.store(environment.LAKE_BUCKET, deadline),
      requeue: clients.requeueTo(environment.INGEST_QUEUE_URL, deadline),
      accountId: environment.ACCOUNT_ID,
      log: lambdaLog,
      now: Date.now,
    }),
  );
};
