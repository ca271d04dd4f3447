import * as z from 'zod';
import { collect } from './bytes.ts';
import { lineJson } from './hash.ts';
import { LATEST } from './layout.ts';
import { ObjectMissingError, type ObjectStore, PreconditionFailedError } from './object-store.ts';

const LatestSchema = z.strictObject({
  schema: z.literal('wattline/latest@1'),
  digest: z.string(),
  key: z.string(),
});

/** A `latest.json` as it stood when it was read; null where there was none. */
export interface Latest {
  readonly etag: string;
  readonly digest: string;
  readonly key: string;
}

export async function readLatest(lake: ObjectStore, prefix: string): Promise<Latest | null> {
  try {
    const object = await lake.get(`${prefix}${LATEST}`);
    const { digest, key } = LatestSchema.parse(
      JSON.parse(Buffer.from(await collect(object.body)).toString('utf8')),
    );
    return { etag: object.etag, digest, key };
  } catch (error) {
    if (error instanceof ObjectMissingError) return null;
    throw error;
  }
}

/** `published`: the pointer moved. `unchanged`: it stood there already. `overtaken`: somebody else moved it. */
export type Outcome = 'published' | 'unchanged';

export interface Publication {
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
  readonly prefix: string;
  /** Folder below the prefix that the result goes into, for instance `date=2026-01-31/`. */
  readonly folder?: string;
  /** The pointer as it was before the inputs were read. */
  readonly latest: Latest | null;
  readonly digest: string;
  /** The pointer stands at something newer and must not move (a replay of an earlier night). */
  readonly isPast?: boolean;
  readonly result: Uint8Array;
  readonly files: readonly {
    readonly key: string;
    readonly bytes: Uint8Array;
    readonly contentType: string;
  }[];
}

/**
 * Writes a result at its digest, then its report, and moves the pointer, if nobody else has.
 *
 * The report lies at keys that others write too, with what they took for the latest. So it is looked at again once the
 * pointer stands at the result, and the pointer once more after that: who moved it meanwhile writes its own report
 * after the move, and who was overtaken is told, even where it had no move to make.
 */
export async function publish(publication: Publication): Promise<Outcome | 'overtaken'> {
  const { lake, prefix, folder = '', latest, digest, result } = publication;
  const key = `${prefix}${folder}${digest}.json`;
  await putIfDifferent(lake, key, result, 'application/json');
  await putFiles(publication);
  const isMove = latest?.key !== key && !publication.isPast;
  const etag = isMove ? await movePointer(publication, key) : (latest?.etag ?? null);
  if (isMove && etag === null) return 'overtaken';
  if (isMove) await putFiles(publication);
  const stands = await readLatest(lake, prefix);
  if ((stands?.etag ?? null) !== etag) return 'overtaken';
  return isMove ? 'published' : 'unchanged';
}

async function putFiles({ reports, files }: Publication): Promise<void> {
  for (const file of files) await putIfDifferent(reports, file.key, file.bytes, file.contentType);
}

/** The pointer's new etag; null where somebody else has moved it. */
async function movePointer(
  { lake, prefix, latest, digest }: Publication,
  key: string,
): Promise<string | null> {
  const pointer = lineJson({ schema: 'wattline/latest@1', digest, key } satisfies z.infer<
    typeof LatestSchema
  >);
  try {
    const condition = latest ? { ifMatch: latest.etag } : ({ ifNoneMatch: '*' } as const);
    const options = { ...condition, contentType: 'application/json' };
    return (await lake.put(`${prefix}${LATEST}`, pointer, options)).etag;
  } catch (error) {
    if (error instanceof PreconditionFailedError) return null;
    throw error;
  }
}

/** Same bytes are not written again: a delivery that changes nothing leaves no trace. */
export async function putIfDifferent(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  try {
    const object = await store.get(key);
    if (Buffer.compare(await collect(object.body), bytes) === 0) return;
  } catch (error) {
    if (!(error instanceof ObjectMissingError)) throw error;
  }
  await store.put(key, bytes, { contentType });
}
