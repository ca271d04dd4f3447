import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { type PilotSpec, type PilotSpecInput, PilotSpecSchema } from '../../cli/simulate/spec.ts';
import { pilotTruth } from '../../cli/simulate/truth.ts';
import type { PilotTruth } from '../../cli/simulate/truth-schema.ts';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { evaluationPrefix } from '../../functions/platform/layout.ts';
import { quietPipeline } from '../ingested.ts';

/** A pilot that is small and in which all that can happen does. */
export const BUSY: PilotSpecInput = {
  seed: 7,
  nights: 3,
  candidate: {
    chips: 4,
    lots: 2,
    throttling: { powerShare: 0.2, thermalShare: 0.1 },
    faults: { uncorrectedEccPerChipHour: 30, interruptionsPerChipHour: 20 },
  },
  baseline: {
    chips: 4,
    lots: 2,
    throttling: { powerShare: 0.3, thermalShare: 0.05 },
    faults: { uncorrectedEccPerChipHour: 20, interruptionsPerChipHour: 15 },
  },
  chipsPerNode: 2,
  workloads: [{ name: 'small', secondsPerRun: 60, timeRatio: 1.1, energyRatio: 0.8 }],
  telemetry: { dirtyShare: 0.008 },
};

export const specOf = (change: PilotSpecInput = {}): PilotSpec =>
  PilotSpecSchema.parse({ ...BUSY, ...change });

export interface Simulated {
  readonly spec: PilotSpec;
  readonly truth: PilotTruth;
  readonly evaluations: ReadonlyMap<string, Evaluation>;
  readonly receipts: readonly Receipt[];
}

/** A pilot through the handlers as they are deployed: what it is, and what they made of it. */
export async function simulated(change: PilotSpecInput = {}): Promise<Simulated> {
  const spec = specOf(change);
  const truth = pilotTruth(spec);
  const pipeline = quietPipeline();
  const { landing, lake } = pipeline.stores;
  for (const { key, body } of pilotFiles(spec)) await landing.put(key, body);
  await pipeline.drain();
  if (pipeline.deadLetters.length > 0) throw new Error(`dead letters: ${pipeline.deadLetters.join('\n')}`);
  const evaluations = new Map<string, Evaluation>();
  for (const { run } of truth.runs) {
    const latest = await readLatest(lake, evaluationPrefix(spec.program, run));
    const evaluation = latest && (await readJson(lake, latest.key, EvaluationSchema));
    if (!evaluation) throw new Error(`${run}: no evaluation`);
    evaluations.set(run, evaluation);
  }
  const receipts: Receipt[] = [];
  for await (const { key } of lake.list('receipts/')) {
    const receipt = await readJson(lake, key, ReceiptSchema);
    if (receipt) receipts.push(receipt);
  }
  return { spec, truth, evaluations, receipts };
}
