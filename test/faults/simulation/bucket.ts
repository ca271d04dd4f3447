import { sha256 } from '../../../functions/platform/hash.ts';
import { byKey } from '../../../functions/platform/memory-store.ts';

export interface Version {
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/** Why an object was written, as events name it. */
export type Reason = 'PutObject' | 'CompleteMultipartUpload';

interface Condition {
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** What S3 keeps, without a protocol: versions by key. Ids of versions come from what they hold, not from a clock. */
export class Bucket {
  readonly name: string;
  /** Hears of each version that was written. */
  onPut: (version: Version, reason: Reason) => void = () => {};
  private readonly versions = new Map<string, Version[]>();
  /** Keys whose newest entry is a delete marker: their versions are read by id alone. */
  private readonly marked = new Set<string>();
  private readonly uploads = new Map<
    string,
    { readonly key: string; readonly parts: Map<number, Uint8Array> }
  >();
  private begun = 0;

  constructor(name: string) {
    this.name = name;
  }

  find(key: string, version?: string): Version | undefined {
    const all = this.versions.get(key);
    if (version !== undefined) return all?.find((v) => v.version === version);
    return this.marked.has(key) ? undefined : all?.at(-1);
  }

  /** Null where the condition does not hold. */
  put(
    key: string,
    bytes: Uint8Array,
    { ifNoneMatch, ifMatch, reason = 'PutObject' }: Condition & { readonly reason?: Reason } = {},
  ): Version | null {
    const before = this.find(key);
    if (ifNoneMatch !== undefined && before) return null;
    if (ifMatch !== undefined && before?.etag !== ifMatch) return null;
    const hash = sha256(bytes).slice(0, 24);
    const all = this.versions.get(key) ?? [];
    const same = all.filter((v) => v.etag === `"${hash}"`).length;
    const written: Version = {
      key,
      version: same === 0 ? hash : `${hash}-${same}`,
      etag: `"${hash}"`,
      bytes: Uint8Array.from(bytes),
    };
    all.push(written);
    this.versions.set(key, all);
    this.marked.delete(key);
    this.onPut(written, reason);
    return written;
  }

  /** Begins an upload in parts; returns its id. */
  begin(key: string): string {
    this.begun += 1;
    const id = `${this.name}-upload-${this.begun}`;
    this.uploads.set(id, { key, parts: new Map() });
    return id;
  }

  /** False where there is no such upload. */
  putPart(id: string, number: number, bytes: Uint8Array): boolean {
    return this.uploads.get(id)?.parts.set(number, Uint8Array.from(bytes)) !== undefined;
  }

  /** Null where there is no such upload, as when it was completed before. */
  complete(id: string): Version | null {
    const upload = this.uploads.get(id);
    if (!upload) return null;
    this.uploads.delete(id);
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    return this.put(upload.key, Buffer.concat(parts), { reason: 'CompleteMultipartUpload' });
  }

  giveUp(id: string): void {
    this.uploads.delete(id);
  }

  /** As an operator deletes: a marker stands for the object, and its versions stay. */
  delete(key: string): void {
    if (this.versions.has(key)) this.marked.add(key);
  }

  /** As a lifecycle rule ends: nothing of the key stays. */
  expire(key: string): void {
    this.versions.delete(key);
    this.marked.delete(key);
  }

  /** Newest versions below a prefix, in the order that S3 lists. */
  list(prefix: string): Version[] {
    return this.keys(prefix).flatMap((key) => this.find(key) ?? []);
  }

  /** Keys that are there or were: of those below a prefix, in the order that S3 lists. */
  keys(prefix: string): string[] {
    const keys = [...this.versions.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key }));
    return keys.sort(byKey).map(({ key }) => key);
  }

  /** Every version of a key, oldest first. */
  history(key: string): readonly Version[] {
    return this.versions.get(key) ?? [];
  }
}
