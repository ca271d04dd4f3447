import { sha256 } from '../../functions/platform/hash.ts';
import { manifestKey } from '../../functions/platform/layout.ts';
import { pilotFiles } from '../simulate/pilot-files.ts';
import { type PilotSpecInput, PilotSpecSchema } from '../simulate/spec.ts';
import { pilotTruth } from '../simulate/truth.ts';
import type { RunTruth } from '../simulate/truth-schema.ts';

/** One run of each role, of about a minute: enough to know its energy to a fraction of a percent. */
const SMOKE: Omit<PilotSpecInput, 'program'> = {
  seed: 20_260_131,
  firstNight: '2026-01-31',
  nights: 1,
  candidate: { chips: 2, lots: 1, faults: { uncorrectedEccPerChipHour: 0, interruptionsPerChipHour: 0 } },
  baseline: { chips: 2, lots: 1, faults: { uncorrectedEccPerChipHour: 0, interruptionsPerChipHour: 0 } },
  workloads: [{ name: 'smoke', secondsPerRun: 60, energyRatio: 0.85 }],
  telemetry: { gpuFormat: 'nvidia-smi', dirtyShare: 0 },
};

export interface SmokeObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly sha256: string;
}

export interface SmokeRun {
  readonly truth: RunTruth;
  /** Telemetry and logs in order, run.json last: what an uploader that is cut off leaves is never half read. */
  readonly objects: readonly SmokeObject[];
}

export interface SmokePlan {
  readonly program: string;
  /** Objects of the program itself, such as its prices. */
  readonly shared: readonly SmokeObject[];
  readonly runs: readonly SmokeRun[];
}

/** What a smoke test uploads, and what must come out; the same bytes for the same program. */
export function smokePlan(program: string): SmokePlan {
  const spec = PilotSpecSchema.parse({ ...SMOKE, program });
  const objects = [...pilotFiles(spec)].map(({ key, body }) => ({ key, body, sha256: sha256(body) }));
  const runs = pilotTruth(spec).runs.map((truth) => {
    const manifest = manifestKey(program, truth.run);
    const own = objects.filter((o) => o.key.startsWith(`${program}/${truth.run}/`));
    return {
      truth,
      objects: [...own.filter((o) => o.key !== manifest), ...own.filter((o) => o.key === manifest)],
    };
  });
  const ofRuns = new Set(runs.flatMap((r) => r.objects));
  return { program, shared: objects.filter((o) => !ofRuns.has(o)), runs };
}
