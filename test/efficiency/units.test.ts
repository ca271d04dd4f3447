import { describe, expect, test } from 'vitest';
import type { Evaluation, UnitEvaluation } from '../../functions/core/efficiency/evaluation.ts';
import { progressRecord } from '../../functions/core/telemetry/progress.ts';
import { evaluated, every, findingOf, RUN_S, START_MS, type TestScope } from './runs.ts';

const chip = (watts: number, tokensPerS?: number, more: TestScope = {}): TestScope => ({
  gauges: { power_w: every(1, () => watts), ...more.gauges },
  counters: {
    ...(tokensPerS === undefined ? {} : { work_total: every(1, (s) => 1e6 + tokensPerS * s) }),
    ...more.counters,
  },
  facts: more.facts ?? {},
});
const unit = (e: Evaluation, id: string): UnitEvaluation =>
  e.units.find((u) => u.id === id) as UnitEvaluation;

describe('the work of a chip', () => {
  test('is what its own counter rose by in the run', () => {
    const e = evaluated({ a: chip(500, 10), b: chip(500, 8) }, { work: 18 * RUN_S });
    expect(unit(e, 'a').work).toMatchObject({ tokens: 10 * RUN_S, basis: 'counter', sharedBy: null });
    expect(unit(e, 'b')).toMatchObject({
      energyPerTokenJ: expect.closeTo(500 / 8, 9),
      energyPerUsefulTokenJ: expect.closeTo(500 / 8, 9),
      tokensPerSecond: expect.closeTo(8, 9),
      timePerUsefulTokenS: expect.closeTo(1 / 8, 9),
    });
    expect(findingOf(e, 'work-counters-differ')).toBeUndefined();
  });

  test('is an equal share of the run where no counter tells it, and says of how many', () => {
    const e = evaluated({ a: chip(500), b: chip(700) }, { work: 1_000 });
    expect(unit(e, 'a').work).toEqual({
      tokens: 500,
      usefulTokens: 500,
      samples: null,
      basis: 'equal share',
      sharedBy: 2,
    });
    expect(unit(e, 'b').energyPerTokenJ).toBeCloseTo((700 * RUN_S) / 500, 9);
  });

  test('is unknown where neither the run nor the number of chips is known', () => {
    const e = evaluated({ a: chip(500) }, { system: { name: 's', nodes: 1 } });
    expect(unit(e, 'a').work).toMatchObject({ tokens: null, basis: 'none' });
    expect(unit(e, 'a').energyPerTokenJ).toBeNull();
    expect(e.unitOfAnalysis).toBe('run');
  });

  test('goes through a reset of the counter, and is shared where the counter is broken for long', () => {
    const reset = every(1, (s) => (s < 400 ? 10 * s : 10 * (s - 400)));
    const gone = every(1, (s) => 10 * s).filter(([s]) => s < 500);
    const e = evaluated(
      {
        a: chip(500, 10),
        b: chip(500, undefined, { counters: { work_total: reset } }),
        c: chip(500, undefined, { counters: { work_total: gone } }),
      },
      { work: 30 * RUN_S },
    );
    expect(unit(e, 'b').work).toMatchObject({ tokens: expect.closeTo(10 * RUN_S, 6), basis: 'counter' });
    expect(unit(e, 'c').work).toMatchObject({ tokens: 10 * RUN_S, basis: 'equal share', sharedBy: 3 });
    expect(findingOf(e, 'work-counter-refused')?.values).toEqual({ scopes: ['c'] });
  });

  test('is nothing, not a share, of a chip whose counter stands still', () => {
    const e = evaluated({ a: chip(500, 10), b: chip(500, 0) }, { work: 10 * RUN_S });
    expect(unit(e, 'b')).toMatchObject({
      work: { tokens: 0, basis: 'counter' },
      energyPerTokenJ: null,
      tokensPerSecond: 0,
      timePerUsefulTokenS: null,
    });
    expect(e.unitOfAnalysis).toBe('run');
  });

  test('says so where the chips together count another amount than the run', () => {
    // Each chip of a tensor-parallel pair counts the tokens of both.
    const e = evaluated({ a: chip(500, 10), b: chip(500, 10) }, { work: 10 * RUN_S });
    expect(findingOf(e, 'work-counters-differ')?.values?.ratio).toBeCloseTo(2, 9);
  });

  test('leaves out what a restart lost', () => {
    const steps = [10, 20, 30, 40, 25, 35, 45].map((step, i) =>
      progressRecord({
        kind: 'step',
        step,
        tokens: step * 100,
        timeMs: START_MS + i * 100_000,
        stepMs: 10_000,
      }),
    );
    const e = evaluated({ a: chip(500, 6.5) }, {}, steps);
    const { useful, processed } = e.progress as NonNullable<Evaluation['progress']>;
    expect((processed.tokens as number) > (useful.tokens as number)).toBe(true);
    const share = (useful.tokens as number) / (processed.tokens as number);
    expect(unit(e, 'a').work.usefulTokens).toBeCloseTo(6.5 * RUN_S * share, 6);
  });

  test('is tokens by the samples that it counts, where run.json says what a sample holds', () => {
    const e = evaluated({ a: chip(500, 2) }, { workUnit: 'sample', tokensPerSample: 100, work: 2 * RUN_S });
    expect(unit(e, 'a').work).toMatchObject({ samples: 2 * RUN_S, tokens: 200 * RUN_S, basis: 'counter' });
    expect(unit(e, 'a').energyPerSampleJ).toBeCloseTo(250, 9);
  });
});

describe('a chip', () => {
  test('carries its identity from run.json, by id', () => {
    const chips = [{ id: 'a', lot: 'L4', bin: '2', stepping: 'A0', node: 'n0', slot: '3', firmware: '1.4' }];
    const e = evaluated({ a: chip(500), b: chip(500) }, { chips });
    expect(unit(e, 'a')).toMatchObject({ kind: 'chip', chips: 1, ...chips[0] });
    expect(unit(e, 'b')).toMatchObject({ lot: null, node: null, slot: null });
    expect(findingOf(e, 'chips-unmatched')?.values).toEqual({ notRead: [], notListed: ['b'] });
  });

  test('of grade D has no energy per token, and the others keep theirs', () => {
    const sparse = every(1, () => 500).filter(([s]) => s < 300 || s > 990);
    const e = evaluated({ a: chip(500, 10), b: chip(0, 10, { gauges: { power_w: sparse } }) });
    expect(unit(e, 'b')).toMatchObject({
      evidence: 'D',
      energyPerTokenJ: null,
      energyPerUsefulTokenJ: null,
      energyPerSampleJ: null,
      tokensPerSecond: expect.closeTo(10, 9),
    });
    expect(unit(e, 'a')).toMatchObject({ evidence: 'A', energyPerTokenJ: expect.closeTo(50, 9) });
  });

  test('whose health was not read has null, never 0', () => {
    expect(unit(evaluated({ a: chip(500) }), 'a')).toMatchObject({
      throttledRatio: { power: null, thermal: null, other: null },
      temperatureC: null,
      eccCorrected: null,
      eccUncorrected: null,
      faults: null,
    });
  });

  test('has its energy by the method of the run alone', () => {
    const counted: TestScope = { counters: { energy_j: every(1, (s) => 400 * s) } };
    const e = evaluated({ a: { ...chip(500), ...counted }, b: counted });
    expect(e.energyMethod).toBe('counter');
    expect(unit(e, 'a')).toMatchObject({ energyMethod: 'counter', energyJ: expect.closeTo(400 * RUN_S, 6) });
  });

  test('has the MFU of the same formula as the run', () => {
    const workload = { name: 'w', precision: 'bf16', parameters: 1e9, flopsFormula: '6N' as const };
    const e = evaluated({ a: chip(500), b: chip(500) }, { sku: 'H100-SXM-80GB', workload, work: 1e8 });
    expect(unit(e, 'a').mfuRatio).toBeCloseTo(e.progress?.overRun.mfuRatio as number, 12);
    expect(unit(e, 'a').tflops).toBeCloseTo(e.progress?.overRun.tflopsPerChip as number, 12);
  });
});

describe('a node', () => {
  const chips = ['a', 'b', 'c', 'd'].map((id, i) => ({ id, node: i < 2 ? 'n0' : 'n1', lot: 'L1' }));
  const system = { name: 's', nodes: 2, chipsPerNode: 2 };
  const four = { a: chip(100, 1), b: chip(200, 1), c: chip(300, 1), d: chip(400, 1) };

  test('that was not read is the sum of its chips, whose nodes run.json names', () => {
    const e = evaluated(four, { chips, system, work: 4 * RUN_S });
    expect(unit(e, 'n1')).toMatchObject({
      kind: 'node',
      chips: 2,
      lot: 'L1',
      boundary: 'chip',
      energyJ: expect.closeTo(700 * RUN_S, 6),
      work: { tokens: expect.closeTo(2 * RUN_S, 6), basis: 'counter' },
      tokensPerSecond: expect.closeTo(1, 9),
      evidence: 'A',
    });
    expect(e.unitOfAnalysis).toBe('chip');
  });

  test('lacks an energy where one of its chips was not read', () => {
    const { b: _, ...three } = four;
    const e = evaluated(three, { chips, system, work: 4 * RUN_S });
    expect(unit(e, 'n0')).toMatchObject({
      energyJ: null,
      evidence: 'D',
      evidenceReasons: ['energy was read of 1 of its 2 chips'],
    });
    expect(unit(e, 'n1').energyJ).toBeCloseTo(700 * RUN_S, 6);
  });

  test('that was read stands for itself, with the health of its chips', () => {
    const facts = { kind: 'node', boundary: 'node-dc', measuredBoundary: 'node-dc' } as const;
    const hot = chip(300, 1, { gauges: { temperature_c: every(1, () => 80) } });
    const n0 = chip(1_000, undefined, { facts, gauges: { temperature_c: every(1, () => 20) } });
    const manifest = { chips: [{ id: 'a', node: 'n0' }], system: { name: 's', nodes: 1, chipsPerNode: 1 } };
    const e = evaluated({ a: hot, n0 }, { ...manifest, boundary: 'node-dc', work: RUN_S });
    expect(unit(e, 'n0')).toMatchObject({ boundary: 'node-dc', temperatureC: expect.closeTo(80, 6) });
    expect(unit(e, 'n0').energyPerTokenJ).toBeCloseTo(1_000, 6);
    // The run is judged at node-dc: its chips, read at another boundary, are not what is compared.
    expect(e.unitOfAnalysis).toBe('node');
  });
});
