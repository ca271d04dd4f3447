import { memoryStores, Pipeline, type Stores } from '../../cli/pipeline.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { parseLandingKey, readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { evaluationPrefix } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';

export const QUIET = jsonLog(() => {});
export const START_MS = Date.UTC(2026, 0, 1);
export const KEY = 'p/r/power.csv';
export const HEADER = 'time_unix_ms,scope,kind,power_w';

/** A minute and a bit of a node's power, once a second. */
export function powerCsv(powerW = 1000, seconds = 80): string {
  const rows = Array.from({ length: seconds + 1 }, (_, i) => `${START_MS + i * 1000},node-0,node,${powerW}`);
  return `${[HEADER, ...rows].join('\n')}\n`;
}

export const MANIFEST: RunManifest = {
  schema: 'wattline/run@1',
  program: 'p',
  run: 'r',
  role: 'candidate',
  sku: 'own-chip',
  workload: { name: 'w' },
  workUnit: 'sample',
  work: 100,
  system: { name: 's', nodes: 1, chipsPerNode: 8 },
  start: new Date(START_MS + 10_000).toISOString(),
  stop: new Date(START_MS + 70_000).toISOString(),
  status: 'success',
  files: [{ pattern: '**', boundary: 'node-dc' }],
};

/** A pipeline whose run.json lies there, read; its files are still to come. */
export async function withRun(
  stores: Stores = memoryStores(),
  change: Partial<RunManifest> = {},
): Promise<Pipeline> {
  const pipeline = new Pipeline(stores, QUIET);
  await pipeline.stores.landing.put('p/r/run.json', prettyJson({ ...MANIFEST, ...change }));
  await pipeline.drain();
  return pipeline;
}

export const keysOf = async (store: ObjectStore, prefix = ''): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
};

/** Every current object of a store, by key. */
export async function contentsOf(store: ObjectStore, prefix = ''): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const key of await keysOf(store, prefix))
    found.set(key, Buffer.from(await collect((await store.get(key)).body)).toString('base64'));
  return found;
}

/** Versions of every current object: what was written again has another one. */
export async function versionsOf(store: ObjectStore): Promise<string[]> {
  const all: string[] = [];
  for await (const { key, version } of store.list('')) all.push(`${key} ${version}`);
  return all;
}

export async function receiptsOf(lake: ObjectStore): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (const key of await keysOf(lake, 'receipts/'))
    receipts.push((await readJson(lake, key, ReceiptSchema)) as Receipt);
  return receipts;
}

export const receiptOfPath = async (lake: ObjectStore, path: string): Promise<Receipt | undefined> =>
  (await receiptsOf(lake)).find((r) => r.path === path);

/** Energy that the run's pointer leads to, J; null where there is no result. */
export async function latestJoules({ lake }: Pick<Stores, 'lake'>): Promise<number | null> {
  const latest = await readLatest(lake, evaluationPrefix('p', 'r'));
  if (!latest) return null;
  const text = Buffer.from(await collect((await lake.get(latest.key)).body)).toString('utf8');
  return (JSON.parse(text) as { energy: { clippedTrapezoidJ: number } }).energy.clippedTrapezoidJ;
}

/** A record of a queue; `id` names it. */
export const recordOf = (body: string, id: string) => ({ messageId: id, body }) as never;

/**
 * The check of DESIGN.md, section 11: every upload is a result, in quarantine, a dead letter or in flight.
 * Returns the keys of those that are none of it.
 */
export async function lostUploads({ stores, pending, deadLetters }: Pipeline): Promise<string[]> {
  const receipts = await receiptsOf(stores.lake);
  const done = new Set(receipts.map(({ source }) => `${source.key} ${source.version}`));
  const waiting = [...pending, ...deadLetters];
  const lost: string[] = [];
  for await (const { key, version } of stores.landing.list('')) {
    const isFile = key.split('/').length > 2 && parseLandingKey(key) !== null;
    const isWaiting = waiting.some((body) => body.includes(JSON.stringify(key).slice(1, -1)));
    if (isFile && !done.has(`${key} ${version}`) && !isWaiting) lost.push(key);
  }
  return lost;
}
