import { InputError } from '../functions/core/errors.ts';
import { type Boundary, BoundarySchema } from '../functions/core/telemetry/boundary.ts';

/** A boundary from the command line. */
export function boundaryOption(text: string | undefined): Boundary | undefined {
  if (text === undefined) return undefined;
  const parsed = BoundarySchema.safeParse(text);
  if (!parsed.success)
    throw new InputError(
      'usage',
      `--boundary ${JSON.stringify(text)}: expected ${BoundarySchema.options.join(', ')}`,
    );
  return parsed.data;
}

export function roleOption(text: string): 'candidate' | 'baseline' {
  if (text === 'candidate' || text === 'baseline') return text;
  throw new InputError('usage', `--role ${JSON.stringify(text)}: expected candidate or baseline`);
}
