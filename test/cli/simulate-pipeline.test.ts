import { beforeAll, describe, expect, test } from 'vitest';
import { chipsOf } from '../../cli/simulate/chips.ts';
import type { RunTruth } from '../../cli/simulate/truth-schema.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { type Simulated, simulated } from './simulated.ts';

/** Noise of half a percent a reading over a minute of readings, and trapezoids over the corners of a restart. */
const CHIP_TOLERANCE = 0.005;
const RUN_TOLERANCE = 0.002;
/** A counter has no noise: what is left is the interpolation of up to two seconds at run start and stop. */
const COUNTER_TOLERANCE = 5e-4;

let pilot: Simulated;
beforeAll(async () => {
  pilot = await simulated();
});

function each(check: (truth: RunTruth, evaluation: Evaluation) => void, of: Simulated = pilot): void {
  expect(of.truth.runs).toHaveLength(6);
  for (const truth of of.truth.runs) check(truth, of.evaluations.get(truth.run) as Evaluation);
}

/** How far a value is from the truth, relative. */
const off = (value: number | null | undefined, truth: number): number =>
  Math.abs((value ?? Number.NaN) / truth - 1);

describe('the pipeline finds in a simulated pilot', () => {
  test('every run, finished, simulated and of the best evidence', () => {
    each((_, e) => {
      expect(e).toMatchObject({ simulated: true, status: 'success', boundary: 'chip', evidence: 'A' });
      expect(e.findings.filter((f) => f.severity === 'error')).toEqual([]);
    });
  });

  test('every row that cannot be read, and no other, by file', () => {
    let rejected = 0;
    each((t, e) => {
      for (const { path, rejectedRows } of t.files) {
        expect(e.inputs.find((i) => i.path === path)).toMatchObject({
          status: 'accepted',
          rejected: rejectedRows,
        });
        rejected += rejectedRows;
      }
      expect(e.inputs.reduce((sum, i) => sum + i.rejected, 0)).toBe(t.rejectedRows);
    });
    expect(rejected).toBe(pilot.truth.rejectedRows);
    expect(rejected).toBeGreaterThan(5);
  });

  test('the run times to the millisecond, and the energy of each run and chip', () => {
    each((t, e) => {
      expect([e.startMs, e.stopMs]).toEqual([t.startMs, t.stopMs]);
      expect(off(e.energy.clippedTrapezoidJ, t.energyJ)).toBeLessThan(RUN_TOLERANCE);
      expect(off(e.progress?.energyPerUsefulTokenJ, t.energyPerUsefulTokenJ)).toBeLessThan(RUN_TOLERANCE);
      expect(e.scopes.map((s) => s.id).sort()).toEqual(Object.keys(t.chipEnergyJ).sort());
      for (const { id, energy } of e.scopes) {
        expect(off(energy.clippedTrapezoidJ, t.chipEnergyJ[id] as number)).toBeLessThan(CHIP_TOLERANCE);
        if (energy.counterJ !== null)
          expect(off(energy.counterJ, t.chipEnergyJ[id] as number)).toBeLessThan(COUNTER_TOLERANCE);
      }
    });
  });

  test('a counter on every candidate chip, and on the GPUs whose exporter has one', () => {
    each((t, e) => {
      const counted = e.scopes.filter((s) => s.energy.counterJ !== null).map((s) => s.id);
      expect(counted.sort()).toEqual(
        t.role === 'candidate' ? Object.keys(t.chipEnergyJ).sort() : ['gpu-002', 'gpu-003'],
      );
    });
  });

  test('restarts, the steps they lost, and the tokens that were kept', () => {
    each((t, e) => {
      expect(e.progress?.restarts).toBe(t.restarts);
      expect(e.progress?.useful).toMatchObject({ steps: t.usefulSteps, tokens: t.usefulTokens });
      expect(e.progress?.processed).toMatchObject({
        steps: t.usefulSteps + t.lostSteps,
        tokens: t.processedTokens,
      });
      expect(e.progress?.goodputRatio).toBeCloseTo(t.goodputRatio, 3);
    });
    for (const role of ['candidate', 'baseline'] as const)
      expect(pilot.truth.sides[role].restarts).toBeGreaterThan(0);
  });

  test('the uncorrected memory errors of each chip, and how long it was throttled', () => {
    const found = new Map<string, number>();
    each((t, e) => {
      expect(e.health?.eccUncorrected).toBe(t.eccUncorrected);
      expect(e.health?.throttledRatio.power).toBeCloseTo(t.throttledRatio.power, 1.5);
      expect(e.health?.throttledRatio.thermal).toBeCloseTo(t.throttledRatio.thermal, 1.5);
      for (const { id, health } of e.scopes)
        found.set(id, (found.get(id) ?? 0) + (health?.eccUncorrected ?? 0));
    });
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(pilot.truth.chips.map((c) => [c.id, c.eccUncorrected])),
    );
    expect(Math.max(...found.values())).toBeGreaterThan(1);
  });

  test('the ratio of energy per useful token of the chips and nights that were drawn', () => {
    const logs = (role: RunTruth['role']): number[] =>
      pilot.truth.runs
        .filter((r) => r.role === role)
        .flatMap((r) => {
          const { scopes, progress } = pilot.evaluations.get(r.run) as Evaluation;
          const tokens = (progress?.useful.tokens as number) / scopes.length;
          return scopes.map((s) => Math.log((s.energy.clippedTrapezoidJ as number) / tokens));
        });
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const ratio = Math.exp(mean(logs('candidate')) - mean(logs('baseline')));
    expect(off(ratio, pilot.truth.workloads[0]?.realised.energyPerUsefulToken as number)).toBeLessThan(
      RUN_TOLERANCE,
    );
  });
});

describe('other forms of the same pilot', () => {
  test('nvidia-smi and DCGM name the same chips with the same energies', async () => {
    const [smi, dcgm] = await Promise.all(
      (['nvidia-smi', 'dcgm'] as const).map((gpuFormat) => simulated({ telemetry: { gpuFormat } })),
    );
    const formats = (of: Simulated | undefined) =>
      new Set(of?.receipts.filter((r) => r.path.includes('gpu-node')).map((r) => r.format));
    expect(formats(smi)).toEqual(new Set(['nvidia-smi-csv']));
    expect(formats(dcgm)).toEqual(new Set(['prometheus-text']));
    const ids = chipsOf(pilot.spec, 'baseline').map((c) => c.id);
    for (const t of pilot.truth.runs.filter((r) => r.role === 'baseline')) {
      for (const of of [smi, dcgm]) {
        const scopes = of?.evaluations.get(t.run)?.scopes ?? [];
        expect(scopes.map((s) => s.id).sort()).toEqual(ids);
        for (const { id, energy } of scopes)
          expect(off(energy.clippedTrapezoidJ, t.chipEnergyJ[id] as number)).toBeLessThan(CHIP_TOLERANCE);
      }
    }
  });

  test('MLPerf logs tell the same tokens and restarts, though no steps', async () => {
    const other = await simulated({ telemetry: { candidateLog: 'mllog' } });
    each((t, e) => {
      if (t.role === 'candidate') expect(e.progress?.logs).toEqual(['result_0.txt']);
      expect(e.progress?.restarts).toBe(t.restarts);
      expect(e.progress?.useful.tokens).toBe(t.usefulTokens);
      expect(e.progress?.processed.tokens).toBe(t.processedTokens);
      expect([e.startMs, e.stopMs, e.status]).toEqual([t.startMs, t.stopMs, 'success']);
    }, other);
  });

  test('a GPU log in a zone whose clocks change is read to the same times', async () => {
    const other = await simulated({ firstNight: '2026-03-28', timeZone: 'America/New_York' });
    each((t, e) => {
      expect(off(e.energy.clippedTrapezoidJ, t.energyJ)).toBeLessThan(RUN_TOLERANCE);
      expect(e).toMatchObject({ bracketed: true, evidence: 'A' });
    }, other);
  });
});
