import type { Evaluation } from '../efficiency/evaluation.ts';
import { findSensor } from '../efficiency/sensors.ts';

/** Counter and readings that differ by more than this need a reason. */
export const DIFFERENCE_LIMIT_RATIO = 0.03;
const WHOLE_COVERAGE = 0.99;

/** Energy of one run by each way of measuring it, J. */
export interface EnergyWays {
  /** Trapezoids between the readings that stand for the run: of H100 the mean of a second each. */
  readonly trapezoidJ: number | null;
  /** Trapezoids between the readings of the moment; null where the file has none. */
  readonly instantJ: number | null;
  readonly counterJ: number | null;
}

export interface EnergyDifference extends EnergyWays {
  /** Counter / trapezoid - 1; null where one of the two is missing. */
  readonly differenceRatio: number | null;
  /** Why it is beyond the limit, as far as the data tell; empty where it is not. */
  readonly reasons: readonly string[];
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const isNear = (a: number | null, b: number | null): boolean =>
  a !== null && b !== null && b !== 0 && Math.abs(a / b - 1) <= DIFFERENCE_LIMIT_RATIO;

/** Counter against readings of one run, and why they differ where they do. */
export function energyDifference(evaluation: Evaluation, ways: EnergyWays): EnergyDifference {
  const { trapezoidJ, counterJ } = ways;
  const hasBoth = trapezoidJ !== null && counterJ !== null && trapezoidJ > 0;
  const differenceRatio = hasBoth ? counterJ / trapezoidJ - 1 : null;
  const isBeyond = differenceRatio !== null && Math.abs(differenceRatio) > DIFFERENCE_LIMIT_RATIO;
  return { ...ways, differenceRatio, reasons: isBeyond ? reasonsOf(evaluation, ways, differenceRatio) : [] };
}

function reasonsOf(evaluation: Evaluation, ways: EnergyWays, differenceRatio: number): string[] {
  const { trapezoidJ, instantJ, counterJ } = ways;
  const reasons = evaluation.findings
    .filter(({ code }) => code.startsWith('counter-') && code !== 'counter-cross-check')
    .map(({ message }) => message);
  const { coverageRatio } = evaluation;
  if (coverageRatio !== null && coverageRatio < WHOLE_COVERAGE)
    reasons.push(
      `the readings cover ${percent(coverageRatio)} of the run; the rest of their energy is bridged`,
    );
  if (isNear(instantJ, counterJ) && !isNear(trapezoidJ, counterJ))
    reasons.push(
      'the readings of the moment agree with the counter: those that are a mean over a second carry what was before the run into it',
    );
  if (isNear(instantJ, trapezoidJ)) reasons.push(...sensorReasons(evaluation, Math.abs(differenceRatio)));
  return reasons.length > 0 ? reasons : ['nothing in the data tells why'];
}

/** Both kinds of reading agree with each other and not with the counter: what is published of their one sensor. */
function sensorReasons({ sku, boundary }: Evaluation, difference: number): string[] {
  const sensor = findSensor(sku, boundary);
  const reasons = [
    'both kinds of power reading agree with each other: they come from one sensor, the counter does not',
  ];
  if (sensor?.sampledRatio)
    reasons.push(
      `that sensor is published to see about ${percent(sensor.sampledRatio.value)} of the time (${sensor.sampledRatio.source}); the counter sees what lies between`,
    );
  if (sensor?.accuracyRatio && difference <= sensor.accuracyRatio.value)
    reasons.push(
      `it lies within the ${percent(sensor.accuracyRatio.value)} that the maker states (${sensor.accuracyRatio.source})`,
    );
  return reasons;
}
