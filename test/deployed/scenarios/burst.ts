import { mapAtOnce } from '../../../functions/platform/at-once.ts';
import { check, reached } from '../checks.ts';
import { keysOf } from '../objects.ts';
import { depth, drained } from '../queues.ts';
import { BURST, isManifest, isOfRun, type Upload } from '../uploads.ts';
import type { World } from '../world.ts';

/** A file that comes later, when something is broken (poison.ts). */
export const heldBack = ({ burst }: World): Upload =>
  burst.filter((o) => isOfRun(o) && !isManifest(o)).at(-1) as Upload;

const prefixOf = (table: string, program: string, run: string): string =>
  `${table}/program=${program}/run=${run}/`;
const runsOf = (uploads: readonly Upload[]): string[] =>
  uploads.filter(isManifest).map(({ key }) => key.slice(0, -'/run.json'.length));

/** Evaluations of each run, however often a run was looked at; a pointer is none. */
async function evaluationsByRun({ deployment }: World, runs: readonly string[]): Promise<number[]> {
  return mapAtOnce(runs, async (path) => {
    const [program = '', run = ''] = path.split('/');
    const keys = await keysOf(deployment.stores.lake, prefixOf('evaluations', program, run));
    return keys.filter((key) => !key.endsWith('/latest.json')).length;
  });
}

/** Sixty small files over several runs at once, with the published sets beside them. */
export async function burst(world: World): Promise<void> {
  const { landing, lake } = world.deployment.stores;
  const late = heldBack(world);
  const uploads = [...world.burst, ...world.published].filter((o) => o !== late);
  const files = uploads.filter(isOfRun);
  const runs = runsOf(uploads);
  const beganMs = Date.now();
  await mapAtOnce(uploads, ({ key, bytes }) => landing.put(key, bytes));
  const uploadedMs = Date.now();
  await reached('receipts', files.length, async () => (await keysOf(lake, 'receipts/')).length);
  const receiptsMs = Date.now();
  await reached(
    'runs that are evaluated',
    runs.length,
    async () => (await evaluationsByRun(world, runs)).filter((n) => n > 0).length,
  );
  await drained(world.queues.ingest, world.queues.evaluate);
  const seconds = (ms: number): string => `${((ms - uploadedMs) / 1_000).toFixed(1)} s`;
  console.log(
    `     ${uploads.length} objects of ${runs.length} runs sent in ${((uploadedMs - beganMs) / 1_000).toFixed(1)} s; the last receipt after ${seconds(receiptsMs)}`,
  );
  const receipts = await keysOf(lake, 'receipts/');
  check(`${files.length} files, as many receipts`, receipts.length === files.length, `${receipts.length}`);
  const ofBurst = runs.filter((run) => run.startsWith(`${BURST}/`));
  const times = await evaluationsByRun(world, ofBurst);
  const filesOfRun = files.filter(({ key }) => key.startsWith(`${ofBurst[0]}/`)).length;
  check(
    `a run of ${filesOfRun} files was evaluated ${Math.min(...times)} to ${Math.max(...times)} times, fewer than its files`,
    Math.max(...times) < filesOfRun && Math.min(...times) >= 1,
    times.join(', '),
  );
  await checkDeadLetters(world);
}

export async function checkDeadLetters({ deadLetters }: World): Promise<void> {
  const found: string[] = [];
  for (const [name, url] of Object.entries(deadLetters)) {
    const { visible, inFlight } = await depth(url);
    if (visible + inFlight > 0) found.push(`${name} ${visible + inFlight}`);
  }
  check(
    `${Object.keys(deadLetters).length} queues of dead letters are empty`,
    found.length === 0,
    found.join(', '),
  );
}
