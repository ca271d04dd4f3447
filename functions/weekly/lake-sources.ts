import { InputError } from '../core/errors.ts';
import { type Receipt, ReceiptSchema } from '../core/telemetry/receipt.ts';
import { parseLandingKey, readJson } from '../platform/landing.ts';
import type { ObjectInfo, ObjectStore } from '../platform/object-store.ts';

/** Tables whose objects a receipt vouches for. */
export const OUTPUT_TABLES = ['segments', 'progress', 'quarantine'] as const;

/** `program=P/run=R/source=S/V` of a key below receipts/ or an output table; null for other keys. */
export function stateOf(key: string): string | null {
  const [, state] =
    /^[a-z]+\/(program=[^/]+\/run=[^/]+\/source=[^/]+\/[^/]+?)\.(?:json|parquet|ndjson\.gz)$/.exec(key) ?? [];
  return state ?? null;
}

export interface LakeReceipt {
  readonly key: string;
  readonly receipt: Receipt;
}

/** @throws InputError for a receipt that cannot be read: nothing is swept on the word of half a list. */
export async function allReceipts(lake: ObjectStore): Promise<LakeReceipt[]> {
  const found: LakeReceipt[] = [];
  for await (const { key } of lake.list('receipts/')) {
    const receipt = await readJson(lake, key, ReceiptSchema);
    if (receipt) found.push({ key, receipt });
  }
  return found;
}

export interface Landed {
  readonly keys: ReadonlySet<string>;
  readonly files: number;
  readonly bytes: number;
}

/** What lies in the landing bucket now. */
export async function landedObjects(landing: ObjectStore): Promise<Landed> {
  const keys = new Set<string>();
  let bytes = 0;
  let files = 0;
  for await (const object of landing.list('')) {
    keys.add(object.key);
    bytes += object.sizeBytes;
    if (isFile(object)) files += 1;
  }
  return { keys, files, bytes };
}

function isFile({ key }: ObjectInfo): boolean {
  try {
    return parseLandingKey(key) !== null;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
