import * as z from 'zod';
import { EnergySchema, EvidenceGradeSchema, FindingSchema } from '../efficiency/evaluation.ts';
import { BoundarySchema } from '../telemetry/boundary.ts';
import { NameSchema, WorkloadSchema } from '../telemetry/manifest.ts';
import { LossCurveSchema } from './loss-curves.ts';
import { MetricSchema, PolicySchema } from './policy.ts';
import { RampResultSchema } from './ramp-result.ts';
import { EventRateSchema } from './reliability.ts';

/** Mean with its two-sided interval (Student t over runs). Null bounds below two runs. */
export const MeanSchema = z.strictObject({
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  n: z.int(),
});
export type Mean = z.infer<typeof MeanSchema>;

const ScoreSchema = z.strictObject({
  timeToTrainMin: z.number(),
  energy: EnergySchema,
  nodes: EnergySchema,
  switches: EnergySchema,
});
export type Score = z.infer<typeof ScoreSchema>;

/** Runs of one workload on one system, scored together as published. */
export const SetScoreSchema = ScoreSchema.extend({
  id: z.string(),
  role: z.enum(['candidate', 'baseline']),
  sku: z.string(),
  system: z.strictObject({ name: z.string(), nodes: z.int(), chipsPerNode: z.int().nullable() }),
  workload: WorkloadSchema,
  boundary: BoundarySchema.nullable(),
  boundaryBasis: z.enum(['declared', 'assumed']),
  simulated: z.boolean(),
  runs: z.array(z.string()),
  dropped: z.array(z.string()),
  scoring: z.enum(['olympic', 'mean']),
  droppedEachEnd: z.int(),
  scalingFactor: z.number(),
  means: z.strictObject({
    timeToTrainMin: MeanSchema.nullable(),
    clippedTrapezoidJ: MeanSchema.nullable(),
    mlperfTrainingV40J: MeanSchema.nullable(),
    energyPerSampleJ: MeanSchema.nullable(),
    energyPerTokenJ: MeanSchema.nullable(),
    meanPowerW: MeanSchema.nullable(),
  }),
  corrected: ScoreSchema.extend({ reason: z.string(), runs: z.array(z.string()) }).optional(),
  evidence: EvidenceGradeSchema,
  findings: z.array(FindingSchema),
});
export type SetScore = z.infer<typeof SetScoreSchema>;

/** A ratio candidate / baseline; less is better. Interval on the log scale. */
export const RatioSchema = z.strictObject({
  workload: z.string(),
  metric: MetricSchema,
  method: z.string().describe('energy method, price basis, or the way time was scored'),
  basis: z
    .enum(['scored', 'mean'])
    .describe('scored: olympic means times scaling; mean: geometric mean of all runs'),
  ratio: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  unit: z.enum(['run', 'node', 'chip']).describe('unit of analysis'),
  n: z.strictObject({ candidate: z.int(), baseline: z.int() }),
  candidate: z.number(),
  baseline: z.number(),
});
export type Ratio = z.infer<typeof RatioSchema>;

const UnitSchema = z.enum(['chip', 'node', 'run', 'event']);
const SidesSchema = z.strictObject({ candidate: z.int(), baseline: z.int() });

export const GateResultSchema = z.strictObject({
  id: z.string(),
  workload: z.string().describe('or mix, or program'),
  metric: MetricSchema,
  method: z.string(),
  kind: z.enum(['superiority', 'non-inferiority', 'absolute']),
  duty: z.enum(['required', 'guardrail', 'stop']),
  against: z.enum(['today', 'forecast']).default('today'),
  threshold: z.number().describe('what the interval must be below (stop gates: above)'),
  result: z.enum(['pass', 'fail', 'not decidable']),
  ratio: z.number().nullable().describe('ratio, or level of the candidate alone'),
  low: z.number().nullable(),
  high: z.number().nullable().describe('null where it is not decidable, or has no upper end'),
  confidence: z.number(),
  unit: UnitSchema.nullable().default(null),
  n: SidesSchema.nullable().default(null),
  nights: z.int().nullable().default(null),
  needs: z
    .strictObject({ units: z.int().nullable(), nights: z.int().nullable(), text: z.string() })
    .nullable()
    .default(null)
    .describe(
      'units a side, or nights, that would pass it if the figure stays where it is; null: no number, or not asked',
    ),
  reason: z.string(),
});
export type GateResult = z.infer<typeof GateResultSchema>;

/** Two-sided. */
const IntervalSchema = z.strictObject({ low: z.number(), high: z.number(), confidence: z.number() });
export type Interval = z.infer<typeof IntervalSchema>;

/** One metric of one workload over units and nights, with every spread that its gates may rest on. */
export const ContrastSchema = z.strictObject({
  workload: z.string(),
  metric: MetricSchema,
  method: z.string(),
  unit: UnitSchema.describe('unit of analysis'),
  isPaired: z.boolean().describe('differences are taken within the night'),
  ratio: z.number(),
  candidate: z.number().describe('geometric mean over units'),
  baseline: z.number(),
  n: SidesSchema,
  runs: SidesSchema,
  excluded: z.array(z.string()).describe('runs left out for their evidence'),
  boundary: BoundarySchema.nullable().default(null).describe('null for what is no energy'),
  evidence: EvidenceGradeSchema.nullable()
    .default(null)
    .describe('worst grade of the runs that count; null for what is no energy'),
  coverageRatio: z.number().nullable().default(null).describe('least of the runs that count'),
  maxGapInRunS: z.number().nullable().default(null).describe('largest of the runs that count'),
  population: IntervalSchema.nullable().describe('of chips to come, if looked at once: clustered, Student t'),
  nightly: IntervalSchema.nullable().describe('the same over all nights at once'),
  theseUnits: IntervalSchema.nullable().describe('of these very units, over all nights at once: no floor'),
  bootstrap: IntervalSchema.extend({ method: z.string() })
    .nullable()
    .describe('of chips to come, resampled by lot, node or chip: a check of the first'),
  spread: z.strictObject({
    cluster: z.enum(['lot', 'unit']).nullable(),
    clusters: SidesSchema.nullable(),
    betweenSE: z.number().nullable().describe('of the log ratio; the floor that more nights do not lower'),
    nightSE: z.number().nullable(),
    lotSD: z.number().nullable().describe('of the candidate, log scale, as are the next two'),
    unitSD: z.number().nullable(),
    nightSD: z.number().nullable(),
    designEffect: z.number().nullable().describe('variance against that of as many independent unit-nights'),
    nightInflation: z.number().nullable().describe('of the variance, by the correlation of nights'),
  }),
  nights: z.array(
    z.strictObject({
      night: z.iso.date(),
      ratio: z.number().describe('of all nights up to this one'),
      ofNight: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
  units: z.array(
    z.strictObject({
      role: z.enum(['candidate', 'baseline']),
      unit: z.string(),
      lot: z.string().nullable(),
      bin: z.string().nullable().default(null),
      ratio: z.number().describe('to the mean of the baseline'),
      nights: z.int(),
    }),
  ),
  shareBetter: z
    .number()
    .nullable()
    .describe('of candidate units that need less than the mean of the baseline'),
});
export type ContrastResult = z.infer<typeof ContrastSchema>;

/** The baseline moves too: its own trend, and the ratio to where that leads. */
export const DriftSchema = z.strictObject({
  workload: z.string(),
  metric: MetricSchema,
  nights: z.int(),
  perMonthRatio: z.number().describe('of the baseline, in 30 days'),
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  points: z
    .array(
      z.strictObject({
        night: z.iso.date(),
        ratio: z.number().describe('to the mean of all nights'),
        line: z.number(),
        low: z.number().describe('interval of the line'),
        high: z.number(),
      }),
    )
    .default([])
    .describe('nights of the baseline, chips that missed some allowed for'),
  forecast: z
    .strictObject({
      date: z.iso.date(),
      baselineRatio: z.number().describe('to the middle of its nights'),
      low: z.number(),
      high: z.number(),
      ratio: z.number().describe('candidate of today to the baseline of then'),
    })
    .nullable(),
});
export type Drift = z.infer<typeof DriftSchema>;

export const VerdictSchema = z.enum(['scale-up', 'hold', 'stop']);
export type Verdict = z.infer<typeof VerdictSchema>;

/** The result for one program on one night. */
export const DecisionSchema = z.strictObject({
  schema: z.literal('wattline/decision@1'),
  program: NameSchema,
  date: z.iso.date(),
  simulated: z.boolean(),
  verdict: VerdictSchema,
  reasons: z.array(z.string()),
  /** What would change the verdict, or what is missing. */
  next: z.array(z.string()),
  /** Set when two energy methods lead to different verdicts; the report says so first. */
  methodConflict: z
    .strictObject({
      verdicts: z.array(z.strictObject({ method: z.string(), verdict: VerdictSchema })),
      message: z.string(),
    })
    .nullable(),
  policy: PolicySchema,
  policyHistory: z
    .array(z.strictObject({ from: z.iso.date(), digest: z.string(), policy: PolicySchema }))
    .default([])
    .describe(
      'every policy that nights were decided by, in order; more than one: it was edited during the pilot',
    ),
  mix: z
    .array(z.strictObject({ workload: z.string(), weight: z.number() }))
    .default([])
    .describe('weights of the workloads in the mix'),
  contrasts: z.array(ContrastSchema).default([]),
  drift: z.array(DriftSchema).default([]),
  lossCurves: z.array(LossCurveSchema).default([]),
  reliability: z
    .array(EventRateSchema)
    .default([])
    .describe('what failed, by chip and workload; what no run counted has no entry'),
  futile: z.array(z.string()).default([]).describe('required gates that are out of reach'),
  ramp: RampResultSchema.nullable().default(null).describe('economics of the plan; null where there is none'),
  ratios: z.array(RatioSchema),
  gates: z.array(GateResultSchema),
  refusals: z.array(z.strictObject({ candidate: z.string(), baseline: z.string(), reason: z.string() })),
  sets: z.array(SetScoreSchema),
  findings: z.array(FindingSchema),
  evaluations: z.array(z.strictObject({ run: z.string(), digest: z.string() })),
  prices: z
    .strictObject({ name: z.string(), date: z.string(), currency: z.string(), source: z.string() })
    .nullable(),
  code: z.string(),
});
export type Decision = z.infer<typeof DecisionSchema>;
