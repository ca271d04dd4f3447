import { S3Client } from '@aws-sdk/client-s3';
import { InputError } from '../functions/core/errors.ts';

export interface S3Options {
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

interface Patience {
  readonly attempts: number;
  /** No byte either way for so long: the SDK alone would wait for ever. */
  readonly silenceMs: number;
}

/** A network that stumbles for half a minute is waited for; what lasts longer is for the user to know. */
const PATIENT: Patience = { attempts: 8, silenceMs: 60_000 };
/** For a question of whether there is a way at all: two answers that do not come are one. */
export const BRIEF: Patience = { attempts: 2, silenceMs: 10_000 };
const CONNECT_LIMIT_MS = 10_000;

function endpointOption(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:\/\/[^/]/.test(text)) return text;
  throw new InputError(
    'usage',
    `--endpoint-url ${JSON.stringify(text)}: expected a URL such as http://127.0.0.1:4566`,
  );
}

/**
 * S3 for someone at a terminal. Credentials are the SDK's own business: environment, profile or role.
 *
 * @throws InputError `usage` for an endpoint that is no URL
 */
export function s3Client({ region, endpointUrl }: S3Options, patience: Patience = PATIENT): S3Client {
  const endpoint = endpointOption(endpointUrl);
  return new S3Client({
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    // A server that stands in for AWS has no bucket names in its host name.
    forcePathStyle: Boolean(endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL),
    // Every upload carries a checksum that S3 compares with what arrived.
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    followRegionRedirects: true,
    maxAttempts: patience.attempts,
    requestHandler: { connectionTimeout: CONNECT_LIMIT_MS, socketTimeout: patience.silenceMs },
  });
}
