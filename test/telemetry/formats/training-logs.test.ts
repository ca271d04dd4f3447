import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../../functions/core/telemetry/formats/format.ts';
import { maxtextLog } from '../../../functions/core/telemetry/formats/maxtext-log.ts';
import { megatronLog } from '../../../functions/core/telemetry/formats/megatron-log.ts';
import { nemoLog } from '../../../functions/core/telemetry/formats/nemo-log.ts';
import { FORMATS } from '../../../functions/core/telemetry/formats/registry.ts';
import { torchtitanLog } from '../../../functions/core/telemetry/formats/torchtitan-log.ts';
import type { ProgressRecord } from '../../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../../functions/core/telemetry/progress-fold.ts';
import { hasSamples, SAMPLES } from '../../shared.ts';
import { readText } from './recording-sink.ts';

const said = (records: readonly ProgressRecord[]): Partial<ProgressRecord>[] =>
  records.map(
    (record) =>
      Object.fromEntries(Object.entries(record).filter(([, v]) => v !== null)) as Partial<ProgressRecord>,
  );
const steps = (records: readonly ProgressRecord[]): ProgressRecord[] =>
  records.filter((r) => r.kind === 'step');

/** A line of Megatron-LM as its training_log writes it. */
const megatron = (
  step: number,
  {
    stamp = '',
    ms = 5926.4,
    skipped = 0,
    more = '',
    batch = 128,
  }: Partial<Record<'stamp' | 'more', string>> & Partial<Record<'ms' | 'skipped' | 'batch', number>> = {},
): string =>
  `${stamp && ` [${stamp}]`} iteration ${String(step).padStart(8)}/     100 | consumed samples: ${String(step * batch).padStart(12)} | elapsed time per iteration (ms): ${ms} |${more} learning rate: 1.000000E-04 | global batch size: ${String(batch).padStart(5)} | lm loss: 6.500000E+00 | loss scale: 1.0 | number of skipped iterations: ${String(skipped).padStart(3)} | number of nan iterations:   0 |`;

describe('a Megatron-LM log', () => {
  const log = [
    'using world size: 8, data-parallel-size: 8, tensor-model-parallel size: 1 ',
    megatron(10, { stamp: '2024-04-06 02:56:58', more: ' throughput per GPU (TFLOP/s/GPU): 220.4 |' }),
    'time (ms) | forward-compute: 1.00 | backward-compute: 2.00',
    megatron(20, { stamp: '2024-04-06 02:57:58', skipped: 1 }),
    megatron(30, { stamp: '2024-04-06 02:58:58', skipped: 2, batch: 256 }),
  ].join('\n');
  const rule = { timeZone: 'UTC' };
  test('gives samples, step time, rates and loss; skipped steps as a total, the batch size where it changes', async () => {
    const sink = await readText(megatronLog, log, { rule });
    expect(said(sink.progressed)).toEqual([
      { kind: 'fact', key: 'global_batch_size', value: 128 },
      {
        kind: 'step',
        timeMs: Date.UTC(2024, 3, 6, 2, 56, 58),
        key: 'loss',
        step: 10,
        samples: 1280,
        stepMs: 5926.4,
        skippedSteps: 0,
        tflopsPerChip: 220.4,
        value: 6.5,
      },
      expect.objectContaining({ step: 20, skippedSteps: 1 }),
      { kind: 'fact', key: 'global_batch_size', value: 256 },
      expect.objectContaining({ step: 30, samples: 7680, skippedSteps: 3 }),
    ]);
    expect([sink.rows, sink.rejects]).toEqual([3, []]);
  });
  test('is the same wherever it is cut, with CRLF and as UTF-16', async () => {
    const plain = await readText(megatronLog, log, { rule });
    for (const text of [log, log.replaceAll('\n', '\r\n'), Buffer.from(`\ufeff${log}`, 'utf16le')])
      expect((await readText(megatronLog, text, { rule, chunk: 1 })).calls).toEqual(plain.calls);
  });
  test('with local times and no zone is refused by name', async () => {
    await expect(readText(megatronLog, log, { path: 'logs/job.out' })).rejects.toMatchObject({
      code: 'time-zone-missing',
      message: expect.stringMatching(/logs\/job\.out.*"2024-04-06 02:56:58".*timeZone/),
    });
  });
  test('of an old build has no times, and that is no error', async () => {
    const sink = await readText(megatronLog, megatron(1));
    expect(steps(sink.progressed)[0]).toMatchObject({ timeMs: null, stepMs: 5926.4 });
  });
  test('of a fork: now/mean of a time, seconds, tokens a second', async () => {
    const sink = await readText(
      megatronLog,
      [
        ' iteration 5/100 | consumed samples: 640 | elapsed time per iteration (ms): 13372.8/13364.7 | tokens/sec/GPU: 32975 |',
        ' iteration 6/100 | consumed samples: 768 | consumed tokens: 1572864 | elapsed time per iteration (s): 2.50 | TFLOPs: 149.02 |',
      ].join('\n'),
    );
    expect(steps(sink.progressed)).toMatchObject([
      { step: 5, stepMs: 13_372.8, tokensPerSecondPerChip: 32_975 },
      { step: 6, stepMs: 2500, tokens: 1_572_864, tflopsPerChip: 149.02 },
    ]);
  });
  test('with energy lines keeps them beside the step', async () => {
    const more = ' energy per GPU (J/iter/GPU): 3210.5 | power per GPU (W/GPU): 541.7 |';
    const sink = await readText(megatronLog, megatron(4, { more }));
    expect(said(sink.progressed).at(-1)).toEqual({
      kind: 'step',
      step: 4,
      key: 'energy_per_chip_and_step_j',
      value: 3210.5,
    });
  });
  test.each([
    ['before the fields', ['7: [de', `7: fault7]: ${megatron(15)}`]],
    ['in the number of samples', [`7: ${megatron(15).slice(0, 60)}`, `7: ${megatron(15).slice(60)}`]],
    ['in the word iteration', [`7: ${megatron(15).slice(0, 6)}`, `7: ${megatron(15).slice(6)}`]],
  ])('cut in two %s by srun --label is put together (nasty 51)', async (_name, lines) => {
    const sink = await readText(megatronLog, ['0: > building model', ...lines, '7: done'].join('\n'));
    expect(steps(sink.progressed)).toMatchObject([
      { step: 15, samples: 1920, stepMs: 5926.4, skippedSteps: 0 },
    ]);
    expect([sink.rows, sink.rejects]).toEqual([1, []]);
  });
  test('cut in its time stamp by srun --label keeps its time (nasty 51)', async () => {
    const line = megatron(15, { stamp: '2024-04-06 02:56:58' });
    for (let at = 1; at < line.length; at += 1) {
      const sink = await readText(megatronLog, `7: ${line.slice(0, at)}\n7: ${line.slice(at)}\n`, { rule });
      expect(steps(sink.progressed), `cut at ${at}`).toMatchObject([
        { step: 15, samples: 1920, stepMs: 5926.4, timeMs: Date.UTC(2024, 3, 6, 2, 56, 58) },
      ]);
    }
  });
  test('cut for good is rejected with its line, never read in part', async () => {
    const sink = await readText(
      megatronLog,
      `${megatron(1)}\n${megatron(2).slice(0, 50)}\n${megatron(3).slice(30)}`,
    );
    expect(steps(sink.progressed).map((r) => r.step)).toEqual([1]);
    expect(sink.rejects.map((r) => [r.line, r.reason])).toEqual([
      [2, 'cut-line'],
      [3, 'cut-line'],
    ]);
    expect(sink.rows).toBe(3);
  });
  test('a number that is none is rejected with its name', async () => {
    const sink = await readText(megatronLog, megatron(1).replace('5926.4', '59x6.4'));
    expect(sink.rejects).toMatchObject([{ column: 'elapsed time per iteration (ms)', reason: 'number' }]);
  });
  test('says when training began and ended, where its zone is known', async () => {
    const prose = [
      '[before the start of training step] datetime: 2021-05-26 03:20:38 ',
      megatron(1),
      '[after training is done] datetime: 2021-05-26 04:20:38 ',
    ].join('\n');
    expect(foldRun((await readText(megatronLog, prose, { rule })).progressed)).toMatchObject({
      startMs: null,
      processStartMs: Date.UTC(2021, 4, 26, 3, 20, 38),
      processStopMs: Date.UTC(2021, 4, 26, 4, 20, 38),
    });
    const zoneless = await readText(megatronLog, prose);
    expect(foldRun(zoneless.progressed)).toMatchObject({ processStartMs: null, processStopMs: null });
    expect(zoneless.notes[0]).toMatchObject({ code: 'time-zone-missing' });
  });
});

describe('a NeMo log', () => {
  const bar = (n: number, elapsed: string, postfix: string): string =>
    `Epoch 0: : ${n}%|${'█'.repeat(3)}| ${n}/100 [${elapsed}<00:10, ${postfix}]`;
  const log = `Training: 0it [00:00, ?it/s]\r${[
    bar(
      98,
      '10:30',
      'reduced_train_loss=0.0175, global_step=97.00, consumed_samples=25088.0, train_step_timing in s=3.120',
    ),
    bar(
      99,
      '10:39',
      'reduced_train_loss=nan.0, global_step=98.00, consumed_samples=25344.0, train_step_timing in s=3.130',
    ),
    bar(
      100,
      '10:48',
      'reduced_train_loss=0.0172, global_step=99.00, consumed_samples=25600.0, train_step_timing in s=3.130',
    ),
  ].join('\r')}other text\n`;
  test('gives each redraw of its bar; step 99 from nought is the hundredth (nasty 50)', async () => {
    const sink = await readText(nemoLog, log);
    expect(sink.progressed.map((r) => [r.step, r.samples, r.stepMs, r.value, r.timeMs])).toEqual([
      [98, 25_088, 3120, 0.0175, null],
      [99, 25_344, 3130, null, null],
      [100, 25_600, 3130, 0.0172, null],
    ]);
    expect((await readText(nemoLog, log, { chunk: 1 })).calls).toEqual(sink.calls);
  });
  test('has times where its rule says when the bar began', async () => {
    const { progressed } = await readText(nemoLog, log, { rule: { startTime: '2026-01-01T00:00:00Z' } });
    expect(progressed.at(-1)?.timeMs).toBe(Date.UTC(2026, 0, 1, 0, 10, 48));
  });
  test('has none after the bar began anew, as the pause is not said', async () => {
    const next = 'Epoch 1: : 1%|█| 1/100 [00:05<00:10, global_step=100.0, consumed_samples=25856.0]';
    const { progressed } = await readText(nemoLog, log + next, {
      rule: { startTime: '2026-01-01T00:00:00Z' },
    });
    expect(progressed.at(-1)).toMatchObject({ step: 101, timeMs: null });
  });
  test('rounded to three digits: the step comes from the bar, the samples are not read (nasty 56)', async () => {
    const sink = await readText(
      nemoLog,
      'Epoch 0:  50%|██| 1998/4000 [1:02:03<1:02:10, v_num=1, reduced_train_loss=1.2, global_step=2e+3, consumed_samples=2.56e+5]',
      { rule: { startTime: '2026-01-01T00:00:00Z' } },
    );
    expect(sink.progressed).toMatchObject([
      { step: 1998, samples: null, timeMs: Date.UTC(2026, 0, 1, 1, 2, 3) },
    ]);
    expect(sink.notes.map((n) => n.code)).toEqual(['rounded-samples']);
  });
  test('of NeMo 2 has a line a step', async () => {
    const sink = await readText(
      nemoLog,
      'Training epoch 0, iteration 5/99 | lr: 1.5e-07 | global_batch_size: 512 | global_step: 5 | reduced_train_loss: 11.03 | train_step_timing in s: 21.53 | consumed_samples: 3072',
    );
    expect(steps(sink.progressed)).toMatchObject([{ step: 6, samples: 3072, stepMs: 21_530, value: 11.03 }]);
  });
});

describe('a torchtitan log', () => {
  const ESC = String.fromCharCode(27);
  const line = (rank: number, step: number, second: string): string =>
    `[rank${rank}]:[titan] 2025-06-16 22:30:${second} - root - INFO - ${ESC}[31mstep: ${step}  ${ESC}[32mloss:  6.1384  ${ESC}[33mmemory: 49.66GiB(52.28%)  ${ESC}[34mtps: 5,856  ${ESC}[36mtflops: 339.16  ${ESC}[35mmfu: 34.29%${ESC}[39m`;
  const rule = { timeZone: '+02:00' };
  test('is read through colours, with commas between thousands and before ms (nasty 56)', async () => {
    const text = `[titan] 2025-06-16 22:30:00,000 - root - INFO - Building llama3\n${line(0, 200, '50,322')}\n`;
    const sink = await readText(torchtitanLog, text, { rule });
    expect(said(sink.progressed)).toEqual([
      {
        kind: 'step',
        timeMs: Date.UTC(2025, 5, 16, 20, 30, 50, 322),
        key: 'loss',
        step: 200,
        tokensPerSecondPerChip: 5856,
        tflopsPerChip: 339.16,
        mfuRatio: 34.29 / 100,
        value: 6.1384,
      },
    ]);
    expect((await readText(torchtitanLog, text, { rule, chunk: 1 })).calls).toEqual(sink.calls);
  });
  test('printed by every rank counts once, and says so (nasty 18)', async () => {
    const text = [line(3, 10, '50,322'), line(0, 10, '50,320'), line(3, 20, '58,322'), line(0, 20, '58,320')];
    const sink = await readText(torchtitanLog, text.join('\n'), { rule });
    expect(sink.progressed.map((r) => r.step)).toEqual([10, 20]);
    expect(sink.notes[0]).toMatchObject({
      code: 'ranks-repeat',
      message: expect.stringContaining('[rank3]'),
    });
  });
  test('of one file a rank, of a run that restarts nowhere: repeats are no restarts (nasty 18)', async () => {
    const unlabelled = (n: number, ms: string) => line(0, n, ms).replace('[rank0]:', '');
    const text = [
      unlabelled(10, '50,322'),
      unlabelled(10, '50,329'),
      unlabelled(20, '58,322'),
      unlabelled(10, '50,350'),
      unlabelled(20, '58,329'),
    ];
    const { progressed } = await readText(torchtitanLog, text.join('\n'), { rule });
    expect(foldRun(progressed).steps).toMatchObject({ restarts: 0, useful: { steps: 20 } });
  });
  test('without a zone is refused by name', async () => {
    await expect(readText(torchtitanLog, line(0, 1, '50,322'))).rejects.toMatchObject({
      code: 'time-zone-missing',
    });
  });
  test('of before 2025 says wps', async () => {
    const text = line(0, 1, '50,322')
      .replace('tps:', 'wps:')
      .replace(/ .{5}tflops: \S+ /, '');
    expect((await readText(torchtitanLog, text, { rule })).progressed).toMatchObject([
      { tokensPerSecondPerChip: 5856 },
    ]);
  });
  test('with a number that is none rejects the line', async () => {
    const sink = await readText(torchtitanLog, line(0, 1, '50,322').replace('5,856', '5,85'), { rule });
    expect(sink.rejects).toMatchObject([{ column: 'tps', reason: 'number' }]);
  });
});

describe('a MaxText log', () => {
  const line = (step: number, seconds: number, weights = 196_608): string =>
    `completed step: ${step}, seconds: ${seconds}, TFLOP/s/device: 134.924, Tokens/s/device: 8672.758, total_weights: ${weights}, loss: 10.374`;
  test('numbers its steps from 0, and counts tokens that are not padding step by step', async () => {
    const sink = await readText(maxtextLog, `I0101 12:00:00 ${line(9, 5.667)}`, { chunk: 1 });
    expect(said(sink.progressed)).toEqual([
      {
        kind: 'step',
        key: 'loss',
        step: 10,
        stepMs: 5667,
        stepRealTokens: 196_608,
        tokensPerSecondPerChip: 8672.758,
        tflopsPerChip: 134.924,
        value: 10.374,
      },
    ]);
  });
  test('that is cut is rejected', async () => {
    const sink = await readText(maxtextLog, `${line(0, 1)}\ncompleted step: 1, seco`);
    expect(sink.rejects).toMatchObject([{ line: 2, reason: 'cut-line' }]);
  });
});

const sample = (path: string): Buffer => readFileSync(join(SAMPLES, path));

/** Numbers behind a name, line by line, found without the reader. */
const numbersOf = (text: string, name: string): number[] =>
  text.split('\n').flatMap((line) => {
    const at = line.indexOf(name);
    return at < 0 ? [] : [Number.parseFloat(line.slice(at + name.length))];
  });

describe.runIf(hasSamples)('samples of training logs', () => {
  test.each<[string, Format]>([
    ['megatron/meg_gpt2_perf_n16.out', megatronLog],
    ['tpu/maxtext_log.txt', maxtextLog],
    ['tpu/maxtext_padded_tokens.txt', maxtextLog],
  ])('%s is recognised by its format alone', (path, format) => {
    const head = sample(path).toString('utf8').slice(0, 65_536);
    expect(FORMATS.filter((f) => f.sniff(head, path)).map((f) => f.id)).toEqual([format.id]);
  });
  test('the mean step time of the Megatron log is that of its lines, the first two left out (nasty 45)', async () => {
    const bytes = sample('megatron/meg_gpt2_perf_n16.out');
    const times = numbersOf(bytes.toString('utf8'), 'elapsed time per iteration (ms):');
    expect(times).toEqual([155_483.8, 129_028.8, 128_891.5]);
    const { steps: folded, samples } = foldRun((await readText(megatronLog, bytes)).progressed);
    const later = times.slice(2);
    const meanMs = later.reduce((sum, ms) => sum + ms, 0) / later.length;
    expect(folded).toMatchObject({
      useful: { steps: times.length },
      skippedSteps: numbersOf(bytes.toString('utf8'), 'number of skipped iterations:').reduce(
        (a, b) => a + b,
        0,
      ),
      meanStepMs: meanMs,
      usefulStepMs: meanMs * times.length,
    });
    expect(samples).toBe(3 * 1024);
  });
  test('step 1 of MaxText, asynchronous, is not in the mean step time (nasty 45)', async () => {
    const bytes = sample('tpu/maxtext_log.txt');
    const seconds = numbersOf(bytes.toString('utf8'), 'seconds:');
    const weights = numbersOf(bytes.toString('utf8'), 'total_weights:');
    expect(seconds.slice(0, 2)).toEqual([44.923, 0.319]);
    const { steps: folded, realTokens } = foldRun((await readText(maxtextLog, bytes)).progressed);
    const later = seconds.slice(2);
    expect(folded?.meanStepMs).toBeCloseTo((later.reduce((sum, s) => sum + s, 0) / later.length) * 1000, 6);
    expect(folded?.logged.tflopsPerChip).toBeGreaterThan(130);
    expect(folded?.logged.tflopsPerChip).toBeLessThan(140);
    expect(realTokens).toBe(weights.reduce((sum, w) => sum + w, 0));
  });
  test('padded tokens are not real ones, and steps before the log are not in it', async () => {
    const bytes = sample('tpu/maxtext_padded_tokens.txt');
    const { steps: folded, realTokens } = foldRun((await readText(maxtextLog, bytes)).progressed);
    expect(realTokens).toBe(163_259 + 155_934);
    expect(folded).toMatchObject({ stepsBefore: 8, useful: { steps: 2 } });
  });
});
