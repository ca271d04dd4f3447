import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryStores } from '../../cli/pipeline.ts';
import { pilotFiles } from '../../cli/simulate/pilot-files.ts';
import { pilotTruth } from '../../cli/simulate/truth.ts';
import type { PilotTruth } from '../../cli/simulate/truth-schema.ts';
import { type Decision, DecisionSchema } from '../../functions/core/decision/decision.ts';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { decisionPrefix, evaluationPrefix, manifestKey } from '../../functions/platform/layout.ts';
import { specOf } from '../cli/simulated.ts';
import { quietPipeline } from '../ingested.ts';

export interface SimulatedLake {
  /** Folder of the store. */
  readonly store: string;
  readonly truth: PilotTruth;
  readonly program: string;
  readonly receipts: readonly Receipt[];
  /** Those that stand. */
  readonly evaluations: readonly Evaluation[];
  readonly evaluationFiles: number;
  /** By key, in the order of keys. */
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly latestDecision: Decision;
}

const DECIDED = ['2026-01-30', '2026-01-31'];

/** A store with all that a lake can have: old results beside new ones, refused files, two decisions. */
export async function simulatedLake(): Promise<SimulatedLake> {
  const store = mkdtempSync(join(tmpdir(), 'wattline-sql-'));
  const spec = specOf({
    nights: 8,
    workloads: [{ name: 'small', secondsPerRun: 20, timeRatio: 1.1, energyRatio: 0.8 }],
  });
  const { program } = spec;
  const truth = pilotTruth(spec);
  const pipeline = quietPipeline(directoryStores(store));
  const { landing, lake } = pipeline.stores;
  for (const { key, body } of pilotFiles(spec)) await landing.put(key, body);
  await pipeline.drain();
  await pipeline.night(`${DECIDED[0]}T00:00:00Z`);
  const [changed = { run: '' }] = truth.runs;
  await landing.put(`${program}/${changed.run}/power/unknown.csv`, Buffer.from('nothing,that\nis,known\n'));
  const manifest = await landing.get(manifestKey(program, changed.run));
  const text = Buffer.from(await collect(manifest.body)).toString('utf8');
  await landing.put(
    manifestKey(program, changed.run),
    Buffer.from(JSON.stringify({ ...JSON.parse(text), site: { name: 'elsewhere', pue: 1.2 } })),
  );
  await pipeline.drain();
  await pipeline.night(`${DECIDED[1]}T00:00:00Z`);
  const all = async <T>(
    prefix: string,
    schema: Parameters<typeof readJson<T>>[2],
  ): Promise<Map<string, T>> => {
    const found = new Map<string, T>();
    for await (const { key } of lake.list(prefix)) {
      if (key.endsWith('/latest.json')) continue;
      const value = await readJson(lake, key, schema);
      if (value !== null) found.set(key, value);
    }
    return found;
  };
  const files = await all<Evaluation>('evaluations/', EvaluationSchema);
  const evaluations: Evaluation[] = [];
  for (const { run } of truth.runs) {
    const latest = await readLatest(lake, evaluationPrefix(program, run));
    const evaluation = latest && files.get(latest.key);
    if (!evaluation) throw new Error(`${run}: no evaluation`);
    evaluations.push(evaluation);
  }
  const decisions = await all<Decision>('decisions/', DecisionSchema);
  const latest = await readLatest(lake, decisionPrefix(program));
  return {
    store,
    truth,
    program,
    receipts: [...(await all<Receipt>('receipts/', ReceiptSchema)).values()],
    evaluations,
    evaluationFiles: files.size,
    decisions,
    latestDecision: decisions.get(latest?.key ?? '') as Decision,
  };
}
