import type { ReadingLog } from '../telemetry/segment.ts';
import type { CounterEnergy } from './counter-energy.ts';
import { logLengthMs } from './energy.ts';
import type { Energy, Finding, ScopeEvaluation } from './evaluation.ts';

/** Slower than one reading a second, with room for the jitter of a 1 Hz meter. */
const SLOW_PERIOD_S = 1.05;
const LOW_COVERAGE = 0.95;
/** The published rule differs from the clipped energy by at least this share, and the log is longer than the run. */
const PADDING_SHARE = 0.01;

export interface ScopeFacts {
  readonly scope: ScopeEvaluation;
  readonly log: ReadingLog | null;
  readonly gapLimitS: number;
  readonly gaps: number;
  readonly bridgedShare: number;
  /** What the scope's energy counter says; null where it has none. */
  readonly counter: CounterEnergy | null;
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const names = (scopes: readonly ScopeFacts[]): string[] => scopes.map((f) => f.scope.id).sort();

/** One finding for all scopes that show the same thing. */
export function together(
  facts: readonly ScopeFacts[],
  code: string,
  message: (facts: readonly ScopeFacts[]) => string,
  extra: (facts: readonly ScopeFacts[]) => Record<string, number> = () => ({}),
): Finding[] {
  if (facts.length === 0) return [];
  return [
    { code, severity: 'warning', message: message(facts), values: { scopes: names(facts), ...extra(facts) } },
  ];
}

export const list = (facts: readonly ScopeFacts[]): string =>
  facts.length > 3
    ? `${facts.length} scopes (${names(facts).slice(0, 3).join(', ')}, …)`
    : names(facts).join(', ');

/** What a reader must know of how the run's scopes were read. */
export function scopeFindings(facts: readonly ScopeFacts[]): Finding[] {
  const worst = (pick: (f: ScopeFacts) => number | null) => Math.max(...facts.map((f) => pick(f) ?? 0));
  const stopIsStart = facts.filter(
    ({ log }) => log !== null && log.stopMs !== null && log.stopMs === log.startMs,
  );
  const slow = facts.filter((f) => (f.scope.medianPeriodS ?? 0) > SLOW_PERIOD_S);
  const gapped = facts.filter((f) => f.gaps > 0);
  const low = facts.filter((f) => (f.scope.coverageRatio ?? 1) < LOW_COVERAGE);
  return [
    ...together(
      stopIsStart,
      'stop-equals-start',
      (f) =>
        `power_measurement_stop has the time of power_measurement_start in the log of ${list(f)}; the last reading is taken as its end`,
    ),
    ...together(
      slow,
      'sampling-slower-than-1-hz',
      (f) =>
        `${list(f)}: a reading about every ${seconds(worst((x) => x.scope.medianPeriodS))}; MLPerf asks for one a second`,
      () => ({ medianPeriodS: worst((x) => x.scope.medianPeriodS) }),
    ),
    ...together(
      gapped,
      'gap',
      (f) =>
        `${list(f)}: ${f.reduce((n, x) => n + x.gaps, 0)} gaps in the run, the longest ${seconds(worst((x) => x.scope.maxGapInRunS))}; the energy over them is bridged, not measured (up to ${(worst((x) => x.bridgedShare) * 100).toFixed(1)} % of a scope's)`,
      (f) => ({ gaps: f.reduce((n, x) => n + x.gaps, 0), maxGapInRunS: worst((x) => x.scope.maxGapInRunS) }),
    ),
    ...together(
      low,
      'coverage-below-95',
      (f) =>
        `${list(f)}: only ${(Math.min(...f.map((x) => x.scope.coverageRatio ?? 0)) * 100).toFixed(1)} % of the run lies between readings without a gap`,
      (f) => ({ coverageRatio: Math.min(...f.map((x) => x.scope.coverageRatio ?? 0)) }),
    ),
  ];
}

/** Idle time in the power logs, which the published rule spreads over the run. */
export function idlePadding(facts: readonly ScopeFacts[], nodes: Energy, runMs: number): Finding[] {
  const { clippedTrapezoidJ, mlperfTrainingV40J } = nodes;
  const padding = facts.flatMap(({ log }) => (log ? [(logLengthMs(log) - runMs) / 1000] : []));
  if (clippedTrapezoidJ === null || mlperfTrainingV40J === null || padding.length === 0) return [];
  const paddingS = Math.max(...padding);
  const dilution = 1 - mlperfTrainingV40J / clippedTrapezoidJ;
  if (dilution < PADDING_SHARE || paddingS <= 0) return [];
  return [
    {
      code: 'idle-padding',
      severity: 'warning',
      message:
        `the power logs hold up to ${paddingS.toFixed(0)} s beside the run, at lower power: the MLPerf rule spreads it over the run ` +
        `and comes out ${(dilution * 100).toFixed(1)} % below the energy between run start and run stop`,
      values: { paddingS, dilutionRatio: dilution },
    },
  ];
}

/** Counter against trapezoid over the whole system, where both are there. */
export function crossCheck(energy: Energy): Finding[] {
  const { counterJ, clippedTrapezoidJ } = energy;
  if (counterJ === null || clippedTrapezoidJ === null || clippedTrapezoidJ === 0) return [];
  const ratio = counterJ / clippedTrapezoidJ;
  return [
    {
      code: 'counter-cross-check',
      severity: 'info',
      message: `the hardware counters give ${(ratio * 100).toFixed(1)} % of the energy from power readings`,
      values: { ratio },
    },
  ];
}
