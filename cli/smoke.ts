import { randomBytes } from 'node:crypto';
import { InputError } from '../functions/core/errors.ts';
import { S3Store } from '../functions/platform/s3-store.ts';
import type { Stores } from './pipeline.ts';
import { s3Client } from './s3-client.ts';
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

/** The three buckets of a deployment. */
function s3Stores({ landing, lake, reports, region, endpointUrl }: SmokeOptions): Stores {
  const client = s3Client({ region, endpointUrl });
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
