import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { replayLine } from './fuzz.ts';
import { TARGETS } from './targets.ts';
import type { Report, Task } from './worker.ts';

/** One input may take this long, then the reader hangs. */
const HANG_MS = 20_000;

const HELP = `npm run fuzz -- [options]

Changes small files of every format and reads them. A reader may refuse a file; it may not fail in any other way, or hang.

  --seconds N    time for each reader (60)
  --format ID    only this reader; may be given again
  --seed N       the random numbers of an earlier run, which printed it
  --case JSON    one input again, as a failure prints it
  --help         this text
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    format: { type: 'string', multiple: true },
    seed: { type: 'string' },
    case: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Runs a task in a thread of its own, so that a reader that never ends can be ended. */
function run(task: Task): Promise<string | null> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
  return new Promise((resolve) => {
    let last: Report | null = null;
    const end = (failure: string | null): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(failure);
    };
    let seenMs = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - seenMs < HANG_MS) return;
      const line = last?.kind === 'case' ? replayLine(task.id, last.one) : '';
      end(`${task.id}: no end within ${HANG_MS / 1000} s\n${line}`);
    }, 1000);
    worker.on('message', (report: Report) => {
      seenMs = Date.now();
      last = report;
      if (report.kind === 'end') {
        say(`${task.id}: ${report.runs} inputs${report.failure === null ? '' : ', and a failure'}`);
        end(report.failure);
      }
    });
    worker.on('error', (error) => end(`${task.id}: ${error.stack ?? error.message}`));
  });
}

if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const limitMs = Number(values.seconds) * 1000;
if (!(limitMs > 0)) {
  say(`--seconds ${values.seconds}: expected a number above 0`);
  process.exit(2);
}
const ids = TARGETS.map((target) => target.id).filter((id) => values.format?.includes(id) ?? true);
if (ids.length === 0) {
  say(`--format ${values.format?.join(', ')}: expected one of ${TARGETS.map((t) => t.id).join(', ')}`);
  process.exit(2);
}
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
say(`seed ${seed}`);
const failures: string[] = [];
for (const id of ids) {
  const failure = await run({ id, seed, limitMs, one: values.case ?? null });
  if (failure !== null) failures.push(failure);
}
for (const failure of failures) say(`\n${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
