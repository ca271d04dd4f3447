import { InputError } from '../../functions/core/errors.ts';
import { runReportPrefix } from '../../functions/platform/layout.ts';
import { energyError, type RunState, runFaults } from './check-run.ts';
import { type SmokeRun, smokePlan } from './plan.ts';
import { sweep } from './sweep.ts';
import { POLL_MS, type Watch, watch } from './watch.ts';

export interface SmokeOrder {
  /** Fresh for each test, so that no earlier result is taken for this one's. */
  readonly program: string;
  readonly timeoutMs: number;
  readonly isKept: boolean;
}

/** Something that was seen, and how long after the start. */
export interface SmokeStep {
  readonly atMs: number;
  readonly what: string;
}

export interface SmokeOutcome {
  readonly run: string;
  readonly role: string;
  readonly energyJ: number;
  readonly truthJ: number;
  /** energyJ / truthJ - 1. */
  readonly errorRatio: number;
  /** Key in the reports bucket. */
  readonly report: string;
}

export interface SmokeResult {
  readonly program: string;
  readonly steps: readonly SmokeStep[];
  readonly runs: readonly SmokeOutcome[];
}

/** @throws InputError `smoke-wrong` naming each thing that is not as the simulator's truth has it. */
function outcomes(program: string, states: ReadonlyMap<SmokeRun, RunState>): SmokeOutcome[] {
  const faults = [...states].flatMap(([run, state]) => runFaults(run, state));
  if (faults.length > 0) throw new InputError('smoke-wrong', faults.join('; '));
  return [...states].flatMap(([run, { evaluation }]) => {
    const errorRatio = evaluation && energyError(run, evaluation);
    const energyJ = evaluation?.energy.clippedTrapezoidJ ?? null;
    if (errorRatio === null || energyJ === null) return [];
    const { run: name, role, energyJ: truthJ } = run.truth;
    const report = `${runReportPrefix(program, name)}report.html`;
    return [{ run: name, role, energyJ, truthJ, errorRatio, report }];
  });
}

/**
 * Uploads one small simulated run of each role, waits for receipts, evaluations and reports, and compares them with
 * the simulator's truth. What was uploaded and what came of it is deleted in the end, whatever the outcome, unless
 * it is to be kept.
 *
 * @throws InputError `smoke-timeout` naming the stage that did not happen; `smoke-wrong` naming what is not right.
 */
export async function smokeTest(
  { onStep, ...world }: Omit<Watch, 'tell' | 'timeoutMs'> & { readonly onStep: (step: SmokeStep) => void },
  { program, timeoutMs, isKept }: SmokeOrder,
): Promise<SmokeResult> {
  const startMs = world.now();
  const steps: SmokeStep[] = [];
  const tell = (what: string): void => {
    const step = { atMs: world.now() - startMs, what };
    steps.push(step);
    onStep(step);
  };
  const clean = async (): Promise<void> => {
    if (isKept) tell(`everything of ${program} is kept`);
    else
      tell(`${await sweep(world.stores, program, () => world.wait(POLL_MS))} objects of ${program} deleted`);
  };
  let runs: SmokeOutcome[];
  try {
    const plan = smokePlan(program);
    const objects = [...plan.shared, ...plan.runs.flatMap((run) => run.objects)];
    for (const { key, body } of objects) await world.stores.landing.put(key, body);
    tell(`${objects.length} objects of ${program} uploaded, each run.json last`);
    runs = outcomes(program, await watch({ ...world, tell, timeoutMs }, plan));
  } catch (error) {
    // The reason of the failure is what must be heard; what could not be deleted is said beside it.
    await clean().catch((other: unknown) => tell(`not deleted: ${(other as Error).message}`));
    throw error;
  }
  await clean();
  return { program, steps, runs };
}
