import { Duration, Validations } from 'aws-cdk-lib';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MonitoredFunction, type MonitoredFunctionProps } from './monitored-function.ts';
import { deadLetterQueue, safeQueue } from './queues.ts';

/** AWS's own advice: a message is hidden for six times as long as the function may take. */
const VISIBILITY_TIMES = 6;
const MAX_RECEIVES = 5;
/** Outlasts a week in which nobody looks; less than dead letters are kept, whose age counts from the first queue on. */
const WAITING_RETENTION = Duration.days(10);

export interface FedFunctionProps<E extends Record<string, string>>
  extends Omit<MonitoredFunctionProps<E>, 'environment' | 'statements'> {
  readonly pattern: EventPattern;
  /** Messages that one call works off, and how long the queue gathers them for it. */
  readonly batch: { readonly size: number; readonly window: Duration };
  /** Functions at work at the same time; the queue holds the rest. */
  readonly maxConcurrency: number;
  readonly build: (queue: Queue) => Pick<MonitoredFunctionProps<E>, 'environment' | 'statements'>;
}

/** Objects written to a bucket, by EventBridge and a queue, to a function that answers record by record. */
export class FedFunction<E extends Record<string, string>> extends Construct {
  readonly fn: MonitoredFunction<E>;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: FedFunctionProps<E>) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', `the queue of ${props.name}`);
    this.undelivered = deadLetterQueue(this, 'Undelivered', `the rule that feeds ${props.name}`);
    this.queue = safeQueue(this, 'Queue', {
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * VISIBILITY_TIMES),
      retentionPeriod: WAITING_RETENTION,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    new Rule(this, 'Rule', {
      eventPattern: props.pattern,
      targets: [
        new SqsQueue(this.queue, {
          deadLetterQueue: this.undelivered,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    const { pattern: _pattern, batch, maxConcurrency, build, ...rest } = props;
    this.fn = new MonitoredFunction(this, 'Worker', { ...rest, ...build(this.queue) });
    this.fn.lambda.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: batch.size,
        maxBatchingWindow: batch.window,
        maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    const mapping = this.fn.lambda.node.findAll().find((c) => c instanceof CfnEventSourceMapping);
    if (mapping)
      Validations.of(mapping).acknowledge({
        id: 'Serverless-LambdaEventSourceMappingDestination',
        reason: 'A mapping of SQS has no failure destination; the queue has its dead letters.',
      });
  }
}
