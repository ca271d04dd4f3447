import { createHash } from 'node:crypto';

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Passes a stream on unchanged and knows its hash and length once it has ended. */
export class HashingStream {
  private readonly hash = createHash('sha256');
  private result: string | null = null;
  bytes = 0;

  async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.hash.update(chunk);
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  digest(): string {
    this.result ??= this.hash.digest('hex');
    return this.result;
  }
}

/** JSON with sorted keys: equal values, equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** JSON of the lake: one line a value, as the readers of Athena ask for. */
export const lineJson = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** JSON for people and diffs: sorted nowhere, two spaces, one newline at the end. */
export const prettyJson = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
