import { isAtLeast, worstGrade } from '../efficiency/evidence.ts';
import { holm } from '../statistics/holm.ts';
import { pAbove, ratioInterval } from '../statistics/log-ratio.ts';
import type { ComparedRatio, Comparison } from './compare.ts';
import type { GateResult, Verdict } from './decision.ts';
import type { Gate, Policy } from './policy.ts';

const percent = (ratio: number): string =>
  `${Math.abs((ratio - 1) * 100).toFixed(1)} % ${ratio < 1 ? 'less' : 'more'}`;

/** The ratio that a gate's interval must lie below (stop gates: above). */
export function thresholdOf(gate: Gate): number {
  if (gate.kind === 'absolute') return gate.limit ?? 1;
  if (gate.duty === 'stop' || gate.kind === 'non-inferiority') return 1 + gate.margin;
  return 1 - gate.margin;
}

/**
 * Confidence of the two-sided interval that a gate reads one side of: a one-sided test at alpha and the interval
 * of confidence 1 - 2 alpha say the same. Required gates form an intersection-union test: each keeps its alpha.
 */
const confidenceOf = (gate: Gate): number => 1 - 2 * gate.alpha;

function ratioFor(gate: Gate, comparison: Comparison, energyMethod: string): ComparedRatio | undefined {
  const fitting = comparison.ratios.filter((r) => r.isForGates && r.ratio.metric === gate.metric);
  return gate.metric === 'energy-to-train'
    ? fitting.find((r) => r.ratio.method.startsWith(energyMethod))
    : fitting[0];
}

/** Why a gate cannot be decided on this comparison; null where it can. */
function undecidable(
  gate: Gate,
  comparison: Comparison,
  found: ComparedRatio | undefined,
  energyMethod: string,
): string | null {
  if (!found)
    return comparison.absent.get(gate.metric) ?? `no ${gate.metric} by ${energyMethod} on both sides`;
  const { n } = found.ratio;
  if (Math.min(n.candidate, n.baseline) < gate.minimumRuns) {
    return `${n.candidate} candidate and ${n.baseline} baseline runs; the gate asks for ${gate.minimumRuns} of each`;
  }
  const evidence = worstGrade([comparison.candidate.score.evidence, comparison.baseline.score.evidence]);
  if (gate.metric.startsWith('energy') && !isAtLeast(evidence, gate.minimumEvidence)) {
    return `evidence grade ${evidence}; the gate asks for ${gate.minimumEvidence} or better`;
  }
  return found.spread.standardError === null ? 'no interval: too few runs' : null;
}

function passes(gate: Gate, threshold: number, low: number, high: number): boolean {
  return gate.duty === 'stop' ? low <= threshold : high < threshold;
}

function reasonOf(gate: Gate, ratio: number, threshold: number, result: 'pass' | 'fail'): string {
  const goal = gate.duty === 'stop' ? 'not shown to be above' : 'to lie wholly below';
  return `${percent(ratio)} ${gate.metric}; the interval is expected ${goal} ${threshold.toFixed(3)}: ${result === 'pass' ? 'it does' : gate.duty === 'stop' ? 'it is above' : 'it does not'}`;
}

/** One gate on one comparison, before Holm's correction of stop gates. */
function judge(
  gate: Gate,
  comparison: Comparison,
  energyMethod: string,
): { result: GateResult; pStop: number | null } {
  const found = ratioFor(gate, comparison, energyMethod);
  const threshold = thresholdOf(gate);
  const confidence = confidenceOf(gate);
  const why = undecidable(gate, comparison, found, energyMethod);
  const base = {
    id: gate.id,
    workload: comparison.candidate.score.workload.name,
    metric: gate.metric,
    method: found?.ratio.method ?? energyMethod,
    kind: gate.kind,
    duty: gate.duty,
    threshold,
    confidence,
  };
  if (why !== null || !found) {
    return {
      result: {
        ...base,
        result: 'not decidable',
        ratio: found?.ratio.ratio ?? null,
        low: null,
        high: null,
        reason: why ?? '',
      },
      pStop: null,
    };
  }
  const { ratio } = found.ratio;
  const { low, high } = ratioInterval(ratio, found.spread, confidence) as { low: number; high: number };
  const result = passes(gate, threshold, low, high) ? 'pass' : 'fail';
  return {
    result: { ...base, result, ratio, low, high, reason: reasonOf(gate, ratio, threshold, result) },
    pStop: gate.duty === 'stop' ? pAbove(ratio, threshold, found.spread) : null,
  };
}

/**
 * Every gate of the policy on every comparison. Stop gates fail only where Holm's rule rejects over all of them:
 * looking at many of them does not make a stop likelier.
 */
export function evaluateGates(
  policy: Policy,
  comparisons: readonly Comparison[],
  energyMethod: string,
): GateResult[] {
  const judged = comparisons.flatMap((c) =>
    policy.gates.map((gate) => ({ gate, ...judge(gate, c, energyMethod) })),
  );
  const stops = judged.filter((j) => j.pStop !== null);
  const alpha = Math.min(...stops.map((j) => j.gate.alpha), 0.5);
  const rejected = holm(
    stops.map((j) => j.pStop as number),
    alpha,
  );
  return judged.map((j) => {
    const at = stops.indexOf(j);
    if (at < 0) return j.result;
    const result = rejected[at] ? 'fail' : 'pass';
    return {
      ...j.result,
      result,
      reason: reasonOf(j.gate, j.result.ratio as number, j.result.threshold, result),
    };
  });
}

/** scale-up: every required gate passes and no guardrail fails or is open. stop: a stop gate fails. Else hold. */
export function verdictOf(gates: readonly GateResult[]): Verdict {
  if (gates.some((g) => g.duty === 'stop' && g.result === 'fail')) return 'stop';
  const needed = gates.filter((g) => g.duty !== 'stop');
  const isReady = needed.some((g) => g.duty === 'required') && needed.every((g) => g.result === 'pass');
  return isReady ? 'scale-up' : 'hold';
}
