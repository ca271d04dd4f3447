import * as z from 'zod';
import { BoundarySchema } from './boundary.ts';
import { NameSchema } from './manifest.ts';

const TimeRangeSchema = z.strictObject({ startMs: z.number(), stopMs: z.number() });

/** What one source says of one scope. Energies are at `boundary`, after conversion. */
export const ReceiptScopeSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['chip', 'node', 'switch', 'rack', 'facility']),
  boundary: BoundarySchema,
  measuredBoundary: BoundarySchema.describe('before conversion'),
  conversionEfficiency: z.number().describe('readings times this are at boundary; 1 where none'),
  efficiencyBasis: z.enum(['none', 'declared']),
  samples: z.int().nonnegative(),
  energyJ: z.number().nullable(),
  meanPowerW: z.number().nullable(),
  estimatedPowerW: z.number().nullable().describe('one estimate for the whole run, before conversion'),
  timeRange: TimeRangeSchema.nullable(),
  log: z
    .strictObject({
      startMs: z.number().nullable(),
      stopMs: z.number().nullable(),
      first: z.strictObject({ timeMs: z.number(), powerW: z.number() }),
      lastMs: z.number(),
      rectangleJ: z.number(),
    })
    .nullable()
    .describe('file-order facts for the MLPerf rule, before conversion'),
});
export type ReceiptScope = z.infer<typeof ReceiptScopeSchema>;

/** What ingesting one source produced. Written last: a source without a receipt has not been ingested. */
export const ReceiptSchema = z.strictObject({
  schema: z.literal('wattline/receipt@1'),
  program: NameSchema,
  run: NameSchema,
  path: z.string().describe('path of the source below the run'),
  source: z.strictObject({ bucket: z.string(), key: z.string(), version: z.string(), sizeBytes: z.int() }),
  sha256: z.string().describe('of the object as stored'),
  contentSha256: z.string().describe('of the decompressed bytes'),
  settings: z.string().describe('digest of how the manifest says the file is to be read'),
  status: z.enum(['accepted', 'refused']),
  refusal: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  format: z.string().nullable(),
  rows: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  timeRange: TimeRangeSchema.nullable(),
  scopes: z.array(ReceiptScopeSchema),
  notes: z
    .array(
      z.strictObject({
        code: z.string(),
        severity: z.enum(['info', 'warning']),
        message: z.string(),
        count: z.int().positive(),
      }),
    )
    .describe('what a reader of the result should know of the file; one a code, with how often it was seen'),
  outputs: z.strictObject({
    segments: z.string().nullable(),
    progress: z.string().nullable(),
    quarantine: z.string().nullable(),
  }),
  code: z.string().describe('Wattline version'),
});
export type Receipt = z.infer<typeof ReceiptSchema>;
