import type { ObjectInfo, Upload } from './object-store.ts';

/** An upload that is kept in memory until it is complete, and put then. */
export function collectedUpload(put: (bytes: Uint8Array) => Promise<ObjectInfo>): Upload {
  const held: Uint8Array[] = [];
  return {
    write: async (bytes) => void held.push(bytes),
    finish: () => put(Buffer.concat(held)),
    abort: async () => void held.splice(0),
  };
}
