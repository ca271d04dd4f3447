import { createHash } from 'node:crypto';
import { crc64, crc64Text, joinCrc64 } from './crc64.ts';
import { bytesOf, inPieces } from './file-bytes.ts';
import type { Gate } from './gate.ts';
import type { Condition, KnownPart, LandingBucket, SentPart } from './landing-bucket.ts';
import type { LocalFile } from './local-run.ts';
import { hasCode } from './s3-failure.ts';

export interface AttemptWorld {
  readonly bucket: LandingBucket;
  /** Bodies at a time, over all files: each has a place from before it is read until it is sent. */
  readonly gate: Gate;
  /** Bytes of the file that are through. */
  readonly onDone: (bytes: number) => void;
  /** Size of the parts of an object, by that of the file. */
  readonly partBytesOf: (fileBytes: number) => number;
}

/** An object that was sent. */
export interface Sent {
  /** As it lies in the bucket. */
  readonly sizeBytes: number;
  /** Bytes that went over the line: without those of parts that were there already. */
  readonly sentBytes: number;
  readonly parts: number;
  readonly partsThere: number;
  /** Checksums of the object; S3 has compared the first, and a receipt names the second. */
  readonly crc64nvme: string;
  readonly sha256: string;
  readonly version: string;
}

interface Piece {
  readonly body: Uint8Array;
  readonly crc64: bigint;
  /** Bytes of the file that it stands for: others than its own where it is compressed. */
  readonly fileBytes: number;
}

interface Begun {
  readonly uploadId: string;
  readonly known: ReadonlyMap<number, KnownPart>;
}

/** Whether S3 has this part. Where a server keeps no checksum of parts, their etag is their MD5. */
function isThere(known: KnownPart | undefined, { body, crc64: crc }: Piece): known is KnownPart {
  if (known?.sizeBytes !== body.length) return false;
  if (known.crc64 !== null) return known.crc64 === crc64Text(crc);
  return known.etag.replaceAll('"', '') === createHash('md5').update(body).digest('hex');
}

/** One try at sending one file: whole where it is small, else in parts, of which those that S3 has are not sent again. */
export class Attempt {
  private readonly world: AttemptWorld;
  private readonly file: LocalFile;
  private readonly condition: Condition;
  private readonly partBytes: number;
  private readonly pieces: AsyncGenerator<Uint8Array>;
  private readonly sha256 = createHash('sha256');
  private readonly parts: SentPart[] = [];
  private whole = 0n;
  private sizeBytes = 0;
  private sentBytes = 0;
  private sentParts = 0;
  private readBytes = 0;
  private cutBytes = 0;

  constructor(world: AttemptWorld, file: LocalFile, condition: Condition) {
    this.world = world;
    this.file = file;
    this.condition = condition;
    this.partBytes = world.partBytesOf(file.sizeBytes);
    const bytes = bytesOf(file, (count) => {
      this.readBytes += count;
    });
    this.pieces = inPieces(bytes, this.partBytes);
  }

  async run(): Promise<Sent> {
    const first = await this.next();
    // A stream always has a first piece, if an empty one.
    if (!first) throw new Error(`${this.file.source}: no piece`);
    try {
      if (first.body.length === this.partBytes) return await this.inParts(first);
      return await this.atOnce(first);
    } finally {
      await this.pieces.return(undefined);
    }
  }

  /** The next piece, with a place at the gate, which whoever sends it gives back; null at the end. */
  private async next(): Promise<Piece | null> {
    const { gate } = this.world;
    await gate.enter();
    try {
      const { value, done } = await this.pieces.next();
      if (!done && (value.length > 0 || this.sizeBytes === 0)) return this.noted(value);
    } catch (error) {
      gate.leave();
      throw error;
    }
    gate.leave();
    return null;
  }

  private noted(body: Uint8Array): Piece {
    const crc = crc64(body);
    this.whole = this.sizeBytes === 0 ? crc : joinCrc64(this.whole, crc, body.length);
    this.sizeBytes += body.length;
    this.sha256.update(body);
    const fileBytes = this.readBytes - this.cutBytes;
    this.cutBytes = this.readBytes;
    return { body, crc64: crc, fileBytes };
  }

  private async atOnce({ body, crc64: crc, fileBytes }: Piece): Promise<Sent> {
    const { bucket, gate, onDone } = this.world;
    try {
      const version = await bucket.put(this.file.key, body, { crc64: crc, condition: this.condition });
      this.sentBytes = body.length;
      onDone(fileBytes);
      return this.result(version, 1);
    } finally {
      gate.leave();
    }
  }

  private async inParts(first: Piece): Promise<Sent> {
    const { bucket, gate } = this.world;
    const { key } = this.file;
    const begun = await this.begun().catch((error: unknown) => {
      gate.leave();
      throw error;
    });
    const sending: Promise<void>[] = [];
    const failures: unknown[] = [];
    try {
      for (let piece: Piece | null = first; piece; piece = failures.length > 0 ? null : await this.next())
        sending.push(this.part(begun, sending.length + 1, piece).catch((error) => void failures.push(error)));
    } finally {
      // What is under way has its place and its memory until it is through.
      await Promise.all(sending);
    }
    if (failures.length > 0) throw failures[0];
    const version = await bucket.complete(key, begun.uploadId, {
      parts: this.parts.sort((a, b) => a.number - b.number),
      crc64: this.whole,
      sizeBytes: this.sizeBytes,
      condition: this.condition,
    });
    return this.result(version, sending.length);
  }

  /** An upload that was begun before and not finished, with the parts that S3 has of it; else a new one. */
  private async begun(): Promise<Begun> {
    const { bucket } = this.world;
    const { key } = this.file;
    try {
      const uploadId = await bucket.unfinished(key);
      if (uploadId !== null) return { uploadId, known: await bucket.parts(key, uploadId) };
    } catch (error) {
      // Who may not look can still begin; an upload that ended meanwhile is none to go on with.
      if (!hasCode(error, 'denied', 'no-upload')) throw error;
    }
    return { uploadId: await bucket.begin(key), known: new Map() };
  }

  private async part({ uploadId, known }: Begun, number: number, piece: Piece): Promise<void> {
    const { bucket, gate, onDone } = this.world;
    const there = known.get(number);
    try {
      if (isThere(there, piece)) this.parts.push({ number, etag: there.etag, crc64: piece.crc64 });
      else {
        this.parts.push(await bucket.sendPart(this.file.key, uploadId, { number, ...piece }));
        this.sentBytes += piece.body.length;
        this.sentParts += 1;
      }
      onDone(piece.fileBytes);
    } finally {
      gate.leave();
    }
  }

  private result(version: string, parts: number): Sent {
    return {
      sizeBytes: this.sizeBytes,
      sentBytes: this.sentBytes,
      parts,
      partsThere: this.parts.length - this.sentParts,
      crc64nvme: crc64Text(this.whole),
      sha256: this.sha256.digest('hex'),
      version,
    };
  }
}
