import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { stampOf } from './scan.ts';
import type { Stamp } from './settling.ts';

/** Version ids of a folder end in so much of the hash of what they hold. */
const VERSION_HASH_DIGITS = 16;

export type TakenOver =
  | { readonly kind: 'uploaded' | 'same'; readonly stamp: Stamp; readonly sizeBytes: number }
  /** It changed while it was read. */
  | { readonly kind: 'moving' };

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/**
 * Uploads a file into a store in a folder, unless that holds the same bytes. What is stored is one state of the file:
 * where it changed while it was read, nothing is stored.
 */
export async function takeOver(store: ObjectStore, key: string, path: string): Promise<TakenOver> {
  const before = await stat(path);
  const stamp = stampOf(before);
  const known = await store.head(key);
  const digest = await hashOf(path);
  if (known?.sizeBytes === before.size && known.version.endsWith(digest.slice(0, VERSION_HASH_DIGITS))) {
    return stampOf(await stat(path)) === stamp
      ? { kind: 'same', stamp, sizeBytes: before.size }
      : { kind: 'moving' };
  }
  const upload = store.upload(key);
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Uint8Array);
      await upload.write(chunk as Uint8Array);
    }
    if (hash.digest('hex') !== digest || stampOf(await stat(path)) !== stamp) {
      await upload.abort();
      return { kind: 'moving' };
    }
  } catch (error) {
    await upload.abort();
    throw error;
  }
  await upload.finish();
  // In a store that is watched where it lies, the upload has put another file into its place.
  return { kind: 'uploaded', stamp: stampOf(await stat(path)), sizeBytes: before.size };
}
