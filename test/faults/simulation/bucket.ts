import { sha256 } from '../../../functions/platform/hash.ts';
import { byKey } from '../../../functions/platform/memory-store.ts';

export interface Version {
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly bytes: Uint8Array;
}

interface Condition {
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** What S3 keeps, without a protocol: versions by key. Ids of versions come from what they hold, not from a clock. */
export class Bucket {
  readonly name: string;
  /** Hears of each version that was written. */
  onPut: (version: Version) => void = () => {};
  private readonly versions = new Map<string, Version[]>();

  constructor(name: string) {
    this.name = name;
  }

  find(key: string, version?: string): Version | undefined {
    const all = this.versions.get(key);
    return version === undefined ? all?.at(-1) : all?.find((v) => v.version === version);
  }

  /** Null where the condition does not hold. */
  put(key: string, bytes: Uint8Array, { ifNoneMatch, ifMatch }: Condition = {}): Version | null {
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
    this.onPut(written);
    return written;
  }

  /** Newest versions below a prefix, in the order that S3 lists. */
  list(prefix: string): Version[] {
    const keys = [...this.versions.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key }));
    return keys.sort(byKey).map(({ key }) => this.find(key) as Version);
  }

  /** Every version of a key, oldest first. */
  history(key: string): readonly Version[] {
    return this.versions.get(key) ?? [];
  }
}
