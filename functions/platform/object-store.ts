import { WattlineError } from '../core/errors.ts';

/** One object as it stands in a store. `version` and `etag` are opaque. */
export interface ObjectInfo {
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

export interface GetOptions {
  /** Pins the read to this version. */
  readonly version?: string;
  /** First and last byte, inclusive. */
  readonly range?: { readonly first: number; readonly last: number };
  readonly signal?: AbortSignal;
}

export interface PutOptions {
  /** Only where no object is at the key (`If-None-Match: *`). */
  readonly ifNoneMatch?: '*';
  /** Only where the object at the key has this etag. */
  readonly ifMatch?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface StoredObject extends ObjectInfo {
  /** The bytes as a stream; read it once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Nobody else looks at the chunks of the body: whoever reads them may give their memory away. */
  readonly isOwned?: boolean;
}

/** An object that is written piece by piece. It is not there before `finish`, and never after `abort`. */
export interface Upload {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<ObjectInfo>;
  abort(): Promise<void>;
}

/** A bucket: versioned objects with conditional writes. One contract, three adapters, one conformance suite. */
export interface ObjectStore {
  readonly bucket: string;
  /** Throws `ObjectMissingError` when there is no such object or version. */
  get(key: string, options?: GetOptions): Promise<StoredObject>;
  /** Null when there is no such object or version. */
  head(key: string, options?: Pick<GetOptions, 'version' | 'signal'>): Promise<ObjectInfo | null>;
  /** Throws `PreconditionFailedError` when `ifNoneMatch` or `ifMatch` does not hold. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<ObjectInfo>;
  /** Begins an object whose size is not known yet. Nothing is sent before it must be. */
  upload(key: string, options?: Pick<PutOptions, 'contentType' | 'signal'>): Upload;
  /** Current versions below a prefix, in key order (UTF-8 bytes), deleted objects left out. */
  list(prefix: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<ObjectInfo>;
  /** Deletes the current version (a versioned store keeps the older ones readable by version). */
  delete(key: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export class ObjectMissingError extends WattlineError {
  constructor(bucket: string, key: string, version?: string, cause?: unknown) {
    super('object-missing', `no object ${key}${version ? ` (version ${version})` : ''} in ${bucket}`, {
      cause,
    });
  }
}

export class PreconditionFailedError extends WattlineError {
  constructor(bucket: string, key: string, cause?: unknown) {
    super('precondition-failed', `the object ${key} in ${bucket} is not as the write expected it to be`, {
      cause,
    });
  }
}
