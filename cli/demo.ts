import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { programReportPrefix } from '../functions/platform/layout.ts';
import { jsonLog } from '../functions/platform/log.ts';
import { printDecision } from './compare.ts';
import { DEMO_NIGHT, DEMO_PROGRAM, demoFiles } from './demo-pilot.ts';
import { directoryStores, Pipeline } from './pipeline.ts';
import { say, sayJson } from './terminal.ts';
import { decisionOf } from './work.ts';
import { WorkProgress } from './work-progress.ts';

export interface DemoOptions {
  readonly out: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `wattline demo`: a small simulated pilot, the whole way, through the same handlers as the deployed system. */
export async function demoCommand(options: DemoOptions): Promise<void> {
  for (const name of ['landing', 'lake', 'reports'])
    rmSync(join(options.out, name), { recursive: true, force: true });
  const stores = directoryStores(options.out);
  const progress = new WorkProgress(stores);
  const pipeline = new Pipeline(
    progress.stores,
    jsonLog((line) => (options.verbose ? void process.stderr.write(`${line}\n`) : undefined)),
  );
  let objects = 0;
  for (const { key, body } of demoFiles()) {
    await pipeline.stores.landing.put(key, body);
    objects += 1;
  }
  if (!options.json)
    say(`SIMULATED pilot: ${objects} objects generated and uploaded to ${join(options.out, 'landing')}`);
  await pipeline.drain();
  progress.clear();
  await pipeline.night(`${DEMO_NIGHT}T00:00:00Z`);
  const decision = await decisionOf(stores, DEMO_PROGRAM);
  if (options.json) sayJson(decision);
  else
    printDecision(
      decision,
      join(options.out, 'reports', programReportPrefix(DEMO_PROGRAM, decision.date), 'report.html'),
    );
}
