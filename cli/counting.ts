import type { ObjectStore } from '../functions/platform/object-store.ts';

/** A stream as it is; `onBytes` hears what passes. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    // Before it is handed on: whoever gets it may give its memory away.
    const { length } = chunk;
    yield chunk;
    onBytes(length);
  }
}

/** What somebody wants to hear of a store. */
export interface StoreListener {
  /** Bytes of an object that were read. */
  readonly onRead?: (bytes: number, key: string) => void;
  /** An object that was written in one piece. */
  readonly onPut?: (key: string, bytes: number) => void;
}

/** A store as it is; the listener hears of bytes that are read from it and of objects that are put. */
export function listened(store: ObjectStore, { onRead, onPut }: StoreListener): ObjectStore {
  return {
    bucket: store.bucket,
    get: async (key, options) => {
      const object = await store.get(key, options);
      return onRead ? { ...object, body: counted(object.body, (bytes) => onRead(bytes, key)) } : object;
    },
    put: async (key, body, options) => {
      const info = await store.put(key, body, options);
      onPut?.(key, info.sizeBytes);
      return info;
    },
    head: store.head.bind(store),
    upload: store.upload.bind(store),
    list: store.list.bind(store),
    delete: store.delete.bind(store),
  };
}
