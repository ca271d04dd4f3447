import type { PriceBasis } from '../efficiency/catalogue.ts';
import type { Evaluation, Finding } from '../efficiency/evaluation.ts';
import { type Comparison, compareSets, refusalOf } from './compare.ts';
import { LOT_CLUSTERS } from './contrast.ts';
import { type BinOf, contrastResult } from './contrast-result.ts';
import { CONTRASTED, type Contrasted } from './contrasted.ts';
import type { Decision, Drift, GateResult, Ratio, Verdict } from './decision.ts';
import { driftOf } from './drift.ts';
import { evaluateGates, type GateOutcome, verdictOf } from './gates.ts';
import { lossCurves } from './loss-curves.ts';
import { simpsonFinding, weightsOf } from './mix.ts';
import { needsOf } from './needs.ts';
import { pairsOf } from './pairs.ts';
import type { Policy } from './policy.ts';
import { rampOf } from './ramp-outcome.ts';
import type { RampPlan } from './ramp-plan.ts';
import { eventRates } from './reliability.ts';
import { type ScoredSet, scoreSets, workloadKey } from './sets.ts';
import { type SubjectInput, Subjects } from './subjects.ts';
import { nightOf } from './unit-nights.ts';

export interface DecisionInput {
  readonly program: string;
  /** Day of the decision, UTC, YYYY-MM-DD: runs that began later are not looked at. */
  readonly date: string;
  readonly evaluations: readonly Evaluation[];
  readonly policy: Policy;
  /** Policies that earlier nights were decided by, and this night's, in order. */
  readonly policyHistory?: Decision['policyHistory'];
  readonly prices: PriceBasis | null;
  readonly plan?: RampPlan | null;
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
function methodConflict(input: SubjectInput): Decision['methodConflict'] {
  const { policy, comparisons } = input;
  if (comparisons.length === 0 || !policy.gates.some((g) => g.metric === 'energy-to-train')) return null;
  const available = METHODS.filter((method) =>
    comparisons.every((c) =>
      c.ratios.some((r) => r.ratio.metric === 'energy-to-train' && r.ratio.method.startsWith(method)),
    ),
  );
  const verdicts = available.map((method) => ({
    method,
    verdict: verdictOf(evaluateGates(policy, new Subjects({ ...input, energyMethod: method }).cases())),
  }));
  if (new Set(verdicts.map((v) => v.verdict)).size < 2) return null;
  const said = verdicts.map((v) => `${v.method}: ${v.verdict}`).join('; ');
  return {
    verdicts,
    message: `The energy methods lead to different verdicts (${said}). The policy decides by ${policy.energyMethod}.`,
  };
}

/** Loss first: a chip that converges worse does not win by anything else. */
const lossFirst = (gates: readonly GateResult[]): GateResult[] => {
  const isLoss = (g: GateResult): boolean => g.metric === 'loss-at-equal-tokens';
  return [...gates.filter(isLoss), ...gates.filter((g) => !isLoss(g))];
};

function reasonsOf(verdict: Verdict, { gates, futile }: GateOutcome): string[] {
  const relevant = gates.filter((g) =>
    verdict === 'stop'
      ? g.duty === 'stop' && g.result === 'fail'
      : verdict === 'hold'
        ? g.duty !== 'stop' && g.result !== 'pass'
        : g.duty !== 'stop',
  );
  return [
    ...lossFirst(relevant).map((g) => `${nameOf(g)} ${OUTCOMES[g.duty][g.result]}: ${g.reason}`),
    ...futile.map((g) => `${nameOf(g)} is out of reach: ${futileText(g)}`),
  ];
}

/** As charts and tables name a gate. */
const nameOf = ({ id, workload }: GateResult): string => `${id} (${workload})`;

const NEEDED = { pass: 'passes', fail: 'does not pass', 'not decidable': 'is not decidable' } as const;
const OUTCOMES = {
  required: NEEDED,
  guardrail: NEEDED,
  stop: { pass: 'does not fire', fail: 'fires', 'not decidable': 'is not decidable' },
} as const;

const futileText = (g: GateResult): string =>
  `its interval lies wholly above ${g.threshold.toFixed(3)}, and has to end below it`;

/** What stops a program comes before what only keeps it from being ramped. */
function decisiveFirst({ futile }: GateOutcome, gates: readonly GateResult[]): GateResult[] {
  const isFutile = (g: GateResult): boolean => futile.some((f) => f.id === g.id && f.workload === g.workload);
  return [...gates.filter(isFutile), ...gates.filter((g) => !isFutile(g))];
}

/** What would change the verdict: one line for each gate that stands in the way, or that is near its edge. */
function nextOf(verdict: Verdict, gates: readonly GateResult[]): string[] {
  return gates.flatMap((g): string[] => {
    if (g.duty === 'stop') return [];
    if (g.result === 'not decidable') return [`${nameOf(g)}: ${g.needs?.text ?? g.reason}`];
    if (g.needs && g.result === 'fail') return [`${nameOf(g)}: ${g.needs.text}`];
    if (g.high === null || g.ratio === null) return [];
    if (g.result === 'fail') {
      return g.ratio < g.threshold
        ? [
            `${nameOf(g)}: the ratio ${g.ratio.toFixed(3)} is below ${g.threshold.toFixed(3)} but its interval reaches ${g.high.toFixed(3)}; more runs, or steadier ones, would decide it`,
          ]
        : [
            `${nameOf(g)}: the ratio ${g.ratio.toFixed(3)} would have to fall below ${g.threshold.toFixed(3)}`,
          ];
    }
    return verdict === 'scale-up'
      ? [`${nameOf(g)}: would fail if the ratio rose by ${((g.threshold / g.high - 1) * 100).toFixed(1)} %`]
      : [];
  });
}

/** Every contrast that can be formed, and what is to be known of each; the metrics in the order of the policy's words. */
function contrastsOf(subjects: Subjects): Contrasted[] {
  return CONTRASTED.flatMap((metric) => subjects.parts(metric)).filter(
    (p): p is Contrasted => !('reason' in p),
  );
}

/** Bins by chip and side, as the runs name them; the first that names one stands. */
function binsOf(evaluations: readonly Evaluation[]): BinOf {
  const bins = { candidate: new Map<string, string>(), baseline: new Map<string, string>() };
  for (const { role, units } of evaluations)
    for (const { kind, id, bin } of units)
      if (kind === 'chip' && bin !== null && !bins[role].has(id)) bins[role].set(id, bin);
  return (role, unit) => bins[role].get(unit) ?? null;
}

function contrastFindings(contrasts: readonly Contrasted[], subjects: Subjects): Finding[] {
  const byMetric = [...Map.groupBy(contrasts, (c) => c.metric).values()];
  const paradoxes = byMetric.flatMap((parts) => {
    const mix = subjects.mixOf(parts);
    return 'reason' in mix ? [] : (simpsonFinding(mix) ?? []);
  });
  const excluded = new Map(contrasts.filter((c) => c.excluded.length > 0).map((c) => [c.name, c.excluded]));
  const left = [...excluded].map(
    ([name, runs]): Finding => ({
      code: 'runs-left-out',
      severity: 'warning',
      about: name,
      message: `${runs.length} runs of ${name} are left out of its ratios for their evidence: ${runs.slice(0, 5).join(', ')}${runs.length > 5 ? ', ...' : ''}`,
      values: { runs: [...runs] },
    }),
  );
  const few = contrasts
    .filter((c) => c.contrast.kind === 'chip')
    .flatMap(({ contrast }) => new Set(contrast.candidate.flatMap((u) => u.lot ?? [])))
    .find((lots) => lots.size > 0 && lots.size < LOT_CLUSTERS);
  const lots: Finding[] = few
    ? [
        {
          code: 'few-lots',
          severity: 'warning',
          message: `${few.size} ${few.size === 1 ? 'lot' : 'lots'} of the candidate: next to nothing is known of how lots differ, and intervals speak of chips from ${few.size === 1 ? 'this lot' : 'these lots'} only`,
        },
      ]
    : [];
  return [...paradoxes, ...left, ...lots];
}

/**
 * The decision for one program on one day: sets scored, compared where they may be, every gate judged, and the
 * verdict with its reasons. Same input, same decision.
 */
export function decideProgram(input: DecisionInput): Decision {
  const { program, date, policy, prices, code } = input;
  const evaluations = input.evaluations.filter((e) => nightOf(e) <= date);
  const { sets, unscored } = scoreSets(evaluations);
  const { comparisons, refusals } = compareAll(sets, prices);
  const pairs = pairsOf(evaluations);
  const { energyMethod, monitoring } = policy;
  const about: SubjectInput = { date, policy, prices, evaluations, pairs, comparisons, energyMethod };
  const subjects = new Subjects(about);
  const outcome = evaluateGates(policy, subjects.cases());
  const gates = withNeeds(policy, outcome);
  const roles = new Set(sets.map((s) => s.score.role));
  const missing = (['candidate', 'baseline'] as const)
    .filter((role) => !roles.has(role))
    .map((role) => `no ${role} set to compare`);
  const uncompared = sets.filter(
    (s) => s.score.role === 'candidate' && !comparisons.some((c) => c.candidate === s),
  );
  const judged = verdictOf(outcome);
  const verdict =
    judged === 'scale-up' && (uncompared.length > 0 || missing.length > 0 || unscored.length > 0)
      ? 'hold'
      : judged;
  const blocking = [
    ...missing,
    ...unscored,
    ...refusals.map((r) => `${r.candidate} against ${r.baseline} is refused: ${r.reason}`),
  ];
  const contrasts = contrastsOf(subjects);
  const binOf = binsOf(evaluations);
  const weights = weightsOf(
    pairs.map((p) => p.workload),
    policy.mix,
  );
  return {
    schema: 'wattline/decision@1',
    program,
    date,
    simulated: evaluations.some((e) => e.simulated),
    verdict,
    reasons: [...(verdict === 'stop' ? [] : blocking), ...reasonsOf(verdict, { ...outcome, gates })],
    next: [...blocking, ...nextOf(verdict, decisiveFirst(outcome, gates))],
    methodConflict: methodConflict(about),
    policy,
    policyHistory: [...(input.policyHistory ?? [])],
    mix: 'reason' in weights ? [] : [...weights].map(([workload, weight]) => ({ workload, weight })),
    contrasts: contrasts.map((c) => contrastResult(c, monitoring, binOf)),
    drift: contrasts
      .filter((c) => c.metric !== 'loss-at-equal-tokens')
      .map((c) => driftOf(c, policy.baseline.rampDate))
      .filter((d): d is Drift => d !== null),
    lossCurves: lossCurves(pairs),
    reliability: eventRates(pairs),
    futile: outcome.futile.map((g) => `${nameOf(g)}: ${futileText(g)}`),
    ramp: input.plan ? rampOf(input.plan, contrasts, subjects) : null,
    ratios: comparisons.flatMap((c) => c.ratios.map((r) => shown(r.ratio, monitoring))),
    gates,
    refusals,
    sets: sets.map((s) => s.score),
    findings: [...contrastFindings(contrasts, subjects), ...findingsOf(sets)],
    evaluations: evaluations.map((e) => ({ run: e.run, digest: e.contentDigest })),
    prices: prices
      ? { name: prices.name, date: prices.date, currency: prices.currency, source: prices.source }
      : null,
    code,
  };
}

/**
 * A ratio of sets as it is printed. Its interval takes runs for independent, which those of the same chips night after
 * night are not (it would cover the truth in a quarter of pilots): what is looked at over nights has it from contrasts.
 */
const shown = (ratio: Ratio, monitoring: Policy['monitoring']): Ratio =>
  monitoring.kind === 'once' ? ratio : { ...ratio, low: null, high: null };

/** What each open gate would need, beside its result. */
function withNeeds(policy: Policy, { gates, estimates }: GateOutcome): GateResult[] {
  return gates.map((result, i) => {
    const gate = policy.gates.find((g) => g.id === result.id);
    const estimate = estimates[i];
    return gate && estimate ? { ...result, needs: needsOf(gate, estimate, policy.monitoring) } : result;
  });
}

const findingsOf = (sets: readonly ScoredSet[]): Finding[] =>
  sets.flatMap(({ score }) => score.findings.map((finding) => ({ ...finding, about: score.id })));
