import type { Context } from 'aws-lambda';
import { TransientError, WattlineError } from '../core/errors.ts';
import type { ObjectStore } from './object-store.ts';

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
  /** What a store says of being aborted is the deadline's; errors that have a code of ours say more. */
  const inTime = async <T>(key: string, call: () => Promise<T>): Promise<T> => {
    check(key);
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof WattlineError)) check(key);
      throw error;
    }
  };
  async function* each<T>(items: AsyncIterable<T>, key: string): AsyncGenerator<T> {
    const source = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await inTime(key, () => source.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await source.return?.();
    }
  }
  return {
    bucket: store.bucket,
    get: async (key, options) => {
      const object = await inTime(key, () => store.get(key, { signal, ...options }));
      return { ...object, body: each(object.body, key) };
    },
    head: (key, options) => inTime(key, () => store.head(key, { signal, ...options })),
    put: (key, body, options) => inTime(key, () => store.put(key, body, { signal, ...options })),
    upload: (key, options) => {
      const upload = store.upload(key, { signal, ...options });
      return {
        write: (bytes) => inTime(key, () => upload.write(bytes)),
        finish: () => inTime(key, () => upload.finish()),
        // Not bounded: giving up is what is left to do after the deadline.
        abort: () => upload.abort(),
      };
    },
    list: (prefix, options) => each(store.list(prefix, { signal, ...options }), prefix),
    delete: (key, options) => inTime(key, () => store.delete(key, { signal, ...options })),
  };
}
