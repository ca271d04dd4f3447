import * as z from 'zod';

/** What the function needs to be told; the construct that deploys it passes exactly this. */
export const IngestEnvironmentSchema = z.object({
  LANDING_BUCKET: z.string().min(1),
  LAKE_BUCKET: z.string().min(1),
  INGEST_QUEUE_URL: z.string().min(1),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
});
export type IngestEnvironment = z.infer<typeof IngestEnvironmentSchema>;
