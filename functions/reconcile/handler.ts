import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { ReconcileEnvironmentSchema } from './environment.ts';
import { handleReconcile, type NightWork, type ReconcileRequest } from './reconcile-night.ts';

const environment = parseEnvironment(ReconcileEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);

export const handler = (event: ReconcileRequest): Promise<NightWork> =>
  handleReconcile(event, {
    landing: clients.store(environment.LANDING_BUCKET),
    lake: clients.store(environment.LAKE_BUCKET),
    requeue: clients.requeueTo(environment.INGEST_QUEUE_URL),
    runsAtOnce: {
      night: Number(environment.NIGHT_RUNS_AT_ONCE),
      replay: Number(environment.REPLAY_RUNS_AT_ONCE),
    },
    log: lambdaLog,
    now: Date.now,
  });
