import { type FileHandle, open, stat } from 'node:fs/promises';
import { InputError } from '../../functions/core/errors.ts';
import { counted } from '../counting.ts';
import { compressed } from './compression.ts';
import { type LocalFile, stampOf } from './local-run.ts';

/** Read in pieces of one size, on which the bytes that zstd makes depend. */
const READ_BYTES = 2 ** 20;

const changed = ({ source }: LocalFile, cause?: unknown): InputError =>
  new InputError(
    'file-changed',
    `${source} changed while it was read: somebody still writes it; push again when it is complete`,
    { cause },
  );

/** The file at its path is still the one that was looked at. */
async function checkStamp(
  file: LocalFile,
  state: () => Promise<Parameters<typeof stampOf>[0]>,
): Promise<void> {
  let stamp: string;
  try {
    stamp = stampOf(await state());
  } catch (error) {
    throw changed(file, error);
  }
  if (stamp !== file.stamp) throw changed(file);
}

async function opened({ source }: LocalFile): Promise<FileHandle> {
  try {
    return await open(source);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError('file', `${source}: cannot be read (${code}); expected a file that may be read`, {
      cause,
    });
  }
}

/** The file's bytes. @throws InputError `file-changed` where they are not those of the file as it was planned. */
async function* steady(file: LocalFile): AsyncGenerator<Uint8Array> {
  const handle = await opened(file);
  try {
    await checkStamp(file, () => handle.stat({ bigint: true }));
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > file.sizeBytes) throw changed(file);
      yield buffer.subarray(0, bytesRead);
    }
    if (bytes !== file.sizeBytes) throw changed(file);
    await checkStamp(file, () => handle.stat({ bigint: true }));
    // A rename puts another file at the path, and leaves the one that is open as it was.
    await checkStamp(file, () => stat(file.source, { bigint: true }));
  } finally {
    await handle.close();
  }
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** What will lie in the bucket: the file's bytes, compressed where they are to be. `onRead` hears of bytes of the file. */
export function bytesOf(file: LocalFile, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const bytes = counted(file.content ? whole(file.content) : steady(file), onRead);
  return file.compression ? compressed(bytes, file.compression) : bytes;
}

/** Pieces of one size, the last one shorter; an empty stream is one empty piece. */
export async function* inPieces(
  chunks: AsyncIterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (heldBytes + rest.length >= pieceBytes) {
      const end = pieceBytes - heldBytes;
      yield Buffer.concat([...held, rest.subarray(0, end)]);
      rest = rest.subarray(end);
      held = [];
      heldBytes = 0;
    }
    if (rest.length > 0) held.push(rest);
    heldBytes += rest.length;
  }
  yield Buffer.concat(held);
}
