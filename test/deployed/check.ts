import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DEMO_PROGRAM, demoFiles } from '../../cli/demo-pilot.ts';
import { directoryStores, Pipeline, type Stores } from '../../cli/pipeline.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { outboxKey } from '../../functions/decide/announce.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { S3Store } from '../../functions/platform/s3-store.ts';

const [outputsFile = '', localFolder = '', smokeStatus = ''] = process.argv.slice(2);
const CASES = '../shared/cases';
const CANDIDATE = join(CASES, 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora');
const BASELINE = join(CASES, 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora');
const PATIENCE_MS = 240_000;

interface Upload {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Two published sets where they are at hand, else the simulated pilot. */
async function uploads(): Promise<{ program: string; objects: Upload[] }> {
  if (!existsSync(CASES)) {
    console.log(`skipped: ${CASES} is not there; the simulated pilot is deployed instead`);
    const objects = [...demoFiles(3)].map(({ key, body }) => ({ key, bytes: body }));
    return { program: DEMO_PROGRAM, objects };
  }
  const program = 'deployed';
  const objects: Upload[] = [];
  for (const [role, folder] of [
    ['candidate', CANDIDATE],
    ['baseline', BASELINE],
  ] as const) {
    for (const { manifest, files } of await loadRuns(folder, { program, role, prefix: `${role}-` })) {
      for (const { path, source } of files)
        objects.push({ key: landingKey(program, manifest.run, path), bytes: readFileSync(source) });
      objects.push({ key: manifestKey(program, manifest.run), bytes: prettyJson(manifest) });
    }
  }
  return { program, objects };
}

async function contents(store: ObjectStore, prefix: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const { key } of store.list(prefix))
    found.set(key, Buffer.from(await collect((await store.get(key)).body)));
  return found;
}

/** Receipts name bucket, version and keys made of them; what they say besides must be the same. */
function receiptsByPath(objects: ReadonlyMap<string, Buffer>): Map<string, string> {
  return new Map(
    [...objects.values()].map((bytes) => {
      const { source, outputs, ...rest } = JSON.parse(bytes.toString('utf8')) as {
        run: string;
        path: string;
        source: { sizeBytes: number };
        outputs: Record<string, string | null>;
      };
      const made = Object.entries(outputs).map(([name, key]) => [name, key !== null]);
      return [`${rest.run}/${rest.path}`, JSON.stringify({ ...rest, sizeBytes: source.sizeBytes, made })];
    }),
  );
}

let passed = 0;
let failed = 0;
function check(name: string, isTrue: boolean, detail = ''): void {
  if (isTrue) passed += 1;
  else failed += 1;
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue ? '' : `: ${detail}`}`);
}

function compare<T extends string | Buffer>(
  name: string,
  deployed: ReadonlyMap<string, T>,
  local: ReadonlyMap<string, T>,
): void {
  const same = (a: T | undefined, b: T | undefined): boolean =>
    a !== undefined && b !== undefined && Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
  const keys = [...new Set([...deployed.keys(), ...local.keys()])];
  const different = keys.filter((key) => !same(deployed.get(key), local.get(key)));
  check(
    `${name}: ${local.size} objects, the same bytes`,
    local.size > 0 && different.length === 0,
    `${different.length} differ, first ${different[0]} (deployed ${deployed.size}, local ${local.size})`,
  );
}

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isDone())) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function count(store: ObjectStore, prefix: string, suffix = ''): Promise<number> {
  let n = 0;
  for await (const { key } of store.list(prefix)) if (key.endsWith(suffix)) n += 1;
  return n;
}

/** Starts the night and returns its status; by plain HTTP, to need no further client. */
async function stepFunctions(action: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(process.env.AWS_ENDPOINT_URL as string, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${action}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

const outputs = (JSON.parse(readFileSync(outputsFile, 'utf8')) as { Wattline: Record<string, string> })
  .Wattline;
const s3 = new S3Client({ forcePathStyle: true });
const deployed: Stores = {
  landing: new S3Store(outputs.LandingBucketName as string, s3),
  lake: new S3Store(outputs.LakeBucketName as string, s3),
  reports: new S3Store(outputs.ReportsBucketName as string, s3),
};
check('the smoke test passed', smokeStatus === '0', `wattline smoke ended with ${smokeStatus}`);
const { program, objects } = await uploads();
const runs = objects.filter((o) => o.key.endsWith('/run.json')).length;
const files = objects.filter((o) => o.key.split('/').length > 2).length;
for (const { key, bytes } of objects) await deployed.landing.put(key, bytes);
console.log(`${objects.length} objects uploaded`);
await until(`${files} receipts`, async () => (await count(deployed.lake, 'receipts/')) >= files);
await until(
  `${runs} evaluations`,
  async () => (await count(deployed.lake, 'evaluations/', '/latest.json')) >= runs,
);
console.log('receipts and evaluations are there');
check('the night succeeded', (await execute({})) === 'SUCCEEDED');
await checkOutbox();

const local = directoryStores(localFolder);
const pipeline = new Pipeline(
  local,
  jsonLog(() => {}),
);
for (const { key, bytes } of objects) await pipeline.stores.landing.put(key, bytes);
await pipeline.drain();
const decided: string[] = [];
for await (const { key } of deployed.lake.list(`decisions/program=${program}/`)) decided.push(key);
const date = decided.map((key) => /date=([\d-]+)\//.exec(key)?.[1]).find((d) => d !== undefined);
await pipeline.night(`${date}T02:00:00Z`);

compare(
  'receipts',
  receiptsByPath(await contents(deployed.lake, 'receipts/')),
  receiptsByPath(await contents(local.lake, 'receipts/')),
);
compare(
  'evaluations',
  latestOf(await contents(deployed.lake, 'evaluations/')),
  latestOf(await contents(local.lake, 'evaluations/')),
);
compare('decisions', await contents(deployed.lake, 'decisions/'), await contents(local.lake, 'decisions/'));
compare('reports', await contents(deployed.reports, ''), await contents(local.reports, ''));
const before = latestOf(await contents(deployed.lake, 'evaluations/'));
check('a replay succeeded', (await execute({ prefix: `${program}/`, date })) === 'SUCCEEDED');
compare('evaluations after the replay', latestOf(await contents(deployed.lake, 'evaluations/')), before);
await checkLines();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs the machine of the night to its end, and returns its status. */
async function execute(input: object): Promise<string> {
  const { executionArn } = await stepFunctions('StartExecution', {
    stateMachineArn: outputs.NightlyArn,
    input: JSON.stringify(input),
  });
  let answer: Record<string, unknown> = {};
  await until('the night', async () => {
    answer = await stepFunctions('DescribeExecution', { executionArn });
    return answer.status !== 'RUNNING';
  });
  if (answer.status !== 'SUCCEEDED') console.log(JSON.stringify(answer).slice(0, 2000));
  return String(answer.status);
}

/** The map read a line for each run of the replay. */
async function checkLines(): Promise<void> {
  const lists = await contents(deployed.lake, 'nights/');
  const lines = [...lists.values()].map((bytes) => bytes.toString('utf8').split('\n').length - 1);
  check('the replay named every run', Math.max(...lines) === runs, `${lines.join(', ')} of ${runs}`);
}

/** The first verdict is a change as well: it is written down, and the bus took it. */
async function checkOutbox(): Promise<void> {
  const [text = '{}'] = [...(await contents(deployed.lake, outboxKey(program))).values()].map(String);
  const { isSent, event } = JSON.parse(text) as {
    isSent?: boolean;
    event?: { from: null; sequence: number };
  };
  check('the verdict was announced', isSent === true && event?.from === null && event.sequence === 1, text);
}

/** Pointers, and the evaluations that they name: a run that was looked at while files still came has older ones too. */
function latestOf(objects2: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const named = new Set(
    [...objects2]
      .filter(([key]) => key.endsWith('/latest.json'))
      .map(([, bytes]) => (JSON.parse(bytes.toString('utf8')) as { key: string }).key),
  );
  return new Map([...objects2].filter(([key]) => key.endsWith('/latest.json') || named.has(key)));
}
