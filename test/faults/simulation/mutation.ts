import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { IngestQueueDependencies } from '../../../functions/ingest/ingest-queue.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from '../../../functions/platform/object-store.ts';

type Stores = Record<'landing' | 'lake' | 'reports', ObjectStore>;
type IngestHandler = (event: SQSEvent, dependencies: IngestQueueDependencies) => Promise<SQSBatchResponse>;

/** A rule of the product, broken from outside: the simulation has to see it. */
export interface Mutation {
  readonly id: string;
  readonly breaks: string;
  /** `memory` is that of one schedule, shared by all instances. */
  readonly stores?: (stores: Stores, memory: Map<string, string>) => Partial<Stores>;
  readonly batch?: (handle: IngestHandler) => IngestHandler;
}

/** A store with some of its calls replaced. */
const altered = (store: ObjectStore, calls: Partial<ObjectStore>): ObjectStore => ({
  bucket: store.bucket,
  get: store.get.bind(store),
  head: store.head.bind(store),
  put: store.put.bind(store),
  upload: store.upload.bind(store),
  list: store.list.bind(store),
  delete: store.delete.bind(store),
  ...calls,
});

/** Writes whatever its condition: those keys only that match. */
const unconditional = (lake: ObjectStore, keys: RegExp): ObjectStore =>
  altered(lake, {
    put: (key, body, options = {}) => {
      if (!keys.test(key)) return lake.put(key, body, options);
      const { ifMatch: _ifMatch, ifNoneMatch: _ifNoneMatch, ...rest } = options;
      return lake.put(key, body, rest);
    },
  });

/** Takes the version that was told of last for the newest one. */
function byArrival(landing: ObjectStore, arrived: Map<string, string>): ObjectStore {
  const lastOf = (info: ObjectInfo): ObjectInfo => ({
    ...info,
    version: arrived.get(info.key) ?? info.version,
  });
  return altered(landing, {
    get: async (key, options = {}) => {
      const { version = arrived.get(key) } = options;
      const stored = await landing.get(key, version === undefined ? options : { ...options, version });
      if (options.version !== undefined) arrived.set(key, options.version);
      return stored;
    },
    list: async function* (prefix, options) {
      for await (const info of landing.list(prefix, options)) yield lastOf(info);
    },
  });
}

const PROMISED: ObjectInfo = { key: '', version: '', etag: '', sizeBytes: 0 };

/** Holds back what a receipt speaks of until the receipt is written. */
function receiptFirst(lake: ObjectStore): ObjectStore {
  const held: (() => Promise<unknown>)[] = [];
  const later = async (write: () => Promise<unknown>): Promise<ObjectInfo> => {
    held.push(write);
    return PROMISED;
  };
  return altered(lake, {
    upload: (key, options) => {
      const upload = lake.upload(key, options);
      return {
        write: (bytes) => upload.write(bytes),
        abort: () => upload.abort(),
        finish: () => later(() => upload.finish()),
      };
    },
    put: async (key: string, body: Uint8Array, options?: PutOptions) => {
      if (!key.startsWith('receipts/')) return later(() => lake.put(key, body, options));
      const info = await lake.put(key, body, options);
      for (const write of held.splice(0)) await write();
      return info;
    },
  });
}

/** Keys whose writes belong to ingest: the other functions write no data that a receipt speaks of. */
const isIngested = /^(?:segments|progress|quarantine|receipts)\//;

export const MUTATIONS: readonly Mutation[] = [
  {
    id: 'receipt-first',
    breaks: 'data first, receipt last',
    stores: ({ lake }) => {
      const first = receiptFirst(lake);
      return {
        lake: altered(lake, {
          upload: first.upload,
          put: (key, body, options) => (isIngested.test(key) ? first : lake).put(key, body, options),
        }),
      };
    },
  },
  {
    id: 'receipt-overwritten',
    breaks: 'a receipt is written with If-None-Match',
    stores: ({ lake }) => ({ lake: unconditional(lake, /^receipts\//) }),
  },
  {
    id: 'pointer-unguarded',
    breaks: 'a pointer moves by compare-and-swap',
    stores: ({ lake }) => ({ lake: unconditional(lake, /^(?:evaluations|decisions)\/.*latest\.json$/) }),
  },
  {
    id: 'outbox-unguarded',
    breaks: 'a change of verdict is written down by compare-and-swap',
    stores: ({ lake }) => ({ lake: unconditional(lake, /^verdicts\//) }),
  },
  {
    id: 'sequencer-order',
    breaks: 'the newest version of an upload counts, in whatever order events come',
    stores: ({ landing }, arrived) => ({ landing: byArrival(landing, arrived) }),
  },
  {
    id: 'reads-unpinned',
    breaks: 'reads are pinned to the version of the event and of the receipt',
    stores: ({ landing }) => ({
      landing: altered(landing, {
        get: async (key, options = {}) => {
          const { version, ...rest } = options;
          const newest = await landing.get(key, rest);
          // What was read is taken for what was asked for.
          return version === undefined ? newest : { ...newest, version };
        },
      }),
    }),
  },
  {
    id: 'failures-acknowledged',
    breaks: 'a message that failed comes back',
    batch: (handle) => async (event, dependencies) => {
      await handle(event, dependencies);
      return { batchItemFailures: [] };
    },
  },
  {
    id: 'manifest-without-requeue',
    breaks: 'a manifest that arrives puts the files that waited for it on the queue again',
    batch: (handle) => (event, dependencies) => handle(event, { ...dependencies, requeue: async () => {} }),
  },
  {
    id: 'cut-bodies-accepted',
    breaks: 'a body that ends before its length is no file',
    stores: ({ landing }) => ({
      landing: altered(landing, {
        get: async (key, options) => {
          const stored = await landing.get(key, options);
          return { ...stored, body: untilShort(stored.body) };
        },
      }),
    }),
  },
];

/** As a client that does not count: a cut is an end. */
async function* untilShort(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 's3-short') throw error;
  }
}
