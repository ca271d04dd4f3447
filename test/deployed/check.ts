import { call } from './aws.ts';
import { check, counts } from './checks.ts';
import { deploymentOf, physicalOf } from './deployment.ts';
import { makeQueue, queueArn, setVisibility, tap, untap } from './queues.ts';
import { burst } from './scenarios/burst.ts';
import { night } from './scenarios/night.ts';
import { poison } from './scenarios/poison.ts';
import { readBack } from './scenarios/read-back.ts';
import { redelivery } from './scenarios/redelivery.ts';
import { replay } from './scenarios/replay.ts';
import { sameBytes } from './scenarios/same-bytes.ts';
import { weekly } from './scenarios/weekly.ts';
import { burstUploads, publishedUploads } from './uploads.ts';
import { deadLettersOf, queuesOf, type Scenario, type World } from './world.ts';

const [templateFile = '', adaptedFile = '', outputsFile = '', smokeStatus = ''] = process.argv.slice(2);

/** Instead of half an hour: what fails on a machine that is too busy is tried again while somebody waits. */
const VISIBILITY_S = '60';

/** In this order: each finds what those before it left. */
const SCENARIOS: readonly Scenario[] = [
  { title: 'every resource of the template, read back', run: ({ deployment }) => readBack(deployment) },
  {
    title: 'a burst of uploads',
    run: async (w) => {
      for (const url of Object.values(w.queues)) await setVisibility(url, VISIBILITY_S);
      await burst(w);
    },
  },
  { title: 'events that come again, in another order', run: redelivery },
  { title: 'what fails each time', run: poison },
  { title: 'the night by its schedule, and what it announces', run: night },
  { title: 'the same as on one machine', run: sameBytes },
  { title: 'a replay', run: replay },
  { title: 'the weekly job', run: weekly },
];

const deployment = await deploymentOf(templateFile, adaptedFile, outputsFile);
const rule = (beginning: string): string => physicalOf(deployment, 'AWS::Events::Rule', beginning);
const topicQueue = await makeQueue('heard-from-topic');
await call('sns', 'Subscribe', {
  TopicArn: deployment.outputs.VerdictTopicArn,
  Protocol: 'sqs',
  Endpoint: queueArn(topicQueue),
  Attributes: { RawMessageDelivery: 'true' },
});
const world: World = {
  deployment,
  queues: queuesOf(deployment),
  deadLetters: deadLettersOf(deployment),
  taps: {
    landing: await tap(rule('WorkersIngestRule'), 'heard-of-landing'),
    lake: await tap(rule('WorkersEvaluateRule'), 'heard-of-lake'),
  },
  verdicts: { bus: await tap(rule('VerdictsRule'), 'heard-of-verdicts'), topic: topicQueue },
  burst: burstUploads(),
  published: await publishedUploads(),
};

check('the smoke test passed', smokeStatus === '0', `wattline smoke ended with ${smokeStatus}`);
for (const { title, run } of SCENARIOS) {
  const beganMs = Date.now();
  console.log(`=== ${title}`);
  await run(world).catch((error: Error) => check(title, false, error.stack ?? error.message));
  console.log(`     ${((Date.now() - beganMs) / 1_000).toFixed(0)} s`);
}
await untap(world.taps.landing, 'heard-of-landing');
await untap(world.taps.lake, 'heard-of-lake');
await untap(world.verdicts.bus, 'heard-of-verdicts');
await call('sqs', 'DeleteQueue', { QueueUrl: topicQueue });
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
