import * as z from 'zod';
import schema from '../../../data/schemas/verdict-event@1.schema.json' with { type: 'json' };
import { outboxKey } from '../../../functions/decide/announce.ts';
import { call } from '../aws.ts';
import { check, until } from '../checks.ts';
import { ended, execute, executions, scheduleOf } from '../night.ts';
import { contents, versions } from '../objects.ts';
import { take } from '../queues.ts';
import type { World } from '../world.ts';

/** The emulator looks at its schedules every ten seconds; a rate counts from when it fired or saw it last. */
const FIRES_WITHIN_MS = 100_000;
const EventSchema = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

export const programsOf = ({ burst, published }: World): string[] => [
  ...new Set([...burst, ...published].map(({ key }) => key.split('/')[0] as string)),
];

/** The schedule of the stack, only sooner: the same target, role and input. */
async function fired({ deployment }: World): Promise<void> {
  const schedule = await scheduleOf(deployment, 'NightlySchedule');
  const arn = deployment.outputs.NightlyArn as string;
  const before = (await executions(arn)).length;
  check('the schedule starts the machine of the night', schedule.Target.Arn === arn, schedule.Target.Arn);
  await call('scheduler', 'UpdateSchedule', { ...schedule, ScheduleExpression: 'rate(1 minute)' });
  const beganMs = Date.now();
  try {
    await until(
      'a night by its schedule',
      async () => (await executions(arn)).length > before,
      FIRES_WITHIN_MS,
    );
  } finally {
    await call('scheduler', 'UpdateSchedule', schedule);
  }
  console.log(
    `     fired ${((Date.now() - beganMs) / 1_000).toFixed(0)} s after ${schedule.ScheduleExpression} was made rate(1 minute)`,
  );
  const started = await executions(arn);
  const { status, input } = await ended((started[0] as { executionArn: string }).executionArn);
  check('the night that its schedule started succeeded', status === 'SUCCEEDED', status);
  check('it got the input of the schedule', input === schedule.Target.Input, input);
}

interface Envelope {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: {
    readonly program: string;
    readonly to: string;
    readonly from: null | string;
    readonly sequence: number;
  };
}

/** The first verdict of a program is a change as well. */
async function announced(world: World): Promise<void> {
  const { deployment, verdicts } = world;
  const programs = programsOf(world);
  const heard: Envelope[] = [];
  await until('the events of verdicts', async () => {
    heard.push(...(await take(verdicts.bus)).map((m) => JSON.parse(m.Body) as Envelope));
    return heard.length >= programs.length;
  });
  const wrong = heard.filter(({ detail }) => !EventSchema.safeParse(detail).success);
  check(
    `a rule of somebody else heard ${heard.length} verdicts, as data/schemas/verdict-event@1 says`,
    wrong.length === 0 &&
      heard
        .map((e) => e.detail.program)
        .sort()
        .join() === programs.sort().join(),
    JSON.stringify(wrong.length > 0 ? wrong : heard).slice(0, 800),
  );
  check(
    'each is the first of its program',
    heard.every(({ detail }) => detail.from === null && detail.sequence === 1),
  );
  const mails = (await take(verdicts.topic)).map((m) => m.Body);
  const missing = heard.filter(
    ({ detail }) =>
      !mails.some((m) => m.includes(`the verdict of program ${detail.program} is ${detail.to}`)),
  );
  check(
    `the topic sent ${mails.length} sentences to its subscriber`,
    mails.length === heard.length && missing.length === 0,
    mails.join(' | '),
  );
  for (const program of programs) {
    const [text = '{}'] = [...(await contents(deployment.stores.lake, outboxKey(program))).values()].map(
      String,
    );
    check(
      `the outbox of ${program} says that it was sent`,
      (JSON.parse(text) as { isSent?: boolean }).isSent === true,
      text,
    );
  }
}

/** The same night again, by hand: nothing is decided anew, and nobody is told twice. */
async function repeated(world: World): Promise<void> {
  const { deployment, verdicts } = world;
  const { lake, reports } = deployment.stores;
  const all = async (): Promise<string> =>
    [
      ...(await versions(lake.bucket, 'decisions/')),
      ...(await versions(lake.bucket, 'verdicts/')),
      ...(await versions(reports.bucket)),
    ].join('\n');
  const before = await all();
  const { Target } = await scheduleOf(deployment, 'NightlySchedule');
  const { status } = await execute(deployment, Target.Input);
  check('the same night again succeeded', status === 'SUCCEEDED', status);
  check('no decision, verdict or report was written again', before === (await all()) && before !== '');
  const heard = [...(await take(verdicts.bus)), ...(await take(verdicts.topic))];
  check('nobody was told twice', heard.length === 0, `${heard.length} messages`);
}

export async function night(world: World): Promise<void> {
  await fired(world);
  await announced(world);
  await repeated(world);
}
