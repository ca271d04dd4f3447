import * as z from 'zod';

const CountSchema = z.string().regex(/^[1-9]\d{0,3}$/, 'expected a whole number from 1 to 9999');

/** What the function needs to be told; the construct that deploys it passes exactly this. */
export const ReconcileEnvironmentSchema = z.object({
  LANDING_BUCKET: z.string().min(1),
  LAKE_BUCKET: z.string().min(1),
  INGEST_QUEUE_URL: z.string().min(1),
  NIGHT_RUNS_AT_ONCE: CountSchema,
  REPLAY_RUNS_AT_ONCE: CountSchema,
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
});
export type ReconcileEnvironment = z.infer<typeof ReconcileEnvironmentSchema>;
