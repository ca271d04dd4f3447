import * as z from 'zod';
import { EvidenceGradeSchema } from '../efficiency/evaluation.ts';

/** What a gate looks at: always the ratio candidate / baseline, where less is better. */
export const MetricSchema = z.enum([
  'energy-to-train',
  'energy-per-sample',
  'energy-per-token',
  'time-to-train',
  'cost-to-train',
]);
export type Metric = z.infer<typeof MetricSchema>;

/**
 * One declared gate over a ratio r = candidate / baseline with interval [low, high]:
 * superiority passes when high < 1 - margin; non-inferiority when high < 1 + margin; absolute when high < limit.
 * A stop gate is the reverse: it fires when low > 1 + margin (or low > limit).
 */
export const GateSchema = z.strictObject({
  id: z.string().min(1),
  metric: MetricSchema,
  kind: z.enum(['superiority', 'non-inferiority', 'absolute']),
  duty: z.enum(['required', 'guardrail', 'stop']),
  margin: z.number().min(0).lt(1).default(0),
  limit: z.number().positive().optional(),
  alpha: z.number().gt(0).lt(0.5).default(0.05),
  minimumRuns: z.int().min(2).default(3),
  minimumEvidence: EvidenceGradeSchema.exclude(['D']).default('C'),
  why: z.string().optional(),
});
export type Gate = z.infer<typeof GateSchema>;

export const PolicySchema = z
  .strictObject({
    schema: z.literal('wattline/policy@1'),
    name: z.string().min(1),
    description: z.string(),
    energyMethod: z
      .enum(['clipped-trapezoid', 'mlperf-training-v4.0', 'counter'])
      .default('clipped-trapezoid'),
    priceBasis: z.string().describe("name of a file in data/prices, or of the program's own prices.json"),
    gates: z.array(GateSchema).min(1),
  })
  .refine((p) => p.gates.some((g) => g.duty === 'required'), 'a policy needs at least one required gate')
  .refine((p) => new Set(p.gates.map((g) => g.id)).size === p.gates.length, 'gate ids must differ');
export type Policy = z.infer<typeof PolicySchema>;
