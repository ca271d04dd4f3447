import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { InputError } from '../functions/core/errors.ts';
import { type Boundary, BoundarySchema } from '../functions/core/telemetry/boundary.ts';
import { isZone } from '../functions/core/telemetry/time-zone.ts';

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

const LONGEST_S = 86_400;

/** Seconds from the command line, in ms. */
export function secondsOption(flag: string, text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds > 0 && seconds <= LONGEST_S) return seconds * 1000;
  throw new InputError(
    'usage',
    `${flag} ${JSON.stringify(text)}: expected seconds, above 0 and at most ${LONGEST_S}`,
  );
}

/** A file from the command line. @throws InputError where there is none, or it cannot be read as one */
export function checkFile(path: string): void {
  if (!existsSync(path)) throw new InputError('file', `${path}: no such file`);
  if (statSync(path).isDirectory())
    throw new InputError('file', `${path}: it is a folder; expected a file in it`);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new InputError('file', `${path}: no permission to read it; expected a file that you may read`, {
      cause,
    });
  }
}
