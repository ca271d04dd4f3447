import * as z from 'zod';
import { EvidenceGradeSchema } from '../efficiency/evaluation.ts';

/** Ratios candidate / baseline, where less is better. */
export const RATIO_METRICS = [
  'energy-to-train',
  'energy-per-sample',
  'energy-per-token',
  'energy-per-useful-token',
  'time-to-train',
  'time-per-useful-token',
  'cost-to-train',
  'cost-per-useful-token',
  'loss-at-equal-tokens',
  'interruption-rate',
] as const;

/** Levels of the candidate alone, where less is better too; gates on them are absolute limits. */
export const LEVEL_METRICS = [
  'throttled-share',
  'interruptions-per-chip-hour',
  'uncorrected-ecc-per-chip-hour',
  'silent-errors-per-chip-hour',
] as const;

/** What a gate looks at. */
export const MetricSchema = z.enum([...RATIO_METRICS, ...LEVEL_METRICS]);
export type Metric = z.infer<typeof MetricSchema>;
export type RatioMetric = (typeof RATIO_METRICS)[number];
export type LevelMetric = (typeof LEVEL_METRICS)[number];

export const isLevel = (metric: Metric): metric is LevelMetric =>
  (LEVEL_METRICS as readonly string[]).includes(metric);

/**
 * One declared gate over a ratio r = candidate / baseline with interval [low, high]:
 * superiority passes when high < 1 - margin; non-inferiority when high < 1 + margin; absolute when high < limit.
 * A stop gate is the reverse: it fires when low > 1 + margin (or low > limit).
 */
export const GateSchema = z
  .strictObject({
    id: z.string().min(1),
    metric: MetricSchema,
    kind: z.enum(['superiority', 'non-inferiority', 'absolute']),
    duty: z.enum(['required', 'guardrail', 'stop']),
    margin: z.number().min(0).lt(1).default(0),
    limit: z.number().positive().optional(),
    alpha: z.number().gt(0).lt(0.5).default(0.05),
    over: z
      .enum(['each', 'mix'])
      .default('each')
      .describe('every workload by itself, or the mix of them by the weights of the policy'),
    against: z
      .enum(['today', 'forecast'])
      .default('today')
      .describe('the baseline as it is, or as its own trend puts it at the ramp date'),
    minimumRuns: z.int().min(2).default(3),
    minimumChips: z
      .int()
      .min(0)
      .default(0)
      .describe('on each side, where single chips (or nodes) are what the data tells apart'),
    minimumNights: z.int().min(0).default(0),
    minimumEvidence: EvidenceGradeSchema.exclude(['D']).default('C'),
    why: z.string().optional(),
  })
  .refine((g) => g.kind !== 'absolute' || g.limit !== undefined, 'an absolute gate needs a limit')
  .refine(
    (g) => !isLevel(g.metric) || g.kind === 'absolute',
    'a level of the candidate alone has an absolute limit: expected kind absolute',
  );
export type Gate = z.infer<typeof GateSchema>;

export const MonitoringSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('once') })
    .describe('the data is complete and looked at once: published results'),
  z
    .strictObject({
      kind: z.literal('nightly'),
      plannedNights: z
        .int()
        .min(7)
        .max(3_650)
        .default(60)
        .describe('where the confidence sequence is narrowest'),
    })
    .describe('looked at every night: intervals hold over all of them at once'),
  z
    .strictObject({
      kind: z.literal('looks'),
      nights: z
        .array(z.int().min(2))
        .min(1)
        .max(52)
        .refine((n) => n.every((v, i) => i === 0 || v > (n[i - 1] as number)), 'expected rising numbers')
        .describe('after how many nights the pilot is looked at; between them the last look stands'),
      phi: z
        .number()
        .positive()
        .max(10)
        .default(2)
        .describe('alpha spent at a share t of the nights: alpha t^phi'),
    })
    .describe('decided at declared looks only, which share alpha'),
]);
export type Monitoring = z.infer<typeof MonitoringSchema>;

export const PolicySchema = z
  .strictObject({
    schema: z.literal('wattline/policy@1'),
    name: z.string().min(1),
    description: z.string(),
    energyMethod: z
      .enum(['clipped-trapezoid', 'mlperf-training-v4.0', 'counter'])
      .default('clipped-trapezoid'),
    priceBasis: z.string().describe("name of a file in data/prices, or of the program's own prices.json"),
    monitoring: MonitoringSchema.default({ kind: 'nightly', plannedNights: 60 }),
    futility: z
      .strictObject({ alpha: z.number().gt(0).lt(0.5) })
      .nullable()
      .default(null)
      .describe('stop where a required gate is shown to be out of reach; null: hold instead'),
    mix: z
      .record(z.string(), z.number().positive())
      .optional()
      .describe('weight of each workload in the fleet, by name; equal weights where it is absent'),
    baseline: z
      .strictObject({
        maximumAgeDays: z
          .int()
          .positive()
          .nullable()
          .default(null)
          .describe('a baseline whose last night is older blocks the verdict; null: none is too old'),
        rampDate: z.iso.date().nullable().default(null).describe('for which the baseline is forecast'),
      })
      .default({ maximumAgeDays: null, rampDate: null }),
    maximumExcludedRatio: z
      .number()
      .min(0)
      .lt(1)
      .default(0.2)
      .describe('share of the runs that may be left out for their evidence before nothing is decided'),
    gates: z.array(GateSchema).min(1),
  })
  .refine((p) => p.gates.some((g) => g.duty === 'required'), 'a policy needs at least one required gate')
  .refine((p) => new Set(p.gates.map((g) => g.id)).size === p.gates.length, 'gate ids must differ')
  .refine(
    (p) => p.baseline.rampDate !== null || p.gates.every((g) => g.against === 'today'),
    'a gate against the forecast needs baseline.rampDate',
  );
export type Policy = z.infer<typeof PolicySchema>;
