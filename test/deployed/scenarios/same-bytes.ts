import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryStores, Pipeline } from '../../../cli/pipeline.ts';
import { jsonLog } from '../../../functions/platform/log.ts';
import { compare } from '../checks.ts';
import { contents, keysOf, latestOf, receiptsByPath } from '../objects.ts';
import type { World } from '../world.ts';

/** What the deployment made of the uploads is what the local pipeline makes of them, byte for byte. */
export async function sameBytes({ deployment }: World): Promise<void> {
  const { landing, lake, reports } = deployment.stores;
  const folder = mkdtempSync(join(tmpdir(), 'wattline-deployed-'));
  try {
    const local = directoryStores(folder);
    const pipeline = new Pipeline(
      local,
      jsonLog(() => {}),
    );
    for (const [key, bytes] of await contents(landing, '')) await pipeline.stores.landing.put(key, bytes);
    await pipeline.drain();
    const decided = await keysOf(lake, 'decisions/');
    const date = decided.map((key) => /date=([\d-]+)\//.exec(key)?.[1]).find((d) => d !== undefined);
    await pipeline.night(`${date}T02:00:00Z`);
    const both = async (prefix: string) =>
      [await contents(lake, prefix), await contents(local.lake, prefix)] as const;
    const [receipts, localReceipts] = await both('receipts/');
    compare('receipts', receiptsByPath(receipts), receiptsByPath(localReceipts));
    const [evaluations, localEvaluations] = await both('evaluations/');
    compare('evaluations', latestOf(evaluations), latestOf(localEvaluations));
    compare('decisions', ...(await both('decisions/')));
    compare('reports', await contents(reports, ''), await contents(local.reports, ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
