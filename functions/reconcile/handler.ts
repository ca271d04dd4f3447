import type { Context } from 'aws-lambda';
import { deadlineOf } from '../platform/deadline.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { failStep } from '../platform/step-errors.ts';
import { ReconcileEnvironmentSchema } from './environment.ts';
import { handleReconcile, type NightWork, type ReconcileRequest } from './reconcile-night.ts';

const environment = parseEnvironment(ReconcileEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

export const handler = (event: ReconcileRequest, context: Context): Promise<NightWork> => {
  const deadline = deadlineOf(context);
  return handleReconcile(event, {
    landing: clients.store(environment.LANDING_BUCKET, deadline),
    lake: clients.store(environment.LAKE_BUCKET, deadline),
    requeue: clients.requeueTo(environment.INGEST_QUEUE_URL, deadline),
    runsAtOnce: {
      night: Number(environment.NIGHT_RUNS_AT_ONCE),
      replay: Number(environment.REPLAY_RUNS_AT_ONCE),
    },
    log: lambdaLog,
    now: Date.now,
  }).catch(failStep);
};
