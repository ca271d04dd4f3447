import { asBytes } from './mutate.ts';
import type { Seed } from './seeds.ts';

const lines = (...all: readonly string[]): string => asBytes(`${all.join('\n')}\n`);
const UTC = { timeZone: 'UTC' } as const;
const T0_MS = 1_769_860_800_000;
const mllog = (key: string, timeMs: number, value: unknown, metadata: unknown = {}): string =>
  `:::MLLOG ${JSON.stringify({ namespace: '', time_ms: timeMs, event_type: 'INTERVAL_START', key, value, metadata })}`;

/** At least one file of every format of training logs. */
export const PROGRESS_SEEDS: Readonly<Record<string, readonly Seed[]>> = {
  'mlperf-training-results': [
    {
      text: lines(
        'some shell text',
        `0: ${mllog('submission_benchmark', T0_MS, 'llama2_70b_lora')}`,
        `0: ${mllog('run_start', T0_MS + 1000, null)}`,
        `0: ${mllog('eval_accuracy', T0_MS + 5000, 0.93, { samples_count: 1536 })}`,
        `0: ${mllog('run_stop', T0_MS + 9000, null, { samples_count: 3072, status: 'success' })}`,
      ),
    },
  ],
  'mlperf-loadgen-detail': [
    {
      path: 'mlperf_log_detail.txt',
      rule: UTC,
      text: lines(
        ':::MLLOG {"key": "power_begin", "value": "07-13-2024 17:49:20.063", "time_ms": 0.5, "namespace": "mlperf::logging", "event_type": "POINT_IN_TIME", "metadata": {"is_error": false, "is_warning": false, "file": "loadgen.cc", "line_no": 1, "pid": 1, "tid": 1}}',
        ':::MLLOG {"key": "power_end", "value": "07-13-2024 17:59:20.063", "time_ms": 600000.5, "namespace": "mlperf::logging", "event_type": "POINT_IN_TIME", "metadata": {"is_error": false, "is_warning": false, "file": "loadgen.cc", "line_no": 1, "pid": 1, "tid": 1}}',
      ),
    },
  ],
  'megatron-log': [
    {
      rule: UTC,
      text: lines(
        '0: some prose',
        ' [2026-01-31 12:00:00] iteration       15/     100 | consumed samples:         1920 | elapsed time per iteration (ms): 5926.4 | throughput per GPU (TFLOP/s/GPU): 220.4 | learning rate: 1.5E-04 | global batch size:   128 | lm loss: 7.5E+00 | number of skipped iterations:   0 | number of nan iterations:   0 |',
        ' [2026-01-31 12:00:06] iteration       16/     100 | consumed samples:         2048 | elapsed time per iteration (ms): 13372.8/13364.7 | global batch size:   128 | number of skipped iterations:   1 |',
      ),
    },
    {
      text: lines(
        ' iteration       10/     100 | consumed samples:         1280 | elapsed time per iteration (ms): 5926.4 | global batch size:   128 | lm loss: 7.5E+00 | number of skipped iterations:   0 |',
      ),
    },
  ],
  'nemo-log': [
    {
      text: asBytes(
        'Epoch 0: : 50%|#####     | 50/100 [05:24<05:24, reduced_train_loss=0.0172, global_step=49.00, consumed_samples=12800.0, train_step_timing in s=3.130]\r' +
          'Epoch 0: : 100%|##########| 100/100 [10:48<00:00, reduced_train_loss=nan.0, global_step=99.00, consumed_samples=2.56e+4, train_step_timing in s=3.130]\n',
      ),
    },
  ],
  'torchtitan-log': [
    {
      rule: UTC,
      text: lines(
        '[rank0]:[titan] 2026-01-31 12:00:00,322 - root - INFO - \u001b[31mstep: 10  \u001b[32mloss:  6.1384  \u001b[33mmemory: 49.66GiB(52.28%)  \u001b[34mtps: 5,856  \u001b[36mtflops: 339.16  \u001b[35mmfu: 34.29%\u001b[39m',
        '[rank1]:[titan] 2026-01-31 12:00:00,323 - root - INFO - step: 10  loss:  6.1384  memory: 49.66GiB(52.28%)  tps: 5,856  tflops: 339.16  mfu: 34.29%',
      ),
    },
  ],
  'maxtext-log': [
    {
      text: lines(
        'completed step: 9, seconds: 5.667, TFLOP/s/device: 134.924, Tokens/s/device: 8672.758, total_weights: 196608, loss: 10.374',
        'completed step: 10, seconds: 5.668, TFLOP/s/device: 134.9, Tokens/s/device: 8672.7, total_weights: 196608, loss: 10.3',
      ),
    },
  ],
  'hf-trainer-state': [
    {
      path: 'trainer_state.json',
      text: asBytes(
        '{"global_step": 20, "train_batch_size": 8, "num_input_tokens_seen": 4096, "total_flos": 1e15, "epoch": 1.0, "log_history": [{"step": 10, "loss": NaN, "epoch": 0.5}, {"step": 20, "loss": 2.5, "epoch": 1.0}, {"step": 20, "train_runtime": 100.5}]}',
      ),
    },
  ],
  'wandb-chart-csv': [
    {
      text: lines(
        '"Step","brisk-pond-1 - train/loss","brisk-pond-1 - train/loss__MIN","brisk-pond-1 - train/loss__MAX"',
        '"10","2.5","2.5","2.5"',
        '"20","2.25","2.25","2.25"',
      ),
    },
  ],
  'wandb-runs-csv': [
    {
      text: lines(
        '"Name","State","Runtime","Created","End Time","Hostname"',
        '"brisk-pond-1","finished","100","2026-01-31T12:00:00.000Z","2026-01-31T12:01:40.000Z","n1"',
      ),
    },
  ],
  'tensorboard-scalars': [
    { text: lines('Wall time,Step,Value', '1769860800.5,43,2.84', '1769860801.5,44,2.83') },
    { path: 'scalars.json', text: asBytes('[[1769860800.5,43,2.84],[1769860801.5,44,2.83]]') },
  ],
};
