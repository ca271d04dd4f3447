import { InputError } from '../../functions/core/errors.ts';
import { TimeReader } from '../../functions/core/telemetry/time.ts';
import { slotLengthS } from './slots.ts';
import { type PilotSpec, ROLES, type Role, type WorkloadSpec } from './spec.ts';

const DAY_MS = 86_400_000;

/** One run of the pilot: which, and when its slot begins. */
export interface PlannedRun {
  readonly name: string;
  readonly role: Role;
  readonly workload: WorkloadSpec;
  /** From 0. */
  readonly night: number;
  readonly slotMs: number;
  /** Local time less UTC, ms. */
  readonly offsetMs: number;
}

/** When a night begins: at its start hour, local. */
function nightStart(
  { firstNight, timeZone, startHour }: PilotSpec,
  night: number,
): Pick<PlannedRun, 'slotMs' | 'offsetMs'> {
  const day = new Date(Date.parse(`${firstNight}T00:00:00Z`) + night * DAY_MS).toISOString().slice(0, 10);
  const local = `${day}T${String(startHour).padStart(2, '0')}:00:00`;
  const timeMs = new TimeReader(timeZone).read(local);
  if (typeof timeMs === 'number') return { slotMs: timeMs, offsetMs: Date.parse(`${local}Z`) - timeMs };
  throw new InputError(
    'night-start',
    `night ${night + 1} begins at ${local}, which ${timeZone} does not have once (${timeMs}); expected another startHour`,
  );
}

/** The runs of one night in the order of their start; both sides of a workload train at the same time. */
export function runsOfNight(spec: PilotSpec, night: number): PlannedRun[] {
  const start = nightStart(spec, night);
  const lengthMs = slotLengthS(spec) * 1000;
  const digits = String(spec.nights).length;
  const day = `n${String(night + 1).padStart(digits, '0')}`;
  const runs: PlannedRun[] = [];
  for (let repeat = 0; repeat < spec.runsPerNight; repeat += 1) {
    for (const [at, workload] of spec.workloads.entries()) {
      const slot = repeat * spec.workloads.length + at;
      for (const role of ROLES) {
        const name = `${day}-${workload.name}-${repeat + 1}-${role}`;
        const slotMs = start.slotMs + slot * lengthMs;
        runs.push({ name, role, workload, night, slotMs, offsetMs: start.offsetMs });
      }
    }
  }
  return runs;
}

/** Every run of the pilot, a night at a time. */
export function* plannedRuns(spec: PilotSpec): Generator<PlannedRun> {
  for (let night = 0; night < spec.nights; night += 1) yield* runsOfNight(spec, night);
}
