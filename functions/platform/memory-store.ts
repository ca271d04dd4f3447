import { collectedUpload } from './collected-upload.ts';
import { sha256 } from './hash.ts';
import {
  type GetOptions,
  type ObjectInfo,
  ObjectMissingError,
  type ObjectStore,
  PreconditionFailedError,
  type PutOptions,
  type StoredObject,
  type Upload,
} from './object-store.ts';

interface Version {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

/** UTF-8 byte order, as S3 lists. */
export const byKey = (a: { key: string }, b: { key: string }): number =>
  Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));

/** A bucket in memory: for tests, and for runs of the command line that keep nothing. */
export class MemoryStore implements ObjectStore {
  readonly bucket: string;
  private readonly versions = new Map<string, Version[]>();
  private readonly deleted = new Set<string>();

  constructor(bucket: string) {
    this.bucket = bucket;
  }

  private current(key: string): Version | undefined {
    return this.deleted.has(key) ? undefined : this.versions.get(key)?.at(-1);
  }

  private find(key: string, version: string | undefined): Version | undefined {
    if (version === undefined) return this.current(key);
    return this.versions.get(key)?.find((v) => v.info.version === version);
  }

  async get(key: string, { version, range, signal }: GetOptions = {}): Promise<StoredObject> {
    signal?.throwIfAborted();
    const found = this.find(key, version);
    if (!found) throw new ObjectMissingError(this.bucket, key, version);
    const bytes = range ? found.bytes.subarray(range.first, range.last + 1) : found.bytes;
    return { ...found.info, body: once(bytes) };
  }

  async head(key: string, { version }: Pick<GetOptions, 'version'> = {}): Promise<ObjectInfo | null> {
    return this.find(key, version)?.info ?? null;
  }

  async put(key: string, body: Uint8Array, { ifNoneMatch, ifMatch }: PutOptions = {}): Promise<ObjectInfo> {
    const before = this.current(key);
    const isRefused = (ifNoneMatch && before) || (ifMatch !== undefined && before?.info.etag !== ifMatch);
    if (isRefused) throw new PreconditionFailedError(this.bucket, key);
    const list = this.versions.get(key) ?? [];
    const hash = sha256(body);
    const version = `${String(list.length + 1).padStart(6, '0')}-${hash.slice(0, 16)}`;
    const info: ObjectInfo = { key, version, etag: `"${hash.slice(0, 32)}"`, sizeBytes: body.length };
    list.push({ info, bytes: Uint8Array.from(body) });
    this.versions.set(key, list);
    this.deleted.delete(key);
    return info;
  }

  upload(key: string, options: PutOptions = {}): Upload {
    return collectedUpload((bytes) => this.put(key, bytes, options));
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const found = [...this.versions.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key }));
    for (const { key } of found.sort(byKey)) {
      const version = this.current(key);
      if (version) yield version.info;
    }
  }

  async delete(key: string): Promise<void> {
    if (this.versions.has(key)) this.deleted.add(key);
  }
}

/** As bodies come from S3: a piece at a time. */
const PIECE_BYTES = 256 * 1024;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
