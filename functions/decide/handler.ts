import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { handleNight, type NightRequest } from './decide-night.ts';
import { DecideEnvironmentSchema } from './environment.ts';
import { eventBus } from './event-bus.ts';

const environment = parseEnvironment(DecideEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);
const announce = eventBus(environment.EVENT_BUS_NAME);

export const handler = (event: NightRequest): Promise<{ verdict: string; isChanged: boolean }> =>
  handleNight(event, {
    landing: clients.store(environment.LANDING_BUCKET),
    lake: clients.store(environment.LAKE_BUCKET),
    reports: clients.store(environment.REPORTS_BUCKET),
    announce,
    log: lambdaLog,
    now: Date.now,
  });
