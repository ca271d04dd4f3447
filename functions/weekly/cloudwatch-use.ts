import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { TransientError } from '../core/errors.ts';
import type { DeployedFunctions } from './environment.ts';
import type { FunctionUse, UseSource } from './usage.ts';

const HOUR_S = 3_600;
const CALL_LIMIT_MS = 30_000;

const METRICS = { calls: 'Invocations', durationMs: 'Duration' } as const;

function queries(functions: DeployedFunctions): MetricDataQuery[] {
  return Object.values(functions).flatMap(({ functionName }, i) =>
    Object.entries(METRICS).map(([field, MetricName]) => ({
      Id: `${field}${i}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Lambda',
          MetricName,
          Dimensions: [{ Name: 'FunctionName', Value: functionName }],
        },
        Period: HOUR_S,
        Stat: 'Sum',
      },
    })),
  );
}

/**
 * Lambda's own counts from CloudWatch: they hold calls that ran out of time or memory as well, which a function could
 * not have counted itself. What was not called has no values, and is zero.
 */
export function cloudWatchUse(client = new CloudWatchClient({})): UseSource {
  return async (functions, { startMs, stopMs }) => {
    const sums = new Map<string, number>();
    let NextToken: string | undefined;
    do {
      const command = new GetMetricDataCommand({
        MetricDataQueries: queries(functions),
        StartTime: new Date(startMs),
        EndTime: new Date(stopMs),
        ...(NextToken ? { NextToken } : {}),
      });
      const answer = await client
        .send(command, { abortSignal: AbortSignal.timeout(CALL_LIMIT_MS) })
        .catch((cause: unknown) => {
          throw new TransientError('cloudwatch', 'CloudWatch did not answer for the use of functions', {
            cause,
          });
        });
      for (const { Id = '', Values = [] } of answer.MetricDataResults ?? [])
        sums.set(
          Id,
          Values.reduce((sum, v) => sum + v, sums.get(Id) ?? 0),
        );
      NextToken = answer.NextToken;
    } while (NextToken);
    const of = (i: number): FunctionUse => ({
      calls: sums.get(`calls${i}`) ?? 0,
      durationMs: sums.get(`durationMs${i}`) ?? 0,
    });
    return Object.fromEntries(Object.keys(functions).map((name, i) => [name, of(i)]));
  };
}
