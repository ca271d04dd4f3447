import * as z from 'zod';
import { lineJson } from '../platform/hash.ts';
import { readJson } from '../platform/landing.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { type LakeReceipt, type Landed, OUTPUT_TABLES, stateOf } from './lake-sources.ts';

/** Outputs that no receipt vouched for when they were last looked at. */
const SuspectsSchema = z.strictObject({
  schema: z.literal('wattline/suspects@1'),
  date: z.iso.date(),
  objects: z.array(z.strictObject({ key: z.string(), version: z.string() })),
});
type Suspect = z.infer<typeof SuspectsSchema>['objects'][number];

const SUSPECTS_KEY = 'weekly/suspects.json';

export interface Sweep {
  /** Sources whose object is gone from the landing bucket; their receipts and outputs were deleted. */
  readonly sources: number;
  /** Outputs that two sweeps in a row found without a receipt, deleted. */
  readonly orphans: number;
  /** Outputs without a receipt that were found for the first time, and stay until the next sweep. */
  readonly suspects: number;
  readonly bytes: number;
}

export interface SweepInput {
  readonly lake: ObjectStore;
  /** Listed before `landed`: whatever has a receipt was in the landing bucket when that was listed, or is gone. */
  readonly receipts: readonly LakeReceipt[];
  readonly landed: Landed;
  readonly date: string;
}

/**
 * Removes from the lake what belongs to no upload any more. Evaluations, decisions and reports stay: they are what was
 * concluded while the telemetry was there.
 *
 * The receipt goes first, so that readers see a source whole or not at all; what a crash leaves behind is an orphan of
 * the next sweeps. An orphan is only deleted when it was one on an earlier day already: it may be the first half of
 * what a function is writing at this moment.
 */
export async function sweep(input: SweepInput): Promise<Sweep> {
  const { lake, receipts, landed, date } = input;
  const gone = receipts.filter(({ receipt }) => !landed.keys.has(receipt.source.key));
  let bytes = 0;
  for (const { key, receipt } of gone) {
    for (const object of [key, ...Object.values(receipt.outputs)])
      if (object !== null) bytes += await remove(lake, object);
  }
  const vouched = new Set(receipts.filter((r) => !gone.includes(r)).map(({ key }) => stateOf(key) as string));
  const known = await readJson(lake, SUSPECTS_KEY, SuspectsSchema);
  const before = new Set(known && known.date < date ? known.objects.map(identity) : []);
  const suspects: Suspect[] = [];
  let orphans = 0;
  for await (const { key, version } of outputs(lake)) {
    if (vouched.has(stateOf(key) ?? '')) continue;
    if (before.has(identity({ key, version }))) {
      bytes += await remove(lake, key);
      orphans += 1;
    } else suspects.push({ key, version });
  }
  // A second sweep of one day keeps the first one's list: minutes are no proof.
  if (known?.date !== date)
    await lake.put(SUSPECTS_KEY, lineJson({ schema: 'wattline/suspects@1', date, objects: suspects }), {
      contentType: 'application/json',
    });
  return { sources: gone.length, orphans, suspects: suspects.length, bytes };
}

const identity = ({ key, version }: Suspect): string => `${version} ${key}`;

async function* outputs(lake: ObjectStore): AsyncGenerator<Suspect> {
  for (const table of OUTPUT_TABLES) yield* lake.list(`${table}/`);
}

/** Bytes that are gone; none where somebody was quicker. */
async function remove(lake: ObjectStore, key: string): Promise<number> {
  const info = await lake.head(key);
  if (!info) return 0;
  await lake.delete(key);
  return info.sizeBytes;
}
