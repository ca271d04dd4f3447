import type { FileRule, RunManifest } from '../../functions/core/telemetry/manifest.ts';
import type { RunPlan, TelemetryFile } from './plan-run.ts';
import type { PilotSpec } from './spec.ts';

/** What a file of telemetry does not say itself. */
function ruleOf(spec: PilotSpec, { path, form, chips, firstPollMs, node }: TelemetryFile): FileRule {
  if (form === 'wattline-csv') return { pattern: path, boundary: 'chip' };
  const scopes = Object.fromEntries(chips.map(({ chip }) => [chip.uuid, chip.id]));
  if (form === 'nvidia-smi') return { pattern: path, timeZone: spec.timeZone, node, scopes };
  return {
    pattern: path,
    // Dirt in the first lines must not keep the file from being told.
    format: 'prometheus-text',
    node,
    startTime: new Date(firstPollMs).toISOString(),
    periodMs: spec.telemetry.periodMs,
    scopes,
  };
}

/** `run.json` of one run. Only Megatron's log has no run start and stop to the millisecond, so that it states them. */
export function manifestOf(spec: PilotSpec, { run, training, chips, telemetry, log }: RunPlan): RunManifest {
  const side = spec[run.role];
  const { name, precision, sequenceLength, globalBatchSize, parameters } = run.workload;
  const isMegatron = log.form === 'megatron';
  return {
    schema: 'wattline/run@1',
    program: spec.program,
    run: run.name,
    role: run.role,
    sku: side.sku,
    workload: { name, precision, sequenceLength, globalBatchSize, parameters },
    workUnit: 'token',
    tokensPerSample: sequenceLength,
    system: {
      name: `simulated ${run.role}`,
      nodes: side.chips / spec.chipsPerNode,
      chipsPerNode: spec.chipsPerNode,
    },
    chips: chips.map(({ chip }) => ({
      id: chip.id,
      lot: chip.lot,
      bin: chip.bin,
      stepping: side.stepping,
      node: chip.node,
      slot: String(chip.slot),
      firmware: side.firmware,
    })),
    ...(isMegatron
      ? {
          start: new Date(training.startMs).toISOString(),
          stop: new Date(training.stopMs).toISOString(),
          status: 'success' as const,
        }
      : {}),
    boundary: 'chip',
    simulated: true,
    files: [
      ...telemetry.map((file) => ruleOf(spec, file)),
      ...(isMegatron ? [{ pattern: log.path, timeZone: spec.timeZone }] : []),
    ],
  };
}
