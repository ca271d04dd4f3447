import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hfTrainerState } from '../../../functions/core/telemetry/formats/hf-trainer-state.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { tensorboardScalars } from '../../../functions/core/telemetry/formats/tensorboard-scalars.ts';
import { wandbChartCsv } from '../../../functions/core/telemetry/formats/wandb-chart-csv.ts';
import { wandbRunsCsv } from '../../../functions/core/telemetry/formats/wandb-runs-csv.ts';
import { foldRun } from '../../../functions/core/telemetry/progress-fold.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

describe('trainer_state.json of Hugging Face', () => {
  const state = (more = ''): string =>
    `{"best_metric": null, "epoch": 1.0, "global_step": 20, "log_history": [
      {"epoch": 0.5, "grad_norm": Infinity, "learning_rate": 1e-05, "loss": 1.5, "step": 10},
      {"epoch": 1.0, "eval_loss": 1.25, "eval_runtime": 5.1, "eval_samples_per_second": 78.4, "step": 20},
      {"epoch": 1.0, "loss": NaN, "step": 20},
      {"epoch": 1.0, "step": 20, "total_flos": 2.5e17, "train_loss": 1.2, "train_runtime": 123.4}
    ], "train_batch_size": 4, "total_flos": 2.5e17${more}}`;
  test('gives steps and evaluations without times; NaN is no loss, and the step counts (nasty 52)', async () => {
    const sink = await readText(hfTrainerState, state());
    expect(sink.progressed.filter((r) => r.kind !== 'fact')).toMatchObject([
      { kind: 'step', step: 10, key: 'loss', value: 1.5, timeMs: null, samples: null },
      { kind: 'evaluation', step: 20, key: 'eval_loss', value: 1.25 },
      { kind: 'step', step: 20, key: 'loss', value: null },
      { kind: 'step', step: 20, tokens: null },
    ]);
    expect(Object.fromEntries(foldRun(sink.progressed).facts)).toEqual({
      train_runtime: 123.4,
      total_flos: 2.5e17,
      train_batch_size: 4,
    });
    expect((await readText(hfTrainerState, state(), { chunk: 1 })).calls).toEqual(sink.calls);
  });
  test('counts tokens only where the trainer was asked to', async () => {
    const tokensOf = async (text: string) =>
      foldRun((await readText(hfTrainerState, text)).progressed).tokens;
    expect(await tokensOf(state(', "num_input_tokens_seen": 81920'))).toBe(81_920);
    expect(await tokensOf(state(', "num_input_tokens_seen": 0'))).toBeNull();
  });
  test('that is cut, or holds what is no entry, is rejected', async () => {
    expect((await readText(hfTrainerState, state().slice(0, 200))).rejects).toMatchObject([
      { reason: 'json' },
    ]);
    const sink = await readText(hfTrainerState, '{"global_step": 1, "log_history": [7, {"loss": 1}]} prose');
    expect(sink.rejects.map((r) => r.raw)).toEqual(['7', '{"loss":1}', 'prose']);
  });
});

describe('a chart of Weights & Biases', () => {
  const chart = `"Step","brisk-pond-1 - train/loss","brisk-pond-1 - train/loss__MIN","brisk-pond-1 - train/loss__MAX"
"24","2.5","2.4","2.6"
"48","","",""
"12030","1.5","1.5","1.5"
`;
  test('gives the metric by step, and counts no rows (nasty 46)', async () => {
    const sink = await readText(wandbChartCsv, chart);
    expect(sink.progressed.slice(1)).toMatchObject([
      { step: 24, key: 'loss', value: 2.5 },
      { step: 48, key: null, value: null },
      { step: 12_030, key: 'loss', value: 1.5 },
    ]);
    expect(foldRun(sink.progressed).steps).toMatchObject({
      useful: { steps: 12_030, samples: null },
      isSampled: true,
      stepsBefore: 0,
    });
    expect(sink.notes[0]?.code).toBe('sampled-export');
    expect((await readText(wandbChartCsv, chart, { chunk: 1 })).calls).toEqual(sink.calls);
  });
  test('over time, of a total', async () => {
    const text = '"_timestamp","run - train/num_input_tokens_seen"\n1769860800.5,4096\n';
    expect((await readText(wandbChartCsv, text)).progressed[1]).toMatchObject({
      timeMs: 1_769_860_800_500,
      tokens: 4096,
    });
  });
  test.each([
    ['runs', '"Step","a - loss","b - loss"\n1,2,3\n', /shows a, b, loss/],
    ['metrics', '"Step","a - loss","a - lr"\n1,2,3\n', /shows a, loss, lr/],
  ])('of several %s is refused', async (_name, text, message) => {
    await expect(readText(wandbChartCsv, text)).rejects.toMatchObject({ code: 'several-series', message });
  });
});

describe('the table of runs of Weights & Biases', () => {
  const header = '"Name","Runtime","End Time","Hostname","lr"\n';
  const row = (name: string): string => `"${name}","3600","2026-01-31T12:00:00.000Z","node-1","0.1"\n`;
  test('gives the start and stop of the process, where no log marks the run', async () => {
    const sink = await readText(wandbRunsCsv, header + row('a'), { chunk: 1 });
    const stopMs = Date.UTC(2026, 0, 31, 12);
    expect(foldRun(sink.progressed)).toMatchObject({
      processStartMs: stopMs - 3_600_000,
      processStopMs: stopMs,
    });
  });
  test('of several runs is refused: which one is meant is not said', async () => {
    await expect(readText(wandbRunsCsv, header + row('a') + row('b'))).rejects.toMatchObject({
      code: 'several-runs',
    });
  });
});

describe('scalars of TensorBoard', () => {
  const points = [
    [1575618724.7046697, 43, 2.84],
    [1575618824.5, 143, 2.5],
    [1575618924.5, 243, 2.25],
    [1575619924.5, 100, 2.5],
    [1575620024.5, 200, 2.25],
  ];
  const csv = `Wall time,Step,Value\r\n${points.map((p) => p.join(',')).join('\r\n')}\r\n`;
  const path = 'run-a-tag-train_loss.csv';
  test('as CSV and as JSON say the same', async () => {
    const sink = await readText(tensorboardScalars, csv, { path, chunk: 1 });
    expect(sink.progressed[1]).toMatchObject({
      kind: 'step',
      timeMs: expect.closeTo(1575618724704.6697, 3),
      step: 43,
      key: 'loss',
      value: 2.84,
    });
    const json = await readText(tensorboardScalars, JSON.stringify(points), {
      path: 'run-a-tag-train_loss.json',
      chunk: 1,
    });
    expect(json.progressed).toEqual(sink.progressed);
  });
  test('fall in step at a restart: the work in between was done and is not kept (nasty 24)', async () => {
    const { progressed } = await readText(tensorboardScalars, csv, { path });
    expect(foldRun(progressed).steps).toMatchObject({
      restarts: 1,
      useful: { steps: 200 },
      processed: { steps: 243 + (200 - 43) },
    });
  });
  test('are a sample: their rows are not counted, and an early gap is no later start (nasty 46)', async () => {
    const late = 'Wall time,Step,Value\n1575618724,500,1\n1575618725,501,1\n';
    const { progressed } = await readText(tensorboardScalars, late);
    expect(foldRun(progressed).steps).toMatchObject({ useful: { steps: 501 }, stepsBefore: 0 });
  });
  test('over samples count samples', async () => {
    const sink = await readText(tensorboardScalars, csv, { path: 'run-a-tag-lm loss vs samples.csv' });
    expect(sink.progressed[1]).toMatchObject({ step: null, samples: 43 });
  });
  test('in JSON that are no points are rejected, and NaN is no value (nasty 52)', async () => {
    const sink = await readText(
      tensorboardScalars,
      '[[1575618724, 1, NaN], [{"toString": 1}, 1, 2], 7, [1575618724, -1, 2]]',
    );
    expect(sink.progressed[1]).toMatchObject({ step: 1, value: null });
    expect(sink.rejects.map((r) => r.column)).toEqual(['Wall time', 'Wall time', 'Step']);
  });
});

test.each([
  ['chart.csv', '"Step","a - loss"\n', 'wandb-chart-csv'],
  ['runs.csv', '"Name","Runtime","End Time","Hostname"\n', 'wandb-runs-csv'],
  ['s.csv', 'Wall time,Step,Value\n', 'tensorboard-scalars'],
  ['s.json', '[[1575618724.7046697, 43, 2.84], ', 'tensorboard-scalars'],
  ['trainer_state.json', '{"epoch": 1, "global_step": 3,\n "log_history": [', 'hf-trainer-state'],
])('exactly one format recognises %s', (path, head, id) => {
  expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([id]);
});

describe.runIf(hasSamples)('the sample of trainer_state.json', () => {
  const path = 'hf-trainer/trainer_state.json';
  const bytes = hasSamples ? readFileSync(join(SAMPLES, path)) : Buffer.alloc(0);
  test('is recognised by its format alone', () => {
    expect(
      FORMATS.filter((f) => f.sniff(bytes.toString('utf8').slice(0, 65_536), path)).map((f) => f.id),
    ).toEqual(['hf-trainer-state']);
  });
  test('gives as many steps and losses as its text holds', async () => {
    const text = bytes.toString('utf8');
    const { progressed, rejects } = await readText(hfTrainerState, bytes, { path });
    const losses = progressed.filter((r) => r.key === 'loss');
    expect(losses).toHaveLength(text.match(/"loss": /g)?.length ?? Number.NaN);
    expect(progressed.filter((r) => r.kind === 'evaluation')).toHaveLength(
      text.match(/"eval_\w+_(?:loss|accuracy)"/g)?.length ?? Number.NaN,
    );
    expect(foldRun(progressed)).toMatchObject({
      tokens: null,
      steps: { useful: { steps: 12_030 }, restarts: 0 },
    });
    expect(rejects).toEqual([]);
  });
});
