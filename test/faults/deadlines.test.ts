import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryStores, Pipeline, type Stores } from '../../cli/pipeline.ts';
import { handleNight } from '../../functions/decide/decide-night.ts';
import { handleEvaluateQueue } from '../../functions/evaluate/evaluate-queue.ts';
import { handleIngestQueue } from '../../functions/ingest/ingest-queue.ts';
import { withDeadline } from '../../functions/platform/deadline.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { eventBridgeMessage } from '../../functions/platform/s3-events.ts';
import { handleReconcile } from '../../functions/reconcile/reconcile-night.ts';
import { weekly } from '../../functions/weekly/weekly.ts';
import { FakeS3 } from './fake-s3.ts';
import { hooked, unavailable } from './faulty-store.ts';
import {
  contentsOf,
  KEY,
  keysOf,
  latestJoules,
  lostUploads,
  MANIFEST,
  powerCsv,
  QUIET,
  receiptOfPath,
  receiptsOf,
  recordOf,
  withRun,
} from './uploads.ts';

const ACCOUNT = '000000000000';
const DATE = '2026-01-02';
const STEPS = ['ingest', 'evaluate', 'reconcile', 'decide'] as const;
type Step = (typeof STEPS)[number];
const eventOf = (bucket: string, key: string): string =>
  eventBridgeMessage({ bucket, key, version: null, account: ACCOUNT });

const eachStore = (stores: Stores, change: (store: ObjectStore) => ObjectStore): Stores => ({
  landing: change(stores.landing),
  lake: change(stores.lake),
  reports: change(stores.reports),
});

/** Stores as a step finds them: everything before it has been done. */
async function stateBefore(step: Step): Promise<Stores> {
  const stores = memoryStores();
  const pipeline = await withRun(stores);
  await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
  if (step === 'ingest' || step === 'reconcile') return stores;
  if (step === 'decide') await pipeline.drain();
  else await perform('ingest', stores);
  return stores;
}

/** One call of a function. True: it did all it was asked; false: it says that it has to be called again. */
async function perform(step: Step, stores: Stores): Promise<boolean> {
  const common = {
    ...stores,
    accountId: ACCOUNT,
    requeue: async () => {},
    announce: async () => {},
    log: QUIET,
    now: () => 0,
  };
  if (step === 'ingest') {
    const event = { Records: [recordOf(eventOf('landing', KEY), 'm0')] };
    return (await handleIngestQueue(event, common)).batchItemFailures.length === 0;
  }
  if (step === 'evaluate') {
    const event = { Records: [recordOf(eventOf('lake', 'receipts/program=p/run=r/source=s/v.json'), 'm0')] };
    return (await handleEvaluateQueue(event, common)).batchItemFailures.length === 0;
  }
  const night =
    step === 'reconcile'
      ? handleReconcile(
          { startTime: `${DATE}T02:00:00Z` },
          { ...common, runsAtOnce: { night: 1, replay: 1 } },
        )
      : handleNight({ program: 'p', date: DATE }, common);
  return night.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ retryable: true });
      return false;
    },
  );
}

const all = async ({ lake, reports }: Stores): Promise<Map<string, string>> =>
  new Map([...(await contentsOf(lake)), ...(await contentsOf(reports))]);

describe.each(STEPS)('%s', (step) => {
  test('fault 28: stops at its deadline, wherever that is, says so, and ends as a quiet call when called again', async () => {
    const quiet = await stateBefore(step);
    expect(await perform(step, quiet)).toBe(true);
    const expected = await all(quiet);
    let stopped = 0;
    let late = 0;
    for (let deadlineAt = 0; ; deadlineAt += 1) {
      const stores = await stateBefore(step);
      const deadline = new AbortController();
      let calls = 0;
      const counted = eachStore(stores, (store) =>
        hooked(store, () => {
          if (deadline.signal.aborted) late += 1;
          calls += 1;
          if (calls > deadlineAt) deadline.abort();
        }),
      );
      const isDone = await perform(
        step,
        eachStore(counted, (store) => withDeadline(store, deadline.signal)),
      );
      if (!deadline.signal.aborted) break;
      if (!isDone) stopped += 1;
      if (!isDone && step === 'ingest') expect(await receiptOfPath(stores.lake, 'power.csv')).toBeUndefined();
      expect(await perform(step, stores)).toBe(true);
      expect(await all(stores)).toEqual(expected);
    }
    expect(late).toBe(0);
    expect(stopped).toBeGreaterThan(3);
  });

  test('fault 28: a call that dies at any of its calls to S3 is made up for by the next', async () => {
    const quiet = await stateBefore(step);
    await perform(step, quiet);
    const expected = await all(quiet);
    let died = 0;
    for (let diesAt = 1; ; diesAt += 1) {
      const stores = await stateBefore(step);
      let calls = 0;
      const dying = eachStore(stores, (store) =>
        hooked(store, () => {
          calls += 1;
          if (calls >= diesAt) throw unavailable();
        }),
      );
      const isDone = await perform(step, dying);
      if (calls < diesAt) break;
      expect(isDone).toBe(false);
      died += 1;
      expect(await perform(step, stores)).toBe(true);
      expect(await all(stores)).toEqual(expected);
    }
    expect(died).toBeGreaterThan(3);
  });
});

describe('a deployed function whose S3 never answers', () => {
  let s3: FakeS3;
  beforeEach(async () => {
    s3 = await new FakeS3().listen();
    s3.fault = () => true;
    const environment = {
      LANDING_BUCKET: 'landing',
      LAKE_BUCKET: 'lake',
      REPORTS_BUCKET: 'reports',
      INGEST_QUEUE_URL: 'http://127.0.0.1/queue',
      EVENT_BUS_NAME: 'default',
      ACCOUNT_ID: ACCOUNT,
      NIGHT_RUNS_AT_ONCE: '1',
      REPLAY_RUNS_AT_ONCE: '1',
      FUNCTIONS: JSON.stringify({ ingest: { functionName: 'f', memoryMb: 128 } }),
      AWS_ENDPOINT_URL: s3.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.resetModules();
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await s3.close();
  });

  /** Six hundredths of a second are left over what is kept back. */
  const context = { getRemainingTimeInMillis: () => 5_060 };
  const call = async (name: string, event: object): Promise<unknown> => {
    const { handler } = (await import(`../../functions/${name}/handler.ts`)) as {
      handler: (event: object, context: object) => Promise<unknown>;
    };
    return handler(event, context);
  };

  test.each([
    ['ingest', { Records: [recordOf(eventOf('landing', KEY), 'm0')] }],
    ['evaluate', { Records: [recordOf(eventOf('lake', 'receipts/program=p/run=r/source=s/v.json'), 'm0')] }],
  ])('fault 28: %s hands its record back in time', async (name, event) => {
    expect(await call(name, event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(s3.calls.length).toBeGreaterThan(0);
  });

  test.each([
    ['evaluate', { program: 'p', run: 'r' }],
    ['reconcile', { startTime: `${DATE}T02:00:00Z` }],
    ['decide', { program: 'p', date: DATE }],
    ['weekly', { startTime: `${DATE}T02:00:00Z` }],
  ])('fault 28: %s fails in time, with an error that is tried again', async (name, event) => {
    await expect(call(name, event)).rejects.toMatchObject({ retryable: true });
    expect(s3.calls.length).toBeGreaterThan(0);
  });
});

describe('a crash between the data and the receipt', () => {
  async function crashed(): Promise<{ stores: Stores; pipeline: Pipeline }> {
    const stores = memoryStores();
    const pipeline = await withRun(stores);
    await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
    const lake = hooked(stores.lake, (operation, key) => {
      if (operation === 'put' && key.startsWith('receipts/')) throw new Error('killed');
    });
    expect(await perform('ingest', { ...stores, lake })).toBe(false);
    return { stores, pipeline };
  }

  test('fault 29: readers see nothing of it, and the next try writes the same bytes', async () => {
    const { stores, pipeline } = await crashed();
    expect(await receiptOfPath(stores.lake, 'power.csv')).toBeUndefined();
    const orphans = await contentsOf(stores.lake, 'segments/');
    expect(orphans.size).toBe(1);
    await perform('evaluate', stores);
    expect(await latestJoules(stores)).not.toBe(1000 * 60);
    await pipeline.drain();
    expect(await latestJoules(stores)).toBe(1000 * 60);
    expect(await contentsOf(stores.lake, 'segments/')).toEqual(orphans);
    expect(await lostUploads(pipeline)).toEqual([]);
  });

  test('fault 29: what nobody comes back for is swept, the second time that it is seen', async () => {
    const { stores } = await crashed();
    await stores.landing.delete(KEY);
    const sweep = (day: number): Promise<unknown> =>
      weekly({ ...stores, functions: {}, use: null, log: QUIET }, Date.UTC(2026, 0, day));
    await sweep(10);
    expect(await keysOf(stores.lake, 'segments/')).toHaveLength(1);
    await sweep(17);
    expect(await keysOf(stores.lake, 'segments/')).toEqual([]);
  });
});

describe('a burst', () => {
  test('fault 32: 500 events and two at work at a time: all are read, none is a dead letter', async () => {
    const stores = memoryStores();
    const pipeline = await withRun(stores);
    for (let i = 0; i < 500; i += 1)
      await pipeline.stores.landing.put(`p/r/${i}.csv`, Buffer.from(powerCsv(1000 + i, 2)));
    const queue = pipeline.pending.map((body, i) => ({ id: `m${i}`, body, receives: 0 }));
    let atWork = 0;
    let most = 0;
    const slow = eachStore(stores, (store) => hooked(store, () => new Promise(setImmediate)));
    const worker = async (): Promise<void> => {
      for (;;) {
        const batch = queue.splice(0, 10);
        if (batch.length === 0) return;
        atWork += 1;
        most = Math.max(most, atWork);
        for (const message of batch) message.receives += 1;
        const response = await handleIngestQueue(
          { Records: batch.map(({ id, body }) => recordOf(body, id)) },
          { ...slow, accountId: ACCOUNT, requeue: async () => {}, log: QUIET, now: () => 0 },
        );
        expect(response.batchItemFailures).toEqual([]);
        expect(batch.every((m) => m.receives === 1)).toBe(true);
        atWork -= 1;
      }
    };
    await Promise.all([worker(), worker()]);
    pipeline.pending = [];
    expect(most).toBe(2);
    expect(await lostUploads(pipeline)).toEqual([]);
    expect((await receiptsOf(stores.lake)).filter((r) => r.status === 'accepted')).toHaveLength(501);
  });
});

describe('two calls in one process', () => {
  test('fault 39: interleaved at every call they come to what they come to one after the other', async () => {
    const work = async (powerW: number, isYielding: boolean): Promise<Stores> => {
      const stores = memoryStores();
      const pipeline = new Pipeline(
        isYielding ? eachStore(stores, (store) => hooked(store, () => new Promise(setImmediate))) : stores,
        QUIET,
      );
      await pipeline.stores.landing.put('p/r/run.json', Buffer.from(JSON.stringify(MANIFEST)));
      await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv(powerW)));
      await pipeline.stores.landing.put('p/r/bad.csv', Buffer.from(`time,watts\n${powerW}\n`));
      await pipeline.drain();
      await pipeline.night(`${DATE}T02:00:00Z`);
      return stores;
    };
    const powers = [1000, 2000, 3000];
    const alone: Map<string, string>[] = [];
    for (const powerW of powers) alone.push(await all(await work(powerW, false)));
    const together = await Promise.all(powers.map((powerW) => work(powerW, true)));
    expect(await Promise.all(together.map(all))).toEqual(alone);
    expect(new Set(alone.map((m) => JSON.stringify([...m]))).size).toBe(powers.length);
  });
});
