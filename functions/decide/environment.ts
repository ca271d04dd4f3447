import * as z from 'zod';

/** What the function needs to be told; the construct that deploys it passes exactly this. */
export const DecideEnvironmentSchema = z.object({
  LANDING_BUCKET: z.string().min(1),
  LAKE_BUCKET: z.string().min(1),
  REPORTS_BUCKET: z.string().min(1),
  EVENT_BUS_NAME: z.string().min(1),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
});
export type DecideEnvironment = z.infer<typeof DecideEnvironmentSchema>;
