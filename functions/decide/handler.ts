import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context } from 'aws-lambda';
import { deadlineOf } from '../platform/deadline.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { failStep } from '../platform/step-errors.ts';
import { handleNight, type NightRequest } from './decide-night.ts';
import { DecideEnvironmentSchema } from './environment.ts';
import { eventBus } from './event-bus.ts';

const environment = parseEnvironment(DecideEnvironmentSchema, process.env);
const clients = lambdaClients(environment.ACCOUNT_ID);
const events = new EventBridgeClient({});

export const handler = (
  event: NightRequest,
  context: Context,
): Promise<{ verdict: string; isChanged: boolean }> => {
  const deadline = deadlineOf(context);
  return handleNight(event, {
    landing: clients.store(environment.LANDING_BUCKET, deadline),
    lake: clients.store(environment.LAKE_BUCKET, deadline),
    reports: clients.store(environment.REPORTS_BUCKET, deadline),
    announce: eventBus(environment.EVENT_BUS_NAME, events, deadline),
    log: lambdaLog,
    now: Date.now,
  }).catch(failStep);
};
