import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Report, Task } from './worker.ts';

/**
 * Runs schedules of the seeds from `seed` on in threads of their own; `onReport` hears of each and may end them all by
 * answering true.
 */
export async function runMany(
  { seed, schedules, mutation = null }: { seed: number; schedules: number; mutation?: string | null },
  onReport: (report: Report) => boolean,
): Promise<void> {
  const stride = Math.min(availableParallelism(), schedules);
  const workers: Worker[] = [];
  const endAll = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  const run = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: Task = { first: seed + at, end: seed + schedules, stride, mutation };
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
      workers.push(worker);
      worker.on('message', (report: Report) => {
        if (onReport(report)) endAll();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  await Promise.all(Array.from({ length: stride }, (_, at) => run(at)));
}
