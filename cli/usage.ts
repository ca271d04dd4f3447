import { InputError } from '../functions/core/errors.ts';
import { type Boundary, BoundarySchema } from '../functions/core/telemetry/boundary.ts';
import { isZone } from '../functions/core/telemetry/time.ts';

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

/** A time zone from the command line. */
export function zoneOption(text: string | undefined): string | undefined {
  if (text === undefined || isZone(text)) return text;
  throw new InputError(
    'usage',
    `--time-zone ${JSON.stringify(text)}: expected an IANA zone or an offset such as +01:00`,
  );
}

export function roleOption(text: string): 'candidate' | 'baseline' {
  if (text === 'candidate' || text === 'baseline') return text;
  throw new InputError('usage', `--role ${JSON.stringify(text)}: expected candidate or baseline`);
}
