import { Loss } from './loss.ts';
import type { RunPlan } from './plan-run.ts';
import type { PilotSpec } from './spec.ts';
import { stepsOf } from './training.ts';

type Metadata = Readonly<Record<string, string | number>>;

const record = (timeMs: number, type: string, key: string, value: unknown, metadata: Metadata = {}): string =>
  `0: :::MLLOG ${JSON.stringify({
    namespace: '',
    time_ms: timeMs,
    event_type: type,
    key,
    value,
    metadata: { file: 'train.py', lineno: 1, ...metadata },
  })}`;

/** Progress as MLPerf's logger writes it: samples, no steps. A restart shows in samples that fall back. */
export function mllogText(spec: PilotSpec, { run, training }: RunPlan): string {
  const { name, globalBatchSize, sequenceLength } = run.workload;
  const { startMs, stopMs } = training;
  const loss = new Loss(spec, run);
  const initMs = startMs - 2_000;
  const lines = [
    record(initMs, 'INTERVAL_START', 'init_start', null),
    record(initMs, 'POINT_IN_TIME', 'submission_benchmark', name),
    record(initMs, 'POINT_IN_TIME', 'global_batch_size', globalBatchSize),
    record(initMs, 'POINT_IN_TIME', 'max_sequence_length', sequenceLength),
    record(startMs - 1, 'INTERVAL_END', 'init_stop', null),
    record(startMs, 'INTERVAL_START', 'run_start', null),
  ];
  for (const { step, timeMs } of stepsOf(training)) {
    const samples = step * globalBatchSize;
    const value = Number(loss.next(samples * sequenceLength).toFixed(6));
    lines.push(record(timeMs, 'POINT_IN_TIME', 'train_loss', value, { samples_count: samples }));
  }
  const samples = training.usefulSteps * globalBatchSize;
  lines.push(record(stopMs, 'INTERVAL_END', 'run_stop', null, { samples_count: samples, status: 'success' }));
  return `${lines.join('\n')}\n`;
}
