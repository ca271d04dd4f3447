import { EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { evaluationPrefix, runReportPrefix } from '../../functions/platform/layout.ts';
import { ObjectMissingError, type ObjectStore } from '../../functions/platform/object-store.ts';
import type { Stores } from '../pipeline.ts';
import type { RunState } from './check-run.ts';

async function textOf(store: ObjectStore, key: string): Promise<string | null> {
  try {
    return Buffer.from(await collect((await store.get(key)).body)).toString('utf8');
  } catch (error) {
    if (error instanceof ObjectMissingError) return null;
    throw error;
  }
}

/** Receipts of the run by the key that they are of; those read before are not read again. */
async function receiptsOf(
  lake: ObjectStore,
  program: string,
  run: string,
  known: RunState['receipts'],
): Promise<Map<string, Receipt>> {
  const receipts = new Map(known);
  const isKnown = new Set([...known.values()].map((r) => `${r.source.key} ${r.source.version}`));
  for await (const { key } of lake.list(`receipts/program=${program}/run=${run}/`)) {
    const receipt = await readJson(lake, key, ReceiptSchema);
    if (receipt && !isKnown.has(`${receipt.source.key} ${receipt.source.version}`))
      receipts.set(receipt.source.key, receipt);
  }
  return receipts;
}

/** How far a run has come. */
export async function lookAt(
  { lake, reports }: Stores,
  program: string,
  run: string,
  before: RunState,
): Promise<RunState> {
  const receipts = await receiptsOf(lake, program, run, before.receipts);
  const latest = await readLatest(lake, evaluationPrefix(program, run));
  const evaluation = latest && (await readJson(lake, latest.key, EvaluationSchema));
  if (!evaluation) return { ...before, receipts };
  const prefix = runReportPrefix(program, run);
  const json = await readJson(reports, `${prefix}report.json`, EvaluationSchema);
  return {
    receipts,
    evaluation,
    report: await textOf(reports, `${prefix}report.html`),
    reportJson: json && JSON.stringify(json),
  };
}
