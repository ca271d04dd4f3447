import { createHash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { InputError } from '../core/errors.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import { BatchSink, type SampleBatch } from '../core/telemetry/sample-batch.ts';
import type { SourceRule } from '../core/telemetry/source-reading.ts';

/** Batches that are on their way back from the reader. */
export const BATCHES = 16;
/** Pieces of the beginning are kept: readers look at them before they read. */
const HEAD_BYTES = 2 ** 20;

/** To the reader: a source that it is to read. Pieces follow. */
export interface Request {
  readonly path: string;
  readonly rule: SourceRule;
}

/** To the reader: the next piece of the file (null: it has ended), and arrays of batches that were summed. */
export interface PieceMessage {
  readonly bytes?: Uint8Array<ArrayBuffer> | null;
  /** Whether the piece is wanted back. */
  readonly isLent: boolean;
  readonly isHashed: boolean;
  readonly spares: readonly Float64Array<ArrayBuffer>[];
}

/** From the reader: what it said, the pieces that it is done with, and at the end how it ended. */
export interface ReplyMessage {
  readonly batch: SampleBatch;
  /** Whether it is done with a piece, and that piece where it was lent. */
  readonly isPieceDone: boolean;
  readonly used: Uint8Array<ArrayBuffer> | null;
  readonly end?:
    | { readonly format: string; readonly sha256: string | null }
    | { readonly code: string | null; readonly message: string };
}

/** The thread's side of one source: takes in what it is sent, and answers with what was said of it. */
export class ReaderJob {
  private readonly sink = new BatchSink();
  private readonly waiting: PieceMessage[] = [];
  private readonly spares: Float64Array<ArrayBuffer>[] = [];
  private readonly hash = createHash('sha256');
  private isHashed = false;
  private out = 0;
  private wake: () => void = () => {};
  private readonly port: MessagePort;

  constructor(port: MessagePort) {
    this.port = port;
  }

  take(message: PieceMessage): void {
    this.isHashed = message.isHashed;
    if (message.bytes !== undefined) this.waiting.push(message);
    this.out -= message.spares.length;
    this.spares.push(...message.spares);
    this.wake();
  }

  async read({ path, rule }: Request): Promise<void> {
    try {
      const chunks = this.pieces();
      const { id } = await readTelemetry(chunks, path, rule, this.sink);
      // What a format did not read for itself is read for its hash.
      while (!(await chunks.next()).done);
      this.answer(false, null, { format: id, sha256: this.isHashed ? this.hash.digest('hex') : null });
    } catch (error) {
      if (error instanceof InputError) this.answer(false, null, { code: error.code, message: error.message });
      else {
        const message = error instanceof Error ? String(error.stack) : String(error);
        this.answer(false, null, { code: null, message });
      }
    }
  }

  private async *pieces(): AsyncGenerator<Uint8Array> {
    for (let bytes = 0; ; ) {
      while (this.waiting.length === 0 || this.out >= BATCHES)
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      const { bytes: piece, isLent } = this.waiting.shift() as PieceMessage;
      if (!piece) return;
      bytes += piece.length;
      if (this.isHashed) this.hash.update(piece);
      yield piece;
      const isFree = bytes > HEAD_BYTES;
      // Its memory goes back at once: left to the garbage collector, it would have it run for that alone.
      if (isFree && !isLent) piece.buffer.transfer(0);
      this.answer(true, isFree && isLent ? piece : null);
    }
  }

  private answer(isPieceDone: boolean, used: ReplyMessage['used'] = null, end?: ReplyMessage['end']): void {
    const batch = this.sink.take(this.spares.pop() ?? null);
    const reply: ReplyMessage = { batch, isPieceDone, used, ...(end ? { end } : {}) };
    this.out += 1;
    this.port.postMessage(reply, [batch.numbers.buffer, ...(used ? [used.buffer] : [])]);
  }
}
