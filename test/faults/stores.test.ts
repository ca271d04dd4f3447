import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ingest } from '../../functions/ingest/ingest.ts';
import { handleIngestQueue } from '../../functions/ingest/ingest-queue.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { withDeadline } from '../../functions/platform/deadline.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { PreconditionFailedError } from '../../functions/platform/object-store.ts';
import { eventBridgeMessage } from '../../functions/platform/s3-events.ts';
import type { S3Store, S3StoreOptions } from '../../functions/platform/s3-store.ts';
import { PART_BYTES } from '../../functions/platform/s3-upload.ts';
import { FakeS3, type Fault, headOf } from './fake-s3.ts';
import {
  contentsOf,
  KEY,
  keysOf,
  latestJoules,
  lostUploads,
  powerCsv,
  QUIET,
  receiptOfPath,
  recordOf,
  withRun,
} from './uploads.ts';

let s3: FakeS3;
beforeEach(async () => {
  s3 = await new FakeS3().listen();
});
afterEach(() => s3.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = async (store: S3Store, key: string): Promise<string> =>
  Buffer.from(await collect((await store.get(key)).body)).toString();

/** Landing and lake on the server, a run.json read, and the telemetry uploaded but not yet read. */
async function uploaded(options: S3StoreOptions = {}) {
  const landing = await s3.store('landing', options);
  const lake = await s3.store('lake', options);
  const stores = { landing, lake, reports: s3.bucket('reports') };
  const pipeline = await withRun(stores);
  const { version } = await s3.bucket('landing').put(KEY, bytes(powerCsv()));
  const read = () => ingest({ landing, lake, requeue: async () => {} }, { key: KEY, version });
  const body = eventBridgeMessage({ bucket: 'landing', key: KEY, version, account: '0' });
  const handled = (deadline = new AbortController().signal) =>
    handleIngestQueue(
      { Records: [recordOf(body, 'm0')] },
      {
        landing: withDeadline(landing, deadline),
        lake: withDeadline(lake, deadline),
        requeue: async () => {},
        accountId: '0',
        log: QUIET,
        now: () => 0,
      },
    );
  return { landing, lake, stores, pipeline, version, read, handled };
}

/** Of calls that `isMeant` picks, the first ones fail by `faults` in turn; later ones go as usual. */
function failing(isMeant: (method: string, key: string) => boolean, ...faults: Fault[]): void {
  let left = faults;
  s3.fault = (call, answer) => {
    if (!isMeant(call.method, call.key)) return false;
    const [fault, ...rest] = left;
    left = rest;
    return fault ? fault(call, answer) : false;
  };
}
const SLOW_DOWN: Fault = (_call, { refuse }) => refuse(503, 'SlowDown');
const isTelemetry = (method: string, key: string): boolean => method === 'GET' && key === KEY;
const isReceipt = (method: string, key: string): boolean => method === 'PUT' && key.startsWith('receipts/');

describe('what is read', () => {
  test('fault 7: a key that is overwritten while it is read gives the bytes of the version that was asked for', async () => {
    const { pipeline, lake, version, read } = await uploaded();
    failing(isTelemetry, async (call) => {
      expect(call.query.get('versionId')).toBe(version);
      await s3.bucket('landing').put(KEY, bytes(powerCsv(9999)));
      return false;
    });
    expect((await read()).kind).toBe('ingested');
    const sha256 = createHash('sha256').update(powerCsv()).digest('hex');
    expect(await receiptOfPath(lake, 'power.csv')).toMatchObject({ sha256, source: { version } });
    expect(await lostUploads(pipeline)).toEqual([KEY]);
  });

  test('fault 7: bytes that are not those of their checksum are asked for again, not believed', async () => {
    const { lake, read } = await uploaded();
    failing(isTelemetry, (_call, { response }) => {
      const body = powerCsv(9999);
      response.writeHead(200, {
        'content-length': Buffer.byteLength(body),
        'x-amz-version-id': 'v',
        'x-amz-checksum-crc32': 'AAAAAA==',
      });
      response.end(body);
      return true;
    });
    await expect(read()).rejects.toMatchObject({ code: 's3', retryable: true });
    expect(await receiptOfPath(lake, 'power.csv')).toBeUndefined();
    expect((await read()).kind).toBe('ingested');
  });

  test.each([
    [404, 'NoSuchKey'],
    [404, 'NoSuchVersion'],
    [405, 'MethodNotAllowed'],
  ])('fault 8: %d %s is an upload that is gone: acknowledged', async (status, code) => {
    const { read, lake } = await uploaded();
    failing(isTelemetry, (_call, { refuse }) => refuse(status, code));
    expect((await read()).kind).toBe('gone');
    expect(await keysOf(lake, 'quarantine/')).toEqual([]);
  });

  test.each([
    ['fault 8', 403, 'AccessDenied'],
    ['fault 43', 403, 'AccessDenied'],
    ['fault 43', 400, 'KMS.DisabledException'],
    ['fault 43', 403, 'KMS.AccessDeniedException'],
  ])(
    '%s: %d %s is no upload that is gone and no bad file: the record fails',
    async (_fault, status, code) => {
      const { handled, lake } = await uploaded();
      failing(
        isTelemetry,
        ...Array(20).fill((_call: unknown, { refuse }: never) => (refuse as CallableFunction)(status, code)),
      );
      expect((await handled()).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
      expect(await receiptOfPath(lake, 'power.csv')).toBeUndefined();
      expect(await keysOf(lake, 'quarantine/')).toEqual([]);
      s3.fault = () => false;
      expect((await handled()).batchItemFailures).toEqual([]);
      expect((await receiptOfPath(lake, 'power.csv'))?.status).toBe('accepted');
    },
  );

  test.each(['lake', 'landing'])('fault 43: so is a %s that may not be written or listed', async (bucket) => {
    const { landing, lake } = await uploaded();
    s3.fault = (_call, { refuse }) => refuse(403, 'AccessDenied');
    const store = bucket === 'lake' ? lake : landing;
    const denied = { code: 's3', retryable: true, message: expect.stringContaining('AccessDenied') };
    await expect(store.put('k', bytes('x'))).rejects.toMatchObject(denied);
    await expect(keysOf(store)).rejects.toMatchObject(denied);
    await expect(store.delete('k')).rejects.toMatchObject(denied);
    await expect(store.head('k')).rejects.toMatchObject({ code: 's3', retryable: true });
  });
});

describe('a store that slows down', () => {
  test('fault 23: two 503 and then an answer: the third try is read', async () => {
    const { read } = await uploaded();
    failing(isTelemetry, SLOW_DOWN, SLOW_DOWN);
    s3.calls.length = 0;
    expect((await read()).kind).toBe('ingested');
    const tries = s3.calls.filter((c) => isTelemetry(c.method, c.key));
    expect(tries.map((c) => c.headers['amz-sdk-request'])).toEqual([
      'attempt=1; max=3',
      'attempt=2; max=3',
      'attempt=3; max=3',
    ]);
  });

  test('fault 24: 503 for the whole window: the record fails and comes again, nothing is quarantined', async () => {
    const { handled, lake, pipeline } = await uploaded();
    s3.fault = SLOW_DOWN;
    expect((await handled()).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    s3.fault = () => false;
    expect(await keysOf(lake, 'quarantine/')).toEqual([]);
    expect((await handled()).batchItemFailures).toEqual([]);
    expect(await lostUploads(pipeline)).toEqual([]);
  });

  test('fault 27: a conflict of writers is tried again, with a growing wait, for a bounded time', async () => {
    const waits: number[] = [];
    const store = await s3.store('lake', { wait: async (ms) => void waits.push(ms), random: () => 0.5 });
    const conflict: Fault = (_call, { refuse }) => refuse(409, 'ConditionalRequestConflict');
    failing((method) => method === 'PUT', conflict, conflict);
    await store.put('k', bytes('x'), { ifNoneMatch: '*' });
    expect(await textOf(store, 'k')).toBe('x');
    expect(waits).toEqual([50, 100]);
    s3.fault = conflict;
    s3.calls.length = 0;
    await expect(store.put('k', bytes('y'))).rejects.toMatchObject({ code: 's3', retryable: true });
    expect(s3.calls).toHaveLength(6);
  });
});

describe('a body', () => {
  const half = Buffer.from(powerCsv()).subarray(0, 700);
  const begin: Fault = (_call, { response }) => {
    response.writeHead(200, {
      'content-length': Buffer.byteLength(powerCsv()),
      ...headOf({ etag: 'e', version: 'v' }),
    });
    response.write(half);
    return true;
  };
  const checksummed: Fault = (_call, { response }) => {
    response.writeHead(200, {
      'content-length': Buffer.byteLength(powerCsv()),
      'x-amz-checksum-crc32': 'AAAAAA==',
      ...headOf({ etag: 'e', version: 'v' }),
    });
    response.write(half);
    return true;
  };
  const silent: Fault = () => true;
  const reset: Fault = async (call, answer) => {
    await begin(call, answer);
    setImmediate(() => answer.response.destroy());
    return true;
  };

  test.each([
    ['stops coming', begin, 40],
    ['with a checksum stops coming', checksummed, 40],
    ['never comes', silent, 40],
  ])(
    'fault 25: that %s ends at the stall limit, and the file is read the next time',
    async (_name, fault, stallLimitMs) => {
      const { handled, lake } = await uploaded({ stallLimitMs });
      failing(isTelemetry, fault, fault, fault);
      expect((await handled()).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
      expect(await receiptOfPath(lake, 'power.csv')).toBeUndefined();
      s3.fault = () => false;
      expect((await handled()).batchItemFailures).toEqual([]);
      expect((await receiptOfPath(lake, 'power.csv'))?.rows).toBe(81);
    },
  );

  test.each([
    ['stops coming', begin],
    ['with a checksum stops coming', checksummed],
    ['never comes', silent],
  ])('fault 25: that %s ends at the deadline of the call', async (_name, fault) => {
    const { handled, lake } = await uploaded();
    const deadline = new AbortController();
    failing(isTelemetry, (call, answer) => {
      setImmediate(() => deadline.abort());
      return fault(call, answer);
    });
    expect((await handled(deadline.signal)).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    s3.fault = () => false;
    expect(await keysOf(lake, 'quarantine/')).toEqual([]);
    expect((await handled()).batchItemFailures).toEqual([]);
  });

  test('fault 25: that is reset half way is no file that was cut: it is read again', async () => {
    const { read, lake } = await uploaded();
    failing(isTelemetry, reset);
    await expect(read()).rejects.toMatchObject({ retryable: true });
    expect(await receiptOfPath(lake, 'power.csv')).toBeUndefined();
    expect((await read()).receipt?.status).toBe('accepted');
  });

  test('fault 18: of a gzip that comes short is no gzip that was cut: nothing is published, and it is read again', async () => {
    const { landing, lake } = await uploaded();
    const packed = gzipSync(powerCsv(1000, 5_000));
    const { version } = await s3.bucket('landing').put(`${KEY}.gz`, packed);
    const read = () => ingest({ landing, lake, requeue: async () => {} }, { key: `${KEY}.gz`, version });
    failing(
      (method, key) => method === 'GET' && key === `${KEY}.gz`,
      (_call, { response }) => {
        response.writeHead(200, { 'content-length': packed.length, ...headOf({ etag: 'e', version }) });
        response.write(packed.subarray(0, packed.length - 100), () => response.destroy());
        return true;
      },
    );
    await expect(read()).rejects.toMatchObject({ retryable: true });
    expect(await keysOf(lake, 'segments/')).toEqual([]);
    expect(await receiptOfPath(lake, 'power.csv.gz')).toBeUndefined();
    expect((await read()).receipt).toMatchObject({ status: 'accepted', rows: 5_001 });
  });

  test('fault 25: that comes slowly, but comes, is not given up', async () => {
    const store = await s3.store('landing', { stallLimitMs: 200 });
    failing(
      (method) => method === 'GET',
      (_call, { response }) => {
        const pieces = ['a', 'b', 'c', 'd'];
        response.writeHead(200, { 'content-length': pieces.length });
        const next = (): void => {
          const piece = pieces.shift();
          if (piece === undefined) return void response.end();
          response.write(piece, () => setTimeout(next, 5));
        };
        next();
        return true;
      },
    );
    expect(await textOf(store, 'k')).toBe('abcd');
  });
});

describe('a write whose answer is lost', () => {
  test('fault 26: the receipt was written: the second try is told 412, which is success', async () => {
    const { read, lake } = await uploaded();
    failing(isReceipt, (_call, { loseAnswer }) => loseAnswer());
    s3.calls.length = 0;
    const { kind, receipt } = await read();
    expect(kind).toBe('duplicate');
    expect(s3.calls.filter((c) => isReceipt(c.method, c.key))).toHaveLength(2);
    // What stands there is what this call had to say, to the byte.
    expect(await receiptOfPath(lake, 'power.csv')).toEqual(receipt);
  });

  test('fault 26: the pointer was moved: the second try is told 412, looks again, and finds itself', async () => {
    const { read, stores, pipeline, lake } = await uploaded();
    await read();
    const before = await keysOf(lake, 'evaluations/');
    failing(
      (method, key) => method === 'PUT' && key.endsWith('/latest.json'),
      (_call, { loseAnswer }) => loseAnswer(),
    );
    await pipeline.night('2026-01-02T00:00:00Z');
    expect(await latestJoules(stores)).toBe(1000 * 60);
    expect((await readLatest(lake, 'evaluations/program=p/run=r/'))?.key).toMatch(/[0-9a-f]{32}\.json$/);
    expect(await keysOf(lake, 'evaluations/')).toHaveLength(before.length + 1);
  });

  test('fault 26: a condition that never held is still refused', async () => {
    const store = await s3.store('lake');
    await store.put('k', bytes('x'));
    await expect(store.put('k', bytes('y'), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
      PreconditionFailedError,
    );
  });
});

describe('an upload in parts', () => {
  test('fault 28: that is given up at the deadline leaves no parts behind', async () => {
    const store = await s3.store('lake');
    const deadline = new AbortController();
    const upload = store.upload('segments/x', { signal: deadline.signal });
    await upload.write(new Uint8Array(PART_BYTES));
    expect(s3.open.size).toBe(1);
    deadline.abort();
    await expect(upload.write(new Uint8Array(PART_BYTES))).rejects.toMatchObject({ retryable: true });
    await upload.abort();
    expect(s3.open.size).toBe(0);
    expect(await keysOf(store)).toEqual([]);
  });

  test('fault 31: an ETag of parts is no MD5, and is taken for none', async () => {
    const { lake, read } = await uploaded();
    failing(isTelemetry, (_call, { response }) => {
      const body = powerCsv();
      response.writeHead(200, {
        'content-length': Buffer.byteLength(body),
        ...headOf({ etag: '"d41d8cd98f00b204e9800998ecf8427e-3"', version: 'v' }),
      });
      response.end(body);
      return true;
    });
    expect((await read()).receipt).toMatchObject({
      status: 'accepted',
      sha256: createHash('sha256').update(powerCsv()).digest('hex'),
    });
    expect([...(await contentsOf(lake, 'receipts/')).values()].join()).not.toContain('d41d8cd9');
  });
});

test('fault 8: every call names the account that the bucket must belong to', async () => {
  const store = await s3.store('lake', { expectedBucketOwner: '123456789012' });
  await store.put('k', bytes('x'));
  await textOf(store, 'k');
  await keysOf(store);
  const upload = store.upload('u');
  await upload.write(new Uint8Array(PART_BYTES));
  await upload.finish();
  await store.delete('k');
  expect(s3.calls.length).toBeGreaterThan(6);
  for (const { headers } of s3.calls) expect(headers['x-amz-expected-bucket-owner']).toBe('123456789012');
});
