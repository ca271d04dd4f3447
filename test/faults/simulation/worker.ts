import { parentPort, workerData } from 'node:worker_threads';
import { MUTATIONS } from './mutation.ts';
import { makeReference } from './reference.ts';
import { runSchedule } from './schedule.ts';

/** Seeds from `first`, each `stride`-th, below `end`. */
export interface Task {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  /** Id of the rule that is broken; null: none. */
  readonly mutation: string | null;
}

/** Of one schedule. */
export interface Report {
  readonly seed: number;
  readonly failures: readonly string[];
  readonly departures: number;
}

const { first, end, stride, mutation } = workerData as Task;
const broken = MUTATIONS.find(({ id }) => id === mutation) ?? null;
const reference = makeReference();
for (let seed = first; seed < end; seed += stride) {
  const { failures, departures } = await runSchedule({ seed }, reference, broken);
  parentPort?.postMessage({ seed, failures, departures: departures.length } satisfies Report);
}
