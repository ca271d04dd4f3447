import * as z from 'zod';
import { NameSchema } from '../../functions/core/telemetry/manifest.ts';

const RoleSchema = z.enum(['candidate', 'baseline']);
const CountSchema = z.int().nonnegative();

const RatiosSchema = z.strictObject({
  energyPerToken: z.number().describe('of tokens done, kept or not'),
  energyPerUsefulToken: z.number(),
  timePerToken: z.number().describe('of tokens done, in training; all chips of a side'),
  timePerUsefulToken: z.number().describe('run time; all chips of a side'),
  costPerToken: z.number(),
  costPerUsefulToken: z.number(),
  lossAtEqualTokens: z.number(),
});
export type TrueRatios = z.infer<typeof RatiosSchema>;

const WorkloadTruthSchema = z.strictObject({
  name: NameSchema,
  weight: z.number(),
  expected: RatiosSchema.describe(
    'candidate / baseline as the spec sets it; per useful token: times what the restarts that came cost',
  ),
  realised: RatiosSchema.describe(
    'candidate / baseline of the chips, nights and runs that were drawn: quotients of geometric means, of energies over chips and nights, else over runs',
  ),
});

const ChipTruthSchema = z.strictObject({
  id: z.string(),
  role: RoleSchema,
  lot: z.string(),
  bin: z.string(),
  node: z.string(),
  slot: z.string(),
  lotLog: z.number().describe('effect of its lot on the log of its energy per token'),
  chipLog: z.number().describe('its own effect'),
  effectLog: z.number().describe('both'),
  meanEnergyPerUsefulTokenLog: z
    .record(z.string(), z.number())
    .describe('by workload: mean over its runs of the log of its energy per useful token, J'),
  eccUncorrected: CountSchema,
});

const RunTruthSchema = z.strictObject({
  run: NameSchema,
  role: RoleSchema,
  workload: NameSchema,
  night: CountSchema.describe('from 0'),
  startMs: z.int(),
  stopMs: z.int(),
  usefulTokens: CountSchema,
  processedTokens: CountSchema,
  usefulSteps: CountSchema,
  lostSteps: CountSchema.describe('done and rolled back'),
  restarts: CountSchema,
  stepS: z.number(),
  goodputRatio: z.number().describe('time of the steps that were kept / run time'),
  energyJ: z.number().describe('of all chips between run start and run stop'),
  energyPerUsefulTokenJ: z.number(),
  finalLoss: z.number().describe('without noise'),
  eccUncorrected: CountSchema,
  rejectedRows: CountSchema,
  throttledRatio: z.strictObject({ power: z.number(), thermal: z.number() }),
  files: z.array(z.strictObject({ path: z.string(), rejectedRows: CountSchema })),
  chipEnergyJ: z.record(z.string(), z.number()),
});
export type RunTruth = z.infer<typeof RunTruthSchema>;

const SideTruthSchema = z.strictObject({
  chips: CountSchema,
  chipHours: z.number(),
  restarts: CountSchema,
  lostSteps: CountSchema,
  eccUncorrected: CountSchema,
  rejectedRows: CountSchema,
  chipSdLog: z.number().nullable().describe('sample SD over chips of lot and chip effects; null of one chip'),
});

const SideSdsSchema = z.strictObject({ lotLog: z.number(), chipLog: z.number(), chipNightLog: z.number() });

/** What a correct pipeline must find in a simulated pilot. Energies are at the chip, before any noise of a sensor. */
export const PilotTruthSchema = z.strictObject({
  schema: z.literal('wattline/pilot-truth@1'),
  program: NameSchema,
  seed: z.int(),
  nights: z.int(),
  simulated: z.literal(true),
  sds: z.strictObject({
    commonNightLog: z.number(),
    stepTimeLog: z.number(),
    candidate: SideSdsSchema,
    baseline: SideSdsSchema,
  }),
  baselineDriftPerDay: z.number().describe('of the log of the energy per token of the baseline'),
  commonNightLog: z.array(z.number()).describe('by night: what both sides share'),
  mix: z
    .strictObject({ expectedEnergyPerToken: z.number(), realisedEnergyPerUsefulToken: z.number() })
    .describe('weighted means of the log ratios of the workloads, as ratios'),
  workloads: z.array(WorkloadTruthSchema),
  sides: z.strictObject({ candidate: SideTruthSchema, baseline: SideTruthSchema }),
  rejectedRows: CountSchema,
  chips: z.array(ChipTruthSchema),
  runs: z.array(RunTruthSchema),
});
export type PilotTruth = z.infer<typeof PilotTruthSchema>;
