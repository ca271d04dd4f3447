import * as z from 'zod';
import { BoundarySchema } from './boundary.ts';
import { MappingSchema } from './mapping.ts';

/** A name that becomes part of an object key and of an Athena partition. */
export const NameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    'expected 1 to 128 of A-Z a-z 0-9 . _ -, starting with a letter or digit',
  );

const DAY_MS = 86_400_000;
/** A clock that is further off than ten years was never set, and no offset mends it. */
const CLOCK_OFFSET_LIMIT_MS = 3_653 * DAY_MS;
const UnitIntervalSchema = z.number().gt(0).max(1);

export const WorkloadSchema = z.strictObject({
  name: z.string().min(1).describe('model and task, for instance llama2_70b_lora'),
  precision: z.string().optional().describe('for instance bf16 or fp8'),
  sequenceLength: z.int().positive().optional(),
  globalBatchSize: z.int().positive().optional(),
  parameters: z.number().positive().optional().describe('of the model, embeddings included'),
  activeParameters: z
    .number()
    .positive()
    .optional()
    .describe('mixture of experts: those that work on a token'),
  layers: z.int().positive().optional(),
  hiddenSize: z.int().positive().optional().describe('heads times head dimension'),
  vocabularySize: z.int().positive().optional().describe('padded, as trained'),
  flopsFormula: z
    .enum(['6N', 'palm', 'megatron'])
    .optional()
    .describe('how the FLOPs of a token follow from the model; needed for MFU'),
  flopsPerToken: z.number().positive().optional().describe('instead of a formula: forward and backward'),
  qualityTarget: z.string().optional().describe('what "done" means, for instance eval loss 0.925'),
});
export type Workload = z.infer<typeof WorkloadSchema>;

export const ChipSchema = z.strictObject({
  id: z.string().min(1),
  lot: z.string().optional(),
  bin: z.string().optional(),
  stepping: z.string().optional(),
  node: z.string().optional(),
  slot: z.string().optional(),
  firmware: z.string().optional(),
});

/** How the files that match `pattern` are to be read: what no telemetry file says of itself. */
export const FileRuleSchema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .refine((p) => !/\{(node|time)\}.*\{\1\}/.test(p), 'expected {node} and {time} once each')
    .describe('glob over the path below the run, for instance power/{node}.csv'),
  format: z.string().optional().describe('a format id; absent: told from the first bytes'),
  timeZone: z.string().optional().describe('IANA zone or UTC offset of local time stamps'),
  clockOffsetMs: z
    .number()
    .min(-CLOCK_OFFSET_LIMIT_MS)
    .max(CLOCK_OFFSET_LIMIT_MS)
    .optional()
    .describe('added to every time stamp of the file'),
  boundary: BoundarySchema.optional().describe('what the power readings cover, before conversion'),
  conversionEfficiency: UnitIntervalSchema.optional().describe('readings times this are at boundaryAfter'),
  boundaryAfter: BoundarySchema.optional().describe('the boundary that the conversion leads to'),
  node: z
    .string()
    .min(1)
    .optional()
    .describe('host that the file is from, where it does not say; also from {node} in the pattern'),
  startTime: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('time of the first record of a file without times; also from {time} in the pattern'),
  periodMs: z
    .number()
    .positive()
    .max(DAY_MS)
    .optional()
    .describe('time between the records of a file without times'),
  columns: z.array(z.string()).min(1).optional().describe('column names of a table without a header'),
  scopes: z
    .record(z.string(), z.string().min(1))
    .optional()
    .describe(
      'ids as the file gives them (an index, say) to the ids of chips or meters of the run; "*" stands for a file that names none',
    ),
  mapping: MappingSchema.optional().describe('what the columns of a file of your own mean'),
  acceptTruncated: z
    .boolean()
    .optional()
    .describe('true: of a compressed file that was cut, the whole rows count; otherwise it is refused'),
  rejectLimit: z
    .strictObject({ rows: z.int().nonnegative(), ratio: z.number().min(0).max(1) })
    .optional()
    .describe(
      'more rejected rows than this, or a larger share of them, refuse the file; 100 and 0.01 otherwise',
    ),
});
export type FileRule = z.infer<typeof FileRuleSchema>;

export const ScoringSchema = z.strictObject({
  set: NameSchema.describe('runs that are scored together'),
  droppedEachEnd: z.int().nonnegative().describe('runs dropped at each end, ordered by time'),
  scalingFactor: z.number().positive().describe('MLPerf convergence scaling; 1 where there is none'),
});

/** Grids reach from nearly nothing to about 1,000 g/kWh; beyond this it is another unit. */
const MOST_G_PER_KWH = 2_000;
/** No grid that emits at all stays below this over a run; the same number in kg/kWh is what grids emit. */
const LEAST_G_PER_KWH = 2;
const WORST_PUE = 5;

/** Where a run took place. What nobody declares is never assumed. */
export const SiteSchema = z.strictObject({
  name: z.string().min(1).optional(),
  pue: z
    .number()
    .min(1, 'expected a PUE of 1 to 5: facility energy over IT energy, not its inverse')
    .max(WORST_PUE, 'expected a PUE of 1 to 5: a ratio, not a percentage')
    .optional()
    .describe('power usage effectiveness: facility energy over IT energy'),
  carbonIntensityGPerKwh: z
    .number()
    .min(0, 'expected 0 to 2000 g/kWh')
    .max(MOST_G_PER_KWH, 'expected 0 to 2000 g/kWh')
    .refine((g) => g === 0 || g >= LEAST_G_PER_KWH, {
      error: (issue) =>
        `${issue.input} g/kWh is below every grid and reads like kg/kWh; expected 0, or 2 to 2000 g/kWh`,
    })
    .optional()
    .describe('of the electricity, g CO2e/kWh'),
  carbonSource: z.string().min(1).optional().describe('where the carbon intensity is from, and its date'),
});
export type Site = z.infer<typeof SiteSchema>;

/** What was looked for beside the telemetry. */
export const DeclaredReliabilitySchema = z.strictObject({
  silentDataCorruptions: z
    .int()
    .nonnegative()
    .describe('wrong results that nothing reported, found by a check'),
  checkedChipHours: z.number().positive().describe('chip-hours that the check covered'),
});

/** `run.json`: what the files of a run cannot say of themselves. One per run, beside its files. */
export const RunManifestSchema = z
  .strictObject({
    schema: z.literal('wattline/run@1'),
    program: NameSchema,
    run: NameSchema,
    role: z.enum(['candidate', 'baseline']),
    sku: z.string().min(1).describe('chip SKU, as in data/baselines or of your own chip'),
    workload: WorkloadSchema,
    workUnit: z.enum(['sample', 'token']),
    work: z.number().positive().optional().describe('units of work done, where no log counts them'),
    tokensPerSample: z.number().positive().optional().describe('only for packed, unpadded data'),
    system: z.strictObject({
      name: z.string().min(1),
      nodes: z.int().positive(),
      chipsPerNode: z.int().positive().optional().describe('needed for cost'),
    }),
    chips: z.array(ChipSchema).optional(),
    start: z.iso.datetime({ offset: true }).optional().describe('run start, where no log carries it'),
    stop: z.iso.datetime({ offset: true }).optional().describe('run stop, where no log carries it'),
    status: z.enum(['success', 'aborted']).optional().describe('where no log carries it'),
    quality: z
      .strictObject({
        metric: z.string(),
        target: z.number(),
        reached: z.boolean(),
        value: z.number().optional(),
      })
      .optional(),
    boundary: BoundarySchema.optional().describe('where energy is taken; needed when files cover several'),
    boundaryBasis: z
      .enum(['declared', 'assumed'])
      .optional()
      .describe('assumed: nobody stated the boundary, a rule of the benchmark did; caps the evidence at C'),
    scoring: ScoringSchema.optional(),
    site: SiteSchema.optional().describe('needed for carbon'),
    reliability: DeclaredReliabilitySchema.optional().describe('needed for a rate of silent data corruption'),
    simulated: z.boolean().optional().describe('true: generated data; every report then says so'),
    files: z.array(FileRuleSchema).default([]),
  })
  .refine(
    (m) => !(m.start && m.stop) || Date.parse(m.start) < Date.parse(m.stop),
    'run start must be before run stop',
  );
export type RunManifest = z.infer<typeof RunManifestSchema>;
