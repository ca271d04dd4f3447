import * as z from 'zod';

/** Value at the medians of all inputs, with its 90 % interval; null bounds where none is known, or none exists. */
const IntervalSchema = z.strictObject({
  central: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Interval = z.infer<typeof IntervalSchema>;
const OpenIntervalSchema = IntervalSchema.extend({ central: z.number().nullable() });

const CostSchema = z
  .strictObject({
    rent: z.number(),
    capital: z.number().describe('of chips; of the candidate by good chip'),
    power: z.number().describe('of chips, PUE included'),
    overheadCapital: z.number().describe('of host and network'),
    overheadPower: z.number(),
    oneTime: z.number().describe('non-recurring and porting cost over all tokens of the plan'),
    total: IntervalSchema,
  })
  .describe('per million useful tokens');
export type RampCost = z.infer<typeof CostSchema>;

const MonthSchema = z.strictObject({
  month: z.string(),
  chips: z.number().describe('good chips of the candidate in service'),
  gpusReplaced: z.number().describe('GPUs whose work they do'),
  gpusDropped: z.number().describe('of these, no longer paid for'),
  gpuSpendAvoided: z.number(),
  candidateSpend: z.number(),
  cumulativeSavings: IntervalSchema.describe('at the end of the month'),
});
export type RampMonth = z.infer<typeof MonthSchema>;

const TornadoBarSchema = z.strictObject({
  input: z.string(),
  unit: z.string(),
  source: z.enum(['pilot', 'plan']),
  low: z.number().describe('5 % quantile'),
  central: z.number(),
  high: z.number().describe('95 % quantile'),
  savingsAtLow: z.number(),
  savingsAtCentral: z.number(),
  savingsAtHigh: z.number(),
});
export type TornadoBar = z.infer<typeof TornadoBarSchema>;

const FlipPriceSchema = z.strictObject({
  price: z.string().describe('what is varied, all else as it is'),
  unit: z.string(),
  side: z.enum(['candidate', 'gpu']),
  planned: z.number(),
  flip: OpenIntervalSchema.describe('where savings are 0; null: no price above 0 does'),
  reason: z.string().nullable().describe('why there is none'),
});
export type FlipPrice = z.infer<typeof FlipPriceSchema>;

const PilotWeekSchema = z
  .strictObject({
    information: z.number().describe('by which the decision gets better, at most'),
    delay: z.number().describe('savings of a week'),
    net: z.number(),
  })
  .describe('expected value of one more week of pilot');
export type PilotWeek = z.infer<typeof PilotWeekSchema>;

const ComputedRampSchema = z.strictObject({
  status: z.literal('computed'),
  plan: z.string(),
  currency: z.string(),
  discountRatePerYear: z.number().describe('amounts are present values in the first month'),
  confidence: z.number(),
  draws: z.int().describe('0: no interval'),
  seed: z.int(),
  chips: z.number().describe('good chips of the plan'),
  gpusPerChip: IntervalSchema.describe('GPUs that one chip replaces at equal useful tokens'),
  cost: z.strictObject({ candidate: CostSchema, gpu: CostSchema }),
  savings: IntervalSchema.describe('over the plan, to the end of the last chip'),
  meanSavings: z.number().nullable().describe('over the draws'),
  probabilityOfSaving: z.number().nullable(),
  breakEven: z.strictObject({
    goodChips: OpenIntervalSchema.describe('volume at which the ramp pays; null: at none'),
    month: OpenIntervalSchema.describe(
      'from 1, from which cumulative savings stay at or above 0; null: never',
    ),
    monthName: z.string().nullable(),
  }),
  flipPrices: z.array(FlipPriceSchema),
  tornado: z.array(TornadoBarSchema),
  months: z.array(MonthSchema),
  oneMoreWeek: PilotWeekSchema.nullable(),
  exact: z.array(z.string()).describe('inputs that were given without a range, and are taken as exact'),
  notes: z.array(z.string()),
});
export type ComputedRamp = z.infer<typeof ComputedRampSchema>;

/** What a ramp saves or costs; or why that cannot be said. */
export const RampResultSchema = z.discriminatedUnion('status', [
  ComputedRampSchema,
  z.strictObject({
    status: z.literal('not computable'),
    plan: z.string(),
    reason: z.string(),
  }),
]);
export type RampResult = z.infer<typeof RampResultSchema>;
