import type { RunManifest } from '../telemetry/manifest.ts';
import type { RunProgress } from '../telemetry/progress-fold.ts';
import { carbonOf } from './carbon.ts';
import type { EnergyMethod, Evaluation, Finding, ProgressEvaluation } from './evaluation.ts';
import { lossCurve } from './loss-curve.ts';
import { reliabilityOf } from './reliability.ts';
import { runCosts } from './run-costs.ts';
import type { UnitScope } from './unit-energy.ts';
import { unitFindings } from './unit-findings.ts';
import { runWorkOf } from './unit-work.ts';
import { evaluateUnits, unitOfAnalysis } from './units.ts';
import type { Work } from './work.ts';
import { chipsOf, yardstickOf } from './yardstick.ts';

export interface RunUnitsInput {
  readonly manifest: RunManifest;
  readonly startMs: number;
  readonly stopMs: number;
  readonly status: string;
  readonly boundary: Evaluation['boundary'];
  readonly scopes: readonly UnitScope[];
  readonly energyMethod: EnergyMethod | null;
  /** Of the run, by its method. */
  readonly energyJ: number | null;
  readonly evidence: Evaluation['evidence'];
  readonly work: Work;
  readonly logs: Pick<RunProgress, 'steps' | 'realTokens' | 'status'>;
  readonly progress: ProgressEvaluation | null;
}

type RunUnits = Pick<
  Evaluation,
  'units' | 'unitOfAnalysis' | 'reliability' | 'costs' | 'carbon' | 'lossCurve' | 'lossUnit'
>;

/** What the evaluation of a run says beyond its totals: its chips and nodes, what failed, what it cost and emitted. */
export function evaluateRunUnits(input: RunUnitsInput): { figures: RunUnits; findings: Finding[] } {
  const { manifest, logs, boundary, evidence } = input;
  const chips = chipsOf(manifest);
  const work = runWorkOf(manifest, input.work, logs.realTokens, input.progress, chips);
  const units = evaluateUnits({ ...input, work, yardstick: yardstickOf(manifest) });
  const runS = (input.stopMs - input.startMs) / 1000;
  const { tokens, usefulTokens } = work;
  // Below grade C an energy is not printed, and neither is what follows from it.
  const energyJ = evidence === 'D' ? null : input.energyJ;
  const figures = {
    units,
    unitOfAnalysis: unitOfAnalysis(units, boundary),
    reliability: reliabilityOf({ manifest, logs, status: input.status, units, chips, runS }),
    costs: runCosts({ sku: manifest.sku, chips, runS, tokens, usefulTokens }),
    carbon: carbonOf(manifest.site, { energyJ, boundary, usefulTokens }),
    ...lossCurve(logs.steps?.losses ?? [], manifest),
  };
  return { figures, findings: unitFindings({ ...input, units, work }) };
}
