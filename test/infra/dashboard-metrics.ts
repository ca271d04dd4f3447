import { DIMENSION, type FunctionName, METRICS, NAMESPACE, TIMES } from '../../functions/platform/metrics.ts';
import {
  PILOT_DIMENSIONS,
  PROGRAM_METRICS,
  WORKLOAD_METRICS,
} from '../../functions/platform/pilot-metrics.ts';
import type { Widget } from './synthesised.ts';

/** A metric as a widget or alarm names it; of what a search finds, the dimensions alone. */
export interface Named {
  readonly namespace: string;
  readonly metric: string;
  /** Values are null where a search takes whatever there is. */
  readonly dimensions: Readonly<Record<string, string | null>>;
}

const SEARCH = /SEARCH\('\{([^}]*)\} MetricName="(\w+)"', '(\w+)', (\d+)\)/g;

/** The metrics that a metric math expression searches for. */
export const searched = (expression: string): Named[] =>
  [...expression.matchAll(SEARCH)].map(([, schema, metric]) => {
    const [namespace, ...dimensions] = (schema as string).split(',') as [string, ...string[]];
    return {
      namespace,
      metric: metric as string,
      dimensions: Object.fromEntries(dimensions.map((d) => [d, null])),
    };
  });

/** One row of a widget's metrics: names and then options, or an expression. */
export function namedBy(row: readonly unknown[]): Named[] {
  const options = row.find((cell) => typeof cell === 'object') as { expression?: string } | undefined;
  if (options?.expression !== undefined) {
    const found = searched(options.expression);
    if (found.length === 0 && options.expression.includes('SEARCH'))
      throw new Error(`${options.expression}: a search of another form than the tests can read`);
    return found;
  }
  const [namespace, metric, ...rest] = row.filter((cell) => typeof cell === 'string') as [
    string,
    string,
    ...string[],
  ];
  const pairs = Array.from({ length: rest.length / 2 }, (_, i) => [rest[2 * i], rest[2 * i + 1]]);
  return [{ namespace, metric, dimensions: Object.fromEntries(pairs) }];
}

export const shownIn = (widgets: readonly Widget[]): Named[] =>
  widgets.flatMap((w) => (w.properties.metrics ?? []).flatMap(namedBy));

/** Name of a metric of ours: with the function that counts it, or with the dimensions that a pilot's has. */
export const nameOf = ({ metric, dimensions }: Named): string =>
  dimensions[DIMENSION]
    ? `${dimensions[DIMENSION]}.${metric}`
    : `${Object.keys(dimensions).sort().join(',')}.${metric}`;

export const isOurs = ({ namespace }: Named): boolean => namespace === NAMESPACE;

/** Everything that is said to be emitted; that it is, the tests of the handlers show. */
export const DECLARED: readonly string[] = [
  ...(Object.keys(METRICS) as FunctionName[]).flatMap((fn) =>
    [...METRICS[fn], ...TIMES[fn]].map((metric) => `${fn}.${metric}`),
  ),
  ...[...PROGRAM_METRICS, ...WORKLOAD_METRICS].map(
    (metric) => `${[...PILOT_DIMENSIONS].sort().join(',')}.${metric}`,
  ),
];

/** What AWS emits of its own, by the dimension that these are asked by. */
export const OF_AWS: Readonly<
  Record<string, { readonly dimension: string; readonly metrics: readonly string[] }>
> = {
  'AWS/Lambda': {
    dimension: 'FunctionName',
    metrics: ['Duration', 'Errors', 'Invocations', 'Throttles', 'ConcurrentExecutions'],
  },
  'AWS/SQS': {
    dimension: 'QueueName',
    metrics: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage', 'NumberOfMessagesSent'],
  },
  'AWS/States': {
    dimension: 'StateMachineArn',
    metrics: ['ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'],
  },
};
