import { Random } from './random.ts';
import type { PlannedRun } from './schedule.ts';
import type { PilotSpec } from './spec.ts';

/** A stretch of training from one start of the process to its end, whole steps. */
export interface Stretch {
  /** Steps done before it: those of the checkpoint that it goes on from. */
  readonly fromStep: number;
  readonly toStep: number;
  readonly startMs: number;
  readonly stopMs: number;
}

/** How a run went in time. */
export interface Training {
  readonly startMs: number;
  readonly stopMs: number;
  readonly stepS: number;
  readonly stretches: readonly Stretch[];
  /** Steps that the run ended with, and those it did. */
  readonly usefulSteps: number;
  readonly processedSteps: number;
}

/**
 * Fewer lost steps than this are not to be told from lines of another rank: a log without checkpoints that repeats
 * its last step has done nothing twice.
 */
const FEWEST_LOST = 2;

const checkpointBefore = (step: number, every: number): number => every * (Math.ceil(step / every) - 1);

/** Steps after which the run is interrupted, in order. */
function interruptions(
  spec: PilotSpec,
  { role, workload }: PlannedRun,
  runS: number,
  random: Random,
): number[] {
  const { chips, faults } = spec[role];
  const every = spec.restarts.checkpointSteps;
  const count = random.poisson((faults.interruptionsPerChipHour * chips * runS) / 3_600);
  const possible = Array.from({ length: workload.steps - 1 }, (_, i) => i + 1).filter(
    (step) => step - checkpointBefore(step, every) >= FEWEST_LOST,
  );
  const steps: number[] = [];
  for (let i = 0; i < count && possible.length > 0; i += 1)
    steps.push(...possible.splice(random.below(possible.length), 1));
  return steps.sort((a, b) => a - b);
}

/** Draws how one run goes: how fast, when it is interrupted, and which steps it does twice. */
export function trainingOf(spec: PilotSpec, run: PlannedRun): Training {
  const { role, workload } = run;
  const random = new Random(spec.seed, 'training', run.name);
  const ratio = role === 'candidate' ? workload.timeRatio : 1;
  const stepS =
    ((workload.secondsPerRun * ratio) / workload.steps) * Math.exp(spec.stepTimeSd * random.normal());
  const { idleS, periodMs } = spec.telemetry;
  const startMs = run.slotMs + Math.round((idleS + 10) * 1000 + 6 * periodMs + random.uniform(0, 2_000));
  const ends = [...interruptions(spec, run, stepS * workload.steps, random), workload.steps];
  const stretches: Stretch[] = [];
  let from = 0;
  let atMs = startMs;
  for (const to of ends) {
    const stopMs = atMs + Math.round((to - from) * stepS * 1000);
    stretches.push({ fromStep: from, toStep: to, startMs: atMs, stopMs });
    atMs = stopMs + Math.round(spec.restarts.seconds * 1000);
    from = checkpointBefore(to, spec.restarts.checkpointSteps);
  }
  return {
    startMs,
    stopMs: (stretches.at(-1) as Stretch).stopMs,
    stepS,
    stretches,
    usefulSteps: workload.steps,
    processedSteps: stretches.reduce((sum, s) => sum + s.toStep - s.fromStep, 0),
  };
}

/** Every step that the run did, also those it lost, with the time of its end. */
export function* stepsOf({
  stretches,
  stepS,
}: Training): Generator<{ step: number; timeMs: number; stretch: Stretch }> {
  for (const stretch of stretches) {
    for (let step = stretch.fromStep + 1; step <= stretch.toStep; step += 1) {
      const timeMs = stretch.startMs + Math.round((step - stretch.fromStep) * stepS * 1000);
      yield { step, timeMs, stretch };
    }
  }
}
