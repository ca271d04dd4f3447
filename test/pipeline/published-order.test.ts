import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { directoryStores, Pipeline } from '../../cli/pipeline.ts';
import { loadRuns } from '../../cli/run-folder.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson, sha256 } from '../../functions/platform/hash.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { CASES, hasCases } from '../shared.ts';

const SETS = {
  candidate: 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora',
  baseline: 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora',
} as const;
const root = mkdtempSync(join(tmpdir(), 'wattline-order-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Uploads both sets to a directory store, delivers the events as `order` says; hashes of all that came out. */
async function run(name: string, order: (bodies: string[]) => string[]): Promise<Map<string, string>> {
  const stores = directoryStores(join(root, name));
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  for (const role of ['candidate', 'baseline'] as const) {
    const runs = await loadRuns(join(CASES, SETS[role]), { program: 'p', role, prefix: `${role}-` });
    for (const { manifest, files } of runs) {
      await pipeline.stores.landing.put(manifestKey('p', manifest.run), prettyJson(manifest));
      for (const { path, source } of files) {
        await pipeline.stores.landing.put(landingKey('p', manifest.run, path), readFileSync(source));
      }
    }
  }
  pipeline.pending = order([...pipeline.pending]);
  await pipeline.drain();
  await pipeline.night('2026-01-31T02:00:00Z');
  const found = new Map<string, string>();
  for (const store of [stores.lake, stores.reports]) {
    for await (const { key } of store.list(''))
      found.set(`${store.bucket}/${key}`, sha256(await collect((await store.get(key)).body)));
  }
  return found;
}

describe.skipIf(!hasCases)('two published sets over a directory store', () => {
  test('give the same bytes backwards, telemetry before manifests, and every event twice', async () => {
    const quiet = await run('quiet', (bodies) => bodies);
    const pages = [...quiet.keys()].filter((key) => /^reports\/programs\/.*\.html$/.test(key));
    // The decision, the program's page and its month's.
    expect(pages).toHaveLength(2);
    const turned = await run('turned', (bodies) => [...bodies].reverse().flatMap((body) => [body, body]));
    const halves = await run('halves', (bodies) => [
      ...bodies.filter((_, i) => i % 2 === 1),
      ...bodies,
      ...bodies.filter((_, i) => i % 3 === 0),
    ]);
    expect(turned).toEqual(quiet);
    expect(halves).toEqual(quiet);
  });
});
