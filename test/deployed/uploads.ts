import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRuns } from '../../cli/run-folder.ts';
import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { PilotSpecSchema } from '../../cli/simulate/spec.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';

const CASES = '../shared/cases';
const PUBLISHED = [
  ['candidate', 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora'],
  ['baseline', 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora'],
] as const;

export interface Upload {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export const BURST = 'burst';
export const PUBLISHED_PROGRAM = 'deployed';

/** Files below a run, `run.json` included: each gets a receipt or is the manifest of its run. */
export const isOfRun = ({ key }: Upload): boolean => key.split('/').length > 2;
export const isManifest = ({ key }: Upload): boolean => key.endsWith('/run.json');

/** Six runs of ten files each: a file a chip, a log and the manifest; and the prices of the program. */
export function burstUploads(): Upload[] {
  const side = { chips: 8, lots: 2 };
  const spec = PilotSpecSchema.parse({
    seed: 20_260_207,
    program: BURST,
    firstNight: '2026-01-28',
    nights: 3,
    chipsPerNode: 1,
    candidate: side,
    baseline: side,
    workloads: [{ name: 'small', secondsPerRun: 12, energyRatio: 0.85 }],
    telemetry: { gpuFormat: 'nvidia-smi' },
  });
  return [...pilotFiles(spec)].map(({ key, body }) => ({ key, bytes: body }));
}

/** Of each set, to keep the time short. */
const PUBLISHED_RUNS = 2;

/** Runs of two published sets, where they are at hand. */
export async function publishedUploads(): Promise<Upload[]> {
  if (!existsSync(CASES)) {
    console.log(`skipped: ${CASES} is not there; the simulated burst alone is uploaded`);
    return [];
  }
  const program = PUBLISHED_PROGRAM;
  const objects: Upload[] = [];
  for (const [role, folder] of PUBLISHED)
    for (const { manifest, files } of (
      await loadRuns(join(CASES, folder), { program, role, prefix: `${role}-` })
    ).slice(0, PUBLISHED_RUNS)) {
      for (const { path, source } of files)
        objects.push({ key: landingKey(program, manifest.run, path), bytes: readFileSync(source) });
      objects.push({ key: manifestKey(program, manifest.run), bytes: prettyJson(manifest) });
    }
  return objects;
}
