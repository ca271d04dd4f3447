import { describe, expect, test } from 'vitest';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { PUBLISHED_POLICY } from '../../functions/core/decision/default-policy.ts';
import { findBaseline, modelFlopsUtilization, peakFlops } from '../../functions/core/efficiency/baselines.ts';
import type { PriceBasis } from '../../functions/core/efficiency/catalogue.ts';
import {
  costPerMillionTokensUsd,
  electricityPerMillionTokensUsd,
  energyPerTokenJ,
  tokensPerSecondPerMw,
} from '../../functions/core/efficiency/cost.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { gradeEvidence } from '../../functions/core/efficiency/evidence.ts';
import { scoreSet } from '../../functions/core/efficiency/scoring.ts';
import { evaluation, side } from '../fixtures.ts';

const prices: PriceBasis = {
  schema: 'wattline/prices@1',
  name: 'test',
  date: '2026-01',
  currency: 'USD',
  description: '',
  source: 'test',
  perChipHour: [
    { sku: 'own-chip', value: 1, grade: 'V' },
    { sku: 'H100-SXM-80GB', value: 1.3, grade: 'V' },
  ],
};
const decide = (evaluations: Evaluation[], basis: PriceBasis | null = prices) =>
  decideProgram({
    program: 'p',
    date: '2026-01-02',
    evaluations,
    policy: PUBLISHED_POLICY,
    prices: basis,
    code: 'test',
  });
const baseline = side('baseline', 1_000_000, 600);

describe('the verdict', () => {
  test('scale-up where every gate passes', () => {
    expect(decide([...side('candidate', 700_000, 600), ...baseline])).toMatchObject({
      verdict: 'scale-up',
      methodConflict: null,
    });
  });
  test('hold where the energy saved is not enough, with what is missing', () => {
    const decision = decide([...side('candidate', 950_000, 600), ...baseline]);
    expect(decision.verdict).toBe('hold');
    expect(decision.next.join()).toMatch(
      /energy \(w\): no number of runs .* the ratio stays at 0\.950; it would have to fall below 0\.900/,
    );
  });
  test('stop where the chip takes more energy', () => {
    expect(decide([...side('candidate', 1_200_000, 600), ...baseline]).verdict).toBe('stop');
  });
  test('hold without a price: a gate that cannot be decided is never a pass', () => {
    const decision = decide([...side('candidate', 700_000, 600), ...baseline], null);
    expect(decision).toMatchObject({ verdict: 'hold' });
    expect(decision.gates.find((g) => g.id === 'cost')).toMatchObject({
      result: 'not decidable',
      reason: 'no price basis',
    });
  });
  test('hold on evidence below the gate', () => {
    const decision = decide([...side('candidate', 700_000, 600, { evidence: 'D' }), ...baseline]);
    expect(decision.gates.find((g) => g.id === 'energy')).toMatchObject({
      result: 'not decidable',
      reason: expect.stringMatching(/grade D/),
    });
    expect(decision.verdict).toBe('hold');
  });
  test('hold with too few runs', () => {
    expect(decide([...side('candidate', 700_000, 600, {}, 2), ...baseline]).gates[0]).toMatchObject({
      result: 'not decidable',
    });
  });
  test('hold with nothing to compare', () => {
    expect(decide(side('candidate', 700_000, 600))).toMatchObject({
      verdict: 'hold',
      reasons: expect.arrayContaining(['no baseline set to compare']),
    });
  });
  test.each([
    [
      'workloads',
      { workload: { name: 'other' } },
      /different workloads.*"w".*"other"|different workloads.*"other".*"w"/,
    ],
    ['boundaries', { boundary: 'node-ac' as const }, /candidate node-ac, baseline node-dc/],
  ])('different %s are refused, both named', (_name, change, reason) => {
    const decision = decide([...side('candidate', 700_000, 600, change), ...baseline]);
    expect(decision.refusals[0]?.reason).toMatch(reason);
    expect(decision).toMatchObject({ verdict: 'hold', ratios: [] });
  });
  test('says first where two energy methods lead to different verdicts', () => {
    const candidate = side('candidate', 950_000, 600).map((e) => ({
      ...e,
      energy: { ...e.energy, mlperfTrainingV40J: (e.energy.clippedTrapezoidJ as number) * 0.7 },
    }));
    const { methodConflict } = decide([...candidate, ...baseline]);
    expect(methodConflict?.verdicts).toEqual([
      { method: 'clipped-trapezoid', verdict: 'hold' },
      { method: 'mlperf-training-v4.0', verdict: 'scale-up' },
    ]);
  });
  test('does not depend on the order of the evaluations', () => {
    const all = [...side('candidate', 700_000, 600), ...baseline];
    expect(decide([...all].reverse()).ratios).toEqual(decide(all).ratios);
  });
  test('copies count once in the interval, and the figure without them is what gates see', () => {
    const runs = side('candidate', 700_000, 600);
    const copies = runs.map((e) => ({ ...e, run: `${e.run}-copy` }));
    const decision = decide([...runs, ...copies, ...baseline]);
    const [published, corrected] = decision.ratios;
    expect(published?.method).toBe('clipped-trapezoid');
    expect(corrected?.method).toBe(
      'mlperf-training-v4.0' === corrected?.method ? '' : 'clipped-trapezoid, copied runs left out',
    );
    expect(published?.n.candidate).toBe(6);
    expect(decision.gates[0]?.method).toMatch(/copied runs left out/);
  });
});

describe('olympic scoring', () => {
  const scoring = { set: 's', droppedEachEnd: 1, scalingFactor: 1.1 };
  const runs = [5, 1, 4, 2, 3].map((t, i) =>
    evaluation({ run: `r${i}`, timeS: t * 60, energyJ: t * 100, scoring }),
  );
  test('drops the fastest and the slowest, and scales', () => {
    const set = scoreSet(runs);
    expect(set.timeToTrainMin).toBeCloseTo(3.3, 12);
    expect(set.energy.clippedTrapezoidJ).toBeCloseTo(330, 9);
    expect(set.dropped).toEqual(['r0', 'r1']);
    expect(set.means.timeToTrainMin).toMatchObject({ mean: 3, n: 5 });
  });
  test('counts a failed run as the dropped slowest; two are too many', () => {
    const failed = (e: Evaluation): Evaluation => ({ ...e, status: 'aborted' });
    const one = runs.map((e, i) => (i === 0 ? failed(e) : e));
    expect(scoreSet(one).timeToTrainMin).toBeCloseTo(((2 + 3 + 4) / 3) * 1.1, 12);
    expect(() => scoreSet(one.map((e, i) => (i === 1 ? failed(e) : e)))).toThrow(
      /2 of 5 runs did not report success/,
    );
  });
  test('refuses runs that do not belong together', () => {
    expect(() => scoreSet([...runs, evaluation({ run: 'x', sku: 'other', scoring })])).toThrow(
      /differ in SKU: .*"own-chip" \(r0\)/,
    );
  });
});

describe('evidence', () => {
  const good = { coverageRatio: 1, maxGapInRunS: 1, isBracketed: true, declared: [], disabling: [] };
  test.each([
    ['A', {}],
    ['B', { maxGapInRunS: 3.1 }],
    ['B', { isBracketed: false }],
    ['B', { coverageRatio: 0.98 }],
    ['C', { declared: ['a factor'] }],
    ['C', { coverageRatio: 0.9 }],
    ['D', { coverageRatio: 0.79 }],
    ['D', { coverageRatio: null }],
    ['D', { disabling: ['half of it is missing'] }],
  ])('grade %s for %j', (grade, change) => {
    expect(gradeEvidence({ ...good, ...change }).grade).toBe(grade);
  });
});

describe('figures and costs', () => {
  test('a chip is found by its spellings, and an unknown peak is an error', () => {
    expect(findBaseline('NVIDIA H100-SXM5-80GB')?.sku).toBe('H100-SXM-80GB');
    expect(findBaseline('own-chip')).toBeNull();
    expect(peakFlops('B200-SXM', 'bf16').value).toBe(2250e12);
    expect(() => peakFlops('own-chip', 'bf16')).toThrow(/own-chip/);
    expect(() => peakFlops('A100-SXM-80GB', 'fp8')).toThrow(/fp8/);
  });
  test('430 TFLOP/s a GPU is 43 % of an H100 (Llama 3 405B)', () => {
    const use = {
      modelFlops: 430e12 * 8192 * 10,
      durationS: 10,
      chips: 8192,
      peakFlops: peakFlops('H100-SXM', 'bf16').value,
    };
    expect(modelFlopsUtilization(use)).toBeCloseTo(0.43, 2);
  });
  test('published values: $2.8 an hour at 1,000 tok/s, 1.73 kW at 5,000 tok/s', () => {
    expect(costPerMillionTokensUsd(2.8, 1000)).toBeCloseTo(0.7778, 4);
    expect(energyPerTokenJ(1730, 5000)).toBeCloseTo(0.346, 3);
    expect(tokensPerSecondPerMw(5000, 1730)).toBeCloseTo(2_890_173, 0);
    expect(electricityPerMillionTokensUsd(0.36, 0.1)).toBeCloseTo(0.01, 6);
  });
});
