import { parentPort, workerData } from 'node:worker_threads';
import { check, type FuzzCase, fuzz } from './fuzz.ts';
import { TARGETS, type Target } from './targets.ts';

export interface Task {
  readonly id: string;
  readonly seed: number;
  readonly limitMs: number;
  /** One case as JSON, to be made again; null: many. */
  readonly one: string | null;
}

export type Report =
  | { readonly kind: 'case'; readonly one: FuzzCase }
  | { readonly kind: 'end'; readonly runs: number; readonly failure: string | null };

const task = workerData as Task;
const target = TARGETS.find(({ id }) => id === task.id) as Target;
const tell = (report: Report): void => parentPort?.postMessage(report);

async function replay(json: string): Promise<string | null> {
  try {
    await check(target, JSON.parse(json) as FuzzCase);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

if (task.one !== null) tell({ kind: 'end', runs: 1, failure: await replay(task.one) });
else {
  const outcome = await fuzz(target, task.seed, task.limitMs, (one) => tell({ kind: 'case', one }));
  tell({ kind: 'end', ...outcome });
}
