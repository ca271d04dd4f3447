import { createReadStream } from 'node:fs';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { argumentsOf, measured } from './measured.ts';

export interface DecompressArguments {
  readonly path: string;
  readonly codec: 'gzip' | 'zstd';
  /** Bytes that come out at a time; null: as Node does it. */
  readonly chunkBytes: number | null;
}

const { path, codec, chunkBytes } = argumentsOf<DecompressArguments>();

/** Node's own decompression of a file, whose bytes are dropped. */
await measured(async () => {
  const options = chunkBytes === null ? {} : { chunkSize: chunkBytes };
  const engine = codec === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }).pipe(engine))
    bytes += (chunk as Uint8Array).length;
  return { bytes };
});
