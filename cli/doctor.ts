import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../functions/core/errors.ts';
import { settingsChecks } from './doctor/aws-settings.ts';
import type { Check } from './doctor/check.ts';
import { lookAtMachine } from './doctor/look-at-machine.ts';
import { machineChecks } from './doctor/machine.ts';
import { storeChecks } from './doctor/store.ts';
import { say, sayJson } from './terminal.ts';

export interface DoctorOptions {
  readonly store?: string;
  readonly aws?: boolean;
  readonly landing?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

async function awsChecks({ landing, region, endpointUrl }: DoctorOptions): Promise<Check[]> {
  // The SDK takes longer to load than everything else here.
  const [{ accountCheck, landingChecks }, { BRIEF, s3Client }] = await Promise.all([
    import('./doctor/aws-account.ts'),
    import('./s3-client.ts'),
  ]);
  const client = s3Client({ region, endpointUrl }, BRIEF);
  const account = await accountCheck(client);
  if (landing === undefined || account.status === 'fail') return [account];
  return [account, ...(await landingChecks(client, landing))];
}

/** `wattline doctor`: whether this machine, a store and a deployment are as they should be, and what to do if not. */
export async function doctorCommand(options: DoctorOptions): Promise<void> {
  const { env } = process;
  const home = homedir();
  const checks = [
    ...machineChecks(lookAtMachine(options.store ?? 'out')),
    ...settingsChecks({
      env,
      credentials: textOf(env.AWS_SHARED_CREDENTIALS_FILE ?? join(home, '.aws', 'credentials')),
      config: textOf(env.AWS_CONFIG_FILE ?? join(home, '.aws', 'config')),
      ...(options.region === undefined ? {} : { region: options.region }),
    }),
    ...(options.aws || options.landing !== undefined ? await awsChecks(options) : []),
    ...(options.store === undefined ? [] : await storeChecks(options.store)),
  ];
  if (options.json) sayJson({ schema: 'wattline/doctor@1', checks });
  else print(checks);
  const failed = checks.filter(({ status }) => status === 'fail');
  if (failed.length > 0)
    throw new InputError(
      'doctor',
      `${failed.length} of ${checks.length} checks failed: ${failed.map(({ about }) => about).join(', ')}`,
    );
}

function print(checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ about }) => about.length));
  for (const { about, status, found, fix } of checks) {
    say(`${status.padEnd(4)}  ${about.padEnd(width)}  ${found}`);
    if (fix !== null) say(`${' '.repeat(width + 8)}to mend: ${fix}`);
  }
}
