import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareFolders } from '../../cli/compare.ts';
import { memoryStores } from '../../cli/pipeline.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { evaluationsOf, uploadRuns } from '../../cli/work.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { scoreSet } from '../../functions/core/efficiency/scoring.ts';
import { CASES, hasCases } from '../shared.ts';

interface Expected {
  readonly published_energy_j: number | null;
  readonly boundary: string;
  readonly chips: number;
  readonly dropped_each_end: number;
  readonly scaling_factor: number;
  readonly time_to_train_min: number;
  readonly energy_mlperf_v4_0_j: number;
  readonly energy_clipped_j: number;
  readonly runs: readonly {
    readonly run: string;
    readonly status: string;
    readonly time_to_train_ms: number;
    readonly nodes: number;
    readonly node_energy_mlperf_v4_0_j: number;
    readonly node_energy_clipped_j: number;
    readonly switch_energy_j: number;
    readonly max_gap_s: number;
  }[];
}

const truth = hasCases
  ? (JSON.parse(readFileSync(join(CASES, 'expected.json'), 'utf8')) as Record<string, Expected>)
  : {};
const TOLERANCE = 1e-6;

async function evaluated(folder: string): Promise<Evaluation[]> {
  const runs = await loadRuns(folder, { program: 'case', role: 'baseline' });
  const stores = memoryStores();
  await uploadRuns(stores, runs, { isVerbose: false });
  return evaluationsOf(stores, runs);
}

const near = (actual: number | null, expected: number): void => {
  expect(Math.abs((actual as number) / expected - 1)).toBeLessThan(TOLERANCE);
};

describe.skipIf(!hasCases)('published results', () => {
  test.each(Object.entries(truth).filter(([name]) => existsSync(join(CASES, name))))(
    '%s',
    async (name, expected) => {
      const evaluations = await evaluated(join(CASES, name));
      expect(evaluations.length).toBe(expected.runs.length);
      for (const run of expected.runs) {
        const e = evaluations.find((x) => x.run === run.run) as Evaluation;
        expect(e.status).toBe(run.status);
        expect(Math.round(e.timeToTrainS * 1000)).toBe(run.time_to_train_ms);
        near(e.nodes.clippedTrapezoidJ, run.node_energy_clipped_j);
        near(e.nodes.mlperfTrainingV40J, run.node_energy_mlperf_v4_0_j);
        if (run.switch_energy_j > 0) near(e.switches.clippedTrapezoidJ, run.switch_energy_j);
        expect(e.scopes.filter((s) => s.kind === 'node').length).toBe(run.nodes);
        expect(e.maxGapS).toBeCloseTo(run.max_gap_s, 3);
      }
      const set = scoreSet(evaluations);
      expect(set.droppedEachEnd).toBe(expected.dropped_each_end);
      expect(set.scalingFactor).toBe(expected.scaling_factor);
      expect(set.timeToTrainMin).toBeCloseTo(expected.time_to_train_min, 5);
      near(set.energy.clippedTrapezoidJ, expected.energy_clipped_j);
      near(set.energy.mlperfTrainingV40J, expected.energy_mlperf_v4_0_j);
      expect(expected.boundary.startsWith(set.boundary as string)).toBe(true);
      // Published to the joule, or to five or six digits and then zeros.
      if (expected.published_energy_j !== null)
        near10(set.energy.mlperfTrainingV40J as number, expected.published_energy_j);
    },
  );

  test('the copies of dlrm_dcnv2 are found, and left out beside the published figure', async () => {
    const set = scoreSet(await evaluated(join(CASES, 'mlperf-training-v4.0/smc-ac-1xH100-dlrm_dcnv2')));
    expect(set.findings.find((f) => f.code === 'duplicate-run')?.values?.copies).toHaveLength(5);
    expect(Math.round((set.corrected?.energy.mlperfTrainingV40J as number) / 10) * 10).toBe(1_288_950);
    expect(set.corrected?.timeToTrainMin).toBeCloseTo(3.774, 3);
  });

  test.each(['mlperf-training-v4.0/smc-ac-1xH100-bert', 'mlperf-training-v4.0/smc-ac-8nodes-resnet'])(
    'the padding of %s is a finding with its dilution',
    async (name) => {
      const evaluations = await evaluated(join(CASES, name));
      for (const e of evaluations) {
        const finding = e.findings.find((f) => f.code === 'idle-padding');
        expect(finding?.values?.dilutionRatio as number).toBeGreaterThan(0.1);
        expect(e.findings.some((f) => f.code === 'stop-equals-start')).toBe(true);
      }
    },
  );

  test('B200 against H100: the ratios that the two sets give by hand', async () => {
    const decision = await compareFolders(memoryStores(), {
      candidate: join(CASES, 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora'),
      baseline: join(CASES, 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora'),
    });
    const [clipped, rule] = decision.ratios;
    expect(clipped).toMatchObject({
      metric: 'energy-to-train',
      method: 'clipped-trapezoid',
      n: { candidate: 10, baseline: 10 },
    });
    expect(clipped?.ratio).toBeCloseTo(0.504, 3);
    expect(rule?.ratio).toBeCloseTo(0.5195, 4);
    expect(decision.ratios.find((r) => r.metric === 'time-to-train')?.ratio).toBeCloseTo(0.389, 3);
    for (const r of decision.ratios)
      expect([(r.low as number) < r.ratio, r.ratio < (r.high as number)]).toEqual([true, true]);
    expect(decision.verdict).toBe('scale-up');
  });

  test('node-ac against node-dc is refused, both named', async () => {
    const baseline = join(CASES, 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora');
    const candidate = join(CASES, 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora');
    const other = await compareFolders(memoryStores(), { candidate, baseline, boundary: 'node-ac' });
    expect(other.refusals[0]?.reason).toMatch(/candidate node-dc, baseline node-ac/);
    expect(other.verdict).toBe('hold');
  });
});

/** Equal to the digits that were printed: trailing zeros of a published figure are rounding. */
function near10(actual: number, published: number): void {
  const zeros = /0*$/.exec(String(published))?.[0].length ?? 0;
  expect(Math.abs(actual - published)).toBeLessThanOrEqual(0.5 * 10 ** zeros);
}
