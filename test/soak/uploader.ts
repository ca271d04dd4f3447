import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Upload } from './traffic.ts';

/** Long enough for a store that starts again on a busy machine. */
const TRIES = 300;
const WAIT_MS = 1_000;

export const storeClient = (port: number): S3Client =>
  new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'soak', secretAccessKey: 'soak' },
  });

/** Uploads one object, as often as it takes: a producer keeps its file until it was answered. */
export async function upload(client: S3Client, { key, body, isInParts }: Upload): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await (isInParts ? putInParts(client, key, body) : putWhole(client, key, body));
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

async function putWhole(client: S3Client, Key: string, Body: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: 'landing', Key, Body }));
}

async function putInParts(client: S3Client, Key: string, body: Uint8Array): Promise<void> {
  const target = { Bucket: 'landing', Key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const half = body.length >> 1;
  const pieces = [body.subarray(0, half), body.subarray(half)];
  const Parts: { PartNumber: number; ETag?: string }[] = [];
  for (const [i, Body] of pieces.entries()) {
    const { ETag } = await client.send(
      new UploadPartCommand({ ...target, UploadId, PartNumber: i + 1, Body }),
    );
    Parts.push({ PartNumber: i + 1, ...(ETag === undefined ? {} : { ETag }) });
  }
  await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
}
