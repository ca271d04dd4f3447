import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { InputError } from '../functions/core/errors.ts';
import { S3Store } from '../functions/platform/s3-store.ts';
import type { Stores } from './pipeline.ts';
import { type SmokeResult, type SmokeStep, smokeTest } from './smoke/smoke-test.ts';
import { say, sayJson } from './terminal.ts';

export interface SmokeOptions {
  readonly landing: string;
  readonly lake: string;
  readonly reports: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly timeout: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** Beyond this nobody waits, and the queues' own retries have run out. */
const LONGEST_TIMEOUT_S = 86_400;

function timeoutOption(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT_S) return seconds * 1000;
  throw new InputError(
    'usage',
    `--timeout ${JSON.stringify(text)}: expected seconds, above 0 and at most ${LONGEST_TIMEOUT_S}`,
  );
}

function endpointOption(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:\/\/[^/]/.test(text)) return text;
  throw new InputError(
    'usage',
    `--endpoint-url ${JSON.stringify(text)}: expected a URL such as http://127.0.0.1:4566`,
  );
}

/** The three buckets of a deployment. Credentials are the SDK's own business: environment, profile or role. */
function s3Stores({ landing, lake, reports, region, endpointUrl }: SmokeOptions): Stores {
  const endpoint = endpointOption(endpointUrl);
  const client = new S3Client({
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    // A server that stands in for AWS has no bucket names in its host name.
    forcePathStyle: endpoint !== undefined || process.env.AWS_ENDPOINT_URL !== undefined,
    // Every upload carries a checksum that S3 compares with what arrived.
    requestChecksumCalculation: 'WHEN_SUPPORTED',
  });
  return {
    landing: new S3Store(landing, client),
    lake: new S3Store(lake, client),
    reports: new S3Store(reports, client),
  };
}

const printed = ({ atMs, what }: SmokeStep): string => `${(atMs / 1000).toFixed(1).padStart(7)} s  ${what}`;

function print({ program, runs }: SmokeResult, { reports, keep }: SmokeOptions): void {
  for (const { run, role, energyJ, truthJ, errorRatio, report } of runs) {
    const off = `${errorRatio < 0 ? '' : '+'}${(errorRatio * 100).toFixed(3)} %`;
    say(`${role}: ${energyJ.toFixed(1)} J; the simulator's truth is ${truthJ.toFixed(1)} J (${off})`);
    if (keep) say(`  ${run}: s3://${reports}/${report}`);
  }
  say(`Wattline works from upload to report (${program}).`);
}

/** `wattline smoke`: a small simulated run of each role through a deployment, and whether what came out is true. */
export async function smokeCommand(options: SmokeOptions): Promise<void> {
  const timeoutMs = timeoutOption(options.timeout);
  const stores = s3Stores(options);
  const program = `smoke-${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`;
  const result = await smokeTest(
    {
      stores,
      now: () => performance.now(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      onStep: (step) => void process.stderr.write(`${printed(step)}\n`),
    },
    { program, timeoutMs, isKept: options.keep === true },
  );
  if (options.json) sayJson(result);
  else print(result, options);
}
