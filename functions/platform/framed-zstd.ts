import { InputError } from '../core/errors.ts';

/** Bytes of the length in front of each block, an unsigned integer, its highest byte first. */
export const LENGTH_BYTES = 4;
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** As many first bytes as it takes to tell. */
export const FRAMED_HEAD_BYTES = LENGTH_BYTES + ZSTD_MAGIC.length;

/**
 * Whether a stream is what the OpenTelemetry collector's file exporter calls zstd: no .zst file, but blocks of zstd
 * with the length of each in front. Source: opentelemetry-collector-contrib, issue 44077.
 */
export const isFramedZstd = (head: Uint8Array): boolean =>
  ZSTD_MAGIC.every((byte, i) => head[LENGTH_BYTES + i] === byte);

/** A framed stream without its lengths: plain zstd, one frame after another. @throws InputError `truncated`. */
export async function* withoutLengths(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let lengthBytes = 0;
  let length = 0;
  let left = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const block = chunk.subarray(at, at + left);
        left -= block.length;
        at += block.length;
        yield block;
        continue;
      }
      length = length * 256 + (chunk[at] as number);
      lengthBytes += 1;
      at += 1;
      if (lengthBytes < LENGTH_BYTES) continue;
      left = length;
      lengthBytes = 0;
      length = 0;
    }
  }
  if (left === 0 && lengthBytes === 0) return;
  const found = left > 0 ? `${left} bytes of a block are missing` : 'the length of a block is cut';
  throw new InputError('truncated', `${name}: ${found} at the end of the file; expected the whole file`);
}
