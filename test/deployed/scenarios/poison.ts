import { receiptPrefix } from '../../../functions/platform/layout.ts';
import { call } from '../aws.ts';
import { check, until } from '../checks.ts';
import { physicalOf } from '../deployment.ts';
import { keysOf } from '../objects.ts';
import { depth, drained, type Message, send, setVisibility, take } from '../queues.ts';
import { documentOf } from '../readers/reader.ts';
import type { World } from '../world.ts';
import { checkDeadLetters, heldBack } from './burst.ts';

/** Five receives then take seconds. */
const SHORT_S = '1';
const POISON = '{"this is": "no event of an object"}';

const POLICY = 'work';

interface PolicyDocument {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

/** Takes the right to write objects from a role, and gives back what mends it. */
async function forbidWrites(RoleName: string): Promise<() => Promise<unknown>> {
  const PolicyName = POLICY;
  const found = await call<{ PolicyDocument: string }>('iam', 'GetRolePolicy', { RoleName, PolicyName });
  const document = documentOf(found.PolicyDocument) as PolicyDocument;
  const put = (content: PolicyDocument) =>
    call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: JSON.stringify(content) });
  await put({
    ...document,
    Statement: document.Statement.filter(({ Action }) => ![Action].flat().includes('s3:PutObject')),
  });
  return () => put(document);
}

/** As "redrive" of the console does; message by message where the emulator lacks it. */
async function redrive(deadLetters: string, queue: string): Promise<string> {
  const arn = async (QueueUrl: string): Promise<string> =>
    (
      await call<{ Attributes: { QueueArn: string } }>('sqs', 'GetQueueAttributes', {
        QueueUrl,
        AttributeNames: ['QueueArn'],
      })
    ).Attributes.QueueArn;
  try {
    await call('sqs', 'StartMessageMoveTask', { SourceArn: await arn(deadLetters) });
    return 'StartMessageMoveTask';
  } catch (error) {
    const moved: Message[] = await take(deadLetters);
    await send(
      queue,
      moved.map((m) => m.Body),
    );
    return `receiving and sending (StartMessageMoveTask: ${(error as Error).name})`;
  }
}

/** A file while a right is missing, and a message that nothing can mend: aside, mended, sent again. */
export async function poison(world: World): Promise<void> {
  const { deployment, queues, deadLetters } = world;
  const { landing, lake } = deployment.stores;
  const aside = deadLetters.WorkersIngestDeadLetters as string;
  const file = heldBack(world);
  const [program = '', run = ''] = file.key.split('/');
  const receipts = async (): Promise<number> => (await keysOf(lake, receiptPrefix(program, run))).length;
  const visibility = await setVisibility(queues.ingest, SHORT_S);
  const before = await receipts();
  const mend = await forbidWrites(physicalOf(deployment, 'AWS::IAM::Role', 'WorkersIngestWorkerRole'));
  try {
    await landing.put(file.key, file.bytes);
    await send(queues.ingest, [POISON]);
    await until('two dead letters', async () => (await depth(aside)).visible === 2);
    check('what fails each time is put aside after its receives', (await receipts()) === before);
    await mend();
    const how = await redrive(aside, queues.ingest);
    console.log(`     redriven by ${how}`);
    await until('the receipt of the mended one', async () => (await receipts()) === before + 1);
    check('the mended one has its receipt', true);
    await until('the other to be back', async () => (await depth(aside)).visible === 1);
    const [left, ...more] = await take(aside);
    check(
      'what nothing mends is put aside again, and alone',
      left?.Body === POISON && more.length === 0,
      left?.Body,
    );
  } finally {
    await mend();
    await setVisibility(queues.ingest, visibility);
  }
  await drained(queues.ingest, queues.evaluate);
  await checkDeadLetters(world);
}
