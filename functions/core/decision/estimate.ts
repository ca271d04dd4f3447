import type { EvidenceGrade } from '../efficiency/evaluation.ts';
import { worstGrade } from '../efficiency/evidence.ts';
import { type SpendingLook, spendingBounds } from '../statistics/alpha-spending.ts';
import { normalCdf } from '../statistics/distributions.ts';
import { tQuantile } from '../statistics/student-t.ts';
import { type Bounds, type Monitored, nightlyBounds, onceBounds, runBounds } from './bounds.ts';
import type { ComparedRatio, Comparison } from './compare.ts';
import type { Spread } from './contrast.ts';
import type { Contrasted } from './contrasted.ts';
import type { Mixed } from './mix.ts';
import type { Metric, Monitoring } from './policy.ts';
import type { UnitKind } from './unit-nights.ts';

/** What a gate is judged on: one figure of one workload (or of the mix), with its bounds. */
export interface Estimate {
  readonly workload: string;
  readonly metric: Metric;
  readonly method: string;
  readonly unit: UnitKind | 'event';
  /** Units on each side; of a level, on the candidate's. */
  readonly n: { readonly candidate: number; readonly baseline: number };
  readonly runs: { readonly candidate: number; readonly baseline: number };
  readonly nights: number | null;
  readonly evidence: EvidenceGrade;
  /** Ratio or level. */
  readonly value: number;
  /** Of the ratio or level itself. */
  readonly monitored: Monitored;
  /** Standard errors of the log ratio, for what more units or nights would do; null where they are not known. */
  readonly errors: Errors | null;
  /** Chip-hours that events were counted in; absent for what is no rate. */
  readonly exposure?: number;
}

export interface Errors {
  readonly between: { readonly standardError: number; readonly degreesOfFreedom: number };
  readonly night: { readonly standardError: number; readonly nights: number } | null;
}

const errorsOf = ({ between, night }: Spread): Errors | null => (between ? { between, night } : null);

const exponential = (monitored: Monitored): Monitored =>
  'reason' in monitored
    ? monitored
    : {
        lower: (alpha) => Math.exp(monitored.lower(alpha)),
        upper: (alpha) => Math.exp(monitored.upper(alpha)),
      };

/** Added to a log ratio, with the error that it brings. */
export interface Shift {
  readonly log: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/** As if the baseline had moved on: both errors are added, since nobody knows how they go together. */
function withShift(monitored: Monitored, shift: Shift | null): Monitored {
  if (!shift || 'reason' in monitored) return monitored;
  const half = (alpha: number): number => tQuantile(1 - alpha, shift.degreesOfFreedom) * shift.standardError;
  // Each error holds at half of alpha, so that their sum does at all of it.
  return {
    lower: (alpha) => monitored.lower(alpha / 2) + shift.log - half(alpha / 2),
    upper: (alpha) => monitored.upper(alpha / 2) + shift.log + half(alpha / 2),
  };
}

/** Bounds at declared looks: the last look that was reached, with the alpha that is spent up to it. */
function lookBounds(part: Contrasted, monitoring: Extract<Monitoring, { kind: 'looks' }>): Monitored {
  const observed = part.contrast.nights.length;
  const reached = monitoring.nights.filter((n) => n <= observed).length;
  const nights = monitoring.nights[reached - 1];
  if (nights === undefined)
    return { reason: `${observed} nights; the first look is after ${monitoring.nights[0]}` };
  const at = part.ofFirst(nights);
  const between = at?.spread.between;
  if (!at || !between) return { reason: 'no interval: fewer than two units on a side' };
  const half = (alpha: number): number =>
    tQuantile(1 - lookAlpha(monitoring, reached, alpha), between.degreesOfFreedom) * between.standardError;
  return {
    lower: (alpha) => at.contrast.logRatio - half(alpha),
    upper: (alpha) => at.contrast.logRatio + half(alpha),
  };
}

/**
 * One-sided error that may be spent at the n-th look alone. The bounds take looks for independent steps; chips stay
 * the same from look to look, so that estimates hang together more than that, and less than alpha is spent in truth.
 */
function lookAlpha(
  { nights, phi }: Extract<Monitoring, { kind: 'looks' }>,
  look: number,
  alpha: number,
): number {
  const last = nights.at(-1) as number;
  const fractions = nights.slice(0, look).map((n) => n / last);
  const { bound } = spendingBounds(fractions, { alpha, phi, sides: 1 }).at(-1) as SpendingLook;
  return normalCdf(-bound);
}

function monitored(part: Contrasted, monitoring: Monitoring): Monitored {
  const { contrast, spread } = part;
  if (contrast.kind === 'run') {
    const { standardError, degreesOfFreedom } = spread.between ?? {
      standardError: null,
      degreesOfFreedom: null,
    };
    const runs = Math.min(contrast.candidate.length, contrast.baseline.length);
    return runBounds(contrast.logRatio, standardError, degreesOfFreedom, runs, monitoring);
  }
  if (monitoring.kind === 'once') return onceBounds(contrast.logRatio, spread);
  if (monitoring.kind === 'looks') return lookBounds(part, monitoring);
  return nightlyBounds(contrast.logRatio, spread, monitoring.plannedNights);
}

export function contrastEstimate(part: Contrasted, monitoring: Monitoring, shift: Shift | null): Estimate {
  const { contrast } = part;
  return {
    workload: part.name,
    metric: part.metric,
    method: part.method,
    unit: contrast.kind,
    n: { candidate: contrast.candidate.length, baseline: contrast.baseline.length },
    runs: part.runs,
    nights: contrast.nights.length,
    evidence: part.evidence,
    value: Math.exp(contrast.logRatio + (shift?.log ?? 0)),
    monitored: exponential(withShift(monitored(part, monitoring), shift)),
    errors: errorsOf(contrast.kind === 'run' ? { ...part.spread, night: null } : part.spread),
  };
}

/** A mix of several workloads; of one it is that workload's own estimate. */
export function mixEstimate(mix: Mixed, monitoring: Monitoring, shift: Shift | null): Estimate {
  const [first] = mix.parts;
  if (mix.parts.length === 1 && first) return contrastEstimate(first, monitoring, shift);
  const part = first as Contrasted;
  const { between, night } = mix.spread;
  const least = (of: (p: Contrasted) => number): number => Math.min(...mix.parts.map(of));
  const kinds = new Set(mix.parts.map((p) => p.contrast.kind));
  const isRuns = kinds.has('run');
  const planned = monitoring.kind === 'nightly' ? monitoring.plannedNights : null;
  const runs = {
    candidate: least((p) => p.runs.candidate),
    baseline: least((p) => p.runs.baseline),
  };
  const bounds = (): Monitored => {
    if (isRuns) {
      return runBounds(
        mix.logRatio,
        between?.standardError ?? null,
        between?.degreesOfFreedom ?? null,
        Math.min(runs.candidate, runs.baseline),
        monitoring,
      );
    }
    if (monitoring.kind === 'looks') return mixLooks(mix, monitoring);
    return planned === null
      ? onceBounds(mix.logRatio, mix.spread)
      : nightlyBounds(mix.logRatio, mix.spread, planned);
  };
  return {
    workload: 'mix',
    metric: part.metric,
    method: [...new Set(mix.parts.map((p) => p.method))].join('; '),
    unit: isRuns ? 'run' : part.contrast.kind,
    n: {
      candidate: least((p) => p.contrast.candidate.length),
      baseline: least((p) => p.contrast.baseline.length),
    },
    runs,
    nights: night?.nights ?? null,
    evidence: worstGrade(mix.parts.map((p) => p.evidence)),
    value: Math.exp(mix.logRatio + (shift?.log ?? 0)),
    monitored: exponential(withShift(bounds(), shift)),
    errors: errorsOf(isRuns ? { between, night: null } : mix.spread),
  };
}

/** Looks at a mix: the weighted bounds of its parts, which is never narrower than the mix's own. */
function mixLooks(mix: Mixed, monitoring: Extract<Monitoring, { kind: 'looks' }>): Monitored {
  const parts = mix.parts.map((p) => ({
    w: mix.weights.get(p.workload) as number,
    m: lookBounds(p, monitoring),
  }));
  const open = parts.find((p): p is { w: number; m: { reason: string } } => 'reason' in p.m);
  if (open) return open.m;
  const sum = (of: (b: Bounds) => number): number =>
    parts.reduce((total, p) => total + p.w * of(p.m as Bounds), 0);
  const share = 1 / parts.length;
  return {
    lower: (alpha) => sum((b) => b.lower(alpha * share)),
    upper: (alpha) => sum((b) => b.upper(alpha * share)),
  };
}

/** A ratio of sets of runs, scored as published or by their means. */
export function scoredEstimate(
  comparison: Comparison,
  { ratio, spread }: ComparedRatio,
  monitoring: Monitoring,
): Estimate {
  const runs = Math.min(ratio.n.candidate, ratio.n.baseline);
  const { standardError, degreesOfFreedom } = spread;
  return {
    workload: ratio.workload,
    metric: ratio.metric,
    method: ratio.method,
    unit: 'run',
    n: ratio.n,
    runs: ratio.n,
    nights: null,
    evidence: ratio.metric.startsWith('energy')
      ? worstGrade([comparison.candidate.score.evidence, comparison.baseline.score.evidence])
      : 'A',
    value: ratio.ratio,
    monitored: exponential(
      runBounds(Math.log(ratio.ratio), standardError, degreesOfFreedom, runs, monitoring),
    ),
    errors:
      standardError === null || degreesOfFreedom === null
        ? null
        : { between: { standardError, degreesOfFreedom }, night: null },
  };
}
