import type { ObjectStore } from '../../functions/platform/object-store.ts';
import type { Stores } from '../pipeline.ts';

/** Work that was under way when the uploads went writes its results after the first look. */
const SWEEPS = 3;

const LAKE_TABLES = [
  'receipts',
  'segments',
  'progress',
  'quarantine',
  'evaluations',
  'decisions',
  'policies',
  'verdicts',
] as const;

async function empty(store: ObjectStore, prefix: string): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  for (const key of keys) await store.delete(key);
  return keys.length;
}

/**
 * Deletes everything of a program from all three buckets, uploads first; a few times, until nothing is left to
 * delete. A versioned bucket keeps the old versions until its lifecycle ends them.
 */
export async function sweep(
  { landing, lake, reports }: Stores,
  program: string,
  pause: () => Promise<void>,
): Promise<number> {
  let deleted = 0;
  for (let round = 1; round <= SWEEPS; round += 1) {
    let found = await empty(landing, `${program}/`);
    for (const table of LAKE_TABLES) found += await empty(lake, `${table}/program=${program}/`);
    for (const kind of ['runs', 'programs']) found += await empty(reports, `${kind}/${program}/`);
    deleted += found;
    if (found === 0) break;
    if (round < SWEEPS) await pause();
  }
  return deleted;
}
