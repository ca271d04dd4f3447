import { Loss } from './loss.ts';
import type { RunPlan } from './plan-run.ts';
import type { PilotSpec } from './spec.ts';
import type { RunTruth } from './truth-schema.ts';

const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);

/** What is true of one run. */
export function runTruth(spec: PilotSpec, { run, training, chips, telemetry }: RunPlan): RunTruth {
  const { workload, role } = run;
  const { startMs, stopMs, stepS, usefulSteps, processedSteps, stretches } = training;
  const { tokensPerRun } = workload;
  const tokensPerStep = tokensPerRun / workload.steps;
  const files = telemetry.map(({ path, dirty }) => ({ path, rejectedRows: dirty.size }));
  const energyJ = sum(chips.map(({ curve }) => curve.runJ));
  const { powerShare, thermalShare } = spec[role].throttling;
  return {
    run: run.name,
    role,
    workload: workload.name,
    night: run.night,
    startMs,
    stopMs,
    usefulTokens: usefulSteps * tokensPerStep,
    processedTokens: processedSteps * tokensPerStep,
    usefulSteps,
    lostSteps: processedSteps - usefulSteps,
    restarts: stretches.length - 1,
    stepS,
    goodputRatio: (usefulSteps * stepS * 1000) / (stopMs - startMs),
    energyJ,
    energyPerUsefulTokenJ: energyJ / tokensPerRun,
    finalLoss: new Loss(spec, run).trueAt(tokensPerRun),
    eccUncorrected: sum(chips.map(({ eccMs }) => eccMs.length)),
    rejectedRows: sum(files.map((f) => f.rejectedRows)),
    throttledRatio: { power: powerShare, thermal: thermalShare },
    files,
    chipEnergyJ: Object.fromEntries(chips.map(({ chip, curve }) => [chip.id, curve.runJ])),
  };
}
