import { describe, expect, test } from 'vitest';
import { hfTrainerState } from '../../../functions/core/telemetry/formats/hf-trainer-state.ts';
import { maxtextLog } from '../../../functions/core/telemetry/formats/maxtext-log.ts';
import { megatronLog } from '../../../functions/core/telemetry/formats/megatron-log.ts';
import { nemoLog } from '../../../functions/core/telemetry/formats/nemo-log.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { torchtitanLog } from '../../../functions/core/telemetry/formats/torchtitan-log.ts';
import { wandbChartCsv } from '../../../functions/core/telemetry/formats/wandb-chart-csv.ts';
import { wandbRunsCsv } from '../../../functions/core/telemetry/formats/wandb-runs-csv.ts';
import type { ProgressRecord } from '../../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../../functions/core/telemetry/progress-fold.ts';
import { readTelemetry } from '../../../functions/core/telemetry/read.ts';
import { RecordingSink, readText } from './recording-sink.ts';

const steps = (records: readonly ProgressRecord[]): ProgressRecord[] =>
  records.filter((r) => r.kind === 'step');
const rule = { timeZone: 'UTC' };

describe('a Megatron-LM log by others', () => {
  const primus = (rates: string): string =>
    `[20260301 12:10:29][rank-31/32][INFO ] [--------trainer.py:2488] :  iteration       50/    100 | consumed samples:        12800 | elapsed time per iteration (ms): 2701.3/2712.7 | hip mem usage/free/total/usage_ratio: 227.35GB/28.63GB/255.98GB/88.81% |${rates} learning rate: 1.58E-04 | global batch size:   256 | lm loss: 2.35E+00 | number of skipped iterations:   0 |`;
  test.each([
    ' throughput per GPU (TFLOP/s/GPU): 210.5/217.3 | tokens per GPU (tokens/s/GPU): 12130.4/12525.5 |',
    ' compute per GPU (TFLOP/s/GPU): 210.5 (avg 217.3) | tokens/s/GPU inst/harmonic mean: 12130.4/12525.5 |',
  ])('of Primus has the time at its head, and the rates of the step:%s', async (rates) => {
    const sink = await readText(megatronLog, primus(rates), { rule });
    expect(steps(sink.progressed)).toMatchObject([
      {
        timeMs: Date.UTC(2026, 2, 1, 12, 10, 29),
        step: 50,
        samples: 12_800,
        stepMs: 2701.3,
        tflopsPerChip: 210.5,
        tokensPerSecondPerChip: 12_130.4,
      },
    ]);
    expect(sink.rejects).toEqual([]);
  });
  test('of Primus without a zone is refused by name', async () => {
    await expect(readText(megatronLog, primus(''))).rejects.toMatchObject({ code: 'time-zone-missing' });
  });
  test('of GPT-NeoX begins with its samples a second, and says lm_loss', async () => {
    const text =
      ' samples/sec: 51.234 | iteration       10/      50 | elapsed time per iteration (ms): 9876.5 | learning rate: 1.234E-04 | approx flops per GPU: 150.3TFLOPS | lm_loss: 7.125E+00 | number of skipped iterations:   2 | number of nan iterations:   0 |';
    const sink = await readText(megatronLog, text);
    expect(sink.progressed).toMatchObject([
      { step: 10, samples: null, stepMs: 9876.5, tflopsPerChip: null, value: 7.125, skippedSteps: 2 },
    ]);
  });
  test('of the first builds has no colons, and one without an end counts to infinity', async () => {
    const text = [
      ' iteration      100/  320000 | elapsed time per iteration (ms): 430.5 | learning rate 1.5E-04 | lm loss 8.25E+00 | loss scale 16384.0 |',
      ' iteration      200/infinity | consumed samples: 800 | elapsed time per iteration (ms): 430.0 | loss scale: 1.0 |',
    ].join('\n');
    expect((await readText(megatronLog, text)).progressed).toMatchObject([
      { step: 100, stepMs: 430.5, value: 8.25 },
      { step: 200, samples: 800, stepMs: 430 },
    ]);
  });
  test('without a blank before its unit is read', async () => {
    const text =
      ' iteration 13 / 118 | consumed samples: 37440 | elapsed time per iteration(ms): 17658.3 | global batch size: 2880 |';
    expect(steps((await readText(megatronLog, text)).progressed)).toMatchObject([
      { step: 13, samples: 37_440, stepMs: 17_658.3 },
    ]);
  });
  test('behind the time and zone of a collector takes that', async () => {
    const text = '2026-03-01T12:00:00.250000000Z  iteration 1/ 9 | elapsed time per iteration (ms): 1.5 |';
    expect((await readText(megatronLog, text)).progressed).toMatchObject([
      { timeMs: Date.UTC(2026, 2, 1, 12, 0, 0, 250) },
    ]);
  });
});

describe('a torchtitan log', () => {
  const line = (second: string, rest: string): string =>
    `[rank0]:[titan] 2026-01-16 02:42:${second} - root - INFO - ${rest}`;
  const step = (n: number): string =>
    `step: ${n}  loss:  9.3507  grad_norm: 11.4375  memory: 69.83GiB(88.19%)  tps: 42,647  tflops: 272.72  mfu: 27.58%`;
  const validation = 'validate step: 20  loss: 12.4699  memory: 69.81GiB(88.17%)  tps: 74,599';
  test('with validation: its loss and speed are those of no step, and nothing restarts', async () => {
    const text = [
      line('10,100', step(10)),
      line('20,100', step(20)),
      line('35,100', validation),
      line('45,100', step(30)),
      line('59,900', validation.replace('20', '10')),
    ];
    const sink = await readText(torchtitanLog, text.join('\n'), { rule });
    expect(sink.progressed.map((r) => [r.step, r.tokensPerSecondPerChip])).toEqual([
      [10, 42_647],
      [20, 42_647],
      [30, 42_647],
    ]);
    expect(foldRun(sink.progressed).steps).toMatchObject({ restarts: 0, useful: { steps: 30 } });
    expect(sink.rows).toBe(3);
  });
  test('of a fork says of how many steps', async () => {
    const text = line('10,100', step(640).replace('640', '640/644 = 99.3789%'));
    expect((await readText(torchtitanLog, text, { rule })).progressed).toMatchObject([{ step: 640 }]);
  });
  test('of Primus has the time and the rank at its head', async () => {
    const head = (rank: number): string =>
      `[20260301 12:10:29][rank-${rank}/8][INFO ] [-----metrics.py:400] : `;
    const text = [7, 0].map((rank) => head(rank) + step(10)).join('\n');
    const sink = await readText(torchtitanLog, text, { rule });
    expect(sink.progressed).toMatchObject([{ step: 10, timeMs: Date.UTC(2026, 2, 1, 12, 10, 29) }]);
    expect(sink.notes.map((n) => n.code)).toEqual(['ranks-repeat']);
  });
});

describe('a NeMo 2 log', () => {
  /** As NeMo writes one line for so many steps: means, but for the step. */
  const printed = (interval: number, upTo: number): string =>
    Array.from({ length: upTo / interval }, (_, i) => {
      const done = (i + 1) * interval;
      const consumed = (done - (interval - 1) / 2) * 512;
      return `Training epoch 0, iteration ${done - 1}/99 | lr: 1.5e-07 | global_batch_size: 512 | global_step: ${done - 1} | reduced_train_loss: 11.03 | train_step_timing in s: 2.5 | tokens_per_sec_per_gpu: 1.073e+04 | consumed_samples: ${consumed}`;
    }).join('\n');
  test('with a line a step gives the samples', async () => {
    const sink = await readText(nemoLog, printed(1, 3));
    expect(steps(sink.progressed)).toMatchObject([
      { step: 1, samples: 512, tokensPerSecondPerChip: 10_730 },
      { step: 2, samples: 1024 },
      { step: 3, samples: 1536 },
    ]);
    expect(sink.notes).toEqual([]);
  });
  test('with a line for ten steps has means of consumed_samples, which are no totals', async () => {
    const sink = await readText(nemoLog, printed(10, 30));
    expect(steps(sink.progressed).map((r) => [r.step, r.samples, r.stepMs])).toEqual([
      [10, null, 2500],
      [20, null, 2500],
      [30, null, 2500],
    ]);
    expect(sink.notes[0]?.code).toBe('averaged-samples');
  });
  test('behind the time and zone of a collector takes that', async () => {
    const text = `[2026-03-01T14:55:23+08:00] retraining/0 ${printed(1, 1)}`;
    expect(steps((await readText(nemoLog, text)).progressed)).toMatchObject([
      { timeMs: Date.UTC(2026, 2, 1, 6, 55, 23), step: 1 },
    ]);
  });
  test('with a bar of an epoch without an end is read', async () => {
    const bar =
      'Epoch 0: |          | 35/? [01:11<00:00, 0.49it/s, v_num=x, reduced_train_loss=2.500, global_step=34.00, consumed_samples=8960.0, train_step_timing in s=2.050]';
    const later = bar.replace('Epoch 0', 'Epoch 1').replace('34.00', '70.00');
    expect((await readText(nemoLog, `${bar}\r${later}`)).progressed).toMatchObject([
      { step: 35, samples: 8960, stepMs: 2050 },
      { step: 71 },
    ]);
  });
});

describe('a MaxText log', () => {
  const line = (step: number): string =>
    `completed step: ${step}, seconds: 2.500, TFLOP/s/device: 134.924, Tokens/s/device: 8672.758, total_weights: 4096, loss: 10.374, lm_loss: 10.374, perplexity: 32000.1`;
  test('of several labelled hosts counts once, however their lines come', async () => {
    const text = [0, 1, 2].map((n) => `1: ${line(n)}`).concat([0, 1, 2].map((n) => `0: ${line(n)}`));
    const sink = await readText(maxtextLog, text.join('\n'));
    expect(foldRun(sink.progressed)).toMatchObject({
      realTokens: 3 * 4096,
      steps: { restarts: 0, useful: { steps: 3 } },
    });
    expect(sink.notes[0]?.code).toBe('ranks-repeat');
    expect(sink.rows).toBe(6);
  });
  test('behind the time and zone of a collector takes that; that of Primus needs a zone', async () => {
    const collected = `2026-03-01T12:00:00.5Z ${line(4)}`;
    const primus = `[20260301 12:10:29][rank-0/8][INFO ] : ${line(4)}`;
    expect((await readText(maxtextLog, collected)).progressed[0]?.timeMs).toBe(
      Date.UTC(2026, 2, 1, 12, 0, 0, 500),
    );
    expect((await readText(maxtextLog, primus, { rule })).progressed[0]?.timeMs).toBe(
      Date.UTC(2026, 2, 1, 12, 10, 29),
    );
    await expect(readText(maxtextLog, primus)).rejects.toMatchObject({ code: 'time-zone-missing' });
  });
});

describe('num_tokens in trainer_state.json', () => {
  const state = (...tokens: number[]): string =>
    JSON.stringify({
      global_step: tokens.length * 10,
      log_history: tokens.map((n, i) => ({ step: (i + 1) * 10, loss: 2, num_tokens: n })),
    });
  test('are the tokens of the attention mask so far', async () => {
    const { progressed } = await readText(hfTrainerState, state(4000, 8100));
    expect(progressed.map((r) => [r.step, r.realTokens])).toEqual([
      [10, 4000],
      [20, 8100],
      [20, null],
    ]);
    expect(foldRun(progressed).realTokens).toBe(8100);
  });
  test.each([
    ['fall, as a process counts anew', state(4000, 8100, 3900)],
    ['end before the last step', state(4000, 8100).replace('"global_step":20', '"global_step":23')],
  ])('that %s are not read', async (_name, text) => {
    const sink = await readText(hfTrainerState, text);
    expect(sink.progressed.every((r) => r.realTokens === null)).toBe(true);
    expect(sink.notes.map((n) => n.code)).toEqual(['tokens-partial']);
  });
});

describe('an export of Weights & Biases', () => {
  const header = (axis: string): string =>
    `"${axis}","pond-1 - _step","pond-1 - _step__MIN","pond-1 - _step__MAX","pond-1 - train/loss","pond-1 - train/loss__MIN","pond-1 - train/loss__MAX"\n`;
  test('over relative time takes its step from beside the metric', async () => {
    const text = `${header('Relative Time (Process)')}"12.5","24","24","24","2.5","2.5","2.5"\n`;
    expect((await readText(wandbChartCsv, text)).progressed[1]).toMatchObject({
      step: 24,
      timeMs: null,
      key: 'loss',
      value: 2.5,
    });
  });
  test('over steps says its step once', async () => {
    const text = `${header('train/global_step')}"12","24","24","24","2.5","2.5","2.5"\n`;
    expect((await readText(wandbChartCsv, text)).progressed[1]).toMatchObject({ step: 12, value: 2.5 });
  });
  test.each([
    ['neither step nor time', '"epoch","a - train/loss"\n1,2\n', /"epoch".*Wall Time/],
    ['nothing but the step', '"Step","a - _step"\n1,2\n', /_step alone/],
  ])('of %s is refused', async (_name, text, message) => {
    await expect(readText(wandbChartCsv, text)).rejects.toMatchObject({ code: 'columns-unknown', message });
  });
  test('of runs as the table offers it says when the process began, and not when it ended', async () => {
    const text =
      '"Name","State","Notes","User","Tags","Created","Runtime","Sweep","lr"\n"a","finished","-","me","","2026-01-31T12:00:00.000Z","3600","","0.1"\n';
    expect(FORMATS.filter((f) => f.sniff(text, 'runs.csv')).map((f) => f.id)).toEqual(['wandb-runs-csv']);
    expect(foldRun((await readText(wandbRunsCsv, text)).progressed)).toMatchObject({
      processStartMs: Date.UTC(2026, 0, 31, 12),
      processStopMs: null,
    });
  });
});

async function* piecesOf(text: string, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

const MLLOG =
  ':::MLLOG {"namespace": "", "time_ms": 1769860800000, "event_type": "INTERVAL_START", "key": "run_start", "value": null, "metadata": {"file": "a.py", "lineno": 1}}\n';
const NEMO =
  'Training epoch 0, iteration 0/9 | global_batch_size: 8 | global_step: 0 | train_step_timing in s: 7.1 | consumed_samples: 8\n';
test.each([
  ['megatron-log', ' iteration 1/ 9 | consumed samples: 8 | elapsed time per iteration (ms): 2.5 |\n'],
  [
    'torchtitan-log',
    '[titan] 2026-01-16 02:42:10,100 - root - INFO - step: 1  loss:  9.3  memory:  1.0GiB(1.0%)  tps: 40\n',
  ],
  ['nemo-log', NEMO],
  ['mlperf-training-results', MLLOG + NEMO],
  ['maxtext-log', 'completed step: 0, seconds: 2.5, TFLOP/s/device: 1.0, Tokens/s/device: 8.0, loss: 9.3\n'],
])('%s is recognised behind the trace of a shell, however it is cut', async (id, line) => {
  const text = '+++ export LD_LIBRARY_PATH\n'.repeat(6_000) + line;
  for (const size of [1_000, 65_536, 1_048_576]) {
    const sink = new RecordingSink();
    expect((await readTelemetry(piecesOf(text, size), 'job.out', rule, sink)).id).toBe(id);
    expect(sink.rows).toBeGreaterThan(0);
  }
});

test.each([
  ["{'loss': 2.1, 'grad_norm': 1.2, 'epoch': 0.1}\n", /Hugging Face.*trainer_state\.json/],
  ["\r 10%|#  | 100/1000 [00:50<07:30, 2.0it/s]{'loss': '2.1', 'epoch': '0.1'}\n", /trainer_state\.json/],
  ['[INFO] epoch=0/micro_step=9/global_step=9, RunningAvgSamplesPerSec=58.7\n', /DeepSpeed.*mapping/],
  ['Step 1 | loss:1.5 lr:2e-05 tokens_per_second_per_gpu:501.2\n', /torchtune.*mapping/],
  ['[INFO|DP=0|PP=0|TP=0]: iteration: 10 / 100 | consumed_tokens: 1.05M | lm_loss: 5.2\n', /nanotron/],
  ['Epoch 1 | iter 16 step 1 | loss train: 1.855, val: n/a | iter time: 250.00 ms (step)\n', /LitGPT/],
  ['INFO [olmo.train:816, rank=0] [step=1/739328]\n    train/CrossEntropyLoss=11.25\n', /OLMo/],
  ['[batch=1/100]:\n\t Train time/batch: 0\n', /LLM Foundry/],
  ['tqdm - INFO :: Progress on:train 10.0it/100.0it rate:1.0it/s\n', /Levanter/],
  ['{"current_steps": 10, "total_steps": 100, "total_tokens": 12345}\n', /LLaMA-Factory.*mapping/],
  ['nothing anybody knows\n', /name the format.*mapping.*CSV, JSON lines or Parquet/],
])('a log that no reader takes is refused with what to give instead: %s', async (text, message) => {
  await expect(readTelemetry(piecesOf(text), 'train.log', {}, new RecordingSink())).rejects.toMatchObject({
    code: 'format-unknown',
    message: expect.stringMatching(message),
  });
});
