import * as z from 'zod';
import { BoundarySchema } from '../telemetry/boundary.ts';
import { NameSchema, ScoringSchema, WorkloadSchema } from '../telemetry/manifest.ts';
import { CarbonSchema, LossPointSchema, ReliabilitySchema, RunCostSchema } from './run-figures.ts';
import { TimelineSchema } from './run-timeline.ts';

export const EvidenceGradeSchema = z.enum(['A', 'B', 'C', 'D']);
export type EvidenceGrade = z.infer<typeof EvidenceGradeSchema>;

/** Something a reader of the result must know. `code` is stable. */
export const FindingSchema = z.strictObject({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  /** Run or scope that it is about; absent: the whole. */
  about: z.string().optional(),
  /** Where it lies in the run, to a step of the timeline. */
  time: z.strictObject({ fromMs: z.number(), toMs: z.number() }).optional(),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.string())])).optional(),
});
export type Finding = z.infer<typeof FindingSchema>;

const JoulesSchema = z.number().nullable();

/** Energy by each named method, in joules; null where the method cannot be applied. */
export const EnergySchema = z.strictObject({
  clippedTrapezoidJ: JoulesSchema.describe('trapezoids between readings, clipped to run start..stop'),
  mlperfTrainingV40J: JoulesSchema.describe('the MLPerf Training v4.0 rule'),
  counterJ: JoulesSchema.describe(
    'hardware counter, stop minus start, resets repaired; null where there is none or it cannot be believed',
  ),
});
export type Energy = z.infer<typeof EnergySchema>;

export const EnergyMethodSchema = z.enum(['clipped-trapezoid', 'counter']);
export type EnergyMethod = z.infer<typeof EnergyMethodSchema>;

const ReadingSchema = z.number().nullable();

/** How a scope fared during the run; null where it was not read. Means are weighted by time. */
export const HealthSchema = z.strictObject({
  throttledRatio: z
    .strictObject({ power: ReadingSchema, thermal: ReadingSchema, other: ReadingSchema })
    .describe('share of the time that it was held back, by reason'),
  temperatureC: ReadingSchema,
  maxTemperatureC: ReadingSchema,
  clockHz: ReadingSchema,
  utilizationRatio: ReadingSchema,
  tensorActiveRatio: ReadingSchema,
  eccCorrected: ReadingSchema.describe('new in the run, as are uncorrected errors and faults'),
  eccUncorrected: ReadingSchema,
  faults: ReadingSchema,
});
export type Health = z.infer<typeof HealthSchema>;

export const RunHealthSchema = HealthSchema.extend({
  scopes: z.int().positive().describe('scopes that it is the mean or the sum of'),
});
export type RunHealth = z.infer<typeof RunHealthSchema>;

export const ScopeEvaluationSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['chip', 'node', 'switch', 'rack', 'facility']),
  boundary: BoundarySchema,
  measuredBoundary: BoundarySchema,
  conversionEfficiency: z.number(),
  efficiencyBasis: z.enum(['none', 'declared']).default('none').describe('where the efficiency is from'),
  energy: EnergySchema,
  measuredJ: z.number().nullable().describe('the part of clippedTrapezoidJ between readings without a gap'),
  bridgedJ: z
    .number()
    .nullable()
    .describe('the part over gaps and between a run marker and the nearest reading'),
  meanPowerW: z.number().nullable(),
  coverageRatio: z.number().nullable(),
  maxGapInRunS: z.number().nullable(),
  medianPeriodS: z.number().nullable(),
  isEstimate: z.boolean(),
  health: HealthSchema.optional(),
});
export type ScopeEvaluation = z.infer<typeof ScopeEvaluationSchema>;

const FigureSchema = z.number().nullable();
const NameOrNoneSchema = z.string().nullable();

/** Work of one unit, and how it is known to be this unit's. */
export const UnitWorkSchema = z.strictObject({
  tokens: FigureSchema,
  usefulTokens: FigureSchema.describe('kept, and without padding where the logs tell it apart'),
  samples: FigureSchema,
  basis: z
    .enum(['counter', 'equal share', 'none'])
    .describe("counter: the unit's own work counter; equal share: the run's total over its units"),
  sharedBy: FigureSchema.default(null).describe(
    "chips that the run's total was divided by, for an equal share",
  ),
});
export type UnitWork = z.infer<typeof UnitWorkSchema>;

/**
 * One chip or node of a run. What was not read is null, never 0. Energies per unit of work are null where the
 * evidence of the unit is D.
 */
export const UnitEvaluationSchema = z.strictObject({
  kind: z.enum(['chip', 'node']),
  id: z.string(),
  node: NameOrNoneSchema,
  slot: NameOrNoneSchema,
  lot: NameOrNoneSchema,
  bin: NameOrNoneSchema,
  stepping: NameOrNoneSchema,
  firmware: NameOrNoneSchema,
  chips: z.int().positive().nullable().default(null).describe('that it consists of; 1 for a chip'),
  boundary: BoundarySchema,
  energyJ: FigureSchema,
  energyMethod: EnergyMethodSchema.nullable(),
  meanPowerW: FigureSchema,
  coverageRatio: FigureSchema,
  maxGapInRunS: FigureSchema,
  evidence: EvidenceGradeSchema,
  evidenceReasons: z.array(z.string()).default([]),
  work: UnitWorkSchema,
  energyPerTokenJ: FigureSchema,
  energyPerUsefulTokenJ: FigureSchema,
  energyPerSampleJ: FigureSchema,
  tokensPerSecond: FigureSchema.describe('useful tokens over the run time, per chip'),
  timePerUsefulTokenS: FigureSchema.describe('chip-seconds for a useful token'),
  tflops: FigureSchema.describe('of the model, per chip'),
  mfuRatio: FigureSchema,
  throttledRatio: z.strictObject({ power: ReadingSchema, thermal: ReadingSchema, other: ReadingSchema }),
  temperatureC: ReadingSchema,
  maxTemperatureC: ReadingSchema,
  eccCorrected: ReadingSchema,
  eccUncorrected: ReadingSchema,
  faults: ReadingSchema,
});
export type UnitEvaluation = z.infer<typeof UnitEvaluationSchema>;

/** What was published of the sensor that the run's power was read with. The energies are as read, never corrected. */
export const RunSensorSchema = z.strictObject({
  name: z.string(),
  energyBiasRatio: z.number().nullable().describe('energy as read / energy by an external meter - 1'),
  unbiasedEnergyJ: z.number().nullable().describe('what the energy as read would be without that bias'),
  accuracyRatio: z.number().nullable().describe('as the maker states it, on either side'),
  refreshPeriodS: z.number().nullable(),
  sampledRatio: z.number().nullable().describe('share of the run time that the sensor covers'),
  averaging: z.string().nullable(),
  sources: z.array(z.string()),
});
export type RunSensor = z.infer<typeof RunSensorSchema>;

const WorkTotalsSchema = z.strictObject({
  steps: z.number().nullable(),
  samples: z.number().nullable(),
  tokens: z.number().nullable(),
  realTokens: z.number().nullable().describe('tokens that are not padding'),
});

const ChipRatesSchema = z.strictObject({
  tokensPerSecondPerChip: z.number().nullable(),
  tflopsPerChip: z.number().nullable(),
  mfuRatio: z.number().nullable(),
});

/** What the training logs of a run come to. */
export const ProgressEvaluationSchema = z.strictObject({
  logs: z.array(z.string()).describe('paths of the logs that tell the steps'),
  useful: WorkTotalsSchema.describe('work that the run ended with'),
  processed: WorkTotalsSchema.describe('work that was done, whether it was kept or lost in a restart'),
  restarts: z.int(),
  skippedSteps: z.number().nullable().describe('steps without an update; their samples count as work'),
  meanStepTimeS: z.number().nullable().describe('of the steps that were kept, first ones left out'),
  stepTimeBasis: z.enum(['logged', 'clock']).nullable(),
  goodputRatio: z.number().nullable().describe('time of the steps that were kept / run time'),
  energyPerUsefulTokenJ: z.number().nullable().describe('energy of the run / useful tokens without padding'),
  precision: z.string().nullable(),
  flopsFormula: z.string().nullable(),
  flopsPerToken: z.number().nullable(),
  peakFlopsPerChip: z.number().nullable().describe('dense peak at the precision, FLOP/s'),
  peakSource: z.string().nullable(),
  overRun: ChipRatesSchema.describe('useful tokens over the run time'),
  overSteps: ChipRatesSchema.describe('tokens of a step over the mean step time'),
  logged: ChipRatesSchema.describe('as the log claims them, for comparison'),
});
export type ProgressEvaluation = z.infer<typeof ProgressEvaluationSchema>;

/** Rows that were rejected for one reason, in one column, with the first of them. */
export const RejectGroupSchema = z.strictObject({
  reason: z.string(),
  column: z.string().nullable(),
  rows: z.int().positive().describe('of those that the quarantine keeps'),
  line: z.number(),
  expected: z.string(),
  raw: z.string(),
});
export type InputRejects = z.infer<typeof RejectGroupSchema>;

/** The result for one run. Energies are of the whole system (nodes plus switches) unless they say otherwise. */
export const EvaluationSchema = z.strictObject({
  schema: z.literal('wattline/evaluation@1'),
  program: NameSchema,
  run: NameSchema,
  role: z.enum(['candidate', 'baseline']),
  sku: z.string(),
  system: z.strictObject({ name: z.string(), nodes: z.int(), chipsPerNode: z.int().nullable() }),
  workload: WorkloadSchema,
  boundary: BoundarySchema.nullable(),
  boundaryBasis: z.enum(['declared', 'assumed']),
  scoring: ScoringSchema.nullable(),
  simulated: z.boolean(),
  status: z.string().describe('as the log says it: success, aborted, ...; unknown where it does not'),
  startMs: z.number(),
  stopMs: z.number(),
  timeToTrainS: z.number(),
  work: z.strictObject({
    unit: z.enum(['sample', 'token']),
    amount: z.number().nullable(),
    tokens: z.number().nullable(),
    basis: z.string().describe('where the amount comes from, or why there is none'),
  }),
  energy: EnergySchema,
  energyMethod: EnergyMethodSchema.nullable()
    .default('clipped-trapezoid')
    .describe('what energyPer... and meanPowerW rest on; null where no method covers the system'),
  nodes: EnergySchema,
  switches: EnergySchema,
  energyPerSampleJ: z.number().nullable(),
  energyPerTokenJ: z.number().nullable(),
  meanPowerW: z.number().nullable(),
  coverageRatio: z.number().nullable(),
  bracketed: z.boolean().describe('readings on both sides of run start and run stop'),
  maxGapS: z.number().nullable().describe('largest interval between readings in the whole log'),
  maxGapInRunS: z.number().nullable(),
  medianPeriodS: z.number().nullable(),
  health: RunHealthSchema.optional(),
  sensor: RunSensorSchema.optional(),
  progress: ProgressEvaluationSchema.optional(),
  evidence: EvidenceGradeSchema,
  evidenceReasons: z.array(z.string()),
  findings: z.array(FindingSchema),
  scopes: z.array(ScopeEvaluationSchema),
  units: z
    .array(UnitEvaluationSchema)
    .default([])
    .describe('every chip that was read; every node that was read, else the sum of its chips'),
  unitOfAnalysis: z
    .enum(['chip', 'node', 'run'])
    .default('run')
    .describe('finest unit of which each one has an energy per token at the boundary of the run'),
  reliability: ReliabilitySchema.nullable().default(null),
  costs: z.array(RunCostSchema).default([]).describe('one for each price basis that knows the chip'),
  carbon: CarbonSchema.nullable().default(null).describe('null where run.json declares no carbon intensity'),
  timeline: TimelineSchema.nullable(),
  /** Evaluation metric over the run: time since start and value. */
  quality: z.array(z.strictObject({ timeS: z.number(), value: z.number() })),
  lossCurve: z
    .array(LossPointSchema)
    .default([])
    .describe('training loss against the work kept so far; steps that were lost are not in it'),
  lossUnit: z
    .enum(['token', 'sample'])
    .nullable()
    .default(null)
    .describe('of the work in lossCurve: useful tokens, samples where tokens are unknown'),
  contentDigest: z
    .string()
    .describe('equal for two runs whose telemetry and run times are the same bytes and times'),
  inputs: z.array(
    z.strictObject({
      path: z.string(),
      sha256: z.string(),
      contentSha256: z.string(),
      format: z.string().nullable(),
      status: z.enum(['accepted', 'refused']),
      rows: z.int(),
      rejected: z.int(),
      bytes: z.int().nullable().default(null).describe('of the object as stored'),
      refusal: z.strictObject({ code: z.string(), message: z.string() }).nullable().default(null),
      rejects: z
        .array(RejectGroupSchema)
        .default([])
        .describe('rows that were rejected for one reason, in one column; the most frequent first'),
    }),
  ),
  code: z.string(),
});
export type Evaluation = z.infer<typeof EvaluationSchema>;
