import { collect } from '../../functions/platform/bytes.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { call } from './aws.ts';

export async function contents(store: ObjectStore, prefix: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const { key } of store.list(prefix))
    found.set(key, Buffer.from(await collect((await store.get(key)).body)));
  return found;
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Every version of every object below a prefix: a byte that was written again shows here, the same or not. */
export async function versions(Bucket: string, Prefix = ''): Promise<Set<string>> {
  interface Page {
    readonly Versions?: readonly { readonly Key: string; readonly VersionId: string }[];
    readonly DeleteMarkers?: Page['Versions'];
    readonly NextKeyMarker?: string;
    readonly NextVersionIdMarker?: string;
  }
  const found = new Set<string>();
  let page: Page = {};
  do {
    page = await call<Page>('s3', 'ListObjectVersions', {
      Bucket,
      Prefix,
      ...(page.NextKeyMarker ? { KeyMarker: page.NextKeyMarker } : {}),
      ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
    });
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      found.add(`${Key} ${VersionId}`);
  } while (page.NextKeyMarker);
  return found;
}

/** Pointers, and the evaluations that they name: a run that was looked at while files still came has older ones too. */
export function latestOf(objects: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const named = new Set(
    [...objects]
      .filter(([key]) => key.endsWith('/latest.json'))
      .map(([, bytes]) => (JSON.parse(bytes.toString('utf8')) as { key: string }).key),
  );
  return new Map([...objects].filter(([key]) => key.endsWith('/latest.json') || named.has(key)));
}

/** Receipts name bucket, version and keys made of them; what they say besides must be the same. */
export function receiptsByPath(objects: ReadonlyMap<string, Buffer>): Map<string, string> {
  return new Map(
    [...objects.values()].map((bytes) => {
      const { source, outputs, ...rest } = JSON.parse(bytes.toString('utf8')) as {
        program: string;
        run: string;
        path: string;
        source: { sizeBytes: number };
        outputs: Record<string, string | null>;
      };
      const made = Object.entries(outputs).map(([name, key]) => [name, key !== null]);
      return [
        `${rest.program}/${rest.run}/${rest.path}`,
        JSON.stringify({ ...rest, sizeBytes: source.sizeBytes, made }),
      ];
    }),
  );
}
