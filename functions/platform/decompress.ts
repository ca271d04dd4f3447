import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { InputError } from '../core/errors.ts';
import { FRAMED_HEAD_BYTES, isFramedZstd, LENGTH_BYTES, withoutLengths } from './framed-zstd.ts';

export interface DecompressLimits {
  readonly maxBytes: number;
  /** Decompressed to compressed, once `RATIO_FROM_BYTES` have come out. */
  readonly maxRatio: number;
}

export interface DecompressOptions {
  readonly limits?: DecompressLimits;
  /** Called where the stream was cut, whose bytes then end there; without it a stream that was cut is refused. */
  readonly onTruncated?: () => void;
  /** What plain bytes that were compressed go through; those that were not pass as they are. */
  readonly through?: (plain: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** A day of 1 Hz telemetry of a thousand chips is about 8 GB of text. */
export const DEFAULT_LIMITS: DecompressLimits = { maxBytes: 8 * 2 ** 30, maxRatio: 200 };
const RATIO_FROM_BYTES = 2 ** 20;
/**
 * Bytes that an engine puts out at a time. It works in a thread of its own until they are full, and goes on when we
 * have a turn to tell it so: with Node's own 16 KiB it would mostly wait while we read.
 */
const OUTPUT_BYTES = 2 ** 18;

const SUFFIX = /\.(?:gz|gzip|zst|zstd)$/i;

/** The path that the file has once it is decompressed. */
export const innerPath = (path: string): string => path.replace(SUFFIX, '');

type Engine = Gunzip | ZstdDecompress;

/** The engine for a stream by its first bytes; null for one that is not compressed. Names may lie, magic does not. */
function engineOf(head: Uint8Array): (() => Engine) | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return () => createGunzip({ chunkSize: OUTPUT_BYTES });
  const isZstdFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  const isSkippable =
    ((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
  return isZstdFrame || isSkippable ? () => createZstdDecompress({ chunkSize: OUTPUT_BYTES }) : null;
}

/**
 * A stream as plain bytes: gzip (concatenated members too), zstd (concatenated frames too, and the OpenTelemetry
 * collector's, with lengths in front) or as it is. Nothing
 * is lost or made up: a stream that was cut, has other bytes behind its end or swells beyond the limits is refused.
 *
 * @throws InputError `truncated`, `corrupt`, `trailing-garbage`, `decompressed-too-large`. Errors of the source
 * pass as they are.
 */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  { limits = DEFAULT_LIMITS, onTruncated, through = (plain) => plain }: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < FRAMED_HEAD_BYTES) {
    const { value, done } = await source.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  const whole = replay(head, source);
  const isFramed = isFramedZstd(head);
  const create = engineOf(isFramed ? head.subarray(LENGTH_BYTES) : head);
  if (!create) yield* limited(whole, name, limits);
  else
    try {
      yield* through(inflate(isFramed ? withoutLengths(whole, name) : whole, name, create, limits));
    } catch (error) {
      if (!onTruncated || !(error instanceof InputError && error.code === 'truncated')) throw error;
      onTruncated();
    }
}

async function* replay(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  limits: DecompressLimits,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) throw tooLarge(name, `${bytes} bytes`, `at most ${limits.maxBytes}`);
    yield chunk;
  }
}

const tooLarge = (name: string, found: string, expected: string): InputError =>
  new InputError('decompressed-too-large', `${name}: ${found} when decompressed; expected ${expected}`);

const trailingGarbage = (name: string, cause?: unknown): InputError =>
  new InputError(
    'trailing-garbage',
    `${name}: bytes behind the end of the compressed stream are no further stream`,
    { cause },
  );

/** One member or frame after another, each by an engine of its own: Node's zstd stops at the end of the first. */
async function* inflate(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  create: () => Engine,
  limits: DecompressLimits,
): AsyncGenerator<Uint8Array> {
  const counts = { in: 0, out: 0 };
  const refuse = (): InputError | null => {
    if (counts.out > limits.maxBytes)
      return tooLarge(name, `more than ${limits.maxBytes} bytes`, `at most that`);
    const isSwollen = counts.out > RATIO_FROM_BYTES && counts.out > counts.in * limits.maxRatio;
    return isSwollen
      ? tooLarge(name, `more than ${limits.maxRatio} times its size`, 'no more than that')
      : null;
  };
  let member: Member | null = null;
  let members = 0;
  let isPadded = false;
  try {
    for await (const chunk of chunks) {
      counts.in += chunk.length;
      let rest = chunk;
      while (rest.length > 0) {
        // Zeros may fill up the end of a file, and nothing may come behind them, however the bytes arrive.
        if (!member && members > 0 && rest.every((byte) => byte === 0)) {
          isPadded = true;
          break;
        }
        if (isPadded) throw trailingGarbage(name);
        if (!member) {
          member = new Member(create(), counts, refuse, name, members > 0);
          members += 1;
        }
        const writing: Promise<number> = member.write(rest);
        // While the engine works on this piece, the reader works on what it made of the one before.
        yield* member.take();
        const left = await writing;
        if (left === 0) break;
        yield* member.take();
        // The member is complete: the engine took no more, and has handed out all that it will.
        member.close();
        member = null;
        rest = rest.subarray(rest.length - left);
      }
    }
    if (member) {
      yield* member.take();
      await member.end();
      yield* member.take();
    }
  } finally {
    member?.close();
  }
}

/** One gzip stream or zstd frame in progress. */
class Member {
  private readonly output: Uint8Array[] = [];
  private fed = 0;
  private failure: unknown = null;
  private hasEnded = false;
  private notify: (() => void) | null = null;
  private readonly engine: Engine;
  private readonly name: string;
  private readonly isLater: boolean;

  constructor(
    engine: Engine,
    counts: { out: number },
    refuse: () => InputError | null,
    name: string,
    isLater: boolean,
  ) {
    this.engine = engine;
    this.name = name;
    this.isLater = isLater;
    engine.on('data', (bytes: Uint8Array) => {
      counts.out += bytes.length;
      this.output.push(bytes);
      const refusal = refuse();
      if (refusal) engine.destroy(refusal);
    });
    engine.on('end', () => {
      this.hasEnded = true;
      this.notify?.();
    });
    engine.on('error', (error) => {
      this.failure = error;
      this.notify?.();
    });
  }

  /** Bytes at the end of `bytes` that lie behind the end of this member. */
  write(bytes: Uint8Array): Promise<number> {
    this.fed += bytes.length;
    const written = this.until((done) => this.engine.write(bytes, () => setImmediate(done))).then(
      () => this.fed - this.engine.bytesWritten,
    );
    // Whoever reads on may stop before it looks: a failure is then nobody's.
    written.catch(() => undefined);
    return written;
  }

  async end(): Promise<void> {
    if (this.hasEnded) return;
    await this.until((done) => {
      this.engine.once('end', done);
      this.engine.end();
    });
  }

  private async until(start: (done: () => void) => void): Promise<void> {
    if (!this.failure) {
      await new Promise<void>((resolve) => {
        this.notify = resolve;
        start(resolve);
      });
    }
    if (this.failure) throw this.explain(this.failure);
  }

  private explain(error: unknown): unknown {
    if (error instanceof InputError) return error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') {
      return new InputError(
        'truncated',
        `${this.name}: the compressed stream ends before its end; expected the whole file`,
        { cause: error },
      );
    }
    if (this.isLater) return trailingGarbage(this.name, error);
    return new InputError('corrupt', `${this.name}: the compressed stream is damaged (${message})`, {
      cause: error,
    });
  }

  *take(): Generator<Uint8Array> {
    yield* this.output.splice(0);
  }

  close(): void {
    this.engine.destroy();
  }
}
