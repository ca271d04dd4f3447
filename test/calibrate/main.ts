import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Random } from '../../cli/simulate/random.ts';
import { writeResults } from '../bench/document.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const SEED = 20_260_124;
const QUICK_PILOTS = 200;

const HELP = `npm run calibrate -- [options]

Simulates pilots whose truth is known, thousands of times each, and counts how often intervals cover it and verdicts
are right. A whole run (without options; some minutes) writes the table of docs/methods.md.

  --quick    ${QUICK_PILOTS} pilots each: to see that it works, not for numbers
  --help     this text
`;

interface Task {
  readonly index: number;
  readonly pilots: number;
}

type Counts = Readonly<Record<string, number>>;

function count({ name, once }: Scenario, pilots: number): Counts {
  const counts: Record<string, number> = {};
  for (let i = 0; i < pilots; i += 1)
    for (const [what, came] of Object.entries(once(new Random(SEED, name, i))))
      counts[what] = (counts[what] ?? 0) + (came ? 1 : 0);
  return counts;
}

function inThread(task: Task): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

/** A share with the error of the simulation: 1.96 standard errors. */
function shareText(count: number, pilots: number): string {
  const share = count / pilots;
  const error = 1.96 * Math.sqrt((share * (1 - share)) / pilots);
  return `${(share * 100).toFixed(1)} % ± ${(error * 100).toFixed(1)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const tasks = SCENARIOS.map(
    ({ pilots }, index): Task => ({ index, pilots: values.quick ? QUICK_PILOTS : pilots }),
  );
  const results: Counts[] = [];
  // The longest come last in the list: begun first, they end with the others.
  const left = [...tasks].reverse();
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task; task = left.shift()) {
      results[task.index] = await inThread(task);
      process.stderr.write(`${SCENARIOS[task.index]?.name}: done\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const lines = ['| simulated | pilots | what came | share |', '| --- | ---: | --- | ---: |'];
  for (const { index, pilots } of tasks)
    for (const [what, times] of Object.entries(results[index] as Counts))
      lines.push(`| ${SCENARIOS[index]?.name} | ${pilots} | ${what} | ${shareText(times, pilots)} |`);
  const table = lines.join('\n');
  process.stdout.write(`${table}\n`);
  if (!values.quick) await writeResults('methods.md', 'npm run calibrate', table);
}

if (isMainThread) await main();
else {
  const { index, pilots } = workerData as Task;
  parentPort?.postMessage(count(SCENARIOS[index] as Scenario, pilots));
}
