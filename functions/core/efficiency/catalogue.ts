import * as z from 'zod';
import { BoundarySchema } from '../telemetry/boundary.ts';

/** V verified in a primary file, S seen in a secondary source, M unverified (never used for a number that is printed). */
export const GradeSchema = z.enum(['V', 'S', 'M']);

export const FigureSchema = z.strictObject({
  value: z.number().positive(),
  grade: GradeSchema,
  source: z.string().min(1),
  note: z.string().optional(),
});
export type Figure = z.infer<typeof FigureSchema>;

const PublishedSchema = z
  .strictObject({
    suite: z.string().describe('for instance MLPerf Training v5.0'),
    benchmark: z.string(),
    submitter: z.string(),
    system: z.string(),
    chips: z.int().positive(),
    timeToTrainMin: z.number().positive(),
    energyJ: z.number().positive().nullable().describe('of the whole system, by the rule of the suite'),
    energyBoundary: BoundarySchema.optional(),
    grade: GradeSchema,
    source: z.string(),
    note: z.string().optional(),
  })
  .refine(
    (p) => (p.energyJ === null) === (p.energyBoundary === undefined),
    'an energy needs the boundary that it was taken at, and only an energy has one',
  );

/** An accelerator to compare with: what its maker and public results say of it. null: not published. */
export const BaselineSchema = z.strictObject({
  schema: z.literal('wattline/baseline@1'),
  sku: z.string().min(1),
  vendor: z.string(),
  aliases: z.array(z.string()).describe('spellings in system descriptions and logs, compared without case'),
  powerW: FigureSchema.nullable().describe('board power limit (TDP)'),
  densePeakFlops: z
    .record(z.string(), FigureSchema)
    .describe('by precision, FLOP/s (int8: op/s), without sparsity'),
  memoryBytes: FigureSchema,
  memoryBandwidthBytesPerS: FigureSchema,
  allInPowerW: FigureSchema.nullable().describe(
    'per accelerator with its share of host, network and cooling',
  ),
  published: z.array(PublishedSchema),
});
export type Baseline = z.infer<typeof BaselineSchema>;

/** A named, dated price basis: what an hour of one chip costs. Two bases may differ by a factor of three. */
export const PriceBasisSchema = z.strictObject({
  schema: z.literal('wattline/prices@1'),
  name: z.string().min(1),
  date: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'expected YYYY, YYYY-MM or YYYY-MM-DD')
    .describe('when these prices held: year, month or day'),
  currency: z.literal('USD'),
  description: z.string(),
  source: z.string(),
  perChipHour: z.array(
    z.strictObject({
      sku: z.string(),
      value: z.number().positive(),
      grade: GradeSchema,
      note: z.string().optional(),
    }),
  ),
});
export type PriceBasis = z.infer<typeof PriceBasisSchema>;
