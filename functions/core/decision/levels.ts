import type { Evaluation, UnitEvaluation } from '../efficiency/evaluation.ts';
import { type Count, poissonInterval, poissonUpperBound, rateRatioInterval } from '../statistics/counts.ts';
import { poissonLowerSequence, poissonUpperSequence } from '../statistics/poisson-e-process.ts';
import { type Bounds, type Monitored, nightlyBounds, onceBounds } from './bounds.ts';
import { clusteredMean, effects, nightTerm, type Spread, spreadOfTerms } from './contrast.ts';
import type { Estimate } from './estimate.ts';
import type { LevelMetric, Monitoring } from './policy.ts';
import { nightOf, type UnitNight } from './unit-nights.ts';

type Counted = Exclude<LevelMetric, 'throttled-share'>;

/** Events and chip-hours of one run; null where nothing counted them. */
const COUNTS: Record<Counted, (e: Evaluation) => Count | null> = {
  'interruptions-per-chip-hour': ({ reliability: r }) =>
    r && r.interruptions !== null && r.chipHours ? { events: r.interruptions, exposure: r.chipHours } : null,
  'uncorrected-ecc-per-chip-hour': ({ reliability: r }) =>
    r?.eccUncorrected
      ? { events: r.eccUncorrected.count, exposure: r.eccUncorrected.exposureChipHours }
      : null,
  'silent-errors-per-chip-hour': ({ reliability: r }) =>
    r?.sdc ? { events: r.sdc.count, exposure: r.sdc.exposureChipHours } : null,
};

const EVENTS: Record<Counted, string> = {
  'interruptions-per-chip-hour': 'interruptions',
  'uncorrected-ecc-per-chip-hour': 'uncorrected memory errors',
  'silent-errors-per-chip-hour': 'silent errors',
};

/** Events and exposure of all runs that counted; null where none did. */
export function totalCount(runs: readonly Evaluation[], metric: Counted): Count | null {
  const counts = runs.flatMap((e) => COUNTS[metric](e) ?? []);
  if (counts.length === 0) return null;
  return {
    events: counts.reduce((sum, c) => sum + c.events, 0),
    exposure: counts.reduce((sum, c) => sum + c.exposure, 0),
  };
}

/** One-sided upper bound of a rate, once or at every night at once. */
export const rateUpper = (count: Count, alpha: number, monitoring: Monitoring): number =>
  rateBounds(count, monitoring).upper(alpha);

/** Exact bounds of a rate: once, or at every night at once. */
function rateBounds(count: Count, monitoring: Monitoring): Bounds {
  if (monitoring.kind === 'once') {
    return {
      lower: (alpha) => poissonInterval(count, 1 - 2 * alpha).low,
      upper: (alpha) => poissonUpperBound(count, 1 - alpha),
    };
  }
  return {
    lower: (alpha) => poissonLowerSequence(count, alpha),
    upper: (alpha) => poissonUpperSequence(count, alpha),
  };
}

const nightsOf = (runs: readonly Evaluation[]): number => new Set(runs.map(nightOf)).size;

/** A level of the candidate's runs, whatever their workload; or why there is none. */
export function levelEstimate(
  runs: readonly Evaluation[],
  metric: LevelMetric,
  monitoring: Monitoring,
): Estimate | { readonly workload: string; readonly reason: string } {
  if (metric === 'throttled-share') return throttledEstimate(runs, monitoring);
  const count = totalCount(runs, metric);
  if (!count) return { workload: 'program', reason: `no run of the candidate counted ${EVENTS[metric]}` };
  return {
    workload: 'program',
    metric,
    method: `${count.events} in ${count.exposure.toFixed(1)} chip-hours`,
    unit: 'event',
    n: { candidate: count.events, baseline: 0 },
    runs: { candidate: runs.length, baseline: 0 },
    nights: nightsOf(runs),
    evidence: 'A',
    value: count.events / count.exposure,
    monitored: rateBounds(count, monitoring),
    errors: null,
    exposure: count.exposure,
  };
}

/** Candidate's rate of interruptions over the baseline's, both for a chip-hour. */
export function interruptionEstimate(
  workload: string,
  candidate: readonly Evaluation[],
  baseline: readonly Evaluation[],
  monitoring: Monitoring,
): Estimate | { readonly workload: string; readonly reason: string } {
  const [c, b] = [candidate, baseline].map((runs) => totalCount(runs, 'interruptions-per-chip-hour'));
  if (!c || !b) return { workload, reason: 'one side has no log that would tell an interruption' };
  if (b.events === 0 && c.events === 0)
    return {
      workload,
      reason: `no interruption on either side (${c.exposure.toFixed(0)} and ${b.exposure.toFixed(0)} chip-hours): their ratio is open`,
    };
  return {
    workload,
    metric: 'interruption-rate',
    method: `${c.events} in ${c.exposure.toFixed(1)} against ${b.events} in ${b.exposure.toFixed(1)} chip-hours`,
    unit: 'event',
    n: { candidate: c.events, baseline: b.events },
    runs: { candidate: candidate.length, baseline: baseline.length },
    nights: Math.min(nightsOf(candidate), nightsOf(baseline)),
    evidence: 'A',
    // Half an event in the place of none: a point for the report; the bounds are exact.
    value: c.events / c.exposure / (Math.max(b.events, 0.5) / b.exposure),
    monitored: ratioBounds(c, b, monitoring),
    errors: null,
  };
}

/** Once: conditional binomial. Every night: the sequences of both sides, each at half of alpha. */
function ratioBounds(c: Count, b: Count, monitoring: Monitoring): Bounds {
  if (monitoring.kind === 'once') {
    const of = (alpha: number) => rateRatioInterval(c, b, 1 - 2 * alpha);
    return { lower: (alpha) => of(alpha).low, upper: (alpha) => of(alpha).high ?? Number.POSITIVE_INFINITY };
  }
  return {
    lower: (alpha) => poissonLowerSequence(c, alpha / 2) / poissonUpperSequence(b, alpha / 2),
    upper: (alpha) => {
      const low = poissonLowerSequence(b, alpha / 2);
      return low === 0 ? Number.POSITIVE_INFINITY : poissonUpperSequence(c, alpha / 2) / low;
    },
  };
}

/** Share of the time that a unit was held back; null where nothing says so. Reasons may overlap: at most all of it. */
function throttledShare({ throttledRatio }: UnitEvaluation): number | null {
  const known = Object.values(throttledRatio).filter((share) => share !== null);
  return known.length === 0
    ? null
    : Math.min(
        1,
        known.reduce((sum, share) => sum + share, 0),
      );
}

function throttledEstimate(
  runs: readonly Evaluation[],
  monitoring: Monitoring,
): ReturnType<typeof levelEstimate> {
  const values = runs.flatMap((e): UnitNight[] =>
    e.units
      .filter((u) => u.kind === 'chip')
      .flatMap((u) => {
        const share = throttledShare(u);
        const place = { unit: u.id, lot: u.lot, node: u.node, night: nightOf(e) };
        return share === null ? [] : [{ ...place, logValue: share }];
      }),
  );
  if (values.length === 0)
    return {
      workload: 'program',
      reason: 'no chip of the candidate tells how long it was throttled',
    };
  const units = effects(values, () => 0);
  const value = units.reduce((sum, u) => sum + u.logRatio, 0) / units.length;
  const cluster = clusteredMean(units);
  const nights = [...Map.groupBy(values, (v) => v.night)].sort(([a], [b]) => (a < b ? -1 : 1));
  const term = nightTerm(nights.map(([, own]) => own.reduce((s, v) => s + v.logValue, 0) / own.length));
  const spread: Spread = {
    between: cluster && {
      standardError: cluster.standardError,
      degreesOfFreedom: cluster.clusters - 1,
      candidate: cluster,
      baseline: cluster,
    },
    night: spreadOfTerms(term ? [term] : []),
  };
  return {
    workload: 'program',
    metric: 'throttled-share',
    method: 'mean over chips of the time held back, for whatever reason',
    unit: 'chip',
    n: { candidate: units.length, baseline: units.length },
    runs: { candidate: runs.length, baseline: runs.length },
    nights: nights.length,
    evidence: 'A',
    value,
    monitored: boundsOf(value, spread, monitoring),
    errors: null,
  };
}

const boundsOf = (value: number, spread: Spread, monitoring: Monitoring): Monitored =>
  monitoring.kind === 'once'
    ? onceBounds(value, spread)
    : nightlyBounds(
        value,
        spread,
        monitoring.kind === 'nightly' ? monitoring.plannedNights : Math.max(...monitoring.nights),
      );
