import { describe, expect, test } from 'vitest';
import { memoryStores, type Pipeline } from '../../cli/pipeline.ts';
import { ingest } from '../../functions/ingest/ingest.ts';
import { handleIngestQueue } from '../../functions/ingest/ingest-queue.ts';
import { sha256 } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { type ObjectInfo, PreconditionFailedError } from '../../functions/platform/object-store.ts';
import { eventBridgeMessage } from '../../functions/platform/s3-events.ts';
import { hooked } from './faulty-store.ts';
import {
  contentsOf,
  KEY,
  keysOf,
  latestJoules,
  lostUploads,
  powerCsv,
  receiptOfPath,
  receiptsOf,
  recordOf,
  START_MS,
  versionsOf,
  withRun,
} from './uploads.ts';

const ACCOUNT = '000000000000';
const created = (key: string, version: string | null, sequencer?: string): string => {
  const event = JSON.parse(eventBridgeMessage({ bucket: 'landing', key, version, account: ACCOUNT }));
  if (sequencer !== undefined) event.detail.object.sequencer = sequencer;
  return JSON.stringify(event);
};
const deletion = (key: string): string => created(key, null).replace('"Object Created"', '"Object Deleted"');
const put = (pipeline: Pipeline, body: string, key = KEY): Promise<ObjectInfo> =>
  pipeline.stores.landing.put(key, Buffer.from(body));

async function deliver(pipeline: Pipeline, ...bodies: string[]): Promise<void> {
  pipeline.pending = bodies;
  await pipeline.drain();
}

/** What the ingest function answers to records, and what it counts. */
async function answered({ stores }: Pipeline, bodies: string[], ids = bodies.map((_, i) => `m${i}`)) {
  const lines: string[] = [];
  const response = await handleIngestQueue(
    { Records: bodies.map((body, i) => recordOf(body, ids[i] as string)) },
    {
      ...stores,
      requeue: async () => {},
      accountId: ACCOUNT,
      log: jsonLog((line) => lines.push(line)),
      now: () => 0,
    },
  );
  const counts = lines.map((line) => JSON.parse(line)).find((line) => '_aws' in line);
  return { failed: response.batchItemFailures.map((f) => f.itemIdentifier), counts };
}

describe('an event that comes again', () => {
  test('fault 1: the same event twice is a duplicate, counted, and nothing is written again', async () => {
    const pipeline = await withRun();
    const { version } = await put(pipeline, powerCsv());
    await pipeline.drain();
    const before = [
      ...(await versionsOf(pipeline.stores.lake)),
      ...(await versionsOf(pipeline.stores.reports)),
    ];
    const { failed, counts } = await answered(pipeline, [created(KEY, version)]);
    await pipeline.drain();
    expect(failed).toEqual([]);
    expect(counts).toMatchObject({ FilesDuplicate: 1, FilesIngested: 0, Failures: 0 });
    expect([
      ...(await versionsOf(pipeline.stores.lake)),
      ...(await versionsOf(pipeline.stores.reports)),
    ]).toEqual(before);
  });

  test('fault 2: both past the check at once: one receipt, the loser succeeds, the bytes are those of one', async () => {
    const one = await withRun();
    const two = await withRun();
    for (const pipeline of [one, two]) await put(pipeline, powerCsv());
    await one.drain();
    const version = (await two.stores.landing.head(KEY))?.version as string;
    let open: () => void = () => {};
    const bothAsked = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked = 0;
    let lost = 0;
    const lake = hooked(two.stores.lake, async (operation, key) => {
      if (operation !== 'head' || !key.startsWith('receipts/')) return;
      asked += 1;
      if (asked === 2) open();
      await bothAsked;
    });
    const counting: typeof lake = {
      ...lake,
      put: (key, body, options) =>
        lake.put(key, body, options).catch((error: unknown) => {
          if (error instanceof PreconditionFailedError) lost += 1;
          throw error;
        }),
    };
    const dependencies = { landing: two.stores.landing, lake: counting, requeue: async () => {} };
    const outcomes = await Promise.all([
      ingest(dependencies, { key: KEY, version }),
      ingest(dependencies, { key: KEY, version }),
    ]);
    expect(outcomes.map((o) => o.kind).sort()).toEqual(['duplicate', 'ingested']);
    expect(lost).toBe(1);
    two.pending = [];
    await two.drain();
    expect(await contentsOf(two.stores.lake)).toEqual(await contentsOf(one.stores.lake));
  });
});

describe('events of several versions', () => {
  test('fault 3: the newer version first: the pointer stays on it, the older keeps a receipt of its own', async () => {
    const pipeline = await withRun();
    const older = await put(pipeline, powerCsv(1000));
    const newer = await put(pipeline, powerCsv(2000));
    await deliver(pipeline, created(KEY, newer.version));
    expect(await latestJoules(pipeline.stores)).toBe(2000 * 60);
    await deliver(pipeline, created(KEY, older.version));
    expect(await latestJoules(pipeline.stores)).toBe(2000 * 60);
    const versions = (await receiptsOf(pipeline.stores.lake)).filter((r) => r.path === 'power.csv');
    expect(versions.map((r) => r.source.version).sort()).toEqual([older.version, newer.version].sort());
  });

  test('fault 4: every order of two writes, a duplicate, a deletion and another write ends the same', async () => {
    const outcomes = new Set<string>();
    for (const order of permutations([0, 1, 2, 3, 4])) {
      const pipeline = await withRun();
      const v1 = await put(pipeline, powerCsv(1000));
      const v2 = await put(pipeline, powerCsv(2000));
      await pipeline.stores.landing.delete(KEY);
      const v3 = await put(pipeline, powerCsv(3000));
      const events = [v1, v2, v1].map(({ version }) => created(KEY, version));
      events.push(deletion(KEY), created(KEY, v3.version));
      for (const i of order) await deliver(pipeline, events[i] as string);
      expect(await latestJoules(pipeline.stores)).toBe(3000 * 60);
      expect(await lostUploads(pipeline)).toEqual([]);
      const all = [
        ...(await contentsOf(pipeline.stores.lake)),
        ...(await contentsOf(pipeline.stores.reports)),
      ];
      outcomes.add(sha256(JSON.stringify(all)));
    }
    expect(outcomes.size).toBe(1);
  });

  test.each([
    ['of different lengths', '0055AED6DCD90281E5', '0055AED6DCD90281E501'],
    ['of different lengths, the other way round', '0055AED6DCD90281E501', '0055AED6DCD90281E5'],
    ['that are missing', undefined, undefined],
    ['of which one is missing', '0055AED6DCD90281E5', undefined],
  ])('fault 5: sequencers %s decide nothing: versions do', async (_name, first, second) => {
    for (const isReversed of [false, true]) {
      const pipeline = await withRun();
      const older = await put(pipeline, powerCsv(1000));
      const newer = await put(pipeline, powerCsv(2000));
      const bodies = [created(KEY, older.version, first), created(KEY, newer.version, second)];
      await deliver(pipeline, ...(isReversed ? bodies.reverse() : bodies));
      expect(pipeline.deadLetters).toEqual([]);
      expect(await latestJoules(pipeline.stores)).toBe(2000 * 60);
    }
  });

  test('fault 6: a key that was overwritten before it was read gives the version that the event names', async () => {
    const pipeline = await withRun();
    const { version } = await put(pipeline, powerCsv(1000));
    await put(pipeline, powerCsv(2000));
    await deliver(pipeline, created(KEY, version));
    const [receipt] = (await receiptsOf(pipeline.stores.lake)).filter((r) => r.path === 'power.csv');
    expect(receipt).toMatchObject({ sha256: sha256(powerCsv(1000)), source: { version } });
    // The newer version is not in yet: nothing is concluded from the older one.
    expect(await latestJoules(pipeline.stores)).toBeNull();
  });

  test('fault 6: an event without a version means what lies there now, and the receipt says which', async () => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv(1000));
    const { version } = await put(pipeline, powerCsv(2000));
    await deliver(pipeline, created(KEY, null));
    expect(await receiptOfPath(pipeline.stores.lake, 'power.csv')).toMatchObject({
      sha256: sha256(powerCsv(2000)),
      source: { version },
    });
  });

  test('fault 34: a message from before a newer version changes nothing', async () => {
    const pipeline = await withRun();
    const older = await put(pipeline, powerCsv(1000));
    const stale = [...pipeline.pending];
    const { version } = await put(pipeline, powerCsv(2000));
    await deliver(pipeline, created(KEY, version));
    await deliver(pipeline, ...stale);
    expect(await latestJoules(pipeline.stores)).toBe(2000 * 60);
    expect((await receiptsOf(pipeline.stores.lake)).map((r) => r.source.version)).toContain(older.version);
  });

  test('fault 34: what the retention of a queue lost is found by the night', async () => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv());
    pipeline.pending = [];
    await pipeline.night(new Date(START_MS + 86_400_000).toISOString());
    expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
    expect(await lostUploads(pipeline)).toEqual([]);
  });
});

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries())
    for (const rest of permutations(items.filter((_, j) => j !== i))) yield [item, ...rest];
}

describe('keys', () => {
  /** As S3 notifications encode keys: like a form. */
  const encoded = (key: string): string =>
    encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  const notification = (key: string): string =>
    JSON.stringify({
      Records: [
        {
          eventSource: 'aws:s3',
          eventName: 'ObjectCreated:Put',
          s3: { bucket: { name: 'landing' }, object: { key } },
        },
      ],
    });
  const LONG = `p/r/${'x'.repeat(1016)}.csv`;

  test.each([
    'p/r/a b.csv',
    'p/r/a b+c.csv',
    'p/r/a%2Bb.csv',
    'p/r/100%.csv',
    'p/r/\u00e9.csv',
    'p/r/e\u0301.csv',
    'p/r/\u{1F50C}.csv',
    `p/r/it's "so".csv`,
    LONG,
  ])('fault 9: %j is read as it is by EventBridge and decoded once from a notification', async (key) => {
    for (const body of [created(key, null), notification(encoded(key))]) {
      const pipeline = await withRun();
      await put(pipeline, powerCsv(), key);
      await deliver(pipeline, body);
      expect(pipeline.deadLetters).toEqual([]);
      expect(await receiptOfPath(pipeline.stores.lake, key.slice('p/r/'.length))).toMatchObject({
        status: 'accepted',
        source: { key },
      });
    }
  });

  test('fault 9: two spellings of a letter are two files', async () => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv(), 'p/r/\u00e9.csv');
    await put(pipeline, powerCsv(), 'p/r/e\u0301.csv');
    await pipeline.drain();
    expect((await receiptsOf(pipeline.stores.lake)).map((r) => r.path)).toEqual(
      expect.arrayContaining(['\u00e9.csv', 'e\u0301.csv']),
    );
  });

  test.each(['/p/r/a.csv', 'p/r//a.csv', 'p/r/../../q/r/a.csv', 'p/r/a\nb.csv'])(
    'fault 9: %j could leave its run: it ends in the dead letters, the message beside it does not',
    async (key) => {
      const pipeline = await withRun();
      await put(pipeline, powerCsv());
      await deliver(pipeline, created(key, null), created(KEY, null));
      expect(pipeline.deadLetters).toEqual([created(key, null)]);
      expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
    },
  );

  test('fault 9: an encoding that is none ends in the dead letters after five tries', async () => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv());
    await deliver(pipeline, notification('p/r/%E0%A4%A.csv'), created(KEY, null));
    expect(pipeline.deadLetters).toEqual([notification('p/r/%E0%A4%A.csv')]);
    expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
  });

  test('fault 11: a folder marker is passed over, an empty file is refused with its reason', async () => {
    const pipeline = await withRun();
    await put(pipeline, '', 'p/r/folder/');
    await put(pipeline, '', 'p/r/empty.csv');
    const { failed, counts } = await answered(pipeline, [
      created('p/r/folder/', null),
      created('p/r/empty.csv', null),
    ]);
    expect(failed).toEqual([]);
    expect(counts).toMatchObject({ FilesIgnored: 1, FilesRefused: 1 });
    expect((await receiptOfPath(pipeline.stores.lake, 'empty.csv'))?.refusal?.code).toBe('empty-file');
    expect(await receiptOfPath(pipeline.stores.lake, 'folder/')).toBeUndefined();
  });

  test.each([
    ['another bucket', created(KEY, null).replace('"landing"', '"other"'), 'ForgedEvents'],
    ['another account', created(KEY, null).replace(ACCOUNT, '999999999999'), 'ForgedEvents'],
    [
      'another bucket, as queued again',
      JSON.stringify({ schema: 'wattline/requeue@1', bucket: 'other', key: KEY, version: 'v' }),
      'ForgedEvents',
    ],
    ['a place that is no run', created('secrets.txt', null), 'FilesIgnored'],
  ] as const)(
    'fault 41: a forged event of %s is counted, and no store is asked',
    async (_name, body, metric) => {
      const pipeline = await withRun();
      let calls = 0;
      const counting = (store: Pipeline['stores']['lake']) =>
        hooked(store, () => {
          calls += 1;
        });
      const { landing, lake, reports } = pipeline.stores;
      const stores = { landing: counting(landing), lake: counting(lake), reports };
      const { failed, counts } = await answered({ stores } as Pipeline, [body]);
      expect(failed).toEqual([]);
      expect(counts[metric]).toBe(1);
      expect(calls).toBe(0);
    },
  );
});

describe('messages that name nothing to read', () => {
  const eventOf = (type: string): string => created(KEY, null).replace('Object Created', type);
  test.each([
    ['fault 10: a test event', '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"landing"}'],
    ['fault 12: a deletion', deletion(KEY)],
    ['fault 12: a tagging', eventOf('Object Tags Added')],
    ['fault 12: a restore', eventOf('Object Restore Completed')],
    ['fault 12: a type that nobody knew', eventOf('Object Dreamed Of')],
    [
      'fault 12: a notification of a deletion',
      JSON.stringify({
        Records: [
          {
            eventSource: 'aws:s3',
            eventName: 'ObjectRemoved:Delete',
            s3: { bucket: { name: 'landing' }, object: { key: KEY } },
          },
        ],
      }),
    ],
  ])('%s is acknowledged and counted', async (_name, body) => {
    const { failed, counts } = await answered(await withRun(), [body]);
    expect(failed).toEqual([]);
    expect(counts).toMatchObject({ FilesIgnored: 1, Failures: 0 });
  });
});

describe('a batch', () => {
  const sns = JSON.stringify({ Type: 'Notification', Message: created(KEY, null) });
  test.each([
    ['no JSON', 'hello'],
    ['JSON of another shape', '{"hello":1}'],
    ['wrapped by SNS', sns],
    ['null', 'null'],
  ])('fault 13: a body that is %s comes back alone, and ends in the dead letters', async (_name, body) => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv());
    const { failed, counts } = await answered(pipeline, [body, created(KEY, null)]);
    expect(failed).toEqual(['m0']);
    expect(counts).toMatchObject({ FilesIngested: 1, Failures: 1 });
    await deliver(pipeline, body);
    expect(pipeline.deadLetters).toEqual([body]);
  });

  test('fault 14: of ten records with a bad one among them that one comes back, and nine outputs are there', async () => {
    const pipeline = await withRun();
    const bodies: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      const key = `p/r/power-${i}.csv`;
      await put(pipeline, powerCsv(1000 + i), key);
      bodies.push(created(key, null));
    }
    bodies.splice(4, 0, 'bad');
    const { failed } = await answered(pipeline, bodies);
    expect(failed).toEqual(['m4']);
    expect((await receiptsOf(pipeline.stores.lake)).filter((r) => r.path.startsWith('power-'))).toHaveLength(
      9,
    );
    expect((await keysOf(pipeline.stores.lake, 'segments/')).length).toBe(9);
  });

  test('fault 15: an empty batch fails nothing', async () => {
    expect((await answered(await withRun(), [])).failed).toEqual([]);
  });

  test.each([undefined, ''])('fault 15: a record with the id %j never comes back by that id', async (id) => {
    const pipeline = await withRun();
    await put(pipeline, powerCsv());
    expect((await answered(pipeline, [created(KEY, null)], [id as string])).failed).toEqual([]);
    const later = await put(pipeline, powerCsv(2000));
    const ids = [id as string, 'm1'];
    await expect(answered(pipeline, ['bad', created(KEY, later.version)], ids)).rejects.toMatchObject({
      code: 'message-id',
      retryable: true,
    });
    // The others were worked off all the same: trying the batch again finds them done.
    expect((await receiptsOf(pipeline.stores.lake)).some((r) => r.source.version === later.version)).toBe(
      true,
    );
  });

  test('fault 33: dead letters that are delivered again after a fix are read once, and are gone', async () => {
    let isDown = true;
    const stores = memoryStores();
    const lake = hooked(stores.lake, (operation) => {
      if (isDown && operation === 'put') throw new Error('disk on fire');
    });
    isDown = false;
    const pipeline = await withRun({ ...stores, lake });
    isDown = true;
    await put(pipeline, powerCsv());
    await pipeline.drain();
    expect(pipeline.deadLetters).toHaveLength(1);
    expect(await lostUploads(pipeline)).toEqual([]);
    isDown = false;
    await deliver(pipeline, ...pipeline.deadLetters.splice(0), ...pipeline.pending);
    expect(pipeline.deadLetters).toEqual([]);
    expect(await latestJoules(pipeline.stores)).toBe(1000 * 60);
    const quiet = await withRun();
    await put(quiet, powerCsv());
    await quiet.drain();
    expect(await contentsOf(stores.lake)).toEqual(await contentsOf(quiet.stores.lake));
  });
});
