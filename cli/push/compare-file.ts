import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64, crc64Text } from './crc64.ts';
import { bytesOf } from './file-bytes.ts';
import type { Described, LandingBucket } from './landing-bucket.ts';
import type { LocalFile } from './local-run.ts';
import { hasCode } from './s3-failure.ts';

/** What lies at the key of a file: nothing, the same bytes, others, or something that cannot be compared. */
export type Presence = 'absent' | 'same' | 'different' | 'unknown';

interface Digest {
  readonly sizeBytes: number;
  readonly text: string;
}

/** The checksum of a stream that S3 has of the object, as S3 writes it; null where S3 has none of its whole. */
async function digestLike(
  { crc64, sha256, crc32: crc32Text }: Pick<Described, 'crc64' | 'sha256' | 'crc32'>,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Digest> {
  const ofCrc64 = new Crc64();
  const ofSha256 = createHash('sha256');
  let ofCrc32 = 0;
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (crc64 !== null) ofCrc64.update(chunk);
    else if (sha256 !== null) ofSha256.update(chunk);
    else if (crc32Text !== null) ofCrc32 = crc32(chunk, ofCrc32);
  }
  if (crc64 !== null) return { sizeBytes, text: crc64Text(ofCrc64.digest()) };
  if (sha256 !== null) return { sizeBytes, text: ofSha256.digest('base64') };
  const four = Buffer.alloc(4);
  four.writeUInt32BE(ofCrc32);
  return { sizeBytes, text: four.toString('base64') };
}

/**
 * Compares a file with the object at its key by the checksum that S3 keeps of the whole object: CRC-64 of what came
 * from here or from the AWS command line, SHA-256 or CRC-32 of what others put. A file that is compressed on its way is
 * compressed again for it. No file beside the run remembers what was sent: S3 itself is asked, so that any machine
 * can go on, and a note that is older than the bucket misleads nobody.
 */
export async function compareFile(
  bucket: LandingBucket,
  file: LocalFile,
  onRead: (bytes: number) => void,
): Promise<Presence> {
  let there: Described | null;
  try {
    there = await bucket.describe(file.key);
  } catch (error) {
    if (hasCode(error, 'denied')) return 'unknown';
    throw error;
  }
  if (!there) return 'absent';
  if (!file.compression && there.sizeBytes !== file.sizeBytes) return 'different';
  const theirs = there.crc64 ?? there.sha256 ?? there.crc32;
  if (theirs === null) return 'unknown';
  const { sizeBytes, text } = await digestLike(there, bytesOf(file, onRead));
  return sizeBytes === there.sizeBytes && text === theirs ? 'same' : 'different';
}
