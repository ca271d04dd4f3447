import { beforeAll, describe, expect, test } from 'vitest';
import type { PilotTruth } from '../../cli/simulate/truth-schema.ts';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import type { ContrastResult, Decision } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { simulated } from '../cli/simulated.ts';

/** Pilots from files to decision, with effects that are known. */
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const TRUE_ENERGY = 0.85;
const TRUE_TIME = 0.95;
const TRUE_LOSS = 1.005;

interface Recovered {
  readonly decision: Decision;
  readonly truth: PilotTruth;
}

async function recovered(seed: number): Promise<Recovered> {
  const { spec, truth, evaluations } = await simulated({
    seed,
    nights: 8,
    candidate: { chips: 6, lots: 3 },
    baseline: { chips: 6, lots: 1 },
    chipsPerNode: 3,
    workloads: [
      {
        name: 'small',
        secondsPerRun: 20,
        energyRatio: TRUE_ENERGY,
        timeRatio: TRUE_TIME,
        loss: { ratio: TRUE_LOSS },
      },
    ],
  });
  const decision = decideProgram({
    program: spec.program,
    date: '2026-12-31',
    evaluations: [...evaluations.values()],
    policy: DEFAULT_POLICY,
    prices: null,
    code: 'test',
  });
  return { decision, truth };
}

const contrastOf = ({ decision }: Recovered, metric: string): ContrastResult => {
  const found = decision.contrasts.find((c) => c.metric === metric);
  if (!found) throw new Error(`no contrast of ${metric}`);
  return found;
};

describe('twenty pilots from files to decision', () => {
  let pilots: Recovered[] = [];
  beforeAll(async () => {
    pilots = [];
    for (const seed of SEEDS) pilots.push(await recovered(seed));
  }, 240_000);

  test('the energy ratio lies in the interval that may be looked at every night', () => {
    const outside = pilots.filter((p) => {
      const { nightly } = contrastOf(p, 'energy-per-token');
      return !nightly || nightly.low > TRUE_ENERGY || nightly.high < TRUE_ENERGY;
    });
    expect(outside.map((p) => p.truth.seed)).toEqual([]);
  });
  test.each([
    ['energy-per-token', TRUE_ENERGY],
    ['time-per-useful-token', TRUE_TIME],
    ['loss-at-equal-tokens', TRUE_LOSS],
  ])('%s lies in its 95 %% interval in at least 18 of 20', (metric, truth) => {
    const inside = pilots.filter((p) => {
      const { population } = contrastOf(p, metric);
      return population && population.low <= truth && truth <= population.high;
    });
    expect(inside.length).toBeGreaterThanOrEqual(18);
  });
  test('what was drawn is found to a fraction of a per cent, restarts and idle time included', () => {
    for (const p of pilots) {
      const [workload] = p.truth.workloads;
      const { ratio, unit } = contrastOf(p, 'energy-per-useful-token');
      expect(unit).toBe('chip');
      expect(Math.abs(ratio / (workload?.realised.energyPerUsefulToken ?? Number.NaN) - 1)).toBeLessThan(
        0.005,
      );
    }
  });
  test('every run that was made is in the decision, once', () => {
    for (const { decision, truth } of pilots)
      expect(decision.evaluations.map((e) => e.run).sort()).toEqual(truth.runs.map((r) => r.run).sort());
  });
});
