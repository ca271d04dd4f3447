import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { InputError } from '../core/errors.ts';

type Engine = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const ENGINES: Readonly<Record<string, Engine>> = {
  GZIP: gunzipSync,
  ZSTD: zstdDecompressSync,
  BROTLI: brotliDecompressSync,
};

/**
 * Decompresses a page of a Parquet file in one of the codecs that Node has. Never more than the page claims.
 *
 * @throws InputError `parquet-codec`; Error where the page is damaged.
 */
export function decompressPage(codec: string, bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const engine = ENGINES[codec];
  if (engine) return engine(bytes, { maxOutputLength: Math.max(sizeBytes, 1) });
  throw new InputError(
    'parquet-codec',
    `compressed with ${codec}; expected UNCOMPRESSED, SNAPPY, ${Object.keys(ENGINES).join(', ')}`,
  );
}
