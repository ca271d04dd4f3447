import * as z from 'zod';
import { EnergySchema, EvidenceGradeSchema, FindingSchema } from '../efficiency/evaluation.ts';
import { BoundarySchema } from '../telemetry/boundary.ts';
import { NameSchema, WorkloadSchema } from '../telemetry/manifest.ts';
import { MetricSchema, PolicySchema } from './policy.ts';

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

export const GateResultSchema = z.strictObject({
  id: z.string(),
  workload: z.string(),
  metric: MetricSchema,
  method: z.string(),
  kind: z.enum(['superiority', 'non-inferiority', 'absolute']),
  duty: z.enum(['required', 'guardrail', 'stop']),
  threshold: z.number().describe('the ratio that the interval must be below (stop gates: above)'),
  result: z.enum(['pass', 'fail', 'not decidable']),
  ratio: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  reason: z.string(),
});
export type GateResult = z.infer<typeof GateResultSchema>;

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
