import * as z from 'zod';

/** Past it a number is a slip of units; below it sums of a plan stay finite. */
const AMOUNT_LIMIT = 1e15;
/** Ten years: longer plans and lives say nothing of chips. */
export const MONTHS_LIMIT = 120;
const CHIPS_LIMIT = 1e7;

/**
 * A number, or a number with its 90 % range. `low` and `high` are the 5 % and 95 % quantiles and `value` the median of
 * a distribution that is normal on the log scale on either side of the median (functions/core/decision/ramp-distribution.ts).
 */
const uncertain = (number: z.ZodNumber, expected: string) =>
  z.union(
    [
      number,
      z
        .strictObject({
          value: number.describe('median'),
          low: number.gt(0).describe('5 % quantile'),
          high: number.describe('95 % quantile'),
        })
        .refine((u) => u.low <= u.value && u.value <= u.high, 'expected low <= value <= high'),
    ],
    {
      error: `expected ${expected}, or { value, low, high } of such with low <= value <= high and low above 0`,
    },
  );

export const PositiveSchema = uncertain(z.number().positive().max(AMOUNT_LIMIT), 'a number above 0');
const AmountSchema = uncertain(z.number().min(0).max(AMOUNT_LIMIT), 'a number of at least 0');
const ShareSchema = uncertain(z.number().gt(0).max(1), 'a share above 0 and at most 1');
const PueSchema = uncertain(z.number().min(1).max(10), 'a number from 1 to 10');
export type Uncertain = z.infer<typeof PositiveSchema>;

const MonthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected YYYY-MM');
const LifeSchema = z.int().min(1).max(MONTHS_LIMIT);

const OverheadSchema = z
  .strictObject({
    powerW: AmountSchema.optional().describe('per chip, in all hours'),
    powerShare: AmountSchema.optional().describe('instead: share of the energy of the chip'),
    capital: AmountSchema.optional().describe('per chip, once'),
    capitalShare: AmountSchema.optional().describe('instead: share of the cost of one chip, before yield'),
  })
  .refine(
    (o) => o.powerW === undefined || o.powerShare === undefined,
    'expected powerW or powerShare, not both',
  )
  .refine(
    (o) => o.capital === undefined || o.capitalShare === undefined,
    'expected capital or capitalShare, not both',
  )
  .describe('host and network that a chip needs and that the boundary of the measured energy does not cover');
export type Overhead = z.infer<typeof OverheadSchema>;

const CandidateSchema = z.discriminatedUnion('basis', [
  z.strictObject({
    basis: z.literal('bought'),
    chipCost: PositiveSchema.describe('wafer, package and board of one chip, good or bad'),
    yield: ShareSchema.describe('good share: a good chip costs chipCost / yield'),
    serviceLifeMonths: LifeSchema.describe('that a chip serves from the month it is put in service'),
    overhead: OverheadSchema.prefault({}),
  }),
  z.strictObject({
    basis: z.literal('rented'),
    hourlyPrice: PositiveSchema.describe('of a chip, all in: power, host and network too'),
    serviceLifeMonths: LifeSchema.describe('for which a chip that is put in service is rented'),
  }),
]);

const GpuSchema = z.discriminatedUnion('basis', [
  z.strictObject({
    basis: z.literal('rented'),
    hourlyPrice: PositiveSchema.describe('of a GPU, all in: power, host and network too'),
  }),
  z.strictObject({
    basis: z.literal('bought'),
    chipCost: PositiveSchema.describe('of one GPU'),
    serviceLifeMonths: LifeSchema.describe('over which its cost is spread'),
    overhead: OverheadSchema.prefault({}),
  }),
]);

const ChipsSchema = z
  .union(
    [
      z.array(z.int().min(0).max(CHIPS_LIMIT)).min(1).max(MONTHS_LIMIT),
      z.strictObject({
        from: z.int().min(0).max(CHIPS_LIMIT).describe('good chips put in service in the first month'),
        to: z.int().min(0).max(CHIPS_LIMIT).describe('and in the last'),
        months: z
          .int()
          .min(1)
          .max(MONTHS_LIMIT)
          .describe('on a straight line between, rounded to whole chips'),
      }),
    ],
    { error: `expected 1 to ${MONTHS_LIMIT} whole numbers of chips by month, or { from, to, months }` },
  )
  .refine(
    (c) => (Array.isArray(c) ? c.some((n) => n > 0) : c.to > 0 || (c.from > 0 && c.months > 1)),
    'expected at least one chip',
  )
  .describe('good chips of the candidate that are newly put in service, month by month');

const FleetSchema = z
  .strictObject({
    gpus: z.number().min(0).max(CHIPS_LIMIT).describe('that this work takes without the candidate'),
    commitments: z
      .array(
        z.strictObject({
          gpus: z.number().positive().max(CHIPS_LIMIT),
          through: MonthSchema.describe('last month that is paid for in any case'),
        }),
      )
      .default([]),
  })
  .refine(
    (f) => f.commitments.reduce((sum, c) => sum + c.gpus, 0) <= f.gpus,
    'expected commitments of at most as many GPUs as the fleet has',
  )
  .describe('GPUs of today: only what is not committed can be dropped; absent, every GPU can');

/** What a ramp of the candidate is planned to be, and what it and the GPUs that it replaces cost. */
export const RampPlanSchema = z.strictObject({
  schema: z.literal('wattline/ramp@1'),
  name: z.string().min(1),
  description: z.string().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected three capital letters')
    .describe('of every amount'),
  startMonth: MonthSchema,
  chips: ChipsSchema,
  candidate: CandidateSchema,
  gpu: GpuSchema,
  nre: AmountSchema.describe('still to be spent: tape-out, masks, bring-up; in the first month'),
  portingCost: AmountSchema.describe('software still to be moved; in the first month'),
  energyPricePerKwh: PositiveSchema,
  pue: PueSchema.describe('power of the facility / power of what is in it'),
  utilization: ShareSchema.describe('share of all hours in which a chip of either side works'),
  discountRatePerYear: z.number().min(0).max(1).default(0),
  fleet: FleetSchema.optional(),
});
export type RampPlan = z.infer<typeof RampPlanSchema>;
