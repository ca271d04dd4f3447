import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import type { Receipt } from '../../functions/core/telemetry/receipt.ts';
import type { SmokeRun } from './plan.ts';

/** Noise of half a percent a reading over a minute of readings of two chips. */
const ENERGY_TOLERANCE = 0.003;

/** What a run came to, as far as it has come. */
export interface RunState {
  /** By the key of the object that was read. */
  readonly receipts: ReadonlyMap<string, Receipt>;
  readonly evaluation: Evaluation | null;
  /** `report.html` of the run. */
  readonly report: string | null;
  /** `report.json` of the run. */
  readonly reportJson: string | null;
}

/** Relative error of the run's energy against the truth; null where there is no energy. */
export function energyError({ truth }: SmokeRun, evaluation: Evaluation): number | null {
  const found = evaluation.energy.clippedTrapezoidJ;
  return found === null ? null : found / truth.energyJ - 1;
}

/** A file that was read, but not the one that was sent, or not as it should be. Waiting longer mends none of these. */
export function receiptFaults({ objects }: SmokeRun, receipts: RunState['receipts']): string[] {
  const faults: string[] = [];
  for (const { key, sha256 } of objects) {
    const receipt = receipts.get(key);
    if (!receipt) continue;
    if (receipt.status === 'refused')
      faults.push(`${key}: refused (${receipt.refusal?.code}): ${receipt.refusal?.message}`);
    else if (receipt.sha256 !== sha256)
      faults.push(`${key}: its receipt names bytes of sha256 ${receipt.sha256}; expected ${sha256}, as sent`);
    else if (receipt.rejected > 0)
      faults.push(`${key}: ${receipt.rejected} of ${receipt.rows} rows were rejected; expected none`);
  }
  return faults;
}

function evaluationFaults(run: SmokeRun, evaluation: Evaluation): string[] {
  const { truth } = run;
  const faults: string[] = [];
  const error = energyError(run, evaluation);
  if (error === null || Math.abs(error) > ENERGY_TOLERANCE)
    faults.push(
      `energy ${evaluation.energy.clippedTrapezoidJ} J; expected ${truth.energyJ.toFixed(1)} J, the truth of the simulator, within ${ENERGY_TOLERANCE * 100} %`,
    );
  const tokens = evaluation.progress?.useful.tokens ?? null;
  if (tokens !== truth.usefulTokens)
    faults.push(`${tokens} useful tokens; expected ${truth.usefulTokens}, the truth of the simulator`);
  const chips = Object.keys(truth.chipEnergyJ).length;
  if (evaluation.scopes.length !== chips) faults.push(`${evaluation.scopes.length} chips; expected ${chips}`);
  if (evaluation.role !== truth.role) faults.push(`role ${evaluation.role}; expected ${truth.role}`);
  return faults.map((fault) => `${truth.run}: ${fault}`);
}

/** Everything that is wrong with a run whose evaluation and report are there; empty where all is well. */
export function runFaults(run: SmokeRun, state: RunState): string[] {
  const { evaluation, report, reportJson } = state;
  const faults = receiptFaults(run, state.receipts);
  if (evaluation) faults.push(...evaluationFaults(run, evaluation));
  if (report !== null && !report.includes(run.truth.run))
    faults.push(`${run.truth.run}: its report.html does not name it`);
  if (evaluation && reportJson !== null && reportJson !== JSON.stringify(evaluation))
    faults.push(`${run.truth.run}: its report.json is not its evaluation`);
  return faults;
}
