import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { programReportPrefix } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { printDecision } from './compare.ts';
import { DEMO_NIGHT, DEMO_PROGRAM, demoFiles } from './demo-pilot.ts';
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
  let objects = 0;
  for (const { key, body } of demoFiles()) {
    await pipeline.stores.landing.put(key, body);
    objects += 1;
  }
  say(`SIMULATED pilot: ${objects} objects generated and uploaded to ${join(options.out, 'landing')}`);
  const total = pipeline.pending.length;
  const bar = new ProgressBar('reading files', total);
  await pipeline.drain((left) => bar.show(Math.max(0, total - left)));
  bar.end();
  await pipeline.night(`${DEMO_NIGHT}T00:00:00Z`);
  const decision = await decisionOf(stores, DEMO_PROGRAM);
  printDecision(
    decision,
    join(options.out, 'reports', programReportPrefix(DEMO_PROGRAM, decision.date), 'report.html'),
  );
}
