import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { PEEK_BYTES, peek } from '../../functions/core/telemetry/peek.ts';

async function* cut(bytes: Uint8Array, size: number, closed: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
  } finally {
    closed();
  }
}

describe('a look at the first lines of a stream', () => {
  const line = 'abcdefghi\n';
  test.each([
    ['shorter than the look', 'a\r\nb\nc', ['a', 'b', 'c']],
    ['in UTF-16', Buffer.from('\ufeffa\nb', 'utf16le'), ['a', 'b']],
    ['longer', line.repeat(10_000), Array<string>(Math.floor(PEEK_BYTES / line.length)).fill('abcdefghi')],
  ])('is the same however it is cut, and leaves the stream whole: %s', async (_name, content, lines) => {
    const bytes = Buffer.from(content as string);
    for (const size of [1, 7, 65_536, 1_000_000]) {
      const peeked = await peek(cut(bytes, size, () => undefined));
      expect(peeked.lines).toEqual(lines);
      const parts: Uint8Array[] = [];
      for await (const chunk of peeked.chunks) parts.push(chunk);
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    }
  });
  test('a stream that is not read after all is closed', async () => {
    let isClosed = false;
    const { close } = await peek(cut(Buffer.from(line.repeat(10_000)), 100, () => (isClosed = true)));
    await close();
    expect(isClosed).toBe(true);
  });
  test('a reader that stops closes the stream', async () => {
    let isClosed = false;
    const { chunks } = await peek(cut(Buffer.from(line.repeat(10_000)), 100, () => (isClosed = true)));
    for await (const _chunk of chunks) break;
    expect(isClosed).toBe(true);
  });
});
