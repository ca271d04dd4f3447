import { describe, expect, test } from 'vitest';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { PRICE_BASES } from '../../functions/core/efficiency/prices.ts';
import type { Reliability } from '../../functions/core/efficiency/run-figures.ts';
import { type RunManifest, RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import {
  LOADED_CHECKPOINT,
  type ProgressRecord,
  progressRecord,
} from '../../functions/core/telemetry/progress.ts';
import { evaluation } from '../fixtures.ts';
import { evaluated, every, RUN_S, START_MS, type TestScope } from './runs.ts';

const power_w = every(1, () => 500);
const counting = (errors: number): TestScope => ({
  gauges: { power_w },
  counters: {
    ecc_uncorrected_total: every(1, (s) => (s < 500 ? 0 : errors)),
    faults_total: every(1, () => 7),
  },
});
const step = (n: number, more: Partial<ProgressRecord> = {}): ProgressRecord =>
  progressRecord({ kind: 'step', step: n, timeMs: START_MS + n * 1000, tokens: n * 100, ...more });

describe('reliability', () => {
  const of = (e: Evaluation): Reliability => e.reliability as Reliability;

  test('counts errors against the hours of the chips that count them', () => {
    const { chipHours, eccUncorrected } = of(
      evaluated({ a: counting(2), b: counting(0), c: { gauges: { power_w } } }),
    );
    expect(chipHours).toBeCloseTo((3 * RUN_S) / 3600, 12);
    expect(eccUncorrected).toMatchObject({ count: 2, confidence: 0.95 });
    expect(eccUncorrected?.exposureChipHours).toBeCloseTo((2 * RUN_S) / 3600, 12);
    // Exact Poisson interval of 2 events: 0.2422 to 7.2247 (Garwood 1936).
    expect((eccUncorrected?.low as number) * (eccUncorrected?.exposureChipHours as number)).toBeCloseTo(
      0.2422,
      4,
    );
    expect((eccUncorrected?.high as number) * (eccUncorrected?.exposureChipHours as number)).toBeCloseTo(
      7.2247,
      4,
    );
  });

  test('has a bound where none was seen, and nothing where nobody looked', () => {
    const { faults, sdc, interruptions, mtbfHours } = of(evaluated({ a: counting(0) }));
    expect(faults).toMatchObject({ count: 0, ratePerChipHour: 0, low: 0 });
    expect((faults?.atMost as number) * (faults?.exposureChipHours as number)).toBeCloseTo(2.9957, 4);
    expect([sdc, interruptions, mtbfHours]).toEqual([null, null, null]);
    expect(of(evaluated({ a: { gauges: { power_w } } })).eccUncorrected).toBeNull();
  });

  test('takes silent corruption from run.json', () => {
    const reliability = { silentDataCorruptions: 0, checkedChipHours: 41_000 };
    const { sdc } = of(evaluated({ a: counting(0) }, { reliability }));
    expect(sdc?.atMost).toBeCloseTo(7.3e-5, 6);
  });

  test('counts restarts, and an aborted end as one more', () => {
    const steps = [
      step(10),
      step(20),
      progressRecord({ kind: 'fact', key: LOADED_CHECKPOINT, value: 10 }),
      step(20, { timeMs: START_MS + 60_000 }),
    ];
    expect(of(evaluated({ a: counting(0) }, {}, steps)).interruptions).toBe(1);
    const aborted = of(evaluated({ a: counting(0) }, {}, steps, 'aborted'));
    expect(aborted.interruptions).toBe(2);
    expect(aborted.mtbfHours?.value).toBeCloseTo(RUN_S / 3600 / 2, 9);
    expect(aborted.mtbfHours?.high).toBeCloseTo(RUN_S / 3600 / 0.2422, 3);
  });

  test('says how long at least where nothing interrupted', () => {
    const { mtbfHours } = of(evaluated({ a: counting(0) }, {}, [step(10), step(20)]));
    expect(mtbfHours).toMatchObject({ value: null, high: null });
    expect(mtbfHours?.atLeast).toBeCloseTo(RUN_S / 3600 / 2.9957, 5);
  });

  test('knows no chip-hours without a number of chips', () => {
    const e = evaluated({ a: { gauges: { power_w } } }, { system: { name: 's', nodes: 1 } });
    expect(of(e).chipHours).toBeNull();
  });
});

describe('cost', () => {
  test('is given by every packaged basis that knows the chip', () => {
    const e = evaluated({ a: { gauges: { power_w } } }, { sku: 'H100-SXM-80GB', work: 1e6 });
    expect(e.costs.map((c) => c.basis)).toEqual(PRICE_BASES.map((b) => b.name));
    for (const cost of e.costs) {
      expect(cost.perRun).toBeCloseTo((cost.perChipHour * RUN_S) / 3600, 12);
      expect(cost.perMillionTokens).toBeCloseTo(cost.perRun as number, 12);
    }
  });

  test('is none for a chip that no basis knows, and null without chips or tokens', () => {
    expect(evaluated({ a: { gauges: { power_w } } }).costs).toEqual([]);
    const e = evaluated(
      { a: { gauges: { power_w } } },
      { sku: 'H100-SXM-80GB', workUnit: 'sample', system: { name: 's', nodes: 1 } },
    );
    expect(e.costs.length).toBeGreaterThan(0);
    expect(e.costs[0]).toMatchObject({ perRun: null, perMillionTokens: null, perMillionUsefulTokens: null });
  });
});

describe('carbon', () => {
  const site = { carbonIntensityGPerKwh: 400, carbonSource: 'grid operator, 2026-01' };
  const of = (manifest: Partial<RunManifest>) => evaluated({ a: { gauges: { power_w } } }, manifest).carbon;

  test('is energy times PUE times intensity', () => {
    const carbon = of({ site: { ...site, pue: 1.2 }, work: 1e6 });
    const grams = ((500 * RUN_S) / 3.6e6) * 1.2 * 400;
    expect(carbon).toMatchObject({
      gramsCo2e: expect.closeTo(grams, 9),
      pue: 1.2,
      source: site.carbonSource,
    });
    expect(carbon?.perMillionUsefulTokensG).toBeCloseTo(grams, 9);
  });

  test('is never assumed: none without an intensity, and no PUE but the declared one', () => {
    expect(of({})).toBeNull();
    expect(of({ site: { pue: 1.2 } })).toBeNull();
    expect(of({ site })).toMatchObject({ pue: null, basis: expect.stringContaining('no PUE') });
  });

  test('puts no PUE on what was metered behind the cooling', () => {
    const facts = { kind: 'facility', boundary: 'facility', measuredBoundary: 'facility' } as const;
    const e = evaluated(
      { hall: { gauges: { power_w }, facts } },
      { boundary: 'facility', site: { ...site, pue: 1.5 } },
    );
    expect(e.carbon).toMatchObject({
      pue: null,
      gramsCo2e: expect.closeTo(((500 * RUN_S) / 3.6e6) * 400, 9),
    });
  });

  test('is not given for an energy of grade D', () => {
    const sparse = power_w.filter(([s]) => s < 100);
    expect(evaluated({ a: { gauges: { power_w: sparse } } }, { site }).carbon).toBeNull();
  });
});

describe('a site', () => {
  const parse = (declared: object) =>
    RunManifestSchema.shape.site
      .safeParse(declared)
      .error?.issues.map((i) => i.message)
      .join() ?? null;

  test.each([
    [{ carbonIntensityGPerKwh: 0.4 }, /kg\/kWh/],
    [{ carbonIntensityGPerKwh: 400_000 }, /0 to 2000 g/],
    [{ carbonIntensityGPerKwh: -1 }, /0 to 2000 g/],
    [{ pue: 0.8 }, /1 to 5/],
    [{ pue: 120 }, /percentage/],
    [{ elevation: 3 }, /elevation/],
  ])('refuses %j', (declared, reason) => expect(parse(declared)).toMatch(reason));
  test.each([
    { carbonIntensityGPerKwh: 0 },
    { carbonIntensityGPerKwh: 24.5, pue: 1 },
    { name: 'hall 2' },
    {},
  ])('takes %j', (declared) => expect(parse(declared)).toBeNull());
});

describe('the loss curve', () => {
  const loss = (n: number, value: number, more: Partial<ProgressRecord> = {}) =>
    step(n, { key: 'loss', value, ...more });

  test('has at most 200 points, each the mean over its bin', () => {
    const records = Array.from({ length: 1_000 }, (_, i) => loss(i + 1, i + 1));
    const { lossCurve, lossUnit } = evaluated({ a: { gauges: { power_w } } }, {}, records);
    expect([lossCurve.length, lossUnit]).toEqual([200, 'token']);
    expect(lossCurve[0]).toEqual({ tokens: expect.closeTo(300, 9), loss: expect.closeTo(3, 9) });
    expect(lossCurve.at(-1)).toEqual({ tokens: expect.closeTo(99_800, 6), loss: expect.closeTo(998, 9) });
  });

  test('does not count steps twice that a restart rolled back', () => {
    const back = progressRecord({ kind: 'fact', key: LOADED_CHECKPOINT, value: 2 });
    const records = [
      loss(1, 9),
      loss(2, 8),
      loss(3, 99),
      loss(4, 99),
      back,
      loss(3, 7, { timeMs: START_MS + 9_000 }),
      loss(4, 6, { timeMs: START_MS + 10_000 }),
    ];
    const { lossCurve } = evaluated({ a: { gauges: { power_w } } }, {}, records);
    expect(lossCurve.map((p) => p.loss)).toEqual([9, 8, 7, 6]);
    expect(lossCurve.map((p) => p.tokens)).toEqual([100, 200, 300, 400]);
  });

  test('goes by samples where tokens are unknown, and is empty where the work is', () => {
    const of = (workload: RunManifest['workload']) =>
      evaluated(
        { a: { gauges: { power_w } } },
        { workload },
        [1, 2].map((n) => loss(n, n, { tokens: null })),
      );
    const bySamples = of({ name: 'w', globalBatchSize: 32 });
    expect(bySamples.lossUnit).toBe('sample');
    expect(bySamples.lossCurve).toEqual([
      { tokens: 32, loss: 1 },
      { tokens: 64, loss: 2 },
    ]);
    expect(of({ name: 'w' })).toMatchObject({ lossUnit: null, lossCurve: [] });
  });

  test('leaves out what is no training loss', () => {
    const records = [loss(1, 3), step(2, { key: 'grad_norm', value: 50 }), loss(3, 2)];
    const { lossCurve } = evaluated({ a: { gauges: { power_w } } }, {}, records);
    expect(lossCurve.map((p) => p.loss)).toEqual([3, 2]);
  });
});

test('an evaluation of before there were units is still read', () => {
  const { units, unitOfAnalysis, reliability, costs, carbon, lossCurve, lossUnit, ...old } = evaluation();
  expect([units, unitOfAnalysis, reliability, costs, carbon, lossCurve, lossUnit]).toEqual([
    [],
    'run',
    null,
    [],
    null,
    [],
    null,
  ]);
  expect(EvaluationSchema.parse(old).units).toEqual([]);
});
