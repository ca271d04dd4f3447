import type { PriceBasis } from '../efficiency/catalogue.ts';
import type { Evaluation, Finding } from '../efficiency/evaluation.ts';
import { type Comparison, compareSets, refusalOf } from './compare.ts';
import type { Decision, GateResult, Verdict } from './decision.ts';
import { evaluateGates, verdictOf } from './gates.ts';
import type { Policy } from './policy.ts';
import { type ScoredSet, scoreSets, workloadKey } from './sets.ts';

export interface DecisionInput {
  readonly program: string;
  /** Day of the decision, UTC, YYYY-MM-DD. */
  readonly date: string;
  readonly evaluations: readonly Evaluation[];
  readonly policy: Policy;
  readonly prices: PriceBasis | null;
  readonly code: string;
}

type Refusal = Decision['refusals'][number];

/** Every candidate set against every baseline set of its workload; the others are refused with their reason. */
function compareAll(
  sets: readonly ScoredSet[],
  prices: PriceBasis | null,
): { comparisons: Comparison[]; refusals: Refusal[] } {
  const comparisons: Comparison[] = [];
  const refusals: Refusal[] = [];
  const [candidates, baselines] = (['candidate', 'baseline'] as const).map((role) =>
    sets.filter((s) => s.score.role === role),
  ) as [ScoredSet[], ScoredSet[]];
  for (const candidate of candidates) {
    const matching = baselines.filter(
      (b) => workloadKey(b.score.workload) === workloadKey(candidate.score.workload),
    );
    for (const baseline of matching.length > 0 ? matching : baselines) {
      const reason = refusalOf(candidate, baseline);
      if (reason === null) comparisons.push(compareSets(candidate, baseline, prices));
      else refusals.push({ candidate: candidate.score.id, baseline: baseline.score.id, reason });
    }
  }
  return { comparisons, refusals };
}

const METHODS = ['clipped-trapezoid', 'mlperf-training-v4.0', 'counter'] as const;

/** The verdict by each energy method that every comparison has; a conflict where they differ. */
function methodConflict(policy: Policy, comparisons: readonly Comparison[]): Decision['methodConflict'] {
  const available = METHODS.filter((method) =>
    comparisons.every((c) =>
      c.ratios.some((r) => r.ratio.metric === 'energy-to-train' && r.ratio.method.startsWith(method)),
    ),
  );
  if (comparisons.length === 0) return null;
  const verdicts = available.map((method) => ({
    method,
    verdict: verdictOf(evaluateGates(policy, comparisons, method)),
  }));
  if (new Set(verdicts.map((v) => v.verdict)).size < 2) return null;
  const said = verdicts.map((v) => `${v.method}: ${v.verdict}`).join('; ');
  return {
    verdicts,
    message: `The energy methods lead to different verdicts (${said}). The policy decides by ${policy.energyMethod}.`,
  };
}

function reasonsOf(verdict: Verdict, gates: readonly GateResult[]): string[] {
  const relevant = gates.filter((g) =>
    verdict === 'stop'
      ? g.duty === 'stop' && g.result === 'fail'
      : verdict === 'hold'
        ? g.duty !== 'stop' && g.result !== 'pass'
        : g.duty !== 'stop',
  );
  return relevant.map((g) => `${g.workload}, ${g.id} (${g.result}): ${g.reason}`);
}

/** What would change the verdict: one line for each gate that stands in the way, or that is near its edge. */
function nextOf(verdict: Verdict, gates: readonly GateResult[]): string[] {
  return gates.flatMap((g): string[] => {
    if (g.duty === 'stop') return [];
    if (g.result === 'not decidable') return [`${g.workload}, ${g.id}: ${g.reason}`];
    if (g.high === null || g.ratio === null) return [];
    if (g.result === 'fail') {
      return g.ratio < g.threshold
        ? [
            `${g.workload}, ${g.id}: the ratio ${g.ratio.toFixed(3)} is below ${g.threshold.toFixed(3)} but its interval reaches ${g.high.toFixed(3)}; more runs, or steadier ones, would decide it`,
          ]
        : [
            `${g.workload}, ${g.id}: the ratio ${g.ratio.toFixed(3)} would have to fall below ${g.threshold.toFixed(3)}`,
          ];
    }
    return verdict === 'scale-up'
      ? [
          `${g.workload}, ${g.id}: would fail if the ratio rose by ${((g.threshold / g.high - 1) * 100).toFixed(1)} %`,
        ]
      : [];
  });
}

/**
 * The decision for one program on one day: sets scored, compared where they may be, every gate judged, and the
 * verdict with its reasons. Same input, same decision.
 */
export function decideProgram(input: DecisionInput): Decision {
  const { program, date, evaluations, policy, prices, code } = input;
  const { sets, unscored } = scoreSets(evaluations);
  const { comparisons, refusals } = compareAll(sets, prices);
  const gates = evaluateGates(policy, comparisons, policy.energyMethod);
  const roles = new Set(sets.map((s) => s.score.role));
  const missing = (['candidate', 'baseline'] as const)
    .filter((role) => !roles.has(role))
    .map((role) => `no ${role} set to compare`);
  const uncompared = sets.filter(
    (s) => s.score.role === 'candidate' && !comparisons.some((c) => c.candidate === s),
  );
  const judged = verdictOf(gates);
  const verdict =
    judged === 'scale-up' && (uncompared.length > 0 || missing.length > 0 || unscored.length > 0)
      ? 'hold'
      : judged;
  const blocking = [
    ...missing,
    ...unscored,
    ...refusals.map((r) => `${r.candidate} against ${r.baseline} is refused: ${r.reason}`),
  ];
  return {
    schema: 'wattline/decision@1',
    program,
    date,
    simulated: evaluations.some((e) => e.simulated),
    verdict,
    reasons: [...(verdict === 'stop' ? [] : blocking), ...reasonsOf(verdict, gates)],
    next: [...blocking, ...nextOf(verdict, gates)],
    methodConflict: methodConflict(policy, comparisons),
    policy,
    ratios: comparisons.flatMap((c) => c.ratios.map((r) => r.ratio)),
    gates,
    refusals,
    sets: sets.map((s) => s.score),
    findings: findingsOf(sets),
    evaluations: evaluations.map((e) => ({ run: e.run, digest: e.contentDigest })),
    prices: prices
      ? { name: prices.name, date: prices.date, currency: prices.currency, source: prices.source }
      : null,
    code,
  };
}

const findingsOf = (sets: readonly ScoredSet[]): Finding[] =>
  sets.flatMap(({ score }) => score.findings.map((finding) => ({ ...finding, about: score.id })));
