import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelFlopsUtilization } from '../../functions/core/efficiency/baselines.ts';
import { evaluateRun } from '../../functions/core/efficiency/evaluate-run.ts';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { modelFlops } from '../../functions/core/efficiency/mfu.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import { maxtextLog } from '../../functions/core/telemetry/formats/maxtext-log.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { type ProgressRecord, progressRecord } from '../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../functions/core/telemetry/progress-fold.ts';
import { hasSamples, SAMPLES } from '../shared.ts';
import { readText } from '../telemetry/formats/recording-sink.ts';
import { every, findingOf, RUN_S, START_MS, scopeInput } from './runs.ts';

const STEP_S = 5;
const line = (step: number, more: Partial<ProgressRecord> = {}): ProgressRecord =>
  progressRecord({ kind: 'step', step, stepMs: STEP_S * 1000, ...more });
const lines = (from: number, to: number, more: Partial<ProgressRecord> = {}): ProgressRecord[] =>
  Array.from({ length: (to - from) / 10 + 1 }, (_, i) => line(from + 10 * i, more));

/** The evaluation of a run of 1000 s on eight chips that took 100 W each. */
function trained(records: readonly ProgressRecord[], manifest: Partial<RunManifest> = {}): Evaluation {
  const chips = Array.from({ length: 8 }, (_, i) => `gpu${i}`);
  const power = { gauges: { power_w: every(1, () => 100) } };
  return EvaluationSchema.parse(
    evaluateRun({
      manifest: {
        schema: 'wattline/run@1',
        program: 'p',
        run: 'r',
        role: 'candidate',
        sku: 'H100-SXM-80GB',
        workload: { name: 'w' },
        workUnit: 'token',
        system: { name: 's', nodes: 1, chipsPerNode: 8 },
        files: [],
        ...manifest,
      },
      progress: foldRun(records),
      startMs: START_MS,
      stopMs: START_MS + RUN_S * 1000,
      status: 'success',
      scopes: chips.map((id) => scopeInput(id, power)),
      sourceFindings: [],
      receipts: [],
      timeline: () => null,
      contentDigest: 'd',
      code: 'test',
    }),
  );
}

const ENERGY_J = 8 * 100 * RUN_S;
const workload = {
  name: 'w',
  globalBatchSize: 128,
  precision: 'bf16',
  parameters: 1e9,
  flopsFormula: '6N' as const,
};
const declared = { workload, tokensPerSample: 4096 };
const STEP_TOKENS = 128 * 4096;

describe('work that the log does not count', () => {
  test('is steps times what run.json declares that they hold, and says so', () => {
    const e = trained(lines(10, 100), declared);
    expect(e.work).toMatchObject({ amount: 100 * STEP_TOKENS, tokens: 100 * STEP_TOKENS });
    expect(e.work.basis).toBe('samples times 4096 tokens, declared in run.json');
    expect(e.progress?.useful).toEqual({
      steps: 100,
      samples: 12_800,
      tokens: 100 * STEP_TOKENS,
      realTokens: null,
    });
  });
  test.each([
    ['batch', { workload: { name: 'w' }, tokensPerSample: 4096 }],
    ['tokens of a sample', { workload }],
  ])('is not known without the %s', (_name, manifest) => {
    expect(trained(lines(10, 100), manifest).work.amount).toBeNull();
  });
  test("stands behind the log's own samples, which follow a ramp-up of the batch", () => {
    const e = trained([line(10, { samples: 320 }), line(20, { samples: 1600 })], {
      ...declared,
      workUnit: 'sample',
    });
    expect(e.work).toMatchObject({ amount: 1600, basis: 'samples counted in the training log' });
  });
});

describe('a run that was started anew', () => {
  const e = trained([...lines(10, 100), ...lines(60, 120)], declared);
  test('has the energy of all its work on the tokens that it kept', () => {
    expect(e.progress).toMatchObject({
      restarts: 1,
      useful: { steps: 120, tokens: 120 * STEP_TOKENS },
      processed: { steps: 170, tokens: 170 * STEP_TOKENS },
      energyPerUsefulTokenJ: ENERGY_J / (120 * STEP_TOKENS),
    });
    expect(e.energyPerTokenJ).toBe(e.progress?.energyPerUsefulTokenJ);
    expect(findingOf(e, 'restarted')?.values).toEqual({ restarts: 1, lostSteps: 50 });
  });
  test('has the goodput of the steps that it kept', () => {
    expect(e.progress).toMatchObject({ meanStepTimeS: STEP_S, goodputRatio: (120 * STEP_S) / RUN_S });
  });
  test('says it in the report', () => {
    for (const page of [renderRunHtml(e), renderRunMarkdown(e)])
      expect(page).toMatch(/Goodput 60\.0 %.*Mean step time 5\.00 s.*Restarts: 1/);
  });
});

describe('model FLOPs of a token', () => {
  const gpt3 = { name: 'gpt3', layers: 96, hiddenSize: 12_288, sequenceLength: 2048, vocabularySize: 51_200 };
  /** Weights of the layers and of the embeddings, without biases and norms. */
  const parameters = 12 * 96 * 12_288 ** 2 + 51_200 * 12_288;
  test('are 6 N, of a mixture of experts those that work on a token', () => {
    expect(modelFlops({ name: 'm', parameters: 8e9, flopsFormula: '6N' })).toEqual({
      formula: '6N',
      perToken: 48e9,
    });
    expect(
      modelFlops({ name: 'm', parameters: 671e9, activeParameters: 37e9, flopsFormula: '6N' }),
    ).toMatchObject({
      perToken: 222e9,
    });
  });
  test('are the same by palm and by megatron, for the model that both describe', () => {
    const palm = modelFlops({ ...gpt3, parameters, flopsFormula: 'palm' });
    const megatron = modelFlops({ ...gpt3, flopsFormula: 'megatron' });
    const [a, b] = [palm, megatron].map((f) => (f && 'perToken' in f ? f.perToken : Number.NaN)) as [
      number,
      number,
    ];
    expect(a / b).toBeCloseTo(1, 12);
    expect(a).toBeCloseTo(6 * parameters + 12 * 96 * 12_288 * 2048, -3);
  });
  test('are what run.json declares, under that name', () => {
    expect(modelFlops({ name: 'm', flopsPerToken: 9.27e9 })).toEqual({
      formula: 'declared',
      perToken: 9.27e9,
    });
  });
  test('say what is missing, and are none where nobody asks', () => {
    expect(modelFlops({ name: 'm', layers: 2, flopsFormula: 'palm' })).toEqual({
      missing: ['parameters', 'hiddenSize', 'sequenceLength'],
    });
    expect(modelFlops({ name: 'm', parameters: 1e9 })).toBeNull();
  });
});

describe('utilization', () => {
  test('is tokens a second times FLOPs a token over the dense peak of the precision', () => {
    const { progress } = trained(lines(10, 100), declared);
    const perChip = STEP_TOKENS / STEP_S / 8;
    expect(progress).toMatchObject({
      precision: 'bf16',
      flopsFormula: '6N',
      flopsPerToken: 6e9,
      peakFlopsPerChip: 989e12,
      overSteps: {
        tokensPerSecondPerChip: perChip,
        tflopsPerChip: expect.closeTo((perChip * 6e9) / 1e12, 9),
      },
    });
    expect(progress?.overSteps.mfuRatio).toBeCloseTo((perChip * 6e9) / 989e12, 12);
    expect(progress?.overRun.mfuRatio).toBeCloseTo((((100 * STEP_TOKENS) / RUN_S / 8) * 6e9) / 989e12, 12);
  });
  test.each<[string, Partial<RunManifest>, RegExp]>([
    ['an unknown chip', { ...declared, sku: 'own-chip' }, /no dense "bf16" peak is known for "own-chip"/],
    [
      'an unknown precision',
      { ...declared, workload: { ...workload, precision: 'fp4' } },
      /no dense "fp4" peak/,
    ],
    [
      'no precision',
      { ...declared, workload: { name: 'w', parameters: 1e9, flopsFormula: '6N', globalBatchSize: 128 } },
      /does not say the precision/,
    ],
    [
      'a formula without its facts',
      { ...declared, workload: { ...workload, flopsFormula: 'palm' } },
      /palm needs layers, hiddenSize, sequenceLength in run\.json/,
    ],
  ])('of %s is none, and the finding says why', (_name, manifest, message) => {
    const e = trained(lines(10, 100), manifest);
    expect([e.progress?.overRun.mfuRatio, e.progress?.overSteps.mfuRatio]).toEqual([null, null]);
    expect(findingOf(e, 'mfu-not-computed')?.message).toMatch(message);
  });
  test('that the log claims is kept beside, and a finding where it differs (nasty 33)', () => {
    const perChip = STEP_TOKENS / STEP_S / 8;
    const tflopsPerChip = (perChip * 6e9) / 1e12;
    const claims = (factor: number) =>
      trained(
        lines(10, 100, { tflopsPerChip: tflopsPerChip * factor, tokensPerSecondPerChip: perChip }),
        declared,
      );
    expect(findingOf(claims(1.04), 'logged-rate-differs')).toBeUndefined();
    // Megatron changed its formula: 9.330 became 1.423 TFLOP/s for the same run.
    const e = claims(9.33 / 1.423);
    expect(findingOf(e, 'logged-rate-differs')).toMatchObject({
      about: 'tflopsPerChip',
      values: { computed: expect.closeTo(tflopsPerChip, 6) },
    });
    expect(e.progress?.overSteps.tflopsPerChip).toBeCloseTo(tflopsPerChip, 9);
  });
  test('that the log claims and nothing could check is said to be unchecked', () => {
    const e = trained(lines(10, 100, { mfuRatio: 0.4 }));
    expect(findingOf(e, 'mfu-not-computed')).toMatchObject({ severity: 'info', message: /not checked/ });
    expect(e.progress?.logged.mfuRatio).toBeCloseTo(0.4, 12);
  });
});

test('a run whose logs report no steps has no training section', () => {
  const e = trained([]);
  expect(e.progress).toBeUndefined();
  expect(renderRunHtml(e)).not.toContain('<h2>Training</h2>');
});

/** Dense peak of an NVIDIA L4, FLOP/s, as the benchmark takes it. */
const L4_BF16_FLOPS = 121e12;

describe.runIf(hasSamples)('samples with utilization', () => {
  test('the same run by two formulas: two utilizations, each with its name (nasty 33)', () => {
    const path = join(SAMPLES, 'mfu-benchmark/mfu_aggregated_per_config_L4.csv');
    const [header = [], ...rows] = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((row) => row.split(','));
    const bf16 = rows.filter(
      (cells) =>
        cells[header.indexOf('dtype')] === 'bfloat16' &&
        Number(cells[header.indexOf('tokens_per_second_mean')]) > 0,
    );
    expect(bf16.length).toBeGreaterThan(100);
    for (const cells of bf16) {
      const of = (name: string): number => Number(cells[header.indexOf(name)]);
      const percentBy = (flopsPerToken: number): number => {
        const flops = modelFlops({ name: 'm', flopsPerToken });
        const perToken = flops && 'perToken' in flops ? flops.perToken : Number.NaN;
        const use = { durationS: 1, chips: 1, peakFlops: L4_BF16_FLOPS };
        return modelFlopsUtilization({ ...use, modelFlops: perToken * of('tokens_per_second_mean') }) * 100;
      };
      const tokens = of('batch_size') * of('sequence_length');
      const [formula, counted] = [
        percentBy(of('formula_flops_per_token_mean')),
        percentBy(of('calflops_total_mean') / tokens),
      ];
      expect(formula / of('mfu_percentage_mean')).toBeCloseTo(1, 9);
      expect(counted / of('mfu_percentage_calflops_mean')).toBeCloseTo(1, 9);
      expect(counted / formula).toBeGreaterThan(1.04);
    }
  });
  test('rates of the MaxText log follow from its tokens and step times', async () => {
    const bytes = readFileSync(join(SAMPLES, 'tpu/maxtext_log.txt'));
    const { progressed } = await readText(maxtextLog, bytes);
    const e = trained(progressed, { system: { name: 's', nodes: 1, chipsPerNode: 4 } });
    expect(e.progress?.overSteps.tokensPerSecondPerChip).toBeCloseTo(
      e.progress?.logged.tokensPerSecondPerChip as number,
      0,
    );
    expect(findingOf(e, 'logged-rate-differs')).toBeUndefined();
    expect(e.work).toMatchObject({
      amount: 10 * 196_608,
      basis: 'tokens without padding, of the training log',
    });
  });
});
