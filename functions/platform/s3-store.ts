import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TransientError } from '../core/errors.ts';
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
import { PART_BYTES, S3Upload } from './s3-upload.ts';

export interface S3StoreOptions {
  readonly expectedBucketOwner?: string;
  readonly wait?: (ms: number) => Promise<void>;
  readonly random?: () => number;
  /** A body of which no byte comes for this long is given up. */
  readonly stallLimitMs?: number;
  /** From this size on an object is written in parts. */
  readonly partBytes?: number;
}

/** Writers that collide are told 409; the SDK does not try again, so we do. */
const CONFLICT_TRIES = 6;
const CONFLICT_WAIT_MS = 50;
/** A call that carries all of its bytes ends here, whatever else bounds it: the SDK alone waits for ever. */
const CALL_LIMIT_MS = 120_000;
/** A body may take longer, as long as it comes: ten times what S3 takes for a first byte on a bad day. */
const STALL_LIMIT_MS = 10_000;
/** The limit is counted in ticks: a thread that was busy finds one behind it, and then the bytes that wait. */
const STALL_TICKS = 10;

const bounded = (signal?: AbortSignal): { abortSignal: AbortSignal } => {
  const limit = AbortSignal.timeout(CALL_LIMIT_MS);
  return { abortSignal: signal ? AbortSignal.any([signal, limit]) : limit };
};

const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
const nameOf = (error: unknown): string => (error as { name?: string }).name ?? '';

/** 404 and 405 (a delete marker) mean gone. 403 does not: without the right to list, S3 hides what is missing. */
function isMissing(error: unknown): boolean {
  return (
    statusOf(error) === 404 ||
    statusOf(error) === 405 ||
    ['NoSuchKey', 'NoSuchVersion', 'NotFound'].includes(nameOf(error))
  );
}

/** A bucket on S3, or on a server that speaks its protocol. */
export class S3Store implements ObjectStore {
  readonly bucket: string;
  private readonly client: S3Client;
  private readonly owner: { ExpectedBucketOwner?: string };
  private readonly wait: (ms: number) => Promise<void>;
  private readonly random: () => number;
  private readonly stallLimitMs: number;
  private readonly partBytes: number;

  constructor(bucket: string, client: S3Client, options: S3StoreOptions = {}) {
    this.bucket = bucket;
    this.client = client;
    this.owner = options.expectedBucketOwner ? { ExpectedBucketOwner: options.expectedBucketOwner } : {};
    this.wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.random = options.random ?? Math.random;
    this.stallLimitMs = options.stallLimitMs ?? STALL_LIMIT_MS;
    this.partBytes = options.partBytes ?? PART_BYTES;
  }

  private target(key: string, version?: string) {
    return {
      Bucket: this.bucket,
      Key: key,
      ...this.owner,
      ...(version === undefined ? {} : { VersionId: version }),
    };
  }

  private failure(error: unknown, key: string): TransientError {
    return new TransientError(
      's3',
      `${this.bucket}/${key}: S3 did not answer as expected (${nameOf(error)} ${statusOf(error)})`,
      { cause: error },
    );
  }

  async get(key: string, { version, range, signal }: GetOptions = {}): Promise<StoredObject> {
    const Range = range ? { Range: `bytes=${range.first}-${range.last}` } : {};
    const stalled = new AbortController();
    const abortSignal = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
    try {
      const command = new GetObjectCommand({ ...this.target(key, version), ...Range });
      const answer = await this.unstalled(this.client.send(command, { abortSignal }), stalled);
      const total = answer.ContentRange?.split('/').at(-1);
      const info = {
        key,
        version: answer.VersionId ?? 'null',
        etag: answer.ETag ?? '',
        sizeBytes: Number(total ?? answer.ContentLength ?? 0),
      };
      return {
        ...info,
        body: this.checked(answer.Body as AsyncIterable<Uint8Array>, {
          length: answer.ContentLength ?? null,
          key,
          stalled,
        }),
        isOwned: true,
      };
    } catch (error) {
      if (isMissing(error)) throw new ObjectMissingError(this.bucket, key, version, error);
      throw this.failure(error, key);
    }
  }

  /** What does not come within the stall limit is aborted, and ends as an aborted call does. */
  private async unstalled<T>(next: Promise<T>, stalled: AbortController): Promise<T> {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks === STALL_TICKS) stalled.abort(new Error(`no byte came for ${this.stallLimitMs} ms`));
    }, this.stallLimitMs / STALL_TICKS);
    try {
      return await next;
    } finally {
      clearInterval(timer);
    }
  }

  /** A body that ends early is no file that was cut: it is asked for again. */
  private async *checked(
    body: AsyncIterable<Uint8Array>,
    { length, key, stalled }: { length: number | null; key: string; stalled: AbortController },
  ): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    const source = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.unstalled(source.next(), stalled).catch((error: unknown) => {
          throw this.failure(error, key);
        });
        if (next.done) break;
        bytes += next.value.length;
        yield next.value;
      }
    } finally {
      await source.return?.();
    }
    if (length !== null && bytes !== length)
      throw new TransientError('s3-short', `${this.bucket}/${key}: ${bytes} of ${length} bytes came`);
  }

  async head(
    key: string,
    { version, signal }: Pick<GetOptions, 'version' | 'signal'> = {},
  ): Promise<ObjectInfo | null> {
    try {
      const command = new HeadObjectCommand(this.target(key, version));
      const answer = await this.client.send(command, bounded(signal));
      return {
        key,
        version: answer.VersionId ?? 'null',
        etag: answer.ETag ?? '',
        sizeBytes: answer.ContentLength ?? 0,
      };
    } catch (error) {
      if (isMissing(error)) return null;
      throw this.failure(error, key);
    }
  }

  async put(
    key: string,
    body: Uint8Array,
    { ifNoneMatch, ifMatch, contentType, signal }: PutOptions = {},
  ): Promise<ObjectInfo> {
    const command = new PutObjectCommand({
      ...this.target(key),
      Body: body,
      ...(ifNoneMatch ? { IfNoneMatch: ifNoneMatch } : {}),
      ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
      ...(contentType ? { ContentType: contentType } : {}),
    });
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await this.client.send(command, bounded(signal));
        return { key, version: answer.VersionId ?? 'null', etag: answer.ETag ?? '', sizeBytes: body.length };
      } catch (error) {
        if (statusOf(error) === 412) throw new PreconditionFailedError(this.bucket, key, error);
        // An `If-Match` on a key that is not there is answered 404.
        if (ifMatch !== undefined && isMissing(error))
          throw new PreconditionFailedError(this.bucket, key, error);
        if (statusOf(error) !== 409 || tries === CONFLICT_TRIES) throw this.failure(error, key);
        await this.wait(CONFLICT_WAIT_MS * 2 ** tries * this.random());
      }
    }
  }

  upload(key: string, options: Pick<PutOptions, 'contentType' | 'signal'> = {}): Upload {
    const { contentType, signal } = options;
    return new S3Upload({
      client: this.client,
      target: this.target(key),
      partBytes: this.partBytes,
      ...(contentType ? { contentType } : {}),
      signal: () => bounded(signal).abortSignal,
      put: (bytes) => this.put(key, bytes, options),
      failure: (error) => this.failure(error, key),
    });
  }

  async *list(
    prefix: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ObjectInfo> {
    let from: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
    while (from) {
      // A listing of versions, since one of objects names none, and the head of each would be a request more.
      const page: ListObjectVersionsCommandOutput = await this.client
        .send(
          new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: prefix, ...this.owner, ...from }),
          bounded(signal),
        )
        .catch((error: unknown) => {
          throw this.failure(error, prefix);
        });
      for (const { Key, VersionId, IsLatest, ETag, Size } of page.Versions ?? []) {
        if (Key === undefined || IsLatest === false) continue;
        yield { key: Key, version: VersionId ?? 'null', etag: ETag ?? '', sizeBytes: Size ?? 0 };
      }
      const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
      from =
        IsTruncated && NextKeyMarker
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextVersionIdMarker ? { VersionIdMarker: NextVersionIdMarker } : {}),
            }
          : null;
    }
  }

  async delete(key: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    try {
      await this.client.send(new DeleteObjectCommand(this.target(key)), bounded(signal));
    } catch (error) {
      throw this.failure(error, key);
    }
  }
}
