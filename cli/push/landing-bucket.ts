import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { crc64Text } from './crc64.ts';
import { s3Failure } from './s3-failure.ts';

/** What must hold for a write: nothing there, this there, or whatever. */
export type Condition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string } | Record<string, never>;

export interface Listed {
  readonly sizeBytes: number;
  readonly etag: string;
}

/** An object as S3 describes it, with the checksums of its whole that S3 keeps. */
export interface Described extends Listed {
  readonly version: string;
  readonly crc64: string | null;
  readonly crc32: string | null;
  readonly sha256: string | null;
}

/** A part that S3 has. */
export interface KnownPart {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly crc64: string | null;
}

export interface SentPart {
  readonly number: number;
  readonly etag: string;
  readonly crc64: bigint;
}

/** The checksum that every call carries, beside the signed SHA-256 of its body. */
const CHECKSUM = { ChecksumAlgorithm: 'CRC64NVME' } as const;

const headersOf = (condition: Condition): { IfNoneMatch?: string; IfMatch?: string } => ({
  ...('ifNoneMatch' in condition && condition.ifNoneMatch ? { IfNoneMatch: condition.ifNoneMatch } : {}),
  ...('ifMatch' in condition && condition.ifMatch ? { IfMatch: condition.ifMatch } : {}),
});

/**
 * The landing bucket as an uploader needs it: what is there by S3's own checksums, and writes that S3 checks against
 * ours. The bodies are buffers, so that the SDK signs the SHA-256 of each (the uploader's role refuses others).
 */
export class LandingBucket {
  readonly name: string;
  private readonly client: S3Client;

  constructor(name: string, client: S3Client) {
    this.name = name;
    this.client = client;
  }

  private async asked<T>(action: string, place: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw s3Failure(error, { bucket: this.name, action, place });
    }
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.name, Key: key };
  }

  /** What lies below a prefix, by key. */
  async list(prefix: string): Promise<Map<string, Listed>> {
    const found = new Map<string, Listed>();
    let from: { ContinuationToken?: string } | null = {};
    while (from) {
      const command: ListObjectsV2Command = new ListObjectsV2Command({
        Bucket: this.name,
        Prefix: prefix,
        ...from,
      });
      const page: ListObjectsV2CommandOutput = await this.asked('s3:ListBucket', prefix, () =>
        this.client.send(command),
      );
      for (const { Key, Size, ETag } of page.Contents ?? [])
        if (Key !== undefined) found.set(Key, { sizeBytes: Size ?? 0, etag: ETag ?? '' });
      from = page.NextContinuationToken ? { ContinuationToken: page.NextContinuationToken } : null;
    }
    return found;
  }

  /** Null where there is none. Its checksums are null where S3 has them of its parts alone. */
  async describe(key: string): Promise<Described | null> {
    const answer: HeadObjectCommandOutput | null = await this.asked('s3:GetObject', key, () =>
      this.client
        .send(new HeadObjectCommand({ ...this.at(key), ChecksumMode: 'ENABLED' }))
        .catch((error: { $metadata?: { httpStatusCode?: number } }) => {
          if (error.$metadata?.httpStatusCode === 404) return null;
          throw error;
        }),
    );
    if (!answer) return null;
    const ofWhole = (text: string | undefined): string | null =>
      answer.ChecksumType === 'COMPOSITE' ? null : (text ?? null);
    return {
      sizeBytes: answer.ContentLength ?? 0,
      etag: answer.ETag ?? '',
      version: answer.VersionId ?? 'null',
      crc64: ofWhole(answer.ChecksumCRC64NVME),
      crc32: ofWhole(answer.ChecksumCRC32),
      sha256: ofWhole(answer.ChecksumSHA256),
    };
  }

  async put(
    key: string,
    body: Uint8Array,
    { crc64, condition }: { crc64: bigint; condition: Condition },
  ): Promise<string> {
    const command = new PutObjectCommand({
      ...this.at(key),
      ...CHECKSUM,
      ...headersOf(condition),
      Body: body,
      ChecksumCRC64NVME: crc64Text(crc64),
    });
    const answer = await this.asked('s3:PutObject', key, () => this.client.send(command));
    return answer.VersionId ?? 'null';
  }

  /** The newest unfinished upload of a key that carries our checksums; null where there is none. */
  async unfinished(key: string): Promise<string | null> {
    let newest: { id: string; atMs: number } | null = null;
    let from: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
    while (from) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.name,
        Prefix: key,
        ...from,
      });
      const page: ListMultipartUploadsCommandOutput = await this.asked(
        's3:ListBucketMultipartUploads',
        key,
        () => this.client.send(command),
      );
      for (const { Key, UploadId, Initiated, ChecksumAlgorithm } of page.Uploads ?? []) {
        if (Key !== key || UploadId === undefined || ChecksumAlgorithm !== 'CRC64NVME') continue;
        const atMs = Initiated?.getTime() ?? 0;
        if (!newest || atMs >= newest.atMs) newest = { id: UploadId, atMs };
      }
      const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
      from =
        IsTruncated && NextKeyMarker
          ? {
              KeyMarker: NextKeyMarker,
              ...(NextUploadIdMarker ? { UploadIdMarker: NextUploadIdMarker } : {}),
            }
          : null;
    }
    return newest?.id ?? null;
  }

  /** The parts of an upload that S3 has, by number. */
  async parts(key: string, uploadId: string): Promise<Map<number, KnownPart>> {
    const found = new Map<number, KnownPart>();
    let marker: string | null = '';
    while (marker !== null) {
      const command: ListPartsCommand = new ListPartsCommand({
        ...this.at(key),
        UploadId: uploadId,
        ...(marker === '' ? {} : { PartNumberMarker: marker }),
      });
      const page: ListPartsCommandOutput = await this.asked('s3:ListMultipartUploadParts', key, () =>
        this.client.send(command),
      );
      for (const { PartNumber, Size, ETag, ChecksumCRC64NVME } of page.Parts ?? [])
        if (PartNumber !== undefined)
          found.set(PartNumber, {
            sizeBytes: Size ?? 0,
            etag: ETag ?? '',
            crc64: ChecksumCRC64NVME ?? null,
          });
      marker = page.IsTruncated && page.NextPartNumberMarker ? page.NextPartNumberMarker : null;
    }
    return found;
  }

  async begin(key: string): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.at(key),
      ...CHECKSUM,
      ChecksumType: 'FULL_OBJECT',
    });
    const { UploadId } = await this.asked('s3:PutObject', key, () => this.client.send(command));
    return UploadId as string;
  }

  async sendPart(
    key: string,
    uploadId: string,
    { number, body, crc64 }: { number: number; body: Uint8Array; crc64: bigint },
  ): Promise<SentPart> {
    const command = new UploadPartCommand({
      ...this.at(key),
      ...CHECKSUM,
      UploadId: uploadId,
      PartNumber: number,
      Body: body,
      ChecksumCRC64NVME: crc64Text(crc64),
    });
    const { ETag } = await this.asked('s3:PutObject', key, () => this.client.send(command));
    return { number, etag: ETag ?? '', crc64 };
  }

  /** Makes an object of its parts; S3 compares the checksum and the size of the whole with what it has. */
  async complete(
    key: string,
    uploadId: string,
    whole: { parts: readonly SentPart[]; crc64: bigint; sizeBytes: number; condition: Condition },
  ): Promise<string> {
    const command = new CompleteMultipartUploadCommand({
      ...this.at(key),
      ...headersOf(whole.condition),
      UploadId: uploadId,
      ChecksumCRC64NVME: crc64Text(whole.crc64),
      ChecksumType: 'FULL_OBJECT',
      MpuObjectSize: whole.sizeBytes,
      MultipartUpload: {
        Parts: whole.parts.map(({ number, etag, crc64 }) => ({
          PartNumber: number,
          ETag: etag,
          ChecksumCRC64NVME: crc64Text(crc64),
        })),
      },
    });
    const answer = await this.asked('s3:PutObject', key, () => this.client.send(command));
    return answer.VersionId ?? 'null';
  }
}
