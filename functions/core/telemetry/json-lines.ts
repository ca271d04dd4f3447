import { forEachJsonValue, type JsonHandlers } from './json-values.ts';
import { toUtf8 } from './lines.ts';

const LF = 10;
const SPACE = 32;
const OPEN_BRACE = 123;
/** A line that is longer is left to the scanner, which knows the limits. */
const LINE_BYTES = 16 * 2 ** 20;

/** Reads lines as long as each is one object; what is left then is for the scanner. */
class LineParser {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly handlers: JsonHandlers;
  private parts: Uint8Array[] = [];
  private held = 0;
  /** Lines read so far. */
  lines = 0;

  constructor(handlers: JsonHandlers) {
    this.handlers = handlers;
  }

  /** Whether all whole lines of the chunk were objects. */
  write(chunk: Uint8Array): boolean {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      if (!this.line([...this.parts, chunk.subarray(from, end)])) {
        this.parts.push(chunk.slice(from));
        return false;
      }
      this.parts = [];
      this.held = 0;
      from = end + 1;
    }
    // A copy: a chunk's memory is used again.
    this.parts.push(chunk.slice(from));
    this.held += chunk.length - from;
    return this.held <= LINE_BYTES;
  }

  private line(parts: readonly Uint8Array[]): boolean {
    const line = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    let start = 0;
    while (start < line.length && (line[start] as number) <= SPACE) start += 1;
    if (start < line.length) {
      if (line[start] !== OPEN_BRACE) return false;
      let value: unknown;
      try {
        value = JSON.parse(this.decoder.decode(line));
      } catch {
        return false;
      }
      this.handlers.value(value, this.lines + 1);
    }
    this.lines += 1;
    return true;
  }

  /** The bytes that were taken and not read. */
  left(): readonly Uint8Array[] {
    return this.parts;
  }
}

/**
 * As `forEachJsonValue`, and faster where every line is one object: such a line is parsed at once, and not looked at
 * character by character before. From the first line that is anything else the scanner goes on.
 *
 * @throws InputError `document-too-long`.
 */
export async function forEachJsonLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  handlers: JsonHandlers,
): Promise<void> {
  const source = toUtf8(chunks);
  const parser = new LineParser(handlers);
  let isPlain = true;
  while (isPlain) {
    const { value, done } = await source.next();
    if (done) break;
    isPlain = parser.write(value);
  }
  const { lines } = parser;
  await forEachJsonValue(chain(parser.left(), source), path, {
    value: (value, line) => handlers.value(value, line + lines),
    other: (text, line) => handlers.other(text, line + lines),
  });
}

async function* chain(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
