import { Duration, Stack } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { VERDICT_EVENT_SOURCE, VERDICT_EVENT_TYPE } from '../functions/core/decision/verdict-event.ts';
import { deadLetterQueue } from './queues.ts';

export interface VerdictChannelProps {
  readonly key: Key;
  /** Who is written to; the address has to confirm it once. */
  readonly email?: string | undefined;
}

/** The bus that every account has. Rules of others can listen there too. */
const BUS_NAME = 'default';

const field = (path: string): string => EventField.fromPath(`$.detail.${path}`);

/** A sentence, for people who get it by mail; programs listen to the bus. */
const MESSAGE = [
  `Wattline: the verdict of program ${field('program')} is ${field('to')} (before: ${field('from')}), by the decision of the night ${field('date')}.`,
  `Reasons: ${field('reasons')}`,
  `Report: s3://${field('report.bucket')}/${field('report.key')}`,
  `Simulated: ${field('simulated')}. Event ${field('id')}; the same one may come twice.`,
].join('\n');

/** Where changes of verdict go: an event on the bus, and from there a message for people. */
export class VerdictChannel extends Construct {
  readonly busName = BUS_NAME;
  readonly topic: Topic;
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { key, email }: VerdictChannelProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Wattline verdicts',
      enforceSSL: true,
      masterKey: key,
    });
    this.undelivered = deadLetterQueue(this, 'Undelivered', 'the rule of verdicts and its mail');
    if (email)
      this.topic.addSubscription(new EmailSubscription(email, { deadLetterQueue: this.undelivered }));
    new Rule(this, 'Rule', {
      eventPattern: {
        source: [VERDICT_EVENT_SOURCE],
        detailType: [VERDICT_EVENT_TYPE],
        account: [Stack.of(this).account],
      },
      targets: [
        new SnsTopic(this.topic, {
          message: RuleTargetInput.fromMultilineText(MESSAGE),
          deadLetterQueue: this.undelivered,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  }

  /** The right to say that a verdict changed, and nothing else in anybody's name. */
  get put(): PolicyStatement {
    return new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [
        Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: BUS_NAME }),
      ],
      conditions: {
        StringEquals: { 'events:source': VERDICT_EVENT_SOURCE, 'events:detail-type': VERDICT_EVENT_TYPE },
      },
    });
  }
}
