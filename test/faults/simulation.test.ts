import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { evaluate } from '../../functions/evaluate/evaluate.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { Access } from './simulation/access.ts';
import { Bucket } from './simulation/bucket.ts';
import { MUTATIONS } from './simulation/mutation.ts';
import { BEFORE_THE_FIRST_NIGHT, PROGRAM, RUNS, UPLOADS } from './simulation/pilot.ts';
import { makeReference } from './simulation/reference.ts';
import { REGRESSIONS } from './simulation/regressions.ts';
import { runSchedule } from './simulation/schedule.ts';
import { shrink } from './simulation/shrink.ts';

/** A few of many: `npm run simulate:faults` runs thousands. */
const WHOLE = 20;
const PARTS = 180;
const FIRST_SEED = 1_000_000;
/** Schedules are many seconds of work on a busy machine. */
const LONG_MS = 240_000;
const reference = makeReference();

/** Runs schedules, which must keep every promise; how often they departed from quiet. */
async function departuresOf(
  count: number,
  first: number,
  uploadsOf: (seed: number) => readonly number[] | undefined,
): Promise<number> {
  let departures = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const uploads = uploadsOf(seed);
    const plan = { seed, ...(uploads ? { uploads } : {}) };
    const outcome = await runSchedule(plan, reference);
    expect(outcome.failures, `npm run simulate:faults -- --replay '${JSON.stringify(plan)}'`).toEqual([]);
    departures += outcome.departures.length;
  }
  return departures;
}

describe('the deployed system in a world of faults', () => {
  test('the quiet run has results, quarantine and every page', async () => {
    const { final, digests } = await reference.quietOf(UPLOADS);
    const count = (part: string): number => [...final.keys()].filter((key) => key.startsWith(part)).length;
    expect([...digests.keys()]).toEqual(['b1', 'b2', 'c1', 'c2']);
    expect(count('lake/receipts/')).toBe(13);
    expect(count('lake/quarantine/')).toBe(2);
    expect(count('lake/segments/')).toBe(4);
    expect(count('reports/runs/')).toBe(16);
    expect(count('reports/programs/')).toBe(6);
    expect([...final.values()]).not.toContain('missing');
  });

  test('a schedule without a fault departs nowhere', async () => {
    const { failures, departures } = await runSchedule({ seed: 1, only: [] }, reference);
    expect({ failures, departures }).toEqual({ failures: [], departures: [] });
  });

  test(
    `${WHOLE} schedules leave what a quiet run leaves`,
    async () => {
      expect(await departuresOf(WHOLE, FIRST_SEED, () => undefined)).toBeGreaterThan(WHOLE * 20);
    },
    LONG_MS,
  );

  test(
    `${PARTS} schedules of one run and the first leave what a quiet run leaves`,
    async () => {
      const of = RUNS.map((run) =>
        [...UPLOADS.entries()].flatMap(([i, { key }]) =>
          i < BEFORE_THE_FIRST_NIGHT || key.startsWith(`${PROGRAM}/${run}/`) ? [i] : [],
        ),
      );
      const departures = await departuresOf(PARTS, 2 * FIRST_SEED, (seed) => of[seed % of.length]);
      expect(departures).toBeGreaterThan(PARTS * 5);
    },
    LONG_MS,
  );

  test('a seed is a schedule: the same calls and faults in the same order, at the same times', async () => {
    const [once, again] = [
      await runSchedule({ seed: 7 }, reference, null, true),
      await runSchedule({ seed: 7 }, makeReference(), null, true),
    ];
    expect(once.trace.length).toBeGreaterThan(300);
    expect(again.trace).toEqual(once.trace);
  });

  test(
    'everything that may happen does, in a few schedules',
    async () => {
      const happened: string[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + 12; seed += 1) {
        const { trace, departures, failures } = await runSchedule({ seed }, reference, null, true);
        expect(failures).toEqual([]);
        happened.push(...trace, ...departures.map((d) => d.what));
      }
      const all = happened.join('\n');
      for (const what of [
        /\[unavailable\]/,
        /\[answer-lost\]/,
        /\[sent-twice\]/,
        /\[conflict\]/,
        /\[slow\]/,
        /\[cut\]/,
        /\[stalled\]/,
        /crashed before/,
        /crashed after/,
        /put part of lake\/segments/,
        /complete lake\/segments.* \[/,
        /may not read/,
        /may not write/,
        /is invoked [23] times at once/,
        /has the next one beside it/,
        /get landing\/p\/c1\/power-old\.csv$/m,
        /is lost/,
        /comes twice/,
      ])
        expect(all).toMatch(what);
    },
    LONG_MS,
  );

  test.each(REGRESSIONS)('$name', async ({ plan }) => {
    expect((await runSchedule(plan, reference)).failures).toEqual([]);
  });
});

describe('a bucket of the world', () => {
  const text = (version: { bytes: Uint8Array } | undefined): string | null =>
    version ? Buffer.from(version.bytes).toString('utf8') : null;

  test('a deleted object is not there, and its versions are; an expired one has none', () => {
    const bucket = new Bucket('landing');
    const first = bucket.put('a', Buffer.from('1'));
    bucket.put('b', Buffer.from('2'));
    bucket.delete('a');
    expect([text(bucket.find('a')), text(bucket.find('a', first?.version))]).toEqual([null, '1']);
    expect(bucket.list('').map(({ key }) => key)).toEqual(['b']);
    expect(bucket.put('a', Buffer.from('3'), { ifMatch: first?.etag })).toBeNull();
    expect(bucket.put('a', Buffer.from('3'), { ifNoneMatch: '*' })).not.toBeNull();
    expect([text(bucket.find('a')), bucket.history('a').length]).toEqual(['3', 2]);
    bucket.expire('a');
    expect([bucket.find('a'), bucket.find('a', first?.version), bucket.history('a')]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });

  test('an upload in parts is there once it is completed, and can be completed once', () => {
    const bucket = new Bucket('lake');
    const reasons: string[] = [];
    bucket.onPut = (_version, reason) => reasons.push(reason);
    const id = bucket.begin('a');
    expect(bucket.putPart(id, 2, Buffer.from('b')) && bucket.putPart(id, 1, Buffer.from('a'))).toBe(true);
    expect(bucket.find('a')).toBeUndefined();
    expect(text(bucket.complete(id) ?? undefined)).toBe('ab');
    expect([bucket.complete(id), bucket.putPart(id, 3, Buffer.from('c'))]).toEqual([null, false]);
    expect(reasons).toEqual(['CompleteMultipartUpload']);
  });
});

test('a right that is taken away is back when its time is over', () => {
  let nowMs = 0;
  const access = new Access(() => nowMs);
  access.deny({ bucket: 'lake', right: 'write', fromMs: 10, toMs: 20 });
  const at = (ms: number, bucket: string, right: 'read' | 'write'): boolean => {
    nowMs = ms;
    return access.isDenied(bucket, right);
  };
  expect([9, 10, 19, 20].map((ms) => at(ms, 'lake', 'write'))).toEqual([false, true, true, false]);
  expect([at(15, 'lake', 'read'), at(15, 'reports', 'write')]).toEqual([false, false]);
});

describe('what the simulation sees', () => {
  const mutation = MUTATIONS.find(({ id }) => id === 'receipt-overwritten') ?? null;

  test(
    'a rule that is broken, which shrinks to a schedule that still breaks it',
    async () => {
      const seed = 1;
      const { failures, departures } = await runSchedule({ seed }, reference, mutation);
      expect(failures.join()).toContain('a receipt was written');
      const shrunk = await shrink({ seed }, reference, mutation, 40);
      expect(shrunk.steps.length).toBeLessThan(departures.length);
      expect(shrunk.plan.uploads?.length ?? UPLOADS.length).toBeLessThanOrEqual(UPLOADS.length);
      expect((await runSchedule(shrunk.plan, reference, mutation)).failures).toEqual(shrunk.failures);
      expect(shrunk.failures.join()).toContain('a receipt was written');
      expect((await runSchedule(shrunk.plan, reference)).failures).toEqual([]);
    },
    LONG_MS,
  );
});

test('an evaluation that finds its pointer unchanged, and is overtaken while it writes its pages, writes them again', async () => {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  const [first, second] = UPLOADS.filter(({ key }) => key === 'p/b1/power.csv');
  for (const { key, body } of UPLOADS)
    if (body && key.startsWith('p/b1/') && key !== first?.key) await pipeline.stores.landing.put(key, body);
  await pipeline.stores.landing.put('p/b1/power.csv', first?.body ?? new Uint8Array());
  await pipeline.drain();

  // The newer file comes, and is evaluated, at the moment at which the slow evaluation looks at its first page.
  let isOvertaken = false;
  const reports: ObjectStore = {
    ...stores.reports,
    bucket: 'reports',
    get: async (key, options) => {
      const stale = await stores.reports.get(key, options);
      if (!isOvertaken) {
        isOvertaken = true;
        await pipeline.stores.landing.put('p/b1/power.csv', second?.body ?? new Uint8Array());
        await pipeline.drain();
      }
      return stale;
    },
    put: (key, body, options) => stores.reports.put(key, body, options),
  };
  const { kind } = await evaluate({ ...stores, reports }, { program: 'p', run: 'b1' });
  expect(kind).toBe('unchanged');
  const pointer = await stores.lake.get('evaluations/program=p/run=b1/latest.json');
  const { key } = JSON.parse(Buffer.from(await collect(pointer.body)).toString('utf8')) as { key: string };
  const parsed = async (store: ObjectStore, at: string): Promise<unknown> =>
    JSON.parse(Buffer.from(await collect((await store.get(at)).body)).toString('utf8'));
  expect(await parsed(stores.reports, 'runs/p/b1/report.json')).toEqual(await parsed(stores.lake, key));
});
