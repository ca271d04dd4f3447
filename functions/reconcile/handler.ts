import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { ReconcileEnvironmentSchema } from './environment.ts';
import { handleReconcile } from './reconcile-night.ts';

const environment = parseEnvironment(ReconcileEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

export const handler = (event: { startTime: string }): ReturnType<typeof handleReconcile> =>
  handleReconcile(event, {
    landing: clients.store(environment.LANDING_BUCKET),
    lake: clients.store(environment.LAKE_BUCKET),
    requeue: clients.requeueTo(environment.INGEST_QUEUE_URL),
    log: lambdaLog,
    now: Date.now,
  });
