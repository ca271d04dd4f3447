import { TransientError } from '../../functions/core/errors.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';

type Operation = 'get' | 'head' | 'put' | 'list' | 'delete';

/** Told of every call before it is made; what it throws is what the store answers. */
export type Hook = (operation: Operation, key: string) => void | Promise<void>;

export const unavailable = (): TransientError => new TransientError('s3', 'S3 did not answer');

/** A store that asks `hook` before each call; an upload asks for the put that completes it. */
export function hooked(store: ObjectStore, hook: Hook): ObjectStore {
  return {
    bucket: store.bucket,
    get: async (key, options) => {
      await hook('get', key);
      return store.get(key, options);
    },
    head: async (key, options) => {
      await hook('head', key);
      return store.head(key, options);
    },
    put: async (key, body, options) => {
      await hook('put', key);
      return store.put(key, body, options);
    },
    upload: (key, options) => {
      const upload = store.upload(key, options);
      return {
        write: (bytes) => upload.write(bytes),
        abort: () => upload.abort(),
        finish: async () => {
          await hook('put', key);
          return upload.finish();
        },
      };
    },
    list: async function* (prefix, options) {
      await hook('list', prefix);
      yield* store.list(prefix, options);
    },
    delete: async (key, options) => {
      await hook('delete', key);
      return store.delete(key, options);
    },
  };
}
