import type { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { FunctionName } from '../functions/platform/metrics.ts';

/** Queues that hold what could not be done, by what that was. */
export interface DeadLetterQueues {
  readonly ingest: Queue;
  readonly evaluate: Queue;
  readonly ingestUndelivered: Queue;
  readonly evaluateUndelivered: Queue;
  readonly nightUndelivered: Queue;
}

/** A function as `MonitoredFunction` has it. */
export interface Watched {
  readonly lambda: LambdaFunction;
  readonly timeout: Duration;
}

/** What dashboards show and alarms watch. */
export interface PipelineParts {
  /** Of the metrics that functions emit. */
  readonly namespace: string;
  readonly functions: Readonly<Record<FunctionName, Watched>>;
  readonly queues: { readonly ingest: Queue; readonly evaluate: Queue };
  readonly deadLetters: DeadLetterQueues;
  readonly nightly: { readonly machine: StateMachine };
}
