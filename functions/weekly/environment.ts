import * as z from 'zod';
import { InputError } from '../core/errors.ts';

/** What the function needs to be told; the construct that deploys it passes exactly this. */
export const WeeklyEnvironmentSchema = z.object({
  LANDING_BUCKET: z.string().min(1),
  LAKE_BUCKET: z.string().min(1),
  REPORTS_BUCKET: z.string().min(1),
  /** JSON: the functions whose use is summed, see `DeployedFunctionsSchema`. */
  FUNCTIONS: z.string().min(2),
  ACCOUNT_ID: z.string().regex(/^\d{12}$/),
});
export type WeeklyEnvironment = z.infer<typeof WeeklyEnvironmentSchema>;

/** By Wattline's own name of each: what Lambda calls it, and its memory. */
const DeployedFunctionsSchema = z.record(
  z.string(),
  z.strictObject({ functionName: z.string().min(1), memoryMb: z.int().positive() }),
);
export type DeployedFunctions = z.infer<typeof DeployedFunctionsSchema>;

/** @throws InputError `environment` for text that is no such JSON. */
export function parseFunctions(text: string): DeployedFunctions {
  try {
    return DeployedFunctionsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(
      'environment',
      `environment variables: FUNCTIONS: ${JSON.stringify(text)}: expected JSON of function names and memory`,
      { cause },
    );
  }
}
