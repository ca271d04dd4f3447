import { costPerMillionTokensUsd, electricityPerMillionTokensUsd } from '../efficiency/cost.ts';
import type { RampValues } from './ramp-inputs.ts';
import type { RampPlan } from './ramp-plan.ts';
import { annuity, discountPerMonth } from './ramp-schedule.ts';

/** 8,760 h / 12. */
export const HOURS_PER_MONTH = 730;
const MILLION = 1e6;

/** What one chip of one side costs, in the plan's currency. */
export interface SideCosts {
  /** Once, when a chip is put in service. */
  readonly capital: number;
  readonly overheadCapital: number;
  /** Each month in service. */
  readonly rent: number;
  readonly power: number;
  readonly overheadPower: number;
  /** Present value of one unit a month over the chip's service life; what is paid once is spread by it. */
  readonly lifeFactor: number;
  /** Millions of useful tokens a month. */
  readonly millionTokens: number;
}

export interface RampCosts {
  readonly candidate: SideCosts;
  readonly gpu: SideCosts;
  /** GPUs whose useful tokens one candidate chip makes: 1 / ratio of time per useful token. */
  readonly gpusPerChip: number;
  /** Paid once, in the first month: non-recurring cost and porting. */
  readonly oneTime: number;
}

interface Overheads {
  readonly powerW: number;
  readonly powerShare: number;
  readonly capital: number;
  readonly capitalShare: number;
}

interface Chip {
  readonly isRented: boolean;
  readonly cost: number;
  readonly yield: number;
  readonly hourlyPrice: number;
  readonly tokensPerSecond: number;
  readonly energyPerTokenJ: number;
  readonly overhead: Overheads;
  readonly lifeFactor: number;
}

function sideCosts(chip: Chip, v: RampValues): SideCosts {
  const { overhead } = chip;
  const millionTokens = (chip.tokensPerSecond * v.utilization * 3600 * HOURS_PER_MONTH) / MILLION;
  const power =
    millionTokens * electricityPerMillionTokensUsd(chip.energyPerTokenJ, v.energyPricePerKwh) * v.pue;
  const alwaysOn = (overhead.powerW / 1000) * HOURS_PER_MONTH * v.energyPricePerKwh * v.pue;
  return {
    capital: chip.cost / chip.yield,
    overheadCapital: overhead.capital + overhead.capitalShare * chip.cost,
    rent: chip.hourlyPrice * HOURS_PER_MONTH,
    // A rent is all in: what the chip draws is paid by its owner.
    power: chip.isRented ? 0 : power,
    overheadPower: chip.isRented ? 0 : alwaysOn + overhead.powerShare * power,
    lifeFactor: chip.lifeFactor,
    millionTokens,
  };
}

/** What a chip of each side costs, and what replaces what, for one set of values. */
export function rampCosts(plan: RampPlan, v: RampValues): RampCosts {
  const discount = discountPerMonth(plan.discountRatePerYear);
  const { candidate, gpu } = plan;
  return {
    candidate: sideCosts(
      {
        isRented: candidate.basis === 'rented',
        cost: v.candidateChipCost,
        yield: v.yield,
        hourlyPrice: v.candidateHourlyPrice,
        tokensPerSecond: v.tokensPerSecondPerChip / v.timeRatio,
        energyPerTokenJ: v.energyPerTokenJ * v.energyRatio,
        overhead: {
          powerW: v.candidatePowerW,
          powerShare: v.candidatePowerShare,
          capital: v.candidateCapital,
          capitalShare: v.candidateCapitalShare,
        },
        lifeFactor: annuity(discount, candidate.serviceLifeMonths),
      },
      v,
    ),
    gpu: sideCosts(
      {
        isRented: gpu.basis === 'rented',
        cost: v.gpuChipCost,
        yield: 1,
        hourlyPrice: v.gpuHourlyPrice,
        tokensPerSecond: v.tokensPerSecondPerChip,
        energyPerTokenJ: v.energyPerTokenJ,
        overhead: {
          powerW: v.gpuPowerW,
          powerShare: v.gpuPowerShare,
          capital: v.gpuCapital,
          capitalShare: v.gpuCapitalShare,
        },
        lifeFactor: gpu.basis === 'bought' ? annuity(discount, gpu.serviceLifeMonths) : 1,
      },
      v,
    ),
    gpusPerChip: 1 / v.timeRatio,
    oneTime: v.nre + v.portingCost,
  };
}

/** Cost of a million useful tokens by what it is paid for. */
export interface CostParts {
  readonly rent: number;
  readonly capital: number;
  readonly power: number;
  readonly overheadCapital: number;
  readonly overheadPower: number;
  readonly oneTime: number;
  readonly total: number;
}

/**
 * Cost per million useful tokens of one side: what is paid once for a chip over its life's tokens, what is paid by
 * the month over a month's. `oneTimePerMillion`: non-recurring cost over all tokens of the plan.
 */
export function costParts(side: SideCosts, oneTimePerMillion: number): CostParts {
  const { lifeFactor, millionTokens } = side;
  const parts = {
    rent: costPerMillionTokensUsd(
      side.rent / HOURS_PER_MONTH,
      (millionTokens * MILLION) / (3600 * HOURS_PER_MONTH),
    ),
    capital: side.capital / lifeFactor / millionTokens,
    power: side.power / millionTokens,
    overheadCapital: side.overheadCapital / lifeFactor / millionTokens,
    overheadPower: side.overheadPower / millionTokens,
    oneTime: oneTimePerMillion,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
