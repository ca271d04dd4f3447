import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { InputError } from '../core/errors.ts';
import type { Format } from '../core/telemetry/formats/format.ts';
import { formatById } from '../core/telemetry/formats/registry.ts';
import { replay } from '../core/telemetry/sample-batch.ts';
import type { SourceReading, SourceRule } from '../core/telemetry/source-reading.ts';
import { BATCHES, type PieceMessage, ReaderJob, type ReplyMessage, type Request } from './reader-job.ts';

/**
 * Reading a large file in a thread of its own: the bytes go over there piece by piece, what the reader says of
 * them comes back and is summed here, while it reads on. On two processors that is near to twice as fast; the result
 * is the same to the byte (test/platform/reader-thread.test.ts).
 */
const MARK = 'wattline-reader';
/** Pieces that are on their way to the reader: enough that it never waits, and no more memory than they need. */
const PIECES = 16;
/** Smaller files are read before a thread has started. */
const FROM_BYTES = 8 * 2 ** 20;

/** Whether a thread can be had that runs beside this one: a runtime that cannot read TypeScript needs the bundle. */
const CAN_THREAD =
  availableParallelism() > 1 && (!import.meta.url.endsWith('.ts') || Boolean(process.features.typescript));

export const isThreadWorthwhile = (sizeBytes: number): boolean => CAN_THREAD && sizeBytes >= FROM_BYTES;

/** A thread that waits for a source. */
let idle: Worker | null = null;

/**
 * Starts the thread before there is anything to read, for functions that come to read large files: its start costs as
 * much as reading 20 MB does.
 */
export function prepareReader(): void {
  if (CAN_THREAD && isMainThread) idle ??= started();
}

function started(): Worker {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: MARK });
  const forget = (): void => {
    if (idle === worker) idle = null;
  };
  worker.on('error', forget).on('exit', forget).unref();
  return worker;
}

function leased(): Worker {
  const worker = idle ?? started();
  idle = null;
  worker.ref();
  return worker;
}

/** One that has read a source to its end waits for the next. */
async function giveBack(worker: Worker, isDone: boolean): Promise<void> {
  if (!isDone || idle) await worker.terminate();
  else {
    worker.unref();
    idle = worker;
  }
}

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
  const worker = leased();
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
  const send = (bytes?: Uint8Array<ArrayBuffer> | null, isLent = false): void => {
    if (end) return;
    const message: PieceMessage = {
      ...(bytes === undefined ? {} : { bytes }),
      isLent,
      isHashed: isHashed(),
      spares,
    };
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
  const hear = (reply: ReplyMessage): void => {
    if (reply.isPieceDone) under -= 1;
    if (reply.used && used.length < PIECES) used.push(reply.used.buffer);
    wake();
    if (replies.push(reply) === 1) setImmediate(turn);
  };
  const lost = (code: number): void => fail(new Error(`the reader's thread has ended (exit ${code})`));
  worker.on('message', hear).on('error', fail).on('exit', lost);
  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached() && !failure) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure;
  };
  const source = chunks[Symbol.asyncIterator]();
  let isDone = false;
  try {
    worker.postMessage({ path, rule } satisfies Request);
    let next = source.next();
    for (;;) {
      const { value: chunk, done } = await next;
      if (done) break;
      await until(() => under < PIECES || end !== undefined);
      if (end) break;
      under += 1;
      if (isOwned() && isWhole(chunk)) send(chunk);
      else send(copyOf(chunk, used), true);
      // Its next piece is fetched while this one is read.
      next = source.next();
      next.catch(() => undefined);
    }
    send(null);
    await until(() => end !== undefined);
    const read = resultOf(end as NonNullable<ReplyMessage['end']>);
    isDone = true;
    return read;
  } finally {
    replies.length = 0;
    worker.off('message', hear).off('error', fail).off('exit', lost);
    await source.return?.();
    await giveBack(worker, isDone);
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

/** Reads one source after another. */
function serve(port: MessagePort): void {
  let job = new ReaderJob(port);
  port.on('message', (message: Request | PieceMessage) => {
    if (!('path' in message)) return job.take(message);
    job = new ReaderJob(port);
    void job.read(message);
  });
}

// Not awaited here: a module that waits while it loads cannot be required, as some runtimes do with a bundle.
if (!isMainThread && parentPort && workerData === MARK) serve(parentPort);
