import { InputError } from '../errors.ts';

/** A longer line is no telemetry, and must not fill the memory. */
export const LINE_LIMIT_BYTES = 1_048_576;

const LF = 10;
const CR = 13;
const LONGEST_MARK_BYTES = 3;
const NOTHING: Uint8Array = new Uint8Array(0);

type Decode = (bytes: Uint8Array, isMore: boolean) => Uint8Array;

/** How a stream that begins with `head` becomes UTF-8 without a byte order mark. */
function decoderFor(head: Uint8Array): Decode {
  const isLittle = head[0] === 0xff && head[1] === 0xfe;
  const isBig = head[0] === 0xfe && head[1] === 0xff;
  if (!isLittle && !isBig) return (bytes) => bytes;
  const decoder = new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be');
  const encoder = new TextEncoder();
  return (bytes, isMore) => encoder.encode(decoder.decode(bytes, { stream: isMore }));
}

/** UTF-16 as UTF-8, chunk by chunk; UTF-8 passes untouched. The byte order mark is dropped. */
export async function* toUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = NOTHING;
  let decode: Decode | null = null;
  for await (const chunk of chunks) {
    if (decode) {
      yield decode(chunk, true);
      continue;
    }
    head = concat(head, chunk);
    if (head.length < LONGEST_MARK_BYTES) continue;
    decode = decoderFor(head);
    yield decode(withoutMark(head), true);
  }
  yield decode ? decode(NOTHING, false) : decoderFor(head)(withoutMark(head), false);
}

/** The mark of UTF-8; that of UTF-16 is its decoder's to drop. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/**
 * Hands each line of a stream to `onLine`, with its number from 1 and without its line end (LF or CRLF); a last
 * line without an end counts. Lines are decoded as UTF-8, bytes that are none become U+FFFD. The outcome is the
 * same wherever the stream is cut into chunks.
 *
 * @throws InputError `line-too-long` beyond `LINE_LIMIT_BYTES`.
 */
export async function forEachLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onLine: (line: string, number: number) => void,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = NOTHING;
  let number = 0;
  const checkLength = (bytes: Uint8Array): void => {
    if (bytes.length <= LINE_LIMIT_BYTES) return;
    throw new InputError(
      'line-too-long',
      `${path}: line ${number + 1} is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
    );
  };
  const emit = (bytes: Uint8Array): void => {
    checkLength(bytes);
    number += 1;
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    onLine(decoder.decode(bytes.subarray(0, end)), number);
  };
  for await (const chunk of toUtf8(chunks)) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      const line = chunk.subarray(from, end);
      emit(rest.length > 0 ? concat(rest, line) : line);
      rest = NOTHING;
      from = end + 1;
    }
    if (from < chunk.length) rest = concat(rest, chunk.subarray(from));
    checkLength(rest);
  }
  if (rest.length > 0) emit(rest);
}
