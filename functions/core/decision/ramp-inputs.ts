import { type Distribution, planDistribution, ratioDistribution } from './ramp-distribution.ts';
import type { RampMeasurements } from './ramp-measurements.ts';
import type { Overhead, RampPlan, Uncertain } from './ramp-plan.ts';

/** Every number of a ramp that may be uncertain; 0 where the plan has none (a yield: 1). */
const ABSENT = {
  energyRatio: 1,
  timeRatio: 1,
  energyPerTokenJ: 0,
  tokensPerSecondPerChip: 0,
  candidateChipCost: 0,
  candidateHourlyPrice: 0,
  yield: 1,
  nre: 0,
  portingCost: 0,
  gpuChipCost: 0,
  gpuHourlyPrice: 0,
  energyPricePerKwh: 0,
  pue: 1,
  utilization: 1,
  candidatePowerW: 0,
  candidatePowerShare: 0,
  candidateCapital: 0,
  candidateCapitalShare: 0,
  gpuPowerW: 0,
  gpuPowerShare: 0,
  gpuCapital: 0,
  gpuCapitalShare: 0,
};
export type RampKey = keyof typeof ABSENT;
/** One value for each number: the medians, or a draw. */
export type RampValues = Readonly<Record<RampKey, number>>;

export interface RampInput {
  readonly key: RampKey;
  readonly label: string;
  readonly unit: string;
  /** From the pilot, not from the plan. */
  readonly isMeasured: boolean;
  readonly distribution: Distribution;
}

const NO_LIMIT = { min: 0, max: Number.MAX_VALUE };
const LIMITS: Partial<Record<RampKey, typeof NO_LIMIT>> = {
  yield: { min: 0, max: 1 },
  utilization: { min: 0, max: 1 },
  pue: { min: 1, max: Number.MAX_VALUE },
};

type Row = readonly [key: RampKey, label: string, unit: string, number: Uncertain | undefined];

const overheadRows = (side: 'candidate' | 'gpu', o: Overhead, currency: string): Row[] => {
  const name = side === 'gpu' ? 'GPU' : 'candidate';
  return [
    [`${side}PowerW`, `${name} host and network power`, 'W per chip', o.powerW],
    [`${side}PowerShare`, `${name} host and network power`, 'of the energy of the chip', o.powerShare],
    [`${side}Capital`, `${name} host and network capital`, `${currency} per chip`, o.capital],
    [`${side}CapitalShare`, `${name} host and network capital`, 'of the cost of the chip', o.capitalShare],
  ];
};

function planRows(plan: RampPlan): Row[] {
  const { candidate, gpu, currency } = plan;
  return [
    ...(candidate.basis === 'bought'
      ? ([
          ['candidateChipCost', 'candidate chip cost', `${currency} per chip`, candidate.chipCost],
          ['yield', 'yield', 'good share', candidate.yield],
          ...overheadRows('candidate', candidate.overhead, currency),
        ] satisfies Row[])
      : ([
          ['candidateHourlyPrice', 'candidate price', `${currency} per chip-hour`, candidate.hourlyPrice],
        ] satisfies Row[])),
    ...(gpu.basis === 'bought'
      ? ([
          ['gpuChipCost', 'GPU cost', `${currency} per GPU`, gpu.chipCost],
          ...overheadRows('gpu', gpu.overhead, currency),
        ] satisfies Row[])
      : ([['gpuHourlyPrice', 'GPU price', `${currency} per GPU-hour`, gpu.hourlyPrice]] satisfies Row[])),
    ['nre', 'non-recurring cost', currency, plan.nre],
    ['portingCost', 'porting cost', currency, plan.portingCost],
    ['energyPricePerKwh', 'energy price', `${currency} per kWh`, plan.energyPricePerKwh],
    ['pue', 'PUE', 'facility / IT power', plan.pue],
    ['utilization', 'utilization', 'of all hours', plan.utilization],
  ];
}

/** What a pilot has to have measured for a ramp to be computed. */
export interface MeasuredBoth extends RampMeasurements {
  readonly energyPerToken: NonNullable<RampMeasurements['energyPerToken']>;
  readonly timePerToken: NonNullable<RampMeasurements['timePerToken']>;
  readonly baseline: NonNullable<RampMeasurements['baseline']>;
}

/** Every number that the ramp rests on, measured ones first. The order is fixed: each has its own stream of draws. */
export function rampInputs(plan: RampPlan, measured: MeasuredBoth): RampInput[] {
  const { energyPerTokenJ, tokensPerSecondPerChip } = measured.baseline;
  const input = (isMeasured: boolean, [key, label, unit, number]: Row): RampInput[] =>
    number === undefined
      ? []
      : [{ key, label, unit, isMeasured, distribution: planDistribution(number, LIMITS[key] ?? NO_LIMIT) }];
  const ratio = (key: RampKey, label: string, distribution: Distribution): RampInput => ({
    key,
    label,
    unit: 'candidate / baseline',
    isMeasured: true,
    distribution,
  });
  return [
    ratio('energyRatio', 'energy per useful token', ratioDistribution(measured.energyPerToken)),
    ratio('timeRatio', 'time per useful token', ratioDistribution(measured.timePerToken)),
    ...input(true, ['energyPerTokenJ', 'GPU energy per useful token', 'J', energyPerTokenJ]),
    ...input(true, [
      'tokensPerSecondPerChip',
      'GPU useful tokens per second',
      'tokens/s per GPU',
      tokensPerSecondPerChip,
    ]),
    ...planRows(plan).flatMap((row) => input(false, row)),
  ];
}

export const isUncertain = ({ distribution: d }: RampInput): boolean =>
  d.low < d.central || d.central < d.high;

/** A value for every number: by `pick` for those that the ramp has. */
export function rampValues(
  inputs: readonly RampInput[],
  pick: (input: RampInput, at: number) => number,
): RampValues {
  const values = { ...ABSENT };
  inputs.forEach((input, at) => {
    values[input.key] = pick(input, at);
  });
  return values;
}

export const centralValues = (inputs: readonly RampInput[]): RampValues =>
  rampValues(inputs, (input) => input.distribution.central);
