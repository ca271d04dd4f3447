import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import type { InitPlan } from './plan.ts';

type Role = RunManifest['role'];

export const firstRun = (role: Role): string => `${role}-001`;

/**
 * The `run.json` of a first run. Its rules hold for whatever the collector writes: local times in one zone, and a file
 * of power a node, named for it.
 */
export function runTemplate(plan: InitPlan, role: Role): RunManifest {
  const { program, workload, nodes, chipsPerNode, boundary, timeZone, tokensPerSample } = plan;
  return {
    schema: 'wattline/run@1',
    program,
    run: firstRun(role),
    role,
    sku: role === 'candidate' ? plan.candidateSku : plan.baselineSku,
    workload: { name: workload, precision: 'bf16' },
    workUnit: 'token',
    ...(tokensPerSample === null ? {} : { tokensPerSample }),
    system: { name: `${program} ${role}`, nodes, chipsPerNode },
    boundary,
    files: [
      { pattern: '**', timeZone },
      { pattern: 'power/{node}.csv', boundary },
    ],
  };
}
