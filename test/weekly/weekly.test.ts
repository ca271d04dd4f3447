import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { parseFunctions } from '../../functions/weekly/environment.ts';
import { stateOf } from '../../functions/weekly/lake-sources.ts';
import type { UseSource } from '../../functions/weekly/usage.ts';
import { weekly } from '../../functions/weekly/weekly.ts';
import { WeeklyReportSchema } from '../../functions/weekly/weekly-report.ts';

const silent = jsonLog(() => {});
const START = Date.UTC(2026, 0, 1);
const day = (date: string): number => Date.parse(`${date}T05:12:00Z`);

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
  start: new Date(START).toISOString(),
  stop: new Date(START + 600_000).toISOString(),
  status: 'success',
  files: [{ pattern: '**', boundary: 'node-dc' }],
};

function power(scope: string): Buffer {
  const rows = Array.from({ length: 601 }, (_, i) => `${START + i * 1000},${scope},node,1000`);
  return Buffer.from(['time_unix_ms,scope,kind,power_w', ...rows, ''].join('\n'));
}

let pipeline: Pipeline;

async function keys(store: ObjectStore, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}
async function text(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from(await collect((await store.get(key)).body)).toString('utf8');
}
const job = (date: string, use: UseSource | null = null) =>
  weekly(
    {
      ...pipeline.stores,
      functions: { ingest: { functionName: 'f', memoryMb: 2_048 } },
      use,
      log: silent,
    },
    day(date),
  );

beforeEach(async () => {
  pipeline = new Pipeline(memoryStores(), silent);
  await pipeline.stores.landing.put('p/r/a.csv', power('node-0'));
  await pipeline.stores.landing.put('p/r/b.csv', power('node-1'));
  await pipeline.stores.landing.put('p/r/run.json', prettyJson(manifest));
  await pipeline.drain();
});

describe('the sweep', () => {
  test('leaves alone what has its upload', async () => {
    const before = await keys(pipeline.stores.lake);
    const { swept } = await job('2026-02-01');
    expect(swept).toEqual({ sources: 0, orphans: 0, suspects: 0, bytes: 0 });
    expect((await keys(pipeline.stores.lake)).filter((k) => !k.startsWith('weekly/'))).toEqual(before);
  });

  test('takes what an upload left behind that is gone, and no conclusion', async () => {
    const { lake, landing } = pipeline.stores;
    const segments = await keys(lake, 'segments/');
    const concluded = await keys(lake, 'evaluations/');
    await landing.delete('p/r/b.csv');
    const { swept } = await job('2026-02-01');
    expect(swept).toMatchObject({ sources: 1, orphans: 0, suspects: 0 });
    expect(swept.bytes).toBeGreaterThan(0);
    expect(segments).toHaveLength(2);
    expect(await keys(lake, 'segments/')).toHaveLength(1);
    expect(await keys(lake, 'receipts/')).toHaveLength(2);
    expect(await keys(lake, 'evaluations/')).toEqual(concluded);
  });

  test('takes an output without a receipt only when an earlier day knew it already', async () => {
    const { lake } = pipeline.stores;
    const key = 'segments/program=p/run=r/source=0/1-crashed.parquet';
    await lake.put(key, Buffer.from('half'));
    expect((await job('2026-02-01')).swept).toMatchObject({ orphans: 0, suspects: 1 });
    expect(await lake.head(key)).not.toBeNull();
    expect((await job('2026-02-08')).swept).toMatchObject({ orphans: 1, suspects: 0, bytes: 4 });
    expect(await lake.head(key)).toBeNull();
  });

  test('gives an output that was written anew another week', async () => {
    const { lake } = pipeline.stores;
    const key = 'segments/program=p/run=r/source=0/1-crashed.parquet';
    await lake.put(key, Buffer.from('half'));
    await job('2026-02-01');
    await lake.put(key, Buffer.from('again'));
    expect((await job('2026-02-08')).swept).toMatchObject({ orphans: 0, suspects: 1 });
  });

  test('finishes what a crash between receipt and outputs left', async () => {
    const { lake } = pipeline.stores;
    const [receipt] = (await keys(lake, 'receipts/')).filter((k) => !k.includes('manifest'));
    await lake.delete(receipt as string);
    await job('2026-02-01');
    await job('2026-02-08');
    expect(await keys(lake, 'segments/')).toHaveLength(1);
  });
});

describe('the report of the week', () => {
  test('sums files, storage and what functions took', async () => {
    const asked: object[] = [];
    const report = await job('2026-02-01', async (functions, period) => {
      asked.push({ functions, period });
      return { ingest: { calls: 3, durationMs: 90_000 } };
    });
    expect(asked).toEqual([
      {
        functions: { ingest: { functionName: 'f', memoryMb: 2_048 } },
        period: { startMs: Date.UTC(2026, 0, 25), stopMs: Date.UTC(2026, 1, 1) },
      },
    ]);
    expect(report.functions).toEqual([
      { name: 'ingest', calls: 3, durationS: 90, memoryMb: 2_048, gbSeconds: 180 },
    ]);
    expect(report.programs).toMatchObject([{ program: 'p', files: 3, rows: 1_202, rejected: 0 }]);
    expect(report.storage.find((s) => s.place === 'landing')).toMatchObject({ objects: 3 });
    expect(report.storage.find((s) => s.place === 'segments')).toMatchObject({ objects: 2 });
  });

  test('lies in the reports bucket as JSON and to read', async () => {
    const report = await job('2026-02-01');
    const { reports } = pipeline.stores;
    expect(
      WeeklyReportSchema.parse(JSON.parse(await text(reports, 'weekly/2026-02-01/report.json'))),
    ).toEqual(report);
    const markdown = await text(reports, 'weekly/2026-02-01/report.md');
    expect(markdown).toContain('# Wattline, week of 2026-01-25 to 2026-02-01');
    expect(markdown).toMatch(/\| p \| 3 \| [\d,]+ \| 1,202 \| 0 \|/);
    expect(markdown).toContain('Not counted here.');
  });

  test('is made once: the schedule may fire twice', async () => {
    await pipeline.stores.landing.delete('p/r/b.csv');
    const first = await job('2026-02-01');
    expect(first.swept.sources).toBe(1);
    expect(await job('2026-02-01')).toEqual(first);
  });
});

test.each([
  ['receipts/program=p/run=r/source=s/1-x.json', 'program=p/run=r/source=s/1-x'],
  ['quarantine/program=p/run=r/source=s/1-x.ndjson.gz', 'program=p/run=r/source=s/1-x'],
  ['segments/program=p/run=r/source=s/v1.2-x.parquet', 'program=p/run=r/source=s/v1.2-x'],
  ['evaluations/program=p/run=r/latest.json', null],
])('the state that %s belongs to', (key, state) => {
  expect(stateOf(key)).toBe(state);
});

test.each(['', '{', '[]', '{"ingest":{"functionName":""}}'])(
  'FUNCTIONS of %j is refused by its name',
  (value) => {
    expect(() => parseFunctions(value)).toThrow(value === '[]' ? /FUNCTIONS|expected/ : /FUNCTIONS/);
  },
);
