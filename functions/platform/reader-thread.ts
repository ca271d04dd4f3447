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
 * Reading a large file in a thread of its own: the bytes go over there piece by piece, what the reader says of them
 * comes back and is summed here, while it reads on. On two processors that is near to twice as fast; the result is
 * the same to the byte (test/cli/reader-thread.test.ts).
 */
const MARK = 'wattline-reader';
/** Pieces that are on their way: enough that neither side waits, and no more memory than they need. */
const PIECES = 16;

interface Request {
  readonly mark: typeof MARK;
  readonly path: string;
  readonly rule: SourceRule;
}

/** A piece of the file, and a used array for what comes back. Null: the file has ended. */
interface PieceMessage {
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly spare: Float64Array<ArrayBuffer> | null;
}

/** What the reader said of a piece, and the piece for another use; at the end, the format or what went wrong. */
interface ReplyMessage {
  readonly batch: SampleBatch;
  readonly used: Uint8Array<ArrayBuffer> | null;
  readonly end?:
    | { readonly format: string; readonly contentSha256: string }
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

/**
 * Has a source read in a thread of its own, and hashed there. As `readTelemetry`, for formats that read from beginning
 * to end. Chunks that nobody else looks at (`isOwned`) go there without being copied.
 */
export async function readInThread(
  chunks: AsyncIterable<Uint8Array>,
  isOwned: boolean,
  path: string,
  rule: SourceRule,
  reading: SourceReading,
): Promise<{ format: Format; contentSha256: string }> {
  const request: Request = { mark: MARK, path, rule };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: request });
  const spares: Float64Array<ArrayBuffer>[] = [];
  const used: ArrayBuffer[] = [];
  let under = 0;
  let end: ReplyMessage['end'];
  let failure: unknown = null;
  let wake: () => void = () => {};
  worker.on('message', (reply: ReplyMessage) => {
    under -= 1;
    try {
      if (!failure) replay(reply.batch, reading);
    } catch (error) {
      failure = error;
    }
    spares.push(reply.batch.numbers);
    if (reply.used && used.length < PIECES) used.push(reply.used.buffer);
    end ??= reply.end;
    wake();
  });
  worker.on('error', (error) => {
    failure ??= error;
    wake();
  });
  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached() && !failure) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure;
  };
  const send = (bytes: Uint8Array<ArrayBuffer> | null): void => {
    const spare = spares.pop() ?? null;
    const message: PieceMessage = { bytes, spare };
    worker.postMessage(message, [...(bytes ? [bytes.buffer] : []), ...(spare ? [spare.buffer] : [])]);
    under += 1;
  };
  const source = chunks[Symbol.asyncIterator]();
  try {
    let next = source.next();
    for (;;) {
      const { value: chunk, done } = await next;
      if (done) break;
      await until(() => under < PIECES || end !== undefined);
      if (end) break;
      send(isOwned && isWhole(chunk) ? chunk : copyOf(chunk, used));
      // Its next piece is fetched while this one is read.
      next = source.next();
      next.catch(() => undefined);
    }
    if (!end) send(null);
    await until(() => end !== undefined);
    return resultOf(end as NonNullable<ReplyMessage['end']>);
  } finally {
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

function resultOf(end: NonNullable<ReplyMessage['end']>): { format: Format; contentSha256: string } {
  if ('format' in end) return { format: formatById(end.format) as Format, contentSha256: end.contentSha256 };
  throw end.code === null ? new Error(end.message) : new InputError(end.code, end.message);
}

/** The thread's side: reads what it is sent, and answers each piece with what was said of it. */
async function serve({ path, rule }: Request, port: NonNullable<typeof parentPort>): Promise<void> {
  const sink = new BatchSink();
  const waiting: PieceMessage[] = [];
  let wake: () => void = () => {};
  port.on('message', (message: PieceMessage) => {
    waiting.push(message);
    wake();
  });
  const answer = (piece: PieceMessage, used: PieceMessage['bytes'], end?: ReplyMessage['end']): void => {
    const batch = sink.take(piece.spare);
    const reply: ReplyMessage = { batch, used, ...(end ? { end } : {}) };
    port.postMessage(reply, [batch.numbers.buffer, ...(used ? [used.buffer] : [])]);
  };
  const nothing: PieceMessage = { bytes: null, spare: null };
  const hash = createHash('sha256');
  let readBytes = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const piece = waiting.shift() as PieceMessage;
      if (!piece.bytes) return;
      readBytes += piece.bytes.length;
      hash.update(piece.bytes);
      yield piece.bytes;
      answer(piece, readBytes > HEAD_BYTES ? piece.bytes : null);
    }
  }
  try {
    const chunks = pieces();
    const { id } = await readTelemetry(chunks, path, rule, sink);
    while (!(await chunks.next()).done);
    answer(nothing, null, { format: id, contentSha256: hash.digest('hex') });
  } catch (error) {
    if (error instanceof InputError) answer(nothing, null, { code: error.code, message: error.message });
    else {
      const message = error instanceof Error ? String(error.stack) : String(error);
      answer(nothing, null, { code: null, message });
    }
  }
}

const request = workerData as Request | null;
// Not awaited here: a module that waits while it loads cannot be required, as some runtimes do with a bundle.
if (!isMainThread && parentPort && request?.mark === MARK) void serve(request, parentPort);
