import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectInfo, Upload } from './object-store.ts';

/** Parts must be at least 5 MiB (but the last), and at most 10,000: this carries 80 GB. */
export const PART_BYTES = 8 * 2 ** 20;

/** Giving up happens when the time of everything else is over, and must still fit before the process ends. */
const ABORT_LIMIT_MS = 3_000;

export interface S3UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly ExpectedBucketOwner?: string;
}

export interface S3UploadOptions {
  readonly client: S3Client;
  readonly target: S3UploadTarget;
  readonly partBytes: number;
  readonly contentType?: string;
  readonly signal: () => AbortSignal;
  /** Writes an object that fits into one call. */
  readonly put: (bytes: Uint8Array) => Promise<ObjectInfo>;
  /** What a failed call becomes. */
  readonly failure: (error: unknown) => Error;
}

/** Writes an object in parts as its bytes come; one that stays below a part goes by a plain put. */
export class S3Upload implements Upload {
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private sizeBytes = 0;
  private uploadId: string | null = null;
  private readonly parts: CompletedPart[] = [];
  private readonly options: S3UploadOptions;

  constructor(options: S3UploadOptions) {
    this.options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    this.sizeBytes += bytes.length;
    if (this.heldBytes >= this.options.partBytes) await this.sendPart();
  }

  async finish(): Promise<ObjectInfo> {
    const { client, target } = this.options;
    if (this.uploadId === null) return this.options.put(Buffer.concat(this.held));
    if (this.heldBytes > 0) await this.sendPart();
    const UploadId = this.uploadId;
    const answer = await this.sent((abortSignal) =>
      client.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: this.parts } }),
        { abortSignal },
      ),
    );
    return {
      key: target.Key,
      version: answer.VersionId ?? 'null',
      etag: answer.ETag ?? '',
      sizeBytes: this.sizeBytes,
    };
  }

  /** Nothing of the object stays. A failure to say so is left to the bucket's lifecycle, which ends old uploads. */
  async abort(): Promise<void> {
    const { client, target } = this.options;
    if (this.uploadId === null) return;
    const UploadId = this.uploadId;
    await client
      .send(new AbortMultipartUploadCommand({ ...target, UploadId }), {
        abortSignal: AbortSignal.timeout(ABORT_LIMIT_MS),
      })
      .catch(() => undefined);
  }

  private async sendPart(): Promise<void> {
    const { client, target } = this.options;
    const UploadId = await this.begin();
    const PartNumber = this.parts.length + 1;
    const Body = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    const { ETag, ChecksumCRC32 } = await this.sent((abortSignal) =>
      client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }), { abortSignal }),
    );
    this.parts.push({
      PartNumber,
      ...(ETag === undefined ? {} : { ETag }),
      ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
    });
  }

  private async begin(): Promise<string> {
    if (this.uploadId !== null) return this.uploadId;
    const { client, target, contentType } = this.options;
    const { UploadId } = await this.sent((abortSignal) =>
      client.send(
        new CreateMultipartUploadCommand({
          ...target,
          ChecksumAlgorithm: 'CRC32',
          ...(contentType ? { ContentType: contentType } : {}),
        }),
        { abortSignal },
      ),
    );
    this.uploadId = UploadId as string;
    return this.uploadId;
  }

  private async sent<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await call(this.options.signal());
    } catch (error) {
      throw this.options.failure(error);
    }
  }
}
