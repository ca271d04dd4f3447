import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { fixFor } from '../core/telemetry/fixes.ts';
import type { Receipt } from '../core/telemetry/receipt.ts';
import { ReceiptSchema } from '../core/telemetry/receipt.ts';
import { collect } from './bytes.ts';
import { currentManifest, isManifest, parseJson, parseLandingKey, readJson } from './landing.ts';
import type { LandingKey } from './layout.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { receiptKeyOf } from './run-inputs.ts';

const RejectSchema = z.object({
  line: z.number(),
  column: z.string().nullable(),
  reason: z.string(),
  expected: z.string(),
  raw: z.string(),
});
type StoredReject = z.infer<typeof RejectSchema>;

/** Rows that were rejected for one reason, in one column. */
interface RejectGroup {
  readonly reason: string;
  readonly column: string | null;
  /** Of the rows that the store kept in full. */
  readonly rows: number;
  readonly example: Omit<StoredReject, 'reason' | 'column'>;
  readonly fix: string;
}

/** One file that was not read, or not in full. */
export interface QuarantinedFile {
  readonly program: string;
  readonly run: string;
  readonly path: string;
  readonly status: 'refused' | 'accepted' | 'waiting';
  readonly format: string | null;
  readonly rows: number;
  readonly rejected: number;
  readonly refusal: { readonly code: string; readonly message: string; readonly fix: string } | null;
  readonly rejects: readonly RejectGroup[];
}

interface Stores {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
}

/**
 * What of the files that lie in a store now could not be read, in the order of their keys; as the manifests read them
 * now: what an earlier version or an earlier run.json was refused for is not looked at.
 */
export async function readQuarantine(stores: Stores): Promise<QuarantinedFile[]> {
  const found: QuarantinedFile[] = [];
  const manifests = new Map<string, Awaited<ReturnType<typeof currentManifest>>>();
  for await (const object of stores.landing.list('')) {
    const place = placeOf(object.key);
    if (!place) continue;
    const run = `${place.program}/${place.run}`;
    if (!manifests.has(run)) manifests.set(run, await currentManifest(stores.landing, place));
    const manifest = manifests.get(run) ?? null;
    if (manifest || isManifest(place.path)) {
      const file = await quarantinedFile(stores, place, object, manifest ?? { files: [] });
      if (file) found.push(file);
    } else found.push(waiting(place, 'manifest-missing', `no usable run.json in ${run}/ yet`));
  }
  return found;
}

/** Keys that no run could have are nobody's files. */
function placeOf(key: string): LandingKey | null {
  try {
    return parseLandingKey(key);
  } catch {
    return null;
  }
}

function waiting(place: LandingKey, code: string, message: string): QuarantinedFile {
  const refusal = { code, message, fix: fixFor(code) };
  return { ...place, status: 'waiting', format: null, rows: 0, rejected: 0, refusal, rejects: [] };
}

async function quarantinedFile(
  { landing, lake }: Stores,
  place: LandingKey,
  object: ObjectInfo,
  manifest: Parameters<typeof receiptKeyOf>[3],
): Promise<QuarantinedFile | null> {
  const receipt = await readJson(lake, receiptKeyOf(landing, place, object, manifest), ReceiptSchema);
  if (!receipt) return waiting(place, 'not-ingested', `${place.path}: not ingested yet`);
  if (!receipt.refusal && receipt.rejected === 0) return null;
  const { status, format, rows, rejected, refusal } = receipt;
  return {
    ...place,
    status,
    format,
    rows,
    rejected,
    refusal: refusal && { ...refusal, fix: fixFor(refusal.code) },
    rejects: grouped(await rejectsOf(lake, receipt)),
  };
}

/** The rejected rows of a source by reason and column, the most frequent first. */
export const rejectGroups = async (lake: ObjectStore, receipt: Receipt): Promise<RejectGroup[]> =>
  grouped(await rejectsOf(lake, receipt));

/** The rejected rows that ingest kept; its file begins with the refusal where there is one. */
async function rejectsOf(lake: ObjectStore, { outputs }: Receipt): Promise<StoredReject[]> {
  if (!outputs.quarantine) return [];
  const bytes = await collect((await lake.get(outputs.quarantine)).body);
  const lines = gunzipSync(bytes).toString('utf8').split('\n');
  const rejects: StoredReject[] = [];
  for (const line of lines.filter((l) => l.includes('"reason"')))
    rejects.push(parseJson(RejectSchema, line, outputs.quarantine));
  return rejects;
}

/** By reason and column, the most frequent first, each with its first row as an example. */
function grouped(rejects: readonly StoredReject[]): RejectGroup[] {
  const groups = new Map<string, RejectGroup>();
  for (const { reason, column, ...example } of rejects) {
    const key = JSON.stringify([reason, column]);
    const known = groups.get(key) ?? { reason, column, rows: 0, example, fix: fixFor(reason) };
    groups.set(key, { ...known, rows: known.rows + 1 });
  }
  return [...groups.values()].sort((a, b) => b.rows - a.rows);
}
