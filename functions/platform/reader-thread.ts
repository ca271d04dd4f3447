import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { InputError } from '../core/errors.ts';
import type { Format } from '../core/telemetry/formats/format.ts';
import { formatById } from '../core/telemetry/formats/registry.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import { BatchSink, replay, type SampleBatch } from '../core/telemetry/sample-batch.ts';
import type { SourceReading, SourceRule } from '../core/telemetry/source-reading.ts';

/**
 * Reading a large file in a thread of its own: the bytes go over there piece by piece, what the reader says of
 * them comes back and is summed here, while it reads on. On two processors that is near to twice as fast; the result
 * is the same to the byte (test/platform/reader-thread.test.ts).
 */
const MARK = 'wattline-reader';
/** Pieces that are on their way to the reader: enough that it never waits, and no more memory than they need. */
const PIECES = 16;
/** Batches that are on their way back. */
const BATCHES = 16;

interface Request {
  readonly mark: typeof MARK;
  readonly path: string;
  readonly rule: SourceRule;
}

/** To the reader: the next piece of the file (null: it has ended), and arrays of batches that were summed. */
interface PieceMessage {
  readonly bytes?: Uint8Array<ArrayBuffer> | null;
  readonly isHashed: boolean;
  readonly spares: readonly Float64Array<ArrayBuffer>[];
}

/** From the reader: what it said, the pieces that it is done with, and at the end how it ended. */
interface ReplyMessage {
  readonly batch: SampleBatch;
  /** Whether it is done with a piece, and that piece for another use, where there is one. */
  readonly isPieceDone: boolean;
  readonly used: Uint8Array<ArrayBuffer> | null;
  readonly end?:
    | { readonly format: string; readonly sha256: string | null }
    | { readonly code: string | null; readonly message: string };
}

/** Pieces of the beginning are kept: readers look at them before they read. */
const HEAD_BYTES = 2 ** 20;
/** Smaller files are read before a thread has started. */
const FROM_BYTES = 8 * 2 ** 20;

/** Whether a thread is worth it, and can be had: a runtime that cannot read TypeScript needs the bundle. */
export const isThreadWorthwhile = (sizeBytes: number): boolean =>
  sizeBytes >= FROM_BYTES &&
  availableParallelism() > 1 &&
  (!import.meta.url.endsWith('.ts') || Boolean(process.features.typescript));

export interface ThreadRequest {
  /** Nobody else looks at the chunks: they may go there without being copied. Asked when there is one. */
  readonly isOwned: () => boolean;
  /** Whether the thread hashes them: the thread that has the less to do, where they were decompressed here. */
  readonly isHashed: () => boolean;
  readonly path: string;
  readonly rule: SourceRule;
  readonly reading: SourceReading;
  /** When it resolves, more can be summed. */
  readonly ready: () => Promise<void>;
}

export interface ThreadRead {
  readonly format: Format;
  /** Null: they were not to be hashed. */
  readonly sha256: string | null;
}

/** As `readTelemetry`, in a thread of its own; for formats that read from beginning to end. */
export async function readInThread(
  chunks: AsyncIterable<Uint8Array>,
  { isOwned, isHashed, path, rule, reading, ready }: ThreadRequest,
): Promise<ThreadRead> {
  const request: Request = { mark: MARK, path, rule };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: request });
  let spares: Float64Array<ArrayBuffer>[] = [];
  const used: ArrayBuffer[] = [];
  let under = 0;
  let end: ReplyMessage['end'];
  let failure: unknown = null;
  let wake: () => void = () => {};
  const fail = (error: unknown): void => {
    failure ??= error;
    wake();
  };
  const send = (bytes?: Uint8Array<ArrayBuffer> | null): void => {
    const message: PieceMessage = { ...(bytes === undefined ? {} : { bytes }), isHashed: isHashed(), spares };
    const buffers = [...(bytes ? [bytes.buffer] : []), ...spares.map(({ buffer }) => buffer)];
    spares = [];
    worker.postMessage(message, buffers);
  };
  const replies: ReplyMessage[] = [];
  const take = (reply: ReplyMessage): void => {
    try {
      if (!failure) replay(reply.batch, reading);
    } catch (error) {
      fail(error);
    }
    end ??= reply.end;
    wake();
    ready().then(() => {
      spares.push(reply.batch.numbers);
      // They go with the next piece; by themselves where the reader might wait for them.
      if (spares.length > BATCHES / 4) send();
    }, fail);
  };
  // One a turn: in between, the engine that decompresses is told to go on, which would wait for all of them.
  const turn = (): void => {
    const reply = replies.shift();
    if (reply) take(reply);
    if (replies.length > 0) setImmediate(turn);
  };
  worker.on('message', (reply: ReplyMessage) => {
    if (reply.isPieceDone) under -= 1;
    if (reply.used && used.length < PIECES) used.push(reply.used.buffer);
    wake();
    if (replies.push(reply) === 1) setImmediate(turn);
  });
  worker.on('error', fail);
  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached() && !failure) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure;
  };
  const source = chunks[Symbol.asyncIterator]();
  try {
    let next = source.next();
    for (;;) {
      const { value: chunk, done } = await next;
      if (done) break;
      await until(() => under < PIECES || end !== undefined);
      if (end) break;
      under += 1;
      send(isOwned() && isWhole(chunk) ? chunk : copyOf(chunk, used));
      // Its next piece is fetched while this one is read.
      next = source.next();
      next.catch(() => undefined);
    }
    if (!end) send(null);
    await until(() => end !== undefined);
    return resultOf(end as NonNullable<ReplyMessage['end']>);
  } finally {
    replies.length = 0;
    await source.return?.();
    await worker.terminate();
  }
}

/** Whether a chunk is all of its memory. */
const isWhole = (chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> =>
  chunk.byteOffset === 0 && chunk.length === chunk.buffer.byteLength && chunk.buffer instanceof ArrayBuffer;

/** A copy to give away: a chunk may share its memory with others. */
function copyOf(chunk: Uint8Array, used: ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const spare = used.pop();
  const buffer = spare && spare.byteLength >= chunk.length ? spare : new ArrayBuffer(chunk.length);
  const copy = new Uint8Array(buffer, 0, chunk.length);
  copy.set(chunk);
  return copy;
}

function resultOf(end: NonNullable<ReplyMessage['end']>): ThreadRead {
  if ('format' in end) return { format: formatById(end.format) as Format, sha256: end.sha256 };
  throw end.code === null ? new Error(end.message) : new InputError(end.code, end.message);
}

/** The thread's side: reads what it is sent, and answers with what was said of it. */
async function serve({ path, rule }: Request, port: NonNullable<typeof parentPort>): Promise<void> {
  const sink = new BatchSink();
  const waiting: (Uint8Array<ArrayBuffer> | null)[] = [];
  const spares: Float64Array<ArrayBuffer>[] = [];
  const hash = createHash('sha256');
  let isContentHashed = false;
  let out = 0;
  let wake: () => void = () => {};
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  port.on('message', ({ bytes, isHashed, spares: back }: PieceMessage) => {
    isContentHashed = isHashed;
    if (bytes !== undefined) waiting.push(bytes);
    out -= back.length;
    spares.push(...back);
    wake();
  });
  const answer = (
    isPieceDone: boolean,
    used: ReplyMessage['used'] = null,
    end?: ReplyMessage['end'],
  ): void => {
    const batch = sink.take(spares.pop() ?? null);
    const reply: ReplyMessage = { batch, isPieceDone, used, ...(end ? { end } : {}) };
    out += 1;
    port.postMessage(reply, [batch.numbers.buffer, ...(used ? [used.buffer] : [])]);
  };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let bytes = 0; ; ) {
      while (waiting.length === 0 || out >= BATCHES) await woken();
      const piece = waiting.shift() as Uint8Array<ArrayBuffer> | null;
      if (!piece) return;
      bytes += piece.length;
      if (isContentHashed) hash.update(piece);
      yield piece;
      answer(true, bytes > HEAD_BYTES ? piece : null);
    }
  }
  try {
    const chunks = pieces();
    const { id } = await readTelemetry(chunks, path, rule, sink);
    // What a format did not read for itself is read for its hash.
    while (!(await chunks.next()).done);
    answer(false, null, { format: id, sha256: isContentHashed ? hash.digest('hex') : null });
  } catch (error) {
    if (error instanceof InputError) answer(false, null, { code: error.code, message: error.message });
    else {
      const message = error instanceof Error ? String(error.stack) : String(error);
      answer(false, null, { code: null, message });
    }
  }
}

const request = workerData as Request | null;
// Not awaited here: a module that waits while it loads cannot be required, as some runtimes do with a bundle.
if (!isMainThread && parentPort && request?.mark === MARK) void serve(request, parentPort);
