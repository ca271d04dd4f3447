import { InputError } from '../errors.ts';

/** A longer line is no telemetry, and must not fill the memory. */
export const LINE_LIMIT_BYTES = 1_048_576;

const LF = 10;
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

/** Text of a stream, piece by piece, however its bytes are cut. */
async function* toText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of toUtf8(chunks)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

const tooLong = (path: string, line: number): InputError =>
  new InputError(
    'line-too-long',
    `${path}: line ${line} is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
  );

/**
 * Hands each line of a stream to `onLine`, with its number from 1 and without its line end (LF or CRLF); a last
 * line without an end counts. Lines are decoded as UTF-8, bytes that are none become U+FFFD. The outcome is the
 * same wherever the stream is cut into chunks. A line is a slice of a chunk's text: to keep a part of it for long
 * keeps that chunk.
 *
 * @throws InputError `line-too-long` beyond `LINE_LIMIT_BYTES`.
 */
export async function forEachLine(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onLine: (line: string, number: number) => void,
): Promise<void> {
  let rest = '';
  let number = 0;
  const emit = (line: string): void => {
    number += 1;
    if (line.length > LINE_LIMIT_BYTES) throw tooLong(path, number);
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line, number);
  };
  for await (const text of toText(chunks)) {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = text.slice(from, end);
      emit(rest === '' ? line : rest + line);
      rest = '';
      from = end + 1;
    }
    rest += text.slice(from);
    if (rest.length > LINE_LIMIT_BYTES) throw tooLong(path, number + 1);
  }
  if (rest !== '') emit(rest);
}

/**
 * Hands the lines of a stream on in blocks of bytes: within from..to every line ends with LF, the last one too. A
 * block may be used again once `onBlock` is back.
 *
 * @throws InputError `line-too-long` beyond `LINE_LIMIT_BYTES`.
 */
export async function forEachBlock(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  onBlock: (bytes: Uint8Array, from: number, to: number) => void,
): Promise<void> {
  let rest = NOTHING;
  for await (const piece of toUtf8(chunks)) {
    // One class of arrays: code that sees both Buffer and Uint8Array runs slower on both.
    const chunk = new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    const last = chunk.lastIndexOf(LF);
    if (last < 0) rest = concat(rest, chunk);
    else {
      let from = 0;
      if (rest.length > 0) {
        from = chunk.indexOf(LF) + 1;
        const joined = concat(rest, chunk.subarray(0, from));
        onBlock(joined, 0, joined.length);
      }
      if (from <= last) onBlock(chunk, from, last + 1);
      rest = chunk.slice(last + 1);
    }
    if (rest.length > LINE_LIMIT_BYTES)
      throw new InputError(
        'line-too-long',
        `${path}: a line is longer than ${LINE_LIMIT_BYTES} bytes; expected lines of text`,
      );
  }
  if (rest.length > 0) onBlock(concat(rest, LINE_END), 0, rest.length + 1);
}

const LINE_END = Uint8Array.of(LF);
