import type { Context } from 'aws-lambda';
import { InputError } from '../core/errors.ts';
import { deadlineOf } from '../platform/deadline.ts';
import { parseEnvironment } from '../platform/environment.ts';
import { lambdaClients, lambdaLog } from '../platform/lambda.ts';
import { cloudWatchUse } from './cloudwatch-use.ts';
import { parseFunctions, WeeklyEnvironmentSchema } from './environment.ts';
import { weekly } from './weekly.ts';

const environment = parseEnvironment(WeeklyEnvironmentSchema, process.env);
const functions = parseFunctions(environment.FUNCTIONS);
const clients = lambdaClients(environment.ACCOUNT_ID);
const use = cloudWatchUse();

/** Called by the weekly schedule with the time that it was due at, so that a late or second call is of the same week. */
export const handler = async (
  event: { readonly startTime: string },
  context: Context,
): Promise<{ date: string }> => {
  const startMs = Date.parse(event.startTime);
  if (Number.isNaN(startMs))
    throw new InputError(
      'start-time',
      `start time ${JSON.stringify(event.startTime)}: expected RFC 3339, as the schedule sends it`,
    );
  const deadline = deadlineOf(context);
  const { date } = await weekly(
    {
      landing: clients.store(environment.LANDING_BUCKET, deadline),
      lake: clients.store(environment.LAKE_BUCKET, deadline),
      reports: clients.store(environment.REPORTS_BUCKET, deadline),
      functions,
      use,
      log: lambdaLog,
    },
    startMs,
  );
  return { date };
};
