import type { Format, RandomAccess, RecordSink } from '../core/telemetry/formats/format.ts';
import { readTelemetry } from '../core/telemetry/read.ts';
import type { SourceRule } from '../core/telemetry/source-reading.ts';
import { decompress, innerPath } from './decompress.ts';
import { HashingStream } from './hash.ts';

export interface BytesRead {
  readonly format: Format;
  /** Hash of the decompressed bytes; null where nothing is compressed, and what is stored is the content. */
  readonly contentSha256: string | null;
}

export interface BytesRequest {
  /** Path below the run, as it was uploaded. */
  readonly path: string;
  readonly rule: SourceRule;
  readonly sink: RecordSink;
  /** Awaited before each piece of the content is read: when it resolves, more can be taken. */
  readonly ready: () => Promise<void>;
  /** The same source, for formats that are read from their end; of no use where it is compressed. */
  readonly file?: RandomAccess;
}

/**
 * Reads stored bytes into a sink: decompressed where they are compressed, in the format that they show, to their end.
 *
 * @throws InputError where they cannot be used.
 */
export async function readBytes(
  stored: AsyncIterable<Uint8Array>,
  { path, rule, sink, ready, file }: BytesRequest,
): Promise<BytesRead> {
  let content: HashingStream | null = null;
  const bytes = decompress(stored, path, {
    through: (plain) => {
      content = new HashingStream();
      return content.through(plain);
    },
    ...(rule.acceptTruncated ? { onTruncated: () => noteTruncated(sink) } : {}),
  });
  const chunks = paced(bytes, ready);
  const format = await readTelemetry(chunks, innerPath(path), rule, sink, () => (content ? undefined : file));
  // What a format did not read for itself still belongs to the hash.
  while (!(await chunks.next()).done);
  return { format, contentSha256: (content as HashingStream | null)?.digest() ?? null };
}

const noteTruncated = (sink: RecordSink): void =>
  sink.note({
    code: 'truncated',
    severity: 'warning',
    message: 'the compressed stream was cut; its whole rows count, as run.json accepts',
  });

async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  ready: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await ready();
    yield chunk;
  }
}
