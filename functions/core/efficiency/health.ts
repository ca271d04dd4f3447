import type { Field } from '../telemetry/sample.ts';
import type { Segment } from '../telemetry/segment.ts';
import type { Finding, Health, RunHealth, ScopeEvaluation } from './evaluation.ts';
import { list, type ScopeFacts, together } from './run-findings.ts';

type Reason = keyof Health['throttledRatio'];
/** A chip that is slowed down by heat for more of the run than this is not at its normal speed. */
const THERMAL_LIMIT_RATIO = 0.01;
/** What floating point adds to a whole number of events. */
const ROUNDING = 1e-6;

/** Time-weighted mean of a gauge from its first to its last reading in the run; null where it was not read twice. */
function meanOf(segment: Segment, field: Field): number | null {
  const track = segment.gauges[field];
  const spanMs = track ? track.last.timeMs - track.first.timeMs : 0;
  return track && spanMs > 0 ? track.integral / (spanMs / 1000) : null;
}

/** Events in the run; one that fell into an interval across run start or stop counts, since it may lie in the run. */
function eventsOf(segment: Segment, field: Field): number | null {
  const track = segment.counters[field];
  return track ? Math.max(0, Math.ceil(track.delta - ROUNDING)) : null;
}

/** Share of the time that the chip was held back for one reason: from its counter of seconds, else from its gauge. */
function throttledOf(segment: Segment, reason: Reason): number | null {
  const track = segment.counters[`throttled_${reason}_s`];
  const countedMs = track ? track.last.timeMs - track.first.timeMs - track.brokenMs : 0;
  if (track && countedMs > 0) return track.delta / (countedMs / 1000);
  return meanOf(segment, `throttled_${reason}_ratio`);
}

/** How a scope fared during the run; null where nothing of it was read. */
export function healthOf(segment: Segment): Health | null {
  const throttledRatio = {
    power: throttledOf(segment, 'power'),
    thermal: throttledOf(segment, 'thermal'),
    other: throttledOf(segment, 'other'),
  };
  const health: Health = {
    throttledRatio,
    temperatureC: meanOf(segment, 'temperature_c'),
    maxTemperatureC: segment.gauges.temperature_c?.max ?? null,
    clockHz: meanOf(segment, 'clock_hz'),
    utilizationRatio: meanOf(segment, 'utilization_ratio'),
    tensorActiveRatio: meanOf(segment, 'tensor_active_ratio'),
    eccCorrected: eventsOf(segment, 'ecc_corrected_total'),
    eccUncorrected: eventsOf(segment, 'ecc_uncorrected_total'),
    faults: eventsOf(segment, 'faults_total'),
  };
  const { throttledRatio: throttled, ...rest } = health;
  return [...Object.values(throttled), ...Object.values(rest)].some((v) => v !== null) ? health : null;
}

const known = (values: readonly (number | null)[]): number[] => values.filter((v) => v !== null);
const mean = (values: readonly (number | null)[]): number | null => {
  const read = known(values);
  return read.length === 0 ? null : read.reduce((sum, v) => sum + v, 0) / read.length;
};
const total = (values: readonly (number | null)[]): number | null => {
  const read = known(values);
  return read.length === 0 ? null : read.reduce((sum, v) => sum + v, 0);
};

/**
 * The run's health from its scopes: means of means and shares, the highest temperature, sums of events. Chips alone
 * where any were read: the inlet of a node is not its chips.
 */
export function runHealth(scopes: readonly ScopeEvaluation[]): RunHealth | null {
  const read = scopes.filter((s) => s.health !== undefined && s.kind !== 'switch');
  const chips = read.filter((s) => s.kind === 'chip');
  const healths = (chips.length > 0 ? chips : read).map((s) => s.health as Health);
  if (healths.length === 0) return null;
  const of = (pick: (health: Health) => number | null) => healths.map(pick);
  const hottest = known(of((h) => h.maxTemperatureC));
  return {
    scopes: healths.length,
    throttledRatio: {
      power: mean(of((h) => h.throttledRatio.power)),
      thermal: mean(of((h) => h.throttledRatio.thermal)),
      other: mean(of((h) => h.throttledRatio.other)),
    },
    temperatureC: mean(of((h) => h.temperatureC)),
    maxTemperatureC: hottest.length === 0 ? null : Math.max(...hottest),
    clockHz: mean(of((h) => h.clockHz)),
    utilizationRatio: mean(of((h) => h.utilizationRatio)),
    tensorActiveRatio: mean(of((h) => h.tensorActiveRatio)),
    eccCorrected: total(of((h) => h.eccCorrected)),
    eccUncorrected: total(of((h) => h.eccUncorrected)),
    faults: total(of((h) => h.faults)),
  };
}

/** Scopes that failed or ran hot: what they did is not what a healthy chip would have done. */
export function healthFindings(facts: readonly ScopeFacts[]): Finding[] {
  const errorsOf = ({ scope }: ScopeFacts): number =>
    (scope.health?.eccUncorrected ?? 0) + (scope.health?.faults ?? 0);
  const heatOf = ({ scope }: ScopeFacts): number => scope.health?.throttledRatio.thermal ?? 0;
  return [
    ...together(
      facts.filter((f) => errorsOf(f) > 0),
      'hardware-errors',
      (f) =>
        `${list(f)}: ${f.reduce((n, x) => n + errorsOf(x), 0)} uncorrected memory errors and faults in the run`,
      (f) => ({ errors: f.reduce((n, x) => n + errorsOf(x), 0) }),
    ),
    ...together(
      facts.filter((f) => heatOf(f) > THERMAL_LIMIT_RATIO),
      'thermal-throttling',
      (f) =>
        `${list(f)}: slowed down by heat for up to ${(Math.max(...f.map(heatOf)) * 100).toFixed(1)} % of the run`,
      (f) => ({ throttledRatio: Math.max(...f.map(heatOf)) }),
    ),
  ];
}
