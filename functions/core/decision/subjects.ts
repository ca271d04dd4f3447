import type { PriceBasis } from '../efficiency/catalogue.ts';
import type { Evaluation } from '../efficiency/evaluation.ts';
import { distinctRuns } from '../efficiency/scoring.ts';
import type { Comparison } from './compare.ts';
import { type Contrasted, type ContrastedMetric, contrasted, isContrasted } from './contrasted.ts';
import { baselineTrend, forecastShift, staleReason } from './drift.ts';
import { contrastEstimate, type Estimate, mixEstimate, type Shift, scoredEstimate } from './estimate.ts';
import type { GateCase, Subject } from './gates.ts';
import { interruptionEstimate, levelEstimate } from './levels.ts';
import { type Mixed, mixed, weightsOf } from './mix.ts';
import type { Pair } from './pairs.ts';
import { type Gate, isLevel, type Policy } from './policy.ts';
import { nightOf } from './unit-nights.ts';

export interface SubjectInput {
  readonly date: string;
  readonly policy: Policy;
  readonly prices: PriceBasis | null;
  readonly evaluations: readonly Evaluation[];
  readonly pairs: readonly Pair[];
  readonly comparisons: readonly Comparison[];
  /** By which energies to train are compared. */
  readonly energyMethod: string;
}

type Parts = (Contrasted | { readonly reason: string })[];

/** What the gates of a policy are judged on. Contrasts are formed once for each metric and grade of evidence. */
export class Subjects {
  private readonly input: SubjectInput;
  private readonly known = new Map<string, Parts>();

  constructor(input: SubjectInput) {
    this.input = input;
  }

  /** Every gate with every figure that it has to pass on; a gate without any has one that says why. */
  cases(): GateCase[] {
    return this.input.policy.gates.flatMap((gate) =>
      this.subjectsOf(gate).map((subject) => ({ gate, subject })),
    );
  }

  /** Contrasts of a metric, a pair each; or why a pair has none. */
  parts(metric: ContrastedMetric, minimumEvidence: Gate['minimumEvidence'] = 'C'): Parts {
    const key = `${metric} ${minimumEvidence}`;
    const { pairs, prices, policy } = this.input;
    const { maximumExcludedRatio } = policy;
    const parts =
      this.known.get(key) ??
      pairs.map((pair) => contrasted(pair, metric, { minimumEvidence, maximumExcludedRatio, prices }));
    this.known.set(key, parts);
    return parts;
  }

  private subjectsOf(gate: Gate): Subject[] {
    const { policy, evaluations } = this.input;
    const { metric } = gate;
    if (isLevel(metric)) {
      const runs = distinctRuns(evaluations.filter((e) => e.role === 'candidate'));
      return [unblocked(levelEstimate(runs, metric, policy.monitoring))];
    }
    const subjects = isContrasted(metric)
      ? gate.over === 'mix'
        ? this.mixSubjects(gate, metric)
        : this.eachSubject(gate, metric)
      : metric === 'interruption-rate'
        ? this.input.pairs.map((p) =>
            unblocked(interruptionEstimate(p.name, p.candidate, p.baseline, policy.monitoring)),
          )
        : this.scoredSubjects(gate);
    return subjects.length > 0
      ? subjects
      : [{ workload: 'program', reason: 'no runs of one workload on both sides that may be compared' }];
  }

  private eachSubject(gate: Gate, metric: ContrastedMetric): Subject[] {
    return this.parts(metric, gate.minimumEvidence).map((part, i): Subject => {
      if ('reason' in part) return { workload: this.input.pairs[i]?.name ?? '', reason: part.reason };
      const shift = this.shiftOf(gate, part);
      if (shift && 'reason' in shift) return { workload: part.name, reason: shift.reason };
      return {
        estimate: contrastEstimate(part, this.input.policy.monitoring, shift),
        blocked: this.staleOf(part),
      };
    });
  }

  private mixSubjects(gate: Gate, metric: ContrastedMetric): Subject[] {
    const { pairs, policy } = this.input;
    const parts = this.parts(metric, gate.minimumEvidence);
    const byChips = Map.groupBy(parts.keys(), (i) => `${pairs[i]?.candidateSku} ${pairs[i]?.baselineSku}`);
    return [...byChips.values()].map((indices): Subject => {
      const own = [...indices].map((i) => parts[i] as Parts[number]);
      const open = own.find((p): p is { reason: string } => 'reason' in p);
      if (open) return { workload: 'mix', reason: open.reason };
      const whole = this.mixOf(own as Contrasted[]);
      if ('reason' in whole) return { workload: 'mix', reason: whole.reason };
      const shifts = whole.parts.map((part) => this.shiftOf(gate, part));
      const missing = shifts.find((s): s is { reason: string } => s !== null && 'reason' in s);
      if (missing) return { workload: 'mix', reason: missing.reason };
      const blocked = whole.parts.map((part) => this.staleOf(part)).find((reason) => reason !== null) ?? null;
      const shift = mixedShift(whole, shifts as (Shift | null)[]);
      return { estimate: mixEstimate(whole, policy.monitoring, shift), blocked };
    });
  }

  /** Workloads weighed together; or why they cannot be. */
  mixOf(parts: readonly Contrasted[]): Mixed | { reason: string } {
    const weights = weightsOf(
      parts.map((p) => p.workload),
      this.input.policy.mix,
    );
    return 'reason' in weights ? weights : mixed(parts, weights);
  }

  private shiftOf(gate: Gate, part: Contrasted): Shift | { reason: string } | null {
    const { rampDate } = this.input.policy.baseline;
    if (gate.against === 'today' || rampDate === null) return null;
    const line = baselineTrend(part);
    return line
      ? forecastShift(line, rampDate)
      : { reason: 'too few nights of the baseline to forecast where it leads' };
  }

  private staleOf(part: Contrasted): string | null {
    const last = part.baselineValues
      .map((v) => v.night)
      .sort()
      .at(-1);
    return staleReason(last, this.input.date, this.input.policy.baseline.maximumAgeDays);
  }

  private scoredSubjects(gate: Gate): Subject[] {
    const { comparisons, energyMethod, policy, date } = this.input;
    return comparisons.map((comparison): Subject => {
      const workload = comparison.candidate.score.workload.name;
      const fitting = comparison.ratios.filter((r) => r.isForGates && r.ratio.metric === gate.metric);
      const found =
        gate.metric === 'energy-to-train'
          ? fitting.find((r) => r.ratio.method.startsWith(energyMethod))
          : fitting[0];
      if (!found) {
        const reason =
          comparison.absent.get(gate.metric) ?? `no ${gate.metric} by ${energyMethod} on both sides`;
        return { workload, reason };
      }
      const last = comparison.baseline.evaluations.map(nightOf).sort().at(-1);
      const blocked = staleReason(last, date, policy.baseline.maximumAgeDays);
      return { estimate: scoredEstimate(comparison, found, policy.monitoring), blocked };
    });
  }
}

const unblocked = (found: Estimate | { workload: string; reason: string }): Subject =>
  'reason' in found ? found : { estimate: found, blocked: null };

/** Errors of baselines of different workloads are taken to go together: they are the same chips. */
function mixedShift({ parts, weights }: Mixed, shifts: readonly (Shift | null)[]): Shift | null {
  if (shifts.some((s) => s === null)) return null;
  const weighted = (shifts as Shift[]).map((s, i) => ({
    s,
    w: weights.get(parts[i]?.workload ?? '') as number,
  }));
  return {
    log: weighted.reduce((sum, { s, w }) => sum + w * s.log, 0),
    standardError: weighted.reduce((sum, { s, w }) => sum + w * s.standardError, 0),
    degreesOfFreedom: Math.min(...weighted.map(({ s }) => s.degreesOfFreedom)),
  };
}
