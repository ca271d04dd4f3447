import { isAtLeast } from '../efficiency/evidence.ts';
import { holm } from '../statistics/holm.ts';
import { type Bounds, hasBounds, pAbove } from './bounds.ts';
import type { GateResult, Verdict } from './decision.ts';
import type { Estimate } from './estimate.ts';
import { type Gate, isLevel, type Policy } from './policy.ts';

/** What a gate is to be judged on: an estimate, or why there is none. */
export type Subject =
  | { readonly estimate: Estimate; readonly blocked: string | null }
  | { readonly workload: string; readonly reason: string };

/** A gate on one of its subjects. */
export interface GateCase {
  readonly gate: Gate;
  readonly subject: Subject;
}

const percent = (ratio: number): string =>
  `${Math.abs((ratio - 1) * 100).toFixed(1)} % ${ratio < 1 ? 'less' : 'more'}`;

const limitText = (value: number): string =>
  value < 0.01 ? String(Number(value.toPrecision(3))) : value.toFixed(3);

/** The ratio or level that a gate's interval must lie below (stop gates: above). */
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

/** Why a gate cannot be decided on this estimate; null where it can. */
function undecidable(gate: Gate, estimate: Estimate, blocked: string | null): string | null {
  const { unit, n, runs, nights, evidence, monitored } = estimate;
  if (blocked !== null) return blocked;
  if (
    unit !== 'event' &&
    Math.min(runs.candidate, isLevel(gate.metric) ? runs.candidate : runs.baseline) < gate.minimumRuns
  )
    return `${runs.candidate} candidate and ${runs.baseline} baseline runs; the gate asks for ${gate.minimumRuns} of each`;
  if (unit === 'run' && gate.minimumChips > 0)
    return `nothing tells chips or nodes apart in ${gate.metric}; the gate asks for ${gate.minimumChips} of them on each side`;
  if (unit !== 'event' && unit !== 'run' && Math.min(n.candidate, n.baseline) < gate.minimumChips)
    return `${n.candidate} candidate and ${n.baseline} baseline ${unit}s; the gate asks for ${gate.minimumChips} of each`;
  if (nights !== null && nights < gate.minimumNights)
    return `${nights} ${nights === 1 ? 'night' : 'nights'}; the gate asks for ${gate.minimumNights}`;
  if (!isAtLeast(evidence, gate.minimumEvidence))
    return `evidence grade ${evidence}; the gate asks for ${gate.minimumEvidence} or better`;
  return hasBounds(monitored) ? null : monitored.reason;
}

const subjectText = ({ metric, value }: Estimate): string => {
  const words = metric.replaceAll('-', ' ').replace('chip hour', 'chip-hour');
  return isLevel(metric) ? `${words} ${limitText(value)}` : `${percent(value)} ${words}`;
};

interface Place {
  readonly threshold: number;
  readonly high: number;
  readonly result: 'pass' | 'fail';
}

function placeText(duty: Gate['duty'], { threshold, high, result }: Place): string {
  const limit = limitText(threshold);
  if (duty === 'stop')
    return result === 'pass' ? `not shown to lie above ${limit}` : `its interval lies wholly above ${limit}`;
  if (result === 'pass') return `its interval lies wholly below ${limit}`;
  const end = Number.isFinite(high) ? `reaches ${limitText(high)}` : 'has no upper end';
  return `its interval ${end}, and has to end below ${limit}`;
}

const reasonOf = (gate: Gate, estimate: Estimate, place: Place): string =>
  `${subjectText(estimate)}; ${placeText(gate.duty, place)}`;

interface Judged {
  readonly gate: Gate;
  readonly result: GateResult;
  readonly estimate: Estimate | null;
  /** p of "the figure is at most the threshold": of a stop gate, and of a required one for futility. */
  readonly pAbove: number | null;
}

/** One gate on one subject, before Holm's correction of stop gates. */
function judge({ gate, subject }: GateCase): Judged {
  const threshold = thresholdOf(gate);
  const shared = {
    id: gate.id,
    metric: gate.metric,
    kind: gate.kind,
    duty: gate.duty,
    against: gate.against,
    threshold,
    confidence: confidenceOf(gate),
    needs: null,
  };
  if (!('estimate' in subject)) {
    const open = {
      result: 'not decidable',
      ratio: null,
      low: null,
      high: null,
      unit: null,
      n: null,
    } as const;
    const { workload, reason } = subject;
    return {
      gate,
      estimate: null,
      pAbove: null,
      result: { ...shared, ...open, workload, method: '', nights: null, reason },
    };
  }
  const { estimate } = subject;
  const { workload, method, value: ratio, unit, n, nights } = estimate;
  const about = { ...shared, workload, method, ratio, unit, n, nights };
  const why = undecidable(gate, estimate, subject.blocked);
  if (why !== null) {
    const result: GateResult = { ...about, result: 'not decidable', low: null, high: null, reason: why };
    return { gate, estimate, pAbove: null, result };
  }
  const bounds = estimate.monitored as Bounds;
  const [low, high] = [bounds.lower(gate.alpha), bounds.upper(gate.alpha)];
  const result = gate.duty === 'stop' || high < threshold ? 'pass' : 'fail';
  return {
    gate,
    estimate,
    pAbove: pAbove(bounds, threshold),
    result: {
      ...about,
      result,
      low,
      high: Number.isFinite(high) ? high : null,
      reason: reasonOf(gate, estimate, { threshold, high, result }),
    },
  };
}

export interface GateOutcome {
  readonly gates: readonly GateResult[];
  /** Required gates that are shown to be out of reach, by the policy's futility rule. */
  readonly futile: readonly GateResult[];
  /** What each result was judged on, in the same order. */
  readonly estimates: readonly (Estimate | null)[];
}

/**
 * Every gate on every subject. Stop gates fail, and required gates are given up as futile, only where Holm's rule
 * rejects over all of them together: looking at many of them does not make a stop likelier.
 */
export function evaluateGates(policy: Policy, cases: readonly GateCase[]): GateOutcome {
  const judged = cases.map(judge);
  const { futility } = policy;
  const stopping = judged.filter(
    (j) => j.pAbove !== null && (j.gate.duty === 'stop' || (futility !== null && j.gate.duty === 'required')),
  );
  const alpha = Math.min(
    ...stopping.map((j) => (j.gate.duty === 'stop' ? j.gate.alpha : (futility?.alpha ?? 0.5))),
    0.5,
  );
  const rejected = holm(
    stopping.map((j) => j.pAbove as number),
    alpha,
  );
  const isRejected = (j: Judged): boolean => rejected[stopping.indexOf(j)] === true;
  const results = judged.map((j): GateResult => {
    if (j.gate.duty !== 'stop' || !j.estimate || !isRejected(j)) return j.result;
    return {
      ...j.result,
      result: 'fail',
      reason: reasonOf(j.gate, j.estimate, {
        threshold: j.result.threshold,
        high: j.result.high ?? Number.POSITIVE_INFINITY,
        result: 'fail',
      }),
    };
  });
  return {
    gates: results,
    futile: results.filter((_, i) => judged[i]?.gate.duty === 'required' && isRejected(judged[i])),
    estimates: judged.map((j) => j.estimate),
  };
}

/**
 * stop: a stop gate fails, or a required gate is out of reach. scale-up: every required gate passes and no guardrail
 * fails or is open. Else hold.
 */
export function verdictOf({ gates, futile }: Pick<GateOutcome, 'gates' | 'futile'>): Verdict {
  if (futile.length > 0 || gates.some((g) => g.duty === 'stop' && g.result === 'fail')) return 'stop';
  const needed = gates.filter((g) => g.duty !== 'stop');
  const isReady = needed.some((g) => g.duty === 'required') && needed.every((g) => g.result === 'pass');
  return isReady ? 'scale-up' : 'hold';
}
