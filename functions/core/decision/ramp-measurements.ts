import * as z from 'zod';
import { BoundarySchema } from '../telemetry/boundary.ts';
import { PositiveSchema } from './ramp-plan.ts';

/** Past a factor of a thousand either way a ratio of two accelerators is a slip of units. */
const RATIO_LIMIT = 1000;
const RatioNumberSchema = z
  .number()
  .min(1 / RATIO_LIMIT)
  .max(RATIO_LIMIT);

/** Ratio candidate / baseline as the decision has it: with its interval, or on the log scale with its spread. */
export const MeasuredRatioSchema = z.union([
  z
    .strictObject({
      ratio: RatioNumberSchema,
      low: RatioNumberSchema.nullable().describe('null: no interval is known'),
      high: RatioNumberSchema.nullable(),
      confidence: z.number().gt(0).lt(1),
    })
    .refine(
      (r) => r.low === null || r.high === null || (r.low <= r.ratio && r.ratio <= r.high),
      'expected low <= ratio <= high',
    ),
  z.strictObject({
    logRatio: z.number().min(-Math.log(RATIO_LIMIT)).max(Math.log(RATIO_LIMIT)),
    standardError: z.number().min(0).max(10).nullable().describe('null: no spread is known'),
    degreesOfFreedom: z.number().min(1).nullable(),
  }),
]);
export type MeasuredRatio = z.infer<typeof MeasuredRatioSchema>;

/** What the pilot says of the two chips: ratios with their intervals, and the level of the baseline. */
export const RampMeasurementsSchema = z.strictObject({
  boundary: BoundarySchema.describe('of the energies on both sides'),
  energyPerToken: MeasuredRatioSchema.nullable().describe('energy per useful token; null: not measured'),
  timePerToken: MeasuredRatioSchema.nullable().describe('chip-seconds per useful token; null: not measured'),
  baseline: z
    .strictObject({
      energyPerTokenJ: PositiveSchema.describe('per useful token'),
      tokensPerSecondPerChip: PositiveSchema.describe('useful tokens'),
      meanPowerPerChipW: z
        .number()
        .positive()
        .optional()
        .describe('a check: power / rate = energy per token'),
    })
    .nullable(),
  pilotWeeks: z.number().positive().max(1000).optional().describe('that the ratios rest on'),
});
export type RampMeasurements = z.infer<typeof RampMeasurementsSchema>;
