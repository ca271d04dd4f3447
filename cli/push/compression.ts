import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

export const COMPRESSIONS = ['zstd', 'gzip'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** What a file is called once it is compressed; the pipeline's file rules see it without. */
export const SUFFIX_OF: Readonly<Record<Compression, string>> = { zstd: '.zst', gzip: '.gz' };

/** Enough to tell text from what is not. */
const HEAD_BYTES = 64 * 1024;
const OUTPUT_BYTES = 256 * 1024;
/** The levels of the command-line tools: beyond them telemetry shrinks by a few percent, at twice the time. */
const ZSTD_LEVEL = 3;
const GZIP_LEVEL = 6;

/** Text by its first bytes: UTF-8 without a zero byte. Parquet, and what is compressed already, is none. */
function isText(head: Uint8Array): boolean {
  if (head.length === 0 || head.includes(0)) return false;
  try {
    // As a stream, since a character may be cut at the end of the head.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** How a file is to be compressed: as wanted where it is plain text, and not otherwise. */
export async function compressionOf(path: string, wanted: Compression): Promise<Compression | null> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return isText(buffer.subarray(0, bytesRead)) ? wanted : null;
  } finally {
    await file.close();
  }
}

/** A stream compressed, in constant memory; the same bytes for the same chunks, so that a later push knows them. */
export async function* compressed(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const engine =
    compression === 'gzip'
      ? createGzip({ level: GZIP_LEVEL, chunkSize: OUTPUT_BYTES })
      : createZstdCompress({
          chunkSize: OUTPUT_BYTES,
          params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
        });
  const feeding = pipeline(chunks, engine);
  // Whoever reads may stop before the end; a failure of the source is heard below, as the engine's.
  feeding.catch(() => undefined);
  for await (const chunk of engine) yield chunk as Buffer;
  await feeding;
}
