import { call } from './aws.ts';
import { pause } from './checks.ts';
import { ACCOUNT, REGION } from './deployment.ts';

export interface Message {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

const BATCH = 10;
/** A queue that was seen empty for so long is drained: what follows from a message is sent within that time. */
const QUIET_MS = 3_000;
const STUCK_MS = 120_000;

export const queueArn = (url: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${url.split('/').at(-1)}`;

/** Services that tell subscribers. */
const PUBLISHERS = ['events.amazonaws.com', 'sns.amazonaws.com'];

/** A queue that rules and topics may send to, as a subscriber would make one. */
export async function makeQueue(QueueName: string): Promise<string> {
  const { QueueUrl } = await call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName });
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: PUBLISHERS },
      Action: 'sqs:SendMessage',
      Resource: queueArn(QueueUrl),
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
  return QueueUrl;
}

export async function send(QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let i = 0; i < bodies.length; i += BATCH)
    await call('sqs', 'SendMessageBatch', {
      QueueUrl,
      Entries: bodies.slice(i, i + BATCH).map((MessageBody, n) => ({ Id: String(n), MessageBody })),
    });
}

/** Everything that is visible, taken off the queue. */
export async function take(QueueUrl: string): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await call<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: BATCH,
    });
    if (Messages.length === 0) return taken;
    for (const { ReceiptHandle } of Messages) await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    taken.push(...Messages);
  }
}

/** Messages that wait, and that somebody works on. */
export async function depth(QueueUrl: string): Promise<{ visible: number; inFlight: number }> {
  const { Attributes = {} } = await call<{ Attributes?: Record<string, string> }>(
    'sqs',
    'GetQueueAttributes',
    {
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    },
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

/** Waits until the queues have been empty for a while. @throws Error when they hold the same for too long. */
export async function drained(...urls: readonly string[]): Promise<void> {
  let before = '';
  let changedAt = Date.now();
  for (;;) {
    const depths = await Promise.all(urls.map(depth));
    const now = JSON.stringify(depths);
    if (now !== before) {
      before = now;
      changedAt = Date.now();
    }
    const isEmpty = depths.every((d) => d.visible + d.inFlight === 0);
    const stoodMs = Date.now() - changedAt;
    if (isEmpty && stoodMs >= QUIET_MS) return;
    if (stoodMs > STUCK_MS) throw new Error(`queues are not drained: ${now}`);
    await pause(250);
  }
}

/** Lets a queue hear what a rule of the deployment hears, as a rule of our own with the same pattern. */
export async function tap(ruleName: string, name: string): Promise<string> {
  const url = await makeQueue(name);
  const { EventPattern } = await call<{ EventPattern: string }>('eventbridge', 'DescribeRule', {
    Name: ruleName.split('|').at(-1),
  });
  await call('eventbridge', 'PutRule', { Name: name, EventPattern });
  await call('eventbridge', 'PutTargets', { Rule: name, Targets: [{ Id: 'queue', Arn: queueArn(url) }] });
  return url;
}

export async function untap(url: string, name: string): Promise<void> {
  await call('eventbridge', 'RemoveTargets', { Rule: name, Ids: ['queue'] });
  await call('eventbridge', 'DeleteRule', { Name: name });
  await call('sqs', 'DeleteQueue', { QueueUrl: url });
}

/** Hides what is taken for so long, and gives back how it was. */
export async function setVisibility(QueueUrl: string, seconds: string): Promise<string> {
  const { Attributes } = await call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['VisibilityTimeout'],
  });
  await call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: seconds } });
  return Attributes.VisibilityTimeout as string;
}
