import { chipsOf, type PilotChip } from './chips.ts';
import { type DirtyRows, dirtyRows } from './dirty.ts';
import { energyLog } from './effects.ts';
import { PowerCurve } from './power-curve.ts';
import { Random } from './random.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';
import { type Training, trainingOf } from './training.ts';

export type TelemetryForm = 'wattline-csv' | 'nvidia-smi' | 'dcgm';
export type LogForm = 'megatron' | 'wattline-jsonl' | 'mllog';

/** A stretch of time, from ms to ms since the epoch. */
export type Span = readonly [fromMs: number, toMs: number];

/** One chip in one run: what it truly did. */
export interface ChipRun {
  readonly chip: PilotChip;
  readonly curve: PowerCurve;
  /** When uncorrected memory errors came. */
  readonly eccMs: readonly number[];
  readonly thermal: Span;
  readonly powerCap: Span;
}

/** One file of telemetry: the chips of a node. */
export interface TelemetryFile {
  readonly path: string;
  readonly form: TelemetryForm;
  readonly node: string;
  readonly chips: readonly ChipRun[];
  readonly firstPollMs: number;
  readonly polls: number;
  readonly dirty: DirtyRows;
}

/** Everything of one run that its files are written from, and that they are judged by. */
export interface RunPlan {
  readonly run: PlannedRun;
  readonly training: Training;
  readonly chips: readonly ChipRun[];
  readonly telemetry: readonly TelemetryFile[];
  readonly log: { readonly path: string; readonly form: LogForm };
}

const LOG_PATHS: Readonly<Record<LogForm, string>> = {
  megatron: 'megatron.log',
  'wattline-jsonl': 'training.jsonl',
  mllog: 'result_0.txt',
};

/** Readings on either side of an event: the counter is then read before and behind it within the run. */
const EVENT_MARGIN_PERIODS = 2;

function chipRun(spec: PilotSpec, run: PlannedRun, training: Training, chip: PilotChip): ChipRun {
  const side = spec[run.role];
  const { periodMs, idleS } = spec.telemetry;
  const random = new Random(spec.seed, 'chip-run', run.name, chip.id);
  const { startMs, stopMs } = training;
  const runMs = stopMs - startMs;
  const processed = run.workload.tokensPerRun * (training.processedSteps / training.usefulSteps);
  const workJ = (Math.exp(energyLog(spec, run, chip)) * processed) / side.chips;
  const marginMs = Math.min(EVENT_MARGIN_PERIODS * periodMs, runMs / 4);
  const errors = random.poisson((side.faults.uncorrectedEccPerChipHour * runMs) / 3_600_000);
  const eccMs = Array.from({ length: errors }, () =>
    random.uniform(startMs + marginMs, stopMs - marginMs),
  ).sort((a, b) => a - b);
  const { powerShare, thermalShare } = side.throttling;
  const fromMs = startMs + random.uniform(0, (1 - powerShare - thermalShare) * runMs);
  const turnMs = fromMs + thermalShare * runMs;
  return {
    chip,
    curve: new PowerCurve({ training, workJ, idleW: side.idleW, idleS, periodS: periodMs / 1000 }),
    eccMs,
    thermal: [fromMs, turnMs],
    powerCap: [turnMs, turnMs + powerShare * runMs],
  };
}

function formOf({ telemetry }: PilotSpec, { role }: PlannedRun, node: number): TelemetryForm {
  if (role === 'candidate') return 'wattline-csv';
  if (telemetry.gpuFormat !== 'alternate') return telemetry.gpuFormat;
  return node % 2 === 0 ? 'nvidia-smi' : 'dcgm';
}

function logFormOf({ telemetry }: PilotSpec, { role, night }: PlannedRun): LogForm {
  if (role === 'baseline') return 'megatron';
  if (telemetry.candidateLog !== 'alternate') return telemetry.candidateLog;
  return night % 2 === 0 ? 'wattline-jsonl' : 'mllog';
}

const EXTENSIONS: Readonly<Record<TelemetryForm, string>> = {
  'wattline-csv': 'csv',
  'nvidia-smi': 'csv',
  dcgm: 'prom',
};

function telemetryFile(
  spec: PilotSpec,
  run: PlannedRun,
  [at, chips]: readonly [number, readonly ChipRun[]],
): TelemetryFile {
  const { node } = (chips[0] as ChipRun).chip;
  const { curve } = chips[0] as ChipRun;
  const form = formOf(spec, run, at);
  const path = `power/${node}.${EXTENSIONS[form]}`;
  const { periodMs, dirtyShare } = spec.telemetry;
  const random = new Random(spec.seed, 'file', run.name, path);
  const firstPollMs = Math.ceil(curve.fromMs + random.uniform(0, periodMs));
  const polls = Math.floor((curve.toMs - firstPollMs) / periodMs);
  return {
    path,
    form,
    node,
    chips,
    firstPollMs,
    polls,
    dirty: dirtyRows({ polls, chips: chips.length, share: dirtyShare }, random),
  };
}

/** Draws one run: by seed and name alone, whatever else was or was not drawn. */
export function planRun(spec: PilotSpec, run: PlannedRun): RunPlan {
  const training = trainingOf(spec, run);
  const chips = chipsOf(spec, run.role).map((chip) => chipRun(spec, run, training, chip));
  const nodes = [...Map.groupBy(chips, ({ chip }) => chip.node).values()];
  const form = logFormOf(spec, run);
  return {
    run,
    training,
    chips,
    telemetry: [...nodes.entries()].map((node) => telemetryFile(spec, run, node)),
    log: { path: LOG_PATHS[form], form },
  };
}
