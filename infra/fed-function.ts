import { Duration, Validations } from 'aws-cdk-lib';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MonitoredFunction, type MonitoredFunctionProps } from './monitored-function.ts';

/** AWS's own advice: a message is hidden for six times as long as the function may take. */
const VISIBILITY_TIMES = 6;
const MAX_RECEIVES = 5;
const DEAD_LETTER_RETENTION = Duration.days(14);
const BATCH_SIZE = 10;
const BATCH_WINDOW = Duration.seconds(5);

export interface FedFunctionProps<E extends Record<string, string>>
  extends Omit<MonitoredFunctionProps<E>, 'environment' | 'statements'> {
  readonly pattern: EventPattern;
  /** Functions at work at the same time; the queue holds the rest. */
  readonly maxConcurrency: number;
  readonly build: (queue: Queue) => Pick<MonitoredFunctionProps<E>, 'environment' | 'statements'>;
}

const queueOf = (scope: Construct, id: string, props: ConstructorParameters<typeof Queue>[2] = {}): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });

/** Objects written to a bucket, by EventBridge and a queue, to a function that answers record by record. */
export class FedFunction<E extends Record<string, string>> extends Construct {
  readonly fn: MonitoredFunction<E>;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, props: FedFunctionProps<E>) {
    super(scope, id);
    this.deadLetters = queueOf(this, 'DeadLetters', { retentionPeriod: DEAD_LETTER_RETENTION });
    this.undelivered = queueOf(this, 'Undelivered', { retentionPeriod: DEAD_LETTER_RETENTION });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of the EventBridge rule; an alarm watches it.',
    });
    this.queue = queueOf(this, 'Queue', {
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * VISIBILITY_TIMES),
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
    const { pattern: _pattern, maxConcurrency, build, ...rest } = props;
    this.fn = new MonitoredFunction(this, 'Worker', { ...rest, ...build(this.queue) });
    this.fn.lambda.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: BATCH_SIZE,
        maxBatchingWindow: BATCH_WINDOW,
        maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
  }
}
