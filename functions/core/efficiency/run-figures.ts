import * as z from 'zod';
import { GradeSchema } from './catalogue.ts';

const FigureOrNoneSchema = z.number().nullable();

/** Events against exposure: the rate with its exact two-sided Poisson interval, and the one-sided bound to quote where none was seen. */
export const EventRateSchema = z.strictObject({
  count: z.int().nonnegative(),
  exposureChipHours: z.number().positive().describe('of the chips that it was counted on'),
  ratePerChipHour: z.number().nonnegative(),
  low: z.number().nonnegative(),
  high: z.number().positive(),
  atMost: z.number().positive().describe('one-sided upper bound of the rate'),
  confidence: z.number(),
});
export type EventRate = z.infer<typeof EventRateSchema>;

/** Mean time between interruptions with its exact two-sided interval. Without any there is no mean: `atLeast` is the bound. */
export const MtbfSchema = z.strictObject({
  value: FigureOrNoneSchema,
  low: z.number().positive(),
  high: FigureOrNoneSchema.describe('null: no upper end, where nothing interrupted the run'),
  atLeast: z.number().positive().describe('one-sided lower bound'),
  confidence: z.number(),
});
export type Mtbf = z.infer<typeof MtbfSchema>;

/** What failed during the run. A figure is null where nothing counted it, and 0 only where it was counted. */
export const ReliabilitySchema = z.strictObject({
  chipHours: FigureOrNoneSchema.describe('chips times run hours; null where the number of chips is unknown'),
  interruptions: z
    .int()
    .nullable()
    .describe('restarts, and one more where the run was aborted; null where no log tells'),
  mtbfHours: MtbfSchema.nullable().describe('run hours between interruptions of the whole system'),
  eccUncorrected: EventRateSchema.nullable(),
  faults: EventRateSchema.nullable(),
  sdc: EventRateSchema.nullable().describe(
    'silent data corruptions, as run.json declares that they were looked for',
  ),
});
export type Reliability = z.infer<typeof ReliabilitySchema>;

/** What the run cost by one price basis. Bases differ by a factor of three: a cost is nothing without its own. */
export const RunCostSchema = z.strictObject({
  basis: z.string(),
  date: z.string(),
  currency: z.string(),
  grade: GradeSchema,
  perChipHour: z.number().positive(),
  perMillionTokens: FigureOrNoneSchema,
  perMillionUsefulTokens: FigureOrNoneSchema,
  perRun: FigureOrNoneSchema,
});
export type RunCost = z.infer<typeof RunCostSchema>;

/** Greenhouse gas of the run's electricity, at the intensity that run.json declares. */
export const CarbonSchema = z.strictObject({
  gramsCo2e: z.number().nonnegative(),
  perMillionUsefulTokensG: FigureOrNoneSchema,
  intensityGPerKwh: z.number().nonnegative(),
  pue: FigureOrNoneSchema.describe('that the energy was multiplied by; null: by none'),
  basis: z.string().describe('which energy, and what was or was not put on it'),
  source: z.string().nullable().describe('of the intensity, as declared; null where run.json does not say'),
});
export type Carbon = z.infer<typeof CarbonSchema>;

/** Mean training loss of the steps of one bin of equal work, at the mean work of these steps. */
export const LossPointSchema = z.strictObject({
  tokens: z.number().nonnegative().describe('done so far, in the unit that lossUnit says'),
  loss: z.number(),
});
export type LossPoint = z.infer<typeof LossPointSchema>;
