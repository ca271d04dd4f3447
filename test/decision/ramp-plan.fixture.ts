import type { RampMeasurements } from '../../functions/core/decision/ramp-measurements.ts';
import { type RampPlan, RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';

type Written = Parameters<typeof RampPlanSchema.parse>[0];

/** Ten chips for two months: small enough to work out on paper (ramp.test.ts). */
export const smallPlan = (change: Record<string, unknown> = {}): RampPlan =>
  RampPlanSchema.parse({
    schema: 'wattline/ramp@1',
    name: 'small',
    currency: 'USD',
    startMonth: '2027-12',
    chips: [10],
    candidate: {
      basis: 'bought',
      chipCost: 1000,
      yield: 0.5,
      serviceLifeMonths: 2,
      overhead: { powerW: 100, capital: 100 },
    },
    gpu: { basis: 'rented', hourlyPrice: 2 },
    nre: 5000,
    portingCost: 1000,
    energyPricePerKwh: 0.1,
    pue: 1.25,
    utilization: 0.5,
    ...change,
  } satisfies Record<string, unknown> as Written);

const exact = (ratio: number) => ({ ratio, low: ratio, high: ratio, confidence: 0.95 });

/** Half as fast, with four fifths of the energy; nothing uncertain. */
export const smallMeasurements = (change: Partial<RampMeasurements> = {}): RampMeasurements => ({
  boundary: 'node-dc',
  energyPerToken: exact(0.8),
  timePerToken: exact(2),
  baseline: { energyPerTokenJ: 0.5, tokensPerSecondPerChip: 1000 },
  ...change,
});

/** As a pilot gives it: ratios with their spread. */
export const pilotMeasurements = (change: Partial<RampMeasurements> = {}): RampMeasurements => ({
  boundary: 'chip',
  energyPerToken: { ratio: 0.7, low: 0.66, high: 0.745, confidence: 0.95 },
  timePerToken: { logRatio: Math.log(1.9), standardError: 0.03, degreesOfFreedom: 9 },
  baseline: { energyPerTokenJ: 0.064, tokensPerSecondPerChip: 10_500, meanPowerPerChipW: 672 },
  pilotWeeks: 6,
  ...change,
});
