import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prettyJson } from '../functions/platform/hash.ts';
import { programReportPrefix } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { printDecision } from './compare.ts';
import { DEMO_PROGRAM, demoObjects } from './demo-pilot.ts';
import { directoryStores, Pipeline } from './pipeline.ts';
import { ProgressBar, say } from './terminal.ts';
import { decisionOf } from './work.ts';

/** `wattline demo`: a small simulated pilot, the whole way, through the same handlers as the deployed system. */
export async function demoCommand(options: { out: string; verbose?: boolean }): Promise<void> {
  for (const name of ['landing', 'lake', 'reports'])
    rmSync(join(options.out, name), { recursive: true, force: true });
  const stores = directoryStores(options.out);
  const pipeline = new Pipeline(
    stores,
    jsonLog((line) => (options.verbose ? void process.stderr.write(`${line}\n`) : undefined)),
  );
  const objects = demoObjects();
  for (const { key, body } of objects) {
    await pipeline.stores.landing.put(key, typeof body === 'string' ? Buffer.from(body) : prettyJson(body));
  }
  say(`SIMULATED pilot: ${objects.length} objects generated and uploaded to ${join(options.out, 'landing')}`);
  const total = pipeline.pending.length;
  const bar = new ProgressBar('reading files', total);
  await pipeline.drain((left) => bar.show(Math.max(0, total - left)));
  bar.end();
  await pipeline.night('2026-01-31T02:00:00Z');
  const decision = await decisionOf(stores, DEMO_PROGRAM);
  printDecision(
    decision,
    join(options.out, 'reports', programReportPrefix(DEMO_PROGRAM, decision.date), 'report.html'),
  );
}
