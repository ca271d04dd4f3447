import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { InputError, TransientError } from '../../functions/core/errors.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { handleEvaluateQueue } from '../../functions/evaluate/evaluate-queue.ts';
import { handleIngestQueue } from '../../functions/ingest/ingest-queue.ts';
import { handleEvent } from '../../functions/platform/direct-events.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { parseObjectEvents } from '../../functions/platform/s3-events.ts';
import { failStep } from '../../functions/platform/step-errors.ts';

const silent = jsonLog(() => {});
const ACCOUNT = '111122223333';

/** What S3 sends by itself; keys are encoded as in a form. */
const notification = (bucket: string, key: string): object => ({
  Records: [
    {
      eventVersion: '2.6',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-01-01T00:00:00.000Z',
      s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll('%2F', '/') } },
    },
  ],
});
const eventBridge = (bucket: string, key: string, account = ACCOUNT): object => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  account,
  detail: { bucket: { name: bucket }, object: { key } },
});
const queued = (...bodies: object[]): SQSEvent =>
  ({
    Records: bodies.map((body, i) => ({
      messageId: `m${i}`,
      eventSource: 'aws:sqs',
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1' },
    })),
  }) as SQSEvent;

const KEY = 'p/r/run é+1.json';

describe('one normaliser hears of an object', () => {
  test.each([
    ['from EventBridge by a queue', queued(eventBridge('landing', KEY))],
    ['from S3 by a queue', queued(notification('landing', KEY))],
    ['from S3 without a queue', notification('landing', KEY)],
    ['from EventBridge without a queue', eventBridge('landing', KEY)],
  ])('%s', async (_name, event) => {
    const keys: string[] = [];
    await handleEvent(event, async (batch) => {
      for (const { body } of batch.Records) keys.push(...parseObjectEvents(body).map((o) => o.key));
      return { batchItemFailures: [] };
    });
    expect(keys).toEqual([KEY]);
  });

  test('and ingests it the same whichever way it came', async () => {
    const receipts = async (event: object): Promise<string[]> => {
      const { stores } = new Pipeline(memoryStores(), silent);
      await stores.landing.put('p/r/run.json', Buffer.from('{}'));
      await handleEvent(event, (batch) =>
        handleIngestQueue(batch, {
          ...stores,
          requeue: async () => {},
          accountId: ACCOUNT,
          log: silent,
          now: () => 0,
        }),
      );
      const keys: string[] = [];
      for await (const { key } of stores.lake.list('receipts/')) keys.push(key);
      return keys;
    };
    const [key = 'none', ...others] = await receipts(queued(eventBridge('landing', 'p/r/run.json')));
    expect(others).toEqual([]);
    expect(key).toMatch(/^receipts\/program=p\/run=r\//);
    expect(await receipts(notification('landing', 'p/r/run.json'))).toEqual([key]);
    expect(await receipts(eventBridge('landing', 'p/r/run.json'))).toEqual([key]);
    expect(await receipts(eventBridge('landing', 'p/r/run.json', '999999999999'))).toEqual([]);
    expect(await receipts(notification('another', 'p/r/run.json'))).toEqual([]);
  });
});

describe('a failure', () => {
  const failing = async (batch: SQSEvent): Promise<SQSBatchResponse> => ({
    batchItemFailures: batch.Records.slice(0, 1).map((r) => ({ itemIdentifier: r.messageId })),
  });
  test('of a queue is an answer that names the message', async () => {
    expect(await handleEvent(queued({}, {}), failing)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });
  test('without a queue is an error, by which Lambda tries again', async () => {
    await expect(handleEvent(notification('b', 'k'), failing)).rejects.toMatchObject({
      code: 'direct-event',
      retryable: true,
    });
  });
  test('of a batch without records is none', async () => {
    expect(await handleEvent({ Records: [] }, failing)).toEqual({ batchItemFailures: [] });
  });
});

describe('a burst of receipts', () => {
  const manifest: RunManifest = {
    schema: 'wattline/run@1',
    program: 'p',
    run: 'r',
    role: 'candidate',
    sku: 'own-chip',
    workload: { name: 'w' },
    workUnit: 'sample',
    work: 100,
    system: { name: 's', nodes: 1, chipsPerNode: 8 },
    start: '2026-01-01T00:00:00.000Z',
    stop: '2026-01-01T00:10:00.000Z',
    status: 'success',
    files: [{ pattern: '**', boundary: 'node-dc' }],
  };
  const receipt = (run: string, i: number): object =>
    eventBridge('lake', `receipts/program=p/run=${run}/source=${i}/1.json`);

  test('evaluates each run once a batch', async () => {
    const { stores } = new Pipeline(memoryStores(), silent);
    for (const run of ['r', 's'])
      await stores.landing.put(`p/${run}/run.json`, prettyJson({ ...manifest, run }));
    const reads: string[] = [];
    const landing = new Proxy(stores.landing, {
      get: (target, name) =>
        name === 'get'
          ? (key: string, options?: object) => {
              reads.push(key);
              return target.get(key, options);
            }
          : Reflect.get(target, name),
    });
    const batch = queued(...Array.from({ length: 40 }, (_, i) => receipt(i % 3 === 0 ? 's' : 'r', i)));
    const dependencies = { ...stores, landing, accountId: ACCOUNT, log: silent, now: () => 0 };
    expect(await handleEvaluateQueue(batch, dependencies)).toEqual({ batchItemFailures: [] });
    expect(reads.sort()).toEqual(['p/r/run.json', 'p/s/run.json']);
  });

  test('brings all messages of a run back that failed, after one try', async () => {
    const { stores } = new Pipeline(memoryStores(), silent);
    let tries = 0;
    const landing = new Proxy(stores.landing, {
      get: (target, name) =>
        name === 'get'
          ? async (key: string) => {
              if (key === 'p/r/run.json') tries += 1;
              throw new TransientError('s3', 'down');
            }
          : Reflect.get(target, name),
    });
    const dependencies = { ...stores, landing, accountId: ACCOUNT, log: silent, now: () => 0 };
    const response = await handleEvaluateQueue(queued(receipt('r', 0), receipt('r', 1)), dependencies);
    expect(response.batchItemFailures.map((f) => f.itemIdentifier)).toEqual(['m0', 'm1']);
    expect(tries).toBe(1);
  });
});

test('steps are retried by what an error says of itself, whatever a bundle makes of its name', () => {
  const nameOf = (error: Error): string => {
    try {
      return failStep(error);
    } catch (thrown) {
      return (thrown as Error).name;
    }
  };
  expect(nameOf(new TransientError('s3', 'down'))).toBe('Wattline.Transient');
  expect(nameOf(new InputError('run', 'wrong'))).toBe('Wattline.Permanent');
  expect(nameOf(new RangeError('other'))).toBe('RangeError');
});
