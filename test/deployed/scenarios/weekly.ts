import { WeeklyReportSchema } from '../../../functions/weekly/weekly-report.ts';
import { call } from '../aws.ts';
import { check } from '../checks.ts';
import { physicalOf } from '../deployment.ts';
import { scheduleOf } from '../night.ts';
import { contents, keysOf } from '../objects.ts';
import { BURST, isManifest, isOfRun } from '../uploads.ts';
import type { World } from '../world.ts';

const DAY_MS = 86_400_000;
/** Stands in the schedule's input; Scheduler puts the time that the call was due at in its place. */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

interface Answer {
  readonly date?: string;
  readonly batchItemFailures?: readonly unknown[];
  readonly errorMessage?: string;
}

async function invoke(FunctionName: string, payload: string): Promise<Answer> {
  const input = { FunctionName, Payload: Buffer.from(payload) };
  const { Payload } = await call<{ Payload: Uint8Array }>('lambda', 'Invoke', input);
  return JSON.parse(Buffer.from(Payload).toString('utf8')) as Answer;
}

async function invokeWeekly({ deployment }: World, dueMs: number): Promise<Answer> {
  const { Target } = await scheduleOf(deployment, 'WeeklySchedule');
  const due = new Date(dueMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return invoke(Target.Arn, Target.Input.replace(SCHEDULED_TIME, due));
}

/** The emulator counts calls that come straight: here an S3 notification of a file that was read long ago. */
async function callIngest({ deployment }: World, key: string): Promise<void> {
  const name = physicalOf(deployment, 'AWS::Lambda::Function', 'WorkersIngestWorkerFunction');
  const s3 = { bucket: { name: deployment.stores.landing.bucket }, object: { key: encodeURIComponent(key) } };
  const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3 };
  const { batchItemFailures, errorMessage } = await invoke(name, JSON.stringify({ Records: [record] }));
  check(
    'ingest takes a notification that comes straight from S3',
    batchItemFailures?.length === 0,
    errorMessage,
  );
}

/**
 * Two weeks in a row, from the day after, so that what was called today is in the week that is summed. One upload was
 * deleted; one output has no receipt.
 */
export async function weekly(world: World): Promise<void> {
  const { landing, lake, reports } = world.deployment.stores;
  const deleted = world.burst.find((o) => isOfRun(o) && !isManifest(o))?.key as string;
  const [, run = ''] = deleted.split('/');
  const ofRun = (table: string): Promise<string[]> => keysOf(lake, `${table}/program=${BURST}/run=${run}/`);
  const orphan = `segments/program=${BURST}/run=${run}/source=${'0'.repeat(32)}/nobody.parquet`;
  await lake.put(orphan, Buffer.from('half a write'));
  const before = { receipts: (await ofRun('receipts')).length, segments: (await ofRun('segments')).length };
  await callIngest(world, deleted);
  await landing.delete(deleted);
  const firstMs = Date.now() + DAY_MS;
  const first = await invokeWeekly(world, firstMs);
  check('the weekly job ended', first.date !== undefined, first.errorMessage ?? JSON.stringify(first));
  const kept = await ofRun('segments');
  check(
    'what an upload that is gone had made is gone, its receipt too',
    (await ofRun('receipts')).length === before.receipts - 1 && kept.length === before.segments - 1,
    `${before.receipts} receipts and ${before.segments} segments before, now ${(await ofRun('receipts')).length} and ${kept.length}`,
  );
  check('an output without a receipt is only suspected at first', kept.includes(orphan));
  const files = await contents(reports, `weekly/${first.date}/`);
  const report = WeeklyReportSchema.parse(JSON.parse(String(files.get(`weekly/${first.date}/report.json`))));
  const { swept, functions, programs } = report;
  check(
    'the week’s report says so',
    swept.sources === 1 && swept.suspects === 1 && swept.orphans === 0,
    JSON.stringify(swept),
  );
  const ingest = (functions ?? []).find((f) => f.name === 'ingest');
  check(
    'it sums what functions took, by CloudWatch',
    functions?.length === 4 && ingest?.calls === 1 && ingest.gbSeconds > 0,
    JSON.stringify(functions),
  );
  check(
    'and what programs sent',
    programs.some((p) => p.program === BURST && p.files > 0),
    JSON.stringify(programs),
  );
  check('beside it for people', (files.get(`weekly/${first.date}/report.md`)?.length ?? 0) > 0);
  await invokeWeekly(world, firstMs + 7 * DAY_MS);
  check('a week later it is swept', !(await ofRun('segments')).includes(orphan));
}
