import { toUtf8 } from './lines.ts';

/** As much of a file as a reader may look at before it decides how to read it. */
export const PEEK_BYTES = 65_536;

export interface Peeked {
  /** Whole lines of the file's first bytes. */
  readonly lines: readonly string[];
  /** The stream, from its first byte on. To be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the stream where it is not read after all. */
  readonly close: () => Promise<void>;
}

async function* joined(
  taken: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* taken;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function linesOf(taken: readonly Uint8Array[], isWhole: boolean): Promise<string[]> {
  const bytes = Buffer.concat(taken).subarray(0, PEEK_BYTES);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of toUtf8(once(bytes))) text += decoder.decode(chunk, { stream: true });
  const lines = text.split(/\r?\n/);
  return isWhole ? lines : lines.slice(0, -1);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Looks at the first lines of a stream. What they are does not depend on how the stream is cut into chunks. */
export async function peek(chunks: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const rest = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length <= PEEK_BYTES) {
    const next = await rest.next();
    if (next.done) break;
    taken.push(next.value);
    length += next.value.length;
  }
  return {
    lines: await linesOf(taken, length <= PEEK_BYTES),
    chunks: joined(taken, rest),
    close: async () => {
      await rest.return?.();
    },
  };
}
