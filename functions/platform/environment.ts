import type * as z from 'zod';
import { InputError } from '../core/errors.ts';

/** A function's environment, checked once at start: a variable that is missing is named then, not in the night. */
export function parseEnvironment<T>(
  schema: z.ZodType<T>,
  variables: Readonly<Record<string, string | undefined>>,
): T {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`);
  throw new InputError('environment', `environment variables: ${issues.join('; ')}`, { cause: parsed.error });
}
