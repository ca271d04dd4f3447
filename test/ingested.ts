import { memoryStores, Pipeline } from '../cli/pipeline.ts';
import type { FileRule } from '../functions/core/telemetry/manifest.ts';
import type { ProgressRecord } from '../functions/core/telemetry/progress.ts';
import { type Receipt, ReceiptSchema } from '../functions/core/telemetry/receipt.ts';
import { collect } from '../functions/platform/bytes.ts';
import { prettyJson } from '../functions/platform/hash.ts';
import { readJson } from '../functions/platform/landing.ts';
import { landingKey, manifestKey } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { readProgress } from '../functions/platform/progress-file.ts';

export type Rule = Omit<FileRule, 'pattern'>;

export interface IngestedFile {
  readonly path: string;
  readonly bytes: Uint8Array | string;
  readonly rule?: Rule;
}

export interface Ingested {
  readonly receipt: Receipt;
  readonly records: readonly ProgressRecord[];
}

const PROGRAM = 'files';

/** The run.json of a file that is a run of its own. */
export const manifestOf = (run: string, rule: Rule = {}): Uint8Array =>
  prettyJson({
    ...{ schema: 'wattline/run@1', program: PROGRAM, run, role: 'baseline', sku: 'unknown' },
    ...{ workload: { name: 'unknown' }, workUnit: 'sample', system: { name: 'unknown', nodes: 1 } },
    files: [{ pattern: '**', ...rule }],
  });

/** A pipeline in memory, which says nothing. */
export const quietPipeline = (stores = memoryStores()): Pipeline =>
  new Pipeline(
    stores,
    jsonLog(() => {}),
  );

/** Ingests files as they would be deployed, each as a run of its own; what came of them by path. */
export async function ingested(files: readonly IngestedFile[]): Promise<ReadonlyMap<string, Ingested>> {
  const pipeline = quietPipeline();
  const { landing, lake } = pipeline.stores;
  for (const [i, { path, bytes, rule }] of files.entries()) {
    await landing.put(manifestKey(PROGRAM, `r${i}`), manifestOf(`r${i}`, rule));
    await landing.put(landingKey(PROGRAM, `r${i}`, path), Buffer.from(bytes));
  }
  await pipeline.drain();
  if (pipeline.deadLetters.length > 0) throw new Error(`dead letters: ${pipeline.deadLetters.join('\n')}`);
  const all = new Map<string, Ingested>();
  for await (const { key } of lake.list('receipts/')) {
    const receipt = await readJson(lake, key, ReceiptSchema);
    if (receipt && files.some(({ path }) => path === receipt.path))
      all.set(receipt.path, { receipt, records: await recordsOf(lake, receipt) });
  }
  return all;
}

async function recordsOf(
  lake: Pipeline['stores']['lake'],
  { outputs }: Receipt,
): Promise<readonly ProgressRecord[]> {
  if (outputs.progress === null) return [];
  const { body } = await lake.get(outputs.progress);
  return readProgress(await collect(body));
}

/** The receipt of one file. */
export async function receiptOf(path: string, bytes: Uint8Array | string, rule: Rule = {}): Promise<Receipt> {
  const { receipt } = (await ingested([{ path, bytes, rule }])).get(path) as Ingested;
  return receipt;
}
