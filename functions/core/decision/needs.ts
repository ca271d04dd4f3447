import { oneSidedHalfWidth, SEQUENCE_BURN_IN } from '../statistics/confidence-sequence.ts';
import { normalQuantile } from '../statistics/distributions.ts';
import { tQuantile } from '../statistics/student-t.ts';
import { type Bounds, hasBounds, NIGHTLY_SHARE } from './bounds.ts';
import type { Errors, Estimate } from './estimate.ts';
import { thresholdOf } from './gates.ts';
import { rateUpper } from './levels.ts';
import { type Gate, isLevel, type Monitoring } from './policy.ts';

/** What an open gate would need, if the figure stays where it is. */
export interface Needs {
  /** Units on each side in all, at the nights of now; null where no number of them would do. */
  readonly units: number | null;
  /** Nights in all, with the units of now; null where no number would do. */
  readonly nights: number | null;
  readonly text: string;
}

/** With this probability a pilot of that size passes the gate, if the true ratio is the one of now. */
const POWER = 0.8;
/** Nobody waits longer, or builds more, for a pilot. */
const MOST_NIGHTS = 3_650;
const MOST_UNITS = 100_000;
const MOST_CHIP_HOURS = 1e12;

/** How far below the threshold the estimate has to lie: the half-width, and what the estimate itself may yet move. */
function reach(errors: Errors, alpha: number, monitoring: Monitoring): number {
  const { between, night } = errors;
  const power = normalQuantile(POWER) * Math.hypot(between.standardError, night?.standardError ?? 0);
  if (monitoring.kind !== 'nightly' || !night)
    return tQuantile(1 - alpha, between.degreesOfFreedom) * between.standardError + power;
  const { standardError, nights: n } = night;
  const sequence = oneSidedHalfWidth({
    standardError,
    n,
    tunedFor: monitoring.plannedNights,
    alpha: NIGHTLY_SHARE * alpha,
  });
  const chips = tQuantile(1 - (1 - NIGHTLY_SHARE) * alpha, between.degreesOfFreedom) * between.standardError;
  return chips + sequence + power;
}

/** With `times` the units: their spread averages out; of what nights share nothing is assumed to. */
const withUnits = ({ between, night }: Errors, times: number): Errors => ({
  between: {
    standardError: between.standardError / Math.sqrt(times),
    degreesOfFreedom: between.degreesOfFreedom * times,
  },
  night,
});

const withNights = ({ between, night }: Errors, nights: number): Errors => ({
  between,
  night: night && { standardError: night.standardError * Math.sqrt(night.nights / nights), nights },
});

/** The smallest whole number from `from` to `most` that will do, where larger ones do as well; null: none does. */
function smallest(from: number, most: number, does: (count: number) => boolean): number | null {
  if (!does(most)) return null;
  let [low, high] = [from - 1, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (does(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Chip-hours in all, without another event, after which a rate is shown to be below its limit. */
function exposureNeeds(
  gate: Gate,
  { value, n, exposure, monitored }: Estimate,
  monitoring: Monitoring,
): Needs | null {
  const limit = thresholdOf(gate);
  if (exposure === undefined || !hasBounds(monitored) || monitored.upper(gate.alpha) < limit) return null;
  const events = n.candidate;
  const hours = smallest(
    Math.ceil(exposure),
    MOST_CHIP_HOURS,
    (count) => rateUpper({ events, exposure: count }, gate.alpha, monitoring) < limit,
  );
  if (hours === null) return null;
  const text = `${grouped(hours)} chip-hours instead of ${grouped(exposure)} would pass it, ${events === 0 ? 'if nothing happens in them' : `if none is added to the ${events} seen`}`;
  return { units: null, nights: null, text: value < limit ? text : `it is above its limit; ${text}` };
}

const grouped = (value: number): string =>
  String(Number(value.toPrecision(3))).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * How many more units, nights or chip-hours a gate needs that is open or fails; null where it passes, is a stop gate,
 * or looks at a share. Assumes that the ratio and the spreads stay as they are estimated now.
 */
export function needsOf(gate: Gate, estimate: Estimate, monitoring: Monitoring): Needs | null {
  const { value, errors, unit, n, monitored } = estimate;
  const threshold = thresholdOf(gate);
  if (gate.duty === 'stop') return null;
  if (isLevel(gate.metric)) return exposureNeeds(gate, estimate, monitoring);
  if (hasBounds(monitored) && (monitored as Bounds).upper(gate.alpha) < threshold && isEnough(gate, estimate))
    return null;
  const distance = Math.log(threshold / value);
  if (!(distance > 0)) {
    return {
      units: null,
      nights: null,
      text: `no number of ${unit}s or nights would pass it while the ratio stays at ${value.toFixed(3)}; it would have to fall below ${threshold.toFixed(3)}`,
    };
  }
  if (!errors) return null;
  const now = Math.min(n.candidate, n.baseline);
  const fits = (e: Errors): boolean => reach(e, gate.alpha, monitoring) < distance;
  const units = smallest(Math.max(now, gate.minimumChips), MOST_UNITS, (count) =>
    fits(withUnits(errors, count / now)),
  );
  const from = Math.max(errors.night?.nights ?? 0, gate.minimumNights, SEQUENCE_BURN_IN);
  const nights = errors.night
    ? smallest(from, MOST_NIGHTS, (count) => fits(withNights(errors, count)))
    : null;
  const seen = errors.night?.nights ?? null;
  if (units !== null && units <= now && (seen === null || (nights !== null && nights <= seen)))
    return { units, nights, text: SIZE_IS_ENOUGH[gate.against] };
  return { units, nights, text: textOf({ unit, now, units, nights, seen }) };
}

/** Where neither more units nor more nights are what is missing. */
const SIZE_IS_ENOUGH: Record<Gate['against'], string> = {
  today:
    'chips and nights are enough, if the ratio stays where it is; what is missing is what the gate names',
  forecast:
    'chips and nights are enough for today; what is missing are nights of the baseline: where its trend leads is not known well enough',
};

const isEnough = (gate: Gate, { n, nights }: Estimate): boolean =>
  Math.min(n.candidate, n.baseline) >= gate.minimumChips &&
  (nights ?? gate.minimumNights) >= gate.minimumNights;

function textOf({
  unit,
  now,
  units,
  nights,
  seen,
}: {
  unit: string;
  now: number;
  units: number | null;
  nights: number | null;
  seen: number | null;
}): string {
  const byUnits = units === null ? `no number of ${unit}s` : `${units} ${unit}s a side instead of ${now}`;
  const end = 'would decide it, if the ratio stays where it is';
  if (seen === null) return `${byUnits} ${end}`;
  const byNights =
    nights === null
      ? `no number of nights with these ${unit}s, whose own spread is the floor`
      : `${nights} nights instead of ${seen} with these ${unit}s`;
  // What is there already is no way to go.
  if (units !== null && units <= now) return `${byNights} ${end}`;
  if (nights !== null && nights <= seen) return `${byUnits} ${end}`;
  return `${byNights}, or ${byUnits}, ${end}`;
}
