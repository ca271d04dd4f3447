import type { SQSHandler } from 'aws-lambda';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { IngestEnvironmentSchema } from './environment.ts';
import { handleIngestQueue } from './ingest-queue.ts';

const environment = parseEnvironment(IngestEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

/** Time kept back to answer with what failed, before Lambda ends the process. */
const RESERVE_MS = 5_000;

export const handler: SQSHandler = (event, context) =>
  handleIngestQueue(event, {
    landing: clients.store(environment.LANDING_BUCKET),
    lake: clients.store(environment.LAKE_BUCKET),
    requeue: clients.requeueTo(environment.INGEST_QUEUE_URL),
    accountId: environment.ACCOUNT_ID,
    signal: AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 1)),
    log: lambdaLog,
    now: Date.now,
  });
