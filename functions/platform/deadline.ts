import type { Context } from 'aws-lambda';
import { TransientError } from '../core/errors.ts';
import type { ObjectStore, StoredObject, Upload } from './object-store.ts';

/** Time kept back to give up uploads and to answer with what failed, before Lambda ends the process. */
const RESERVE_MS = 5_000;

/** Aborts when a call of a function has to come to its end. */
export const deadlineOf = (context: Pick<Context, 'getRemainingTimeInMillis'>): AbortSignal =>
  AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 1));

/**
 * A store whose every call ends by a deadline: none begins after it, and those under way are aborted. Work that goes
 * through it stops there with an error that is retried, and has written nothing that a reader would trust.
 */
export function withDeadline(store: ObjectStore, signal: AbortSignal): ObjectStore {
  const check = (key: string): void => {
    if (signal.aborted)
      throw new TransientError('deadline', `${store.bucket}/${key}: the time of this call is up`, {
        cause: signal.reason,
      });
  };
  async function* checked<T>(items: AsyncIterable<T>, key: string): AsyncGenerator<T> {
    for await (const item of items) {
      check(key);
      yield item;
    }
  }
  const bounded = (object: StoredObject): StoredObject => ({
    ...object,
    body: checked(object.body, object.key),
  });
  return {
    bucket: store.bucket,
    get: async (key, options = {}) => {
      check(key);
      return bounded(await store.get(key, { signal, ...options }));
    },
    head: async (key, options = {}) => {
      check(key);
      return store.head(key, { signal, ...options });
    },
    put: async (key, body, options = {}) => {
      check(key);
      return store.put(key, body, { signal, ...options });
    },
    upload: (key, options = {}) => boundedUpload(store.upload(key, { signal, ...options }), () => check(key)),
    list: (prefix, options = {}) => checked(store.list(prefix, { signal, ...options }), prefix),
    delete: async (key, options = {}) => {
      check(key);
      return store.delete(key, { signal, ...options });
    },
  };
}

/** Giving up is not bounded here: it is what is left to do after the deadline. */
const boundedUpload = (upload: Upload, check: () => void): Upload => ({
  write: async (bytes) => {
    check();
    return upload.write(bytes);
  },
  finish: async () => {
    check();
    return upload.finish();
  },
  abort: () => upload.abort(),
});
