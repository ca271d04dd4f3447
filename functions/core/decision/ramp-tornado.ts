import { rampCosts } from './ramp-costs.ts';
import { savingsAt } from './ramp-flow.ts';
import { centralValues, isUncertain, type RampInput } from './ramp-inputs.ts';
import type { RampPlan } from './ramp-plan.ts';
import type { TornadoBar } from './ramp-result.ts';
import type { RampSchedule } from './ramp-schedule.ts';

/**
 * Savings where one input is at its 5 % and at its 95 % quantile and all others at their medians, for every input that
 * is uncertain: the one that moves the savings most comes first.
 */
export function tornado(plan: RampPlan, schedule: RampSchedule, inputs: readonly RampInput[]): TornadoBar[] {
  const central = centralValues(inputs);
  const saved = (input: RampInput, value: number): number =>
    savingsAt(rampCosts(plan, { ...central, [input.key]: value }), schedule, 1).total;
  const swing = (bar: TornadoBar): number =>
    Math.max(bar.savingsAtLow, bar.savingsAtHigh, bar.savingsAtCentral) -
    Math.min(bar.savingsAtLow, bar.savingsAtHigh, bar.savingsAtCentral);
  return inputs
    .filter(isUncertain)
    .map((input): TornadoBar => {
      const { low, central: value, high } = input.distribution;
      return {
        input: input.label,
        unit: input.unit,
        source: input.isMeasured ? 'pilot' : 'plan',
        low,
        central: value,
        high,
        savingsAtLow: saved(input, low),
        savingsAtCentral: saved(input, value),
        savingsAtHigh: saved(input, high),
      };
    })
    .sort((a, b) => swing(b) - swing(a) || (a.input < b.input ? -1 : 1));
}
