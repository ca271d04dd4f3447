import { describe, expect, test } from 'vitest';
import { DEMO_PROGRAM, demoFiles } from '../../cli/demo-pilot.ts';
import { memoryStores, Pipeline, type Stores } from '../../cli/pipeline.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { fc } from '../fast-check.ts';

const QUIET = jsonLog(() => {});
const NIGHT = '2026-01-31T02:00:00Z';
/** Two nights: enough for every kind of object. */
const objects = [...demoFiles(2)];
/** The prices and the plan of the program are no run's. */
const OF_PROGRAM = 2;

async function contents(stores: Stores): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const store of [stores.lake, stores.reports]) {
    for await (const { key } of store.list('')) {
      const bytes = await collect((await store.get(key)).body);
      found.set(`${store.bucket}/${key}`, Buffer.from(bytes).toString('base64'));
    }
  }
  return found;
}

/** Uploads everything, then delivers the events as `order` says. */
async function run(order: (bodies: string[]) => string[]): Promise<Map<string, string>> {
  const stores = memoryStores();
  const pipeline = new Pipeline(stores, QUIET);
  for (const object of objects) await pipeline.stores.landing.put(object.key, object.body);
  pipeline.pending = order([...pipeline.pending]);
  await pipeline.drain();
  await pipeline.night(NIGHT);
  expect(pipeline.deadLetters).toEqual([]);
  return contents(stores);
}

describe('the same inputs give the same bytes', async () => {
  const quiet = await run((bodies) => bodies);

  test('the quiet run decides something', () => {
    const keys = [...quiet.keys()];
    expect(keys.filter((k) => k.startsWith('lake/receipts/')).length).toBe(objects.length - OF_PROGRAM);
    expect(keys.some((k) => k.startsWith(`reports/programs/${DEMO_PROGRAM}/2026-01-31/report.html`))).toBe(
      true,
    );
  });

  test('JSON of the lake is one line a value, as Athena reads it', () => {
    const json = [...quiet].filter(([key]) => key.startsWith('lake/') && key.endsWith('.json'));
    expect(json.length).toBeGreaterThan(4);
    for (const [key, base64] of json)
      expect(Buffer.from(base64, 'base64').toString('utf8').indexOf('\n'), key).toBe(
        Buffer.from(base64, 'base64').length - 1,
      );
  });

  test('in any order, and any of them twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { minLength: objects.length, maxLength: objects.length }),
        async (draws) => {
          const shuffled = await run((bodies) => {
            const ranked = bodies.map((body, i) => ({
              body,
              rank: draws[i]?.[0] ?? i,
              isTwice: draws[i]?.[1] ?? false,
            }));
            ranked.sort((a, b) => a.rank - b.rank);
            return [...ranked.map((r) => r.body), ...ranked.filter((r) => r.isTwice).map((r) => r.body)];
          });
          expect(shuffled).toEqual(quiet);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('events that are lost are made up for by the night', async () => {
    const stores = memoryStores();
    const pipeline = new Pipeline(stores, QUIET);
    for (const object of objects) await pipeline.stores.landing.put(object.key, object.body);
    pipeline.pending = pipeline.pending.filter((_, i) => i % 3 !== 0);
    await pipeline.drain();
    await pipeline.night(NIGHT);
    expect(await contents(stores)).toEqual(quiet);
  });

  test('a second night over the same inputs writes nothing new', async () => {
    const stores = memoryStores();
    const pipeline = new Pipeline(stores, QUIET);
    for (const object of objects) await pipeline.stores.landing.put(object.key, object.body);
    await pipeline.drain();
    await pipeline.night(NIGHT);
    const versions = async (): Promise<string[]> => {
      const all: string[] = [];
      for (const store of [stores.lake, stores.reports])
        for await (const info of store.list('')) all.push(`${info.key} ${info.version}`);
      return all;
    };
    const before = await versions();
    await pipeline.night(NIGHT);
    expect(await versions()).toEqual(before);
  });
});
