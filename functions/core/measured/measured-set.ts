import * as z from 'zod';
import { NameSchema } from '../telemetry/manifest.ts';

/** Products of two square matrices, timed in batches; what no training on this board can be faster than. */
export const CeilingSchema = z.strictObject({
  precision: z.string().min(1),
  size: z.int().positive().describe('rows and columns of each matrix'),
  products: z.int().positive().describe('in each batch'),
  seconds: z.array(z.number().positive()).min(1).describe('of each batch, the device waited for at its end'),
});
export type Ceiling = z.infer<typeof CeilingSchema>;

const PlanSchema = z.strictObject({
  precision: z.string().min(1),
  interval: z.int().positive().describe('steps between two lines of the log'),
  steps: z.int().positive().describe('measured steps of each repetition'),
  warmUp: z.int().nonnegative().describe('steps before the run that count for nothing'),
  tail: z.int().nonnegative().describe('steps behind the run that count for nothing'),
  runs: z.array(NameSchema).min(1),
});

/** `set.json` of a measured baseline, as data/baselines/measured/capture.sh writes it: what its runs have in common. */
export const MeasuredSetSchema = z.strictObject({
  schema: z.literal('wattline/measured-set@1'),
  name: NameSchema,
  licence: z.string().min(1),
  simulated: z.boolean(),
  capturedFrom: z.iso.datetime({ offset: true }),
  capturedTo: z.iso.datetime({ offset: true }),
  board: z.strictObject({
    sku: z.string().min(1),
    name: z.string().min(1).describe('as the driver gives it'),
    uuid: z.string().min(1),
    driver: z.string(),
    vbios: z.string(),
    powerLimitW: z.number().positive(),
    defaultPowerLimitW: z.number().positive(),
  }),
  software: z.strictObject({
    python: z.string(),
    torch: z.string().nullable(),
    cuda: z.string().nullable(),
    compiled: z.boolean().describe('by torch.compile'),
  }),
  model: z.strictObject({
    name: z.string().min(1),
    layers: z.int().positive(),
    hidden: z.int().positive(),
    heads: z.int().positive(),
    vocabulary: z.int().positive(),
    sequence: z.int().positive(),
    batch: z.int().positive(),
    learningRate: z.number().positive(),
    parameters: z.int().positive().describe('all of them; the embedding is the output layer too'),
    flopsPerToken: z.number().positive(),
  }),
  plans: z.array(PlanSchema).min(1),
  idleRuns: z.array(NameSchema),
  ceilings: z.array(CeilingSchema),
});
export type MeasuredSet = z.infer<typeof MeasuredSetSchema>;

/** `manifest.json` of a measured baseline: every other file of it. */
export const MeasuredManifestSchema = z.strictObject({
  schema: z.literal('wattline/measured-manifest@1'),
  name: NameSchema,
  licence: z.string().min(1),
  totalBytes: z.int().nonnegative(),
  files: z.array(
    z.strictObject({
      path: z
        .string()
        .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$)).+$/, 'expected a path below the folder')
        .describe('below the folder, with /'),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
