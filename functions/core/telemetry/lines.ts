import { InputError } from '../errors.ts';

/** A longer line is no telemetry, and must not fill the memory. */
export const LINE_LIMIT_BYTES = 1_048_576;

const LF = 10;
const CR = 13;

/** Encoding that a byte order mark names; UTF-8 where there is none. */
function encodingOf(head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** UTF-16 as UTF-8, chunk by chunk; UTF-8 passes untouched. The byte order mark is dropped. */
async function* toUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array(0);
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let isStarted = false;
  const encoder = new TextEncoder();
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!isStarted) {
      head = concat(head, chunk);
      if (head.length < 3) continue;
      isStarted = true;
      const encoding = encodingOf(head);
      if (encoding !== 'utf-8') decoder = new TextDecoder(encoding);
      bytes = encoding === 'utf-8' ? withoutMark(head) : head;
    }
    yield decoder ? encoder.encode(decoder.decode(bytes, { stream: true })) : bytes;
  }
  if (!isStarted) yield head;
  if (decoder) yield encoder.encode(decoder.decode());
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/**
 * Hands each line of a stream to `onLine`, with its number from 1 and without its line end (LF or CRLF); a last
 * line without an end counts. Lines are decoded as UTF-8, bytes that are none become U+FFFD.
 *
 * @throws InputError `line-too-long` beyond `LINE_LIMIT_BYTES`.
 */
export async function forEachLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onLine: (line: string, number: number) => void,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest: Uint8Array = new Uint8Array(0);
  let number = 0;
  const emit = (bytes: Uint8Array): void => {
    number += 1;
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    onLine(decoder.decode(bytes.subarray(0, end)), number);
  };
  for await (const chunk of toUtf8(chunks)) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      const line = chunk.subarray(from, end);
      emit(rest.length > 0 ? concat(rest, line) : line);
      if (rest.length > 0) rest = new Uint8Array(0);
      from = end + 1;
    }
    if (from < chunk.length) rest = concat(rest, chunk.subarray(from));
    if (rest.length > LINE_LIMIT_BYTES) {
      throw new InputError(
        'line-too-long',
        `${path}: line ${number + 1} is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
      );
    }
  }
  if (rest.length > 0) emit(rest);
}
