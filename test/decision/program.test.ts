import { describe, expect, test } from 'vitest';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { type Decision, DecisionSchema } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { type Policy, PolicySchema } from '../../functions/core/decision/policy.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { PILOT, PILOT_PRICES, type PilotDesign, pilot } from './pilot.ts';

const policyWith = (change: Record<string, unknown>): Policy =>
  PolicySchema.parse({ ...DEFAULT_POLICY, ...change });

function decide(
  evaluations: readonly Evaluation[],
  { policy = DEFAULT_POLICY, date = '2026-03-31' }: { policy?: Policy; date?: string } = {},
): Decision {
  // The schema refuses NaN and infinity: no decision may hold any.
  return DecisionSchema.parse(
    decideProgram({ program: 'p', date, evaluations, policy, prices: PILOT_PRICES, code: 'test' }),
  );
}

const ofPilot = (design: Partial<PilotDesign>): Evaluation[] => pilot({ ...PILOT, ...design });
const gate = (decision: Decision, id: string) => decision.gates.find((g) => g.id === id);
const contrast = (decision: Decision, metric: string) => decision.contrasts.find((c) => c.metric === metric);
const today = { date: '2026-01-30' };

describe('a pilot over nights', () => {
  const decision = decide(ofPilot({}), today);
  test('is scaled up where every gate passes', () => {
    expect(decision.reasons.join('\n')).toMatch(/energy/);
    expect(decision.verdict).toBe('scale-up');
  });
  test('chips are the unit of analysis, and the truth lies in every interval', () => {
    const energy = contrast(decision, 'energy-per-useful-token');
    expect(energy).toMatchObject({ unit: 'chip', isPaired: true, n: { candidate: 24, baseline: 24 } });
    for (const interval of [energy?.population, energy?.nightly, energy?.bootstrap]) {
      expect(interval?.low).toBeLessThan(0.8);
      expect(interval?.high).toBeGreaterThan(0.8);
    }
  });
  test('looking every night costs width, and these chips are known better than chips to come', () => {
    const energy = contrast(decision, 'energy-per-useful-token');
    const width = (i: { low: number; high: number } | null | undefined): number =>
      Math.log((i?.high ?? 0) / (i?.low ?? 0));
    expect(width(energy?.nightly)).toBeGreaterThan(width(energy?.population));
    expect(width(energy?.theseUnits)).toBeLessThan(width(energy?.population) / 2);
  });
  test('what both sides share in a night falls out: weather of 5 % leaves the night term at that of the chips', () => {
    const { spread } = contrast(decision, 'energy-per-useful-token') as Decision['contrasts'][number];
    expect(spread.nightSE).toBeLessThan(0.02 * Math.sqrt(2 / 24 / 30) * 2);
    expect(spread.unitSD).toBeGreaterThan(0.015);
    expect(spread.unitSD).toBeLessThan(0.045);
    expect(spread.designEffect).toBeGreaterThan(1);
  });
  test('the loss gate comes first in the reasons', () => {
    expect(decision.reasons[0]).toMatch(/loss/);
  });
  test('does not depend on the order of the evaluations', () => {
    expect(decide(ofPilot({}).reverse(), today)).toEqual({
      ...decision,
      evaluations: expect.any(Array),
    });
  });
  test('runs that began after the day of the decision are not looked at', () => {
    expect(
      contrast(decide(ofPilot({}), { date: '2026-01-20' }), 'energy-per-useful-token')?.nights.at(-1)?.night,
    ).toBe('2026-01-20');
  });
});

describe('what stops or holds a pilot', () => {
  test('a chip that takes more energy is stopped', () => {
    const decision = decide(ofPilot({ workloads: [{ name: 'llm', energyRatio: 1.1, timeRatio: 1 }] }), today);
    expect(decision.verdict).toBe('stop');
    expect(gate(decision, 'stop-energy')?.result).toBe('fail');
  });
  test('a chip that converges worse does not win, whatever it saves', () => {
    const decision = decide(ofPilot({ lossRatio: 1.05 }), today);
    expect(decision.verdict).toBe('stop');
    expect(decision.reasons[0]).toMatch(/stop-loss/);
  });
  test('a small gain is out of reach of the margin: futile, not held for ever', () => {
    const design = { workloads: [{ name: 'llm', energyRatio: 1, timeRatio: 1 }], nights: 60 };
    const decision = decide(ofPilot(design), { date: '2026-03-01' });
    expect(decision.verdict).toBe('stop');
    expect(decision.futile.join()).toMatch(/energy/);
    const patient = decide(ofPilot(design), { policy: policyWith({ futility: null }), date: '2026-03-01' });
    expect(patient.verdict).toBe('hold');
  });
  test('too few nights hold, and say how many are asked for', () => {
    const decision = decide(ofPilot({ nights: 8 }), { date: '2026-01-08' });
    expect(decision.verdict).toBe('hold');
    expect(gate(decision, 'energy')?.reason).toMatch(/8 nights; the gate asks for 14/);
  });
  test('too few chips hold, and the floor between chips is named', () => {
    const few = { chips: 8, chipSd: 0.08, workloads: [{ name: 'llm', energyRatio: 0.9, timeRatio: 0.95 }] };
    const decision = decide(ofPilot(few), today);
    expect(decision.verdict).toBe('hold');
    const { needs } = gate(decision, 'energy') ?? {};
    expect(needs?.nights).toBeNull();
    expect(needs?.units).toBeGreaterThan(8);
    expect(decision.next.join()).toMatch(/chips a side instead of 8/);
  });
  test('with the chips that it asks for, the gate passes', () => {
    const few = { chips: 8, chipSd: 0.08, workloads: [{ name: 'llm', energyRatio: 0.85, timeRatio: 0.95 }] };
    const units = gate(decide(ofPilot(few), today), 'energy')?.needs?.units ?? 0;
    const passed = Array.from({ length: 10 }, (_, seed) =>
      gate(decide(ofPilot({ ...few, chips: units, seed: 100 + seed }), today), 'energy')?.result === 'pass'
        ? 1
        : 0,
    );
    expect(passed.reduce((a: number, b) => a + b, 0)).toBeGreaterThanOrEqual(6);
  });
  test('a stale baseline blocks the verdict', () => {
    const evaluations = ofPilot({}).filter(
      (e) => e.role === 'candidate' || e.startMs < Date.UTC(2026, 0, 15),
    );
    const decision = decide(evaluations, { date: '2026-03-01' });
    expect(gate(decision, 'energy')).toMatchObject({
      result: 'not decidable',
      reason: expect.stringMatching(
        /stale: its last night is 2026-01-14, 46 days before; the policy allows 30/,
      ),
    });
    expect(decision.verdict).toBe('hold');
  });
  test('too many runs without evidence leave nothing to decide by', () => {
    const evaluations = ofPilot({}).map((e, i) => (i % 3 === 0 ? { ...e, evidence: 'D' as const } : e));
    expect(gate(decide(evaluations, today), 'energy')?.reason).toMatch(/20 of 60 runs have evidence below C/);
    const some = ofPilot({}).map((e, i) => (i % 10 === 0 ? { ...e, evidence: 'D' as const } : e));
    const decision = decide(some, today);
    expect(decision.findings.find((f) => f.code === 'runs-left-out')?.values?.runs).toHaveLength(6);
    expect(decision.verdict).toBe('scale-up');
  });
});

describe('nothing is guessed where there is nothing to decide by', () => {
  const open = (evaluations: readonly Evaluation[], id: string): string => {
    const decision = decide(evaluations, today);
    expect(decision.verdict).not.toBe('scale-up');
    expect(gate(decision, id)?.result).toBe('not decidable');
    return gate(decision, id)?.reason ?? '';
  };
  const all = ofPilot({});
  test('one chip a side', () => {
    expect(open(ofPilot({ chips: 1 }), 'energy')).toMatch(/tells chips or nodes apart/);
  });
  test('one side only', () => {
    expect(
      open(
        all.filter((e) => e.role === 'candidate'),
        'energy',
      ),
    ).toMatch(/no runs of one workload on both sides/);
  });
  test('another workload on the other side', () => {
    const other = all.map((e) => (e.role === 'baseline' ? { ...e, workload: { name: 'vision' } } : e));
    expect(open(other, 'energy')).toMatch(/no runs of one workload on both sides/);
  });
  test('no work counted on the baseline', () => {
    const idle = all.map((e) =>
      e.role === 'candidate'
        ? e
        : {
            ...e,
            work: { ...e.work, amount: 0, tokens: 0 },
            energyPerTokenJ: null,
            units: e.units.map((u) => ({
              ...u,
              work: { ...u.work, tokens: 0, usefulTokens: 0 },
              energyPerTokenJ: null,
              energyPerUsefulTokenJ: null,
            })),
          },
    );
    expect(open(idle, 'energy')).toMatch(/baseline has no value/);
  });
  test('evidence grade D everywhere', () => {
    expect(
      open(
        all.map((e) => ({ ...e, evidence: 'D' as const })),
        'energy',
      ),
    ).toMatch(/60 of 60 runs have evidence below C/);
  });
  test('boundaries that differ', () => {
    const mixed = all.map((e) =>
      e.role === 'candidate'
        ? e
        : { ...e, units: e.units.map((u) => ({ ...u, boundary: 'node-dc' as const })) },
    );
    expect(open(mixed, 'energy')).toMatch(/different boundaries: candidate chip, baseline node-dc/);
  });
  test('no losses logged', () => {
    expect(
      open(
        all.map((e) => ({ ...e, lossCurve: [], lossUnit: null })),
        'loss',
      ),
    ).toMatch(/no training loss/);
  });
});

describe('several workloads', () => {
  const two = (first: number, second: number) => [
    { name: 'dense', energyRatio: first, timeRatio: 0.95 },
    { name: 'moe', energyRatio: second, timeRatio: 0.95 },
  ];
  test('are weighed as the policy says', () => {
    const evaluations = ofPilot({ workloads: two(0.7, 0.95) });
    const of = (mix: Record<string, number>) =>
      gate(decide(evaluations, { ...today, policy: policyWith({ mix }) }), 'energy');
    expect(of({ dense: 9, moe: 1 })?.ratio).toBeCloseTo(0.7 ** 0.9 * 0.95 ** 0.1, 1);
    expect(of({ dense: 9, moe: 1 })?.result).toBe('pass');
    expect(of({ dense: 1, moe: 9 })?.ratio).toBeGreaterThan(0.9);
    expect(of({ dense: 1 })?.reason).toMatch(/no weight to moe/);
    expect(of({ dense: 1, moe: 1, vision: 1 })?.reason).toMatch(/no run on both sides of vision/);
  });
  test("Simpson's paradox is named: less on each workload, more on all runs pooled", () => {
    const evaluations = ofPilot({ workloads: two(0.9, 0.9) }).flatMap((e) => {
      // The moe runs take five times the energy for a token; the candidate ran them every night, the baseline seldom.
      const isRare = e.workload.name === 'moe' && e.role === 'baseline' && Number(e.run.slice(-3)) % 5 !== 0;
      const isCommon =
        e.workload.name === 'dense' && e.role === 'candidate' && Number(e.run.slice(-3)) % 5 !== 0;
      if (isRare || isCommon) return [];
      if (e.workload.name !== 'moe') return [e];
      const units = e.units.map((u) => ({
        ...u,
        energyJ: (u.energyJ ?? 0) * 5,
        energyPerUsefulTokenJ: 5,
        energyPerTokenJ: 5,
      }));
      return [{ ...e, units }];
    });
    const finding = decide(evaluations, today).findings.find((f) => f.code === 'simpsons-paradox');
    expect(finding?.message).toMatch(
      /all runs pooled say .* more, but the workloads by their declared weights 10\.\d % less|9\.\d % less/,
    );
  });
});

describe('the baseline moves', () => {
  const drifting = ofPilot({ driftPerDay: -0.001, weatherSd: 0, nights: 60 });
  const policy = policyWith({ baseline: { maximumAgeDays: 30, rampDate: '2026-12-31' } });
  const decision = decide(drifting, { policy, date: '2026-03-01' });
  test('its trend is found, with the interval around the truth', () => {
    const drift = decision.drift.find((d) => d.metric === 'energy-per-useful-token');
    expect(drift?.low).toBeLessThan(Math.exp(-0.03));
    expect(drift?.high).toBeGreaterThan(Math.exp(-0.03));
    expect(drift?.forecast?.ratio).toBeGreaterThan((gate(decision, 'energy')?.ratio ?? 0) * 1.2);
  });
  test('a gate against the forecast asks more than one against today', () => {
    const gates = DEFAULT_POLICY.gates.map((g) => (g.id === 'energy' ? { ...g, against: 'forecast' } : g));
    const later = decide(drifting, { policy: policyWith({ ...policy, gates }), date: '2026-03-01' });
    expect(gate(decision, 'energy')?.result).toBe('pass');
    expect(gate(later, 'energy')).toMatchObject({ result: 'fail', against: 'forecast' });
  });
});

describe('formal looks', () => {
  const policy = policyWith({
    monitoring: { kind: 'looks', nights: [10, 20, 30], phi: 2 },
    futility: null,
    gates: DEFAULT_POLICY.gates.map((g) => ({ ...g, minimumNights: 2 })),
  });
  const at = (date: string) => gate(decide(ofPilot({}), { policy, date }), 'energy');
  test('nothing is decided before the first, and between looks the last one stands', () => {
    expect(at('2026-01-09')?.reason).toMatch(/first look is after 10/);
    const [twenty, later] = [at('2026-01-20'), at('2026-01-27')];
    expect([later?.low, later?.high]).toEqual([twenty?.low, twenty?.high]);
    expect(at('2026-01-30')?.high).not.toBe(later?.high);
  });
  test('an early look has less alpha to spend than a last one', () => {
    const width = (date: string): number => Math.log((at(date)?.high ?? 0) / (at(date)?.low ?? 1));
    expect(width('2026-01-14')).toBeGreaterThan(width('2026-01-30'));
  });
});

describe('levels of the candidate', () => {
  const withGate = (metric: string, limit: number): Policy =>
    policyWith({
      gates: [
        ...DEFAULT_POLICY.gates,
        { id: 'level', metric, kind: 'absolute', duty: 'guardrail', limit, alpha: 0.05, minimumRuns: 2 },
      ],
    });
  test('no interruption in 700 chip-hours is no proof of fewer than one in a thousand', () => {
    const level = (limit: number) =>
      gate(
        decide(ofPilot({}), { ...today, policy: withGate('interruptions-per-chip-hour', limit) }),
        'level',
      );
    expect(level(0.001)).toMatchObject({ result: 'fail', ratio: 0, low: 0 });
    expect(level(0.02)).toMatchObject({ result: 'pass' });
    expect(level(0.02)?.method).toMatch(/0 in 6\d\d\.\d chip-hours/);
  });
  test('the share of time throttled, over chips', () => {
    expect(
      gate(decide(ofPilot({}), { ...today, policy: withGate('throttled-share', 0.05) }), 'level'),
    ).toMatchObject({
      result: 'pass',
      unit: 'chip',
      ratio: expect.closeTo(0.01, 6),
    });
  });
  test('what nobody counted is not decidable', () => {
    expect(
      gate(decide(ofPilot({}), { ...today, policy: withGate('silent-errors-per-chip-hour', 1) }), 'level')
        ?.reason,
    ).toBe('no run of the candidate counted silent errors');
  });
});
