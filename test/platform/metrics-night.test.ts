import { beforeAll, describe, expect, test } from 'vitest';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import type { Decision } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { Metrics } from '../../functions/platform/metrics.ts';
import { countNight, pilotLines, WORKLOADS_LIMIT } from '../../functions/platform/pilot-metrics.ts';
import { simulated } from '../cli/simulated.ts';

const HOUR_MS = 3_600_000;
let runs: Evaluation[];
let lastMs: number;

beforeAll(async () => {
  const { evaluations } = await simulated({ nights: 3, firstNight: '2026-01-24' });
  runs = [...evaluations.values()];
  lastMs = Math.max(...runs.map((e) => e.stopMs));
});

const decided = (evaluations: readonly Evaluation[], date = '2026-01-27'): Decision =>
  decideProgram({
    program: 'simulated-pilot',
    date,
    evaluations,
    policy: DEFAULT_POLICY,
    prices: null,
    code: 'test',
  });

function counted(evaluations: readonly Evaluation[], nowMs: number, date?: string): Record<string, number> {
  const metrics = new Metrics('decide');
  countNight(metrics, { decision: decided(evaluations, date), evaluations }, nowMs);
  return JSON.parse(metrics.line(nowMs)) as Record<string, number>;
}

const lines = (evaluations: readonly Evaluation[], nowMs = lastMs): Record<string, number | string>[] =>
  pilotLines({ decision: decided(evaluations), evaluations }, nowMs).map(
    (line) => JSON.parse(line) as Record<string, number | string>,
  );

/** A run as if some of its chips had not been read. */
const withoutChips = (e: Evaluation, count: number): Evaluation => {
  const gone = e.units.filter((u) => u.kind === 'chip').slice(0, count);
  return { ...e, units: e.units.map((u) => (gone.includes(u) ? { ...u, energyJ: null } : u)) };
};
const isLast = (e: Evaluation): boolean => e.stopMs > lastMs - 12 * HOUR_MS;

describe('what a night counts for its operator', () => {
  test('nothing, of a pilot that is well', () => {
    expect(counted(runs, lastMs + 6 * HOUR_MS)).toMatchObject({
      ProgramsSilent: 0,
      SidesWithFewerChips: 0,
      BaselinesStale: 0,
      WorkloadsLeftOut: 0,
    });
  });
  test.each([
    [25, 0],
    [27, 1],
    [7 * 24 - 1, 1],
    [7 * 24 + 1, 0], // it has ended
  ])('a program whose last run ended %i hours ago is silent: %i', (hours, silent) => {
    expect(counted(runs, lastMs + hours * HOUR_MS).ProgramsSilent).toBe(silent);
  });
  test('a side whose last night has fewer chips, and not one that has had fewer before', () => {
    const fewer = (pick: (e: Evaluation) => boolean): number | undefined =>
      counted(
        runs.map((e) => (e.role === 'candidate' && pick(e) ? withoutChips(e, 1) : e)),
        lastMs,
      ).SidesWithFewerChips;
    expect(fewer(isLast)).toBe(1);
    expect(fewer(() => true)).toBe(0);
    expect(fewer((e) => !isLast(e))).toBe(0);
  });
  test('a baseline that is older than the policy allows', () => {
    expect(counted(runs, lastMs, '2026-02-25').BaselinesStale).toBe(0);
    expect(counted(runs, lastMs, '2026-02-26').BaselinesStale).toBe(1);
  });
  test('workloads past the limit, which are left out', () => {
    const many = Array.from({ length: WORKLOADS_LIMIT + 2 }, (_, i) => i).flatMap((i) =>
      runs.slice(0, 1).map((e) => ({ ...e, run: `r${i}`, workload: { ...e.workload, name: `w${i}` } })),
    );
    expect(counted(many, lastMs).WorkloadsLeftOut).toBe(2);
    expect(lines(many)).toHaveLength(1 + WORKLOADS_LIMIT);
  });
});

describe('what is said of a pilot', () => {
  test('leaves out what nothing measured: no reading is not zero', () => {
    const unread = runs.map((e) => ({ ...e, coverageRatio: null, health: undefined, progress: undefined }));
    const [, workload] = lines(unread as unknown as Evaluation[]);
    for (const name of ['CandidateCoverage', 'CandidateThrottledShare', 'CandidateMfu', 'BaselineMfu'])
      expect(workload).not.toHaveProperty(name);
  });
  test('is the mean of the runs of a night; of coverage the worst', () => {
    const twice = runs.flatMap((e) =>
      [0.3, 0.4].map((mfuRatio, i) => ({
        ...e,
        run: `${e.run}-${i}`,
        coverageRatio: 0.9 + 0.05 * i,
        progress: e.progress && { ...e.progress, overRun: { ...e.progress.overRun, mfuRatio } },
      })),
    );
    const [, workload] = lines(twice as Evaluation[]);
    expect(workload?.CandidateMfu).toBeCloseTo(0.35, 12);
    expect(workload?.BaselineCoverage).toBe(0.9);
  });
  test('is of the last night of each side', () => {
    const [, workload] = lines(runs.map((e) => (isLast(e) ? withoutChips(e, 2) : e)));
    expect(workload).toMatchObject({ CandidateChips: 2, BaselineChips: 2 });
  });
  test('is silent of a night long past that is decided again', () => {
    expect(lines(runs, Date.parse('2026-01-28T12:00:00Z'))).toHaveLength(2);
    expect(lines(runs, Date.parse('2026-01-29T12:00:00Z'))).toHaveLength(0);
  });
  test('has names of workloads that CloudWatch takes', () => {
    const named = (name: string) =>
      lines(runs.map((e) => ({ ...e, workload: { ...e.workload, name } })))[1]?.Workload;
    expect(named('é\nx'.repeat(200))).toMatch(/^[ -~]{1,255}$/);
    expect(named('   ')).toBe('?');
  });
});
