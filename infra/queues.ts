import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

const DEAD_LETTER_RETENTION = Duration.days(14);

/** A queue that is encrypted and speaks TLS alone. */
export const safeQueue = (scope: Construct, id: string, props: QueueProps = {}): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });

/** The end of the way for what could not be delivered or worked off: kept for as long as SQS keeps anything. */
export function deadLetterQueue(scope: Construct, id: string, of: string): Queue {
  const queue = safeQueue(scope, id, { retentionPeriod: DEAD_LETTER_RETENTION });
  for (const rule of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'])
    Validations.of(queue).acknowledge({
      id: rule,
      reason: `It is the dead-letter queue of ${of}; an alarm watches it.`,
    });
  return queue;
}
