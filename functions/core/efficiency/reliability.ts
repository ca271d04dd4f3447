import { mtbfInterval, poissonInterval, poissonUpperBound } from '../statistics/counts.ts';
import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import type { UnitEvaluation } from './evaluation.ts';
import type { EventRate, Mtbf, Reliability } from './run-figures.ts';

const HOUR_S = 3_600;
const CONFIDENCE = 0.95;
/** As logs and run.json call a run that did not end by itself. */
const ABORTED = 'aborted';

export interface ReliabilityInput {
  readonly manifest: Pick<RunManifest, 'reliability'>;
  readonly logs: Pick<RunProgress, 'steps' | 'status'>;
  /** Of the run, by its log or by run.json. */
  readonly status: string;
  readonly units: readonly UnitEvaluation[];
  readonly chips: number | null;
  readonly runS: number;
}

/** Events in so many chip-hours, with the exact Poisson interval of their rate (Garwood 1936). */
function rateOf(events: number, exposure: number): EventRate {
  const { rate, low, high } = poissonInterval({ events, exposure }, CONFIDENCE);
  const atMost = poissonUpperBound({ events, exposure }, CONFIDENCE);
  return {
    count: events,
    exposureChipHours: exposure,
    ratePerChipHour: rate,
    low,
    high,
    atMost,
    confidence: CONFIDENCE,
  };
}

/**
 * Events that the units counted, against the hours of those chips alone that count them; null where none does. Chips
 * stand for their nodes where any of them counts.
 */
function countedRate(
  units: readonly UnitEvaluation[],
  runHours: number,
  pick: (unit: UnitEvaluation) => number | null,
): EventRate | null {
  const counting = units.filter((u) => pick(u) !== null && u.chips !== null);
  const chips = counting.filter((u) => u.kind === 'chip');
  const used = chips.length > 0 ? chips : counting;
  if (used.length === 0) return null;
  const events = used.reduce((sum, u) => sum + (pick(u) as number), 0);
  return rateOf(events, runHours * used.reduce((sum, u) => sum + (u.chips as number), 0));
}

/** Restarts that the logs show, and one more where the run was aborted; null where no log would show them. */
function interruptionsOf({ logs, status }: ReliabilityInput): number | null {
  if (logs.steps === null && logs.status !== ABORTED) return null;
  return (logs.steps?.restarts ?? 0) + (status === ABORTED ? 1 : 0);
}

function mtbfOf(interruptions: number | null, runHours: number): Mtbf | null {
  if (interruptions === null) return null;
  const count = { events: interruptions, exposure: runHours };
  const { mtbf, low, high } = mtbfInterval(count, CONFIDENCE);
  return {
    value: mtbf,
    low,
    high,
    atLeast: 1 / poissonUpperBound(count, CONFIDENCE),
    confidence: CONFIDENCE,
  };
}

/** What failed during a run: interruptions of the whole, errors by chip-hour, and silent corruption as run.json declares it. */
export function reliabilityOf(input: ReliabilityInput): Reliability {
  const { manifest, units, chips, runS } = input;
  const runHours = runS / HOUR_S;
  const interruptions = interruptionsOf(input);
  const declared = manifest.reliability;
  return {
    chipHours: chips === null ? null : chips * runHours,
    interruptions,
    mtbfHours: mtbfOf(interruptions, runHours),
    eccUncorrected: countedRate(units, runHours, (u) => u.eccUncorrected),
    faults: countedRate(units, runHours, (u) => u.faults),
    sdc: declared ? rateOf(declared.silentDataCorruptions, declared.checkedChipHours) : null,
  };
}
