import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { VerdictEvent } from '../functions/core/decision/verdict-event.ts';
import { handleNight } from '../functions/decide/decide-night.ts';
import { handleEvaluateQueue, handleRunRequest } from '../functions/evaluate/evaluate-queue.ts';
import { handleIngestQueue } from '../functions/ingest/ingest-queue.ts';
import { DirectoryStore } from '../functions/platform/directory-store.ts';
import type { Log } from '../functions/platform/log.ts';
import { MemoryStore } from '../functions/platform/memory-store.ts';
import type { ObjectInfo, ObjectStore, PutOptions } from '../functions/platform/object-store.ts';
import { eventBridgeMessage, requeueMessage } from '../functions/platform/s3-events.ts';
import { readNightRuns } from '../functions/reconcile/night-runs.ts';
import { handleReconcile } from '../functions/reconcile/reconcile-night.ts';

/** Nobody's account: the local pipeline's events carry it, and its handlers expect it. */
const LOCAL_ACCOUNT = '000000000000';
const BATCH = 10;
/** As the deployed queues: after this many tries a message is put aside. */
const MAX_RECEIVES = 5;
/** One process has nothing to share out. */
const ONE_AT_A_TIME = { night: 1, replay: 1 } as const;

export interface Stores {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
}

export const directoryStores = (folder: string): Stores => ({
  landing: new DirectoryStore('landing', join(folder, 'landing')),
  lake: new DirectoryStore('lake', join(folder, 'lake')),
  reports: new DirectoryStore('reports', join(folder, 'reports')),
});

export const memoryStores = (): Stores => ({
  landing: new MemoryStore('landing'),
  lake: new MemoryStore('lake'),
  reports: new MemoryStore('reports'),
});

interface Message {
  readonly body: string;
  receives: number;
}

/** A store that tells what was written, as a bucket does. */
function announcing(store: ObjectStore, onPut: (info: ObjectInfo) => void): ObjectStore {
  return {
    bucket: store.bucket,
    get: store.get.bind(store),
    head: store.head.bind(store),
    list: store.list.bind(store),
    delete: store.delete.bind(store),
    upload: (key, options) => {
      const upload = store.upload(key, options);
      return {
        write: (bytes) => upload.write(bytes),
        abort: () => upload.abort(),
        finish: async () => {
          const info = await upload.finish();
          onPut(info);
          return info;
        },
      };
    },
    put: async (key: string, body: Uint8Array, options?: PutOptions) => {
      const info = await store.put(key, body, options);
      onPut(info);
      return info;
    },
  };
}

/** The deployed system on one machine: the same handlers, with arrays for queues and a folder or memory for S3. */
export class Pipeline {
  readonly stores: Stores;
  /** Messages that failed too often, as a dead-letter queue keeps them. */
  readonly deadLetters: string[] = [];
  /** Verdicts that changed, as the event bus hears of them. */
  readonly verdicts: VerdictEvent[] = [];
  private ingestQueue: Message[] = [];
  private evaluateQueue: Message[] = [];
  private readonly log: Log;
  private readonly now: () => number;

  constructor(stores: Stores, log: Log, now: () => number = () => 0) {
    this.log = log;
    this.now = now;
    const event = (bucket: string, { key, version }: ObjectInfo): Message => ({
      body: eventBridgeMessage({ bucket, key, version, account: LOCAL_ACCOUNT }),
      receives: 0,
    });
    this.stores = {
      landing: announcing(stores.landing, (info) =>
        this.ingestQueue.push(event(stores.landing.bucket, info)),
      ),
      lake: announcing(stores.lake, (info) => {
        if (info.key.startsWith('receipts/')) this.evaluateQueue.push(event(stores.lake.bucket, info));
      }),
      reports: stores.reports,
    };
  }

  private get common() {
    return {
      ...this.stores,
      accountId: LOCAL_ACCOUNT,
      log: this.log,
      now: this.now,
      requeue: this.requeue,
      announce: this.announce,
    };
  }

  private readonly requeue = async ({
    bucket,
    key,
    version,
  }: {
    bucket: string;
    key: string;
    version: string;
  }): Promise<void> => {
    this.ingestQueue.push({ body: requeueMessage(bucket, key, version), receives: 0 });
  };

  private readonly announce = async (event: VerdictEvent): Promise<void> => {
    this.verdicts.push(event);
  };

  /** Messages that wait to be ingested; tests reorder and repeat them. */
  get pending(): string[] {
    return this.ingestQueue.map((m) => m.body);
  }

  set pending(bodies: readonly string[]) {
    this.ingestQueue = bodies.map((body) => ({ body, receives: 0 }));
  }

  /** Works until both queues are empty; `onProgress` hears how many files are left. */
  async drain(onProgress: (left: number) => void = () => {}): Promise<void> {
    while (this.ingestQueue.length + this.evaluateQueue.length > 0) {
      await this.batch(this.ingestQueue, (event) => handleIngestQueue(event, this.common));
      onProgress(this.ingestQueue.length);
      if (this.ingestQueue.length === 0) {
        const runs = this.evaluateQueue;
        this.evaluateQueue = [];
        // One batch for all: runs whose receipts came together are evaluated once.
        while (runs.length > 0)
          await this.batch(runs, (event) => handleEvaluateQueue(event, this.common), runs.length);
      }
    }
  }

  private async batch(
    queue: Message[],
    handle: (event: SQSEvent) => Promise<SQSBatchResponse>,
    size = BATCH,
  ): Promise<void> {
    const taken = queue.splice(0, size);
    if (taken.length === 0) return;
    const records = taken.map(
      ({ body, receives }) =>
        ({
          messageId: randomUUID(),
          body,
          attributes: { ApproximateReceiveCount: String(receives + 1) },
        }) as SQSRecord,
    );
    const { batchItemFailures } = await handle({ Records: records });
    const failed = new Set(batchItemFailures.map((f) => f.itemIdentifier));
    for (const [i, message] of taken.entries()) {
      if (!failed.has((records[i] as SQSRecord).messageId)) continue;
      message.receives += 1;
      if (message.receives < MAX_RECEIVES) queue.push(message);
      else this.deadLetters.push(message.body);
    }
  }

  /**
   * The nightly job: reconcile, evaluate what it names, decide every program, or the one that is named. `input` is
   * what an execution of the deployed night is given: nothing, or what to replay.
   */
  async night(
    startTime: string,
    only?: string,
    input: unknown = {},
  ): Promise<{ program: string; verdict: string }[]> {
    const work = await handleReconcile({ startTime, input }, { ...this.common, runsAtOnce: ONE_AT_A_TIME });
    await this.drain();
    for (const run of await readNightRuns(this.stores.lake, work.runsKey))
      await handleRunRequest(run, this.common);
    const verdicts: { program: string; verdict: string }[] = [];
    for (const { program } of work.programs) {
      if (only !== undefined && program !== only) continue;
      const { verdict } = await handleNight({ program, date: work.date }, this.common);
      verdicts.push({ program, verdict });
    }
    return verdicts;
  }
}
