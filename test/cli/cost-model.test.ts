import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { memoryStores, type Stores } from '../../cli/pipeline.ts';
import { smokePlan } from '../../cli/smoke/plan.ts';
import { assumptions } from '../../functions/core/cost-model/assumptions.ts';
import { dailyCost } from '../../functions/core/cost-model/cost.ts';
import { DEPLOYMENT, REQUESTS } from '../../functions/core/cost-model/deployment.ts';
import { dailyVolume, type Fleet } from '../../functions/core/cost-model/fleet.ts';
import { MEASURED_INGEST, MEASURED_OUTPUT, readSeconds } from '../../functions/core/cost-model/measured.ts';
import { AWS_LIST_PRICES, storageUsdPerMonth } from '../../functions/core/cost-model/prices.ts';
import { METRICS, TIMES } from '../../functions/platform/metrics.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { PROGRAM_METRICS, WORKLOAD_METRICS } from '../../functions/platform/pilot-metrics.ts';
import { fleetCsv } from '../bench/generate.ts';
import { fc } from '../fast-check.ts';
import { manifestOf, quietPipeline } from '../ingested.ts';

const FLEET: Fleet = { chips: 100_000, hz: 1, fileMb: 64, programs: 10, retentionDays: 365 };
const costOf = (change: Partial<Fleet> = {}) => dailyCost({ ...FLEET, ...change });

const anyFleet = fc.record({
  chips: fc.integer({ min: 1, max: 10_000_000 }),
  hz: fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
  fileMb: fc.double({ min: 0.001, max: 5_000, noNaN: true }),
  programs: fc.constant(1),
  retentionDays: fc.integer({ min: 1, max: 36_500 }),
});

/** Every number in a value, however deep. */
const numbersIn = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : value !== null && typeof value === 'object'
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe('the cost of a fleet', () => {
  test('is finite, not negative, and the sum of its lines, for any fleet', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        const cost = dailyCost(fleet);
        for (const value of numbersIn(cost)) expect(value >= 0 && Number.isFinite(value)).toBe(true);
        const sum = cost.lines.reduce((total, line) => total + line.usdPerDay, 0);
        expect(cost.usdPerDay / sum).toBeCloseTo(1, 9);
        expect((cost.usdPerChipDay * fleet.chips) / sum).toBeCloseTo(1, 9);
      }),
    );
  });

  test('does not fall when there is more to watch, faster or longer', () => {
    fc.assert(
      fc.property(anyFleet, fc.constantFrom('chips', 'hz', 'retentionDays'), (fleet, name) => {
        const more = { ...fleet, [name]: Math.min(fleet[name] * 2, name === 'hz' ? 1e4 : 36_500) };
        if (more[name] < fleet[name]) return;
        expect(dailyCost(more).usdPerDay).toBeGreaterThanOrEqual(dailyCost(fleet).usdPerDay * (1 - 1e-12));
      }),
    );
  });

  test('has every part of the bill, each priced by a named price with a page', () => {
    const services = new Set(costOf().lines.map((line) => line.service));
    expect([...services].sort()).toEqual(
      ['Athena', 'CloudWatch', 'EventBridge', 'KMS', 'Lambda', 'S3', 'SQS', 'Step Functions'].sort(),
    );
    const text = assumptions().join('\n');
    for (const [name, price] of Object.entries(AWS_LIST_PRICES)) {
      if (typeof price === 'string') continue;
      expect(price.source).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9-]+\/pricing\/$/);
      expect(text).toContain(`price ${name}: ${price.usd} USD`);
    }
    expect(text).toContain(AWS_LIST_PRICES.date);
    expect(text).toContain(AWS_LIST_PRICES.region);
  });

  test('of 100,000 chips at 1 Hz: the design says 8.6 billion readings and about 350 GB compressed a day', () => {
    const { rows, uploadBytes, files, fileMb } = dailyVolume(FLEET);
    expect(rows).toBe(8.64e9);
    expect(uploadBytes / 350e9).toBeGreaterThan(0.5);
    expect(uploadBytes / 350e9).toBeLessThan(1.5);
    expect(files * fileMb).toBeCloseTo(uploadBytes / 1e6, 3);
    expect(fileMb).toBeLessThanOrEqual(64);
  });

  test('grows in proportion where only proportional parts are left', () => {
    const one = costOf().lines.find((line) => line.what === 'ingest')?.usdPerDay as number;
    const two = costOf({ chips: 200_000 }).lines.find((line) => line.what === 'ingest')?.usdPerDay as number;
    expect(two / one).toBeCloseTo(2, 6);
  });

  test('storage by tiers: continuous, and cheaper a GB the more there is', () => {
    expect(storageUsdPerMonth(100)).toBeCloseTo(2.3, 9);
    expect(storageUsdPerMonth(51_200)).toBeCloseTo(51_200 * 0.023, 6);
    expect(storageUsdPerMonth(51_201) - storageUsdPerMonth(51_200)).toBeCloseTo(0.022, 6);
    expect(storageUsdPerMonth(600_000) / 600_000).toBeLessThan(storageUsdPerMonth(60_000) / 60_000);
  });

  test('says where a single call would not end in time', () => {
    expect(costOf({ chips: 64, retentionDays: 7, programs: 1 }).warnings).toEqual([]);
    expect(costOf({ fileMb: 2_000, retentionDays: 1 }).warnings.join()).toMatch(
      /full batch of 10 files of \d+ MB takes about/,
    );
    expect(costOf({ retentionDays: 3_650 }).warnings.join()).toMatch(/reconcile, which looks at each/);
    expect(costOf({ programs: 1 }).warnings.join()).toMatch(/in about .* MB; the function has/);
  });

  test.each([
    [{ chips: 0 }, /^chips 0: expected a whole number from 1/],
    [{ chips: 1.5 }, /^chips 1\.5: expected a whole number/],
    [{ hz: -1 }, /^hz -1: expected a number from 0\.0001/],
    [{ hz: Number.NaN }, /^hz NaN: expected/],
    [{ fileMb: Number.POSITIVE_INFINITY }, /^fileMb Infinity: expected/],
    [{ retentionDays: 0 }, /^retentionDays 0/],
    [{ chips: 3, programs: 4 }, /^programs 4: expected at most as many as chips, 3/],
  ])('refuses %j', (change, message) => {
    expect(() => costOf(change)).toThrow(message);
  });
});

describe('the model agrees with what is measured', () => {
  const benchmarks = readFileSync(join(import.meta.dirname, '../../docs/benchmarks.md'), 'utf8');
  const [, wall, cpu, peak] =
    /\| Wattline ingest, gzip \| ([\d.]+) s \| ([\d.]+) s \| (\d+) MB \|/.exec(benchmarks) ?? [];
  const [, raw] = /12 columns, 1,000 chips at 1 Hz, (\d+) MB;/.exec(benchmarks) ?? [];
  const [, gzip] = /\n(\d+) MB as gzip,/.exec(benchmarks) ?? [];

  test('docs/benchmarks.md: seconds a MB within a factor of 1.5, memory within the function', () => {
    for (const text of [wall, cpu, peak, raw, gzip]) expect(Number(text)).toBeGreaterThan(0);
    const perMb = readSeconds(1, DEPLOYMENT.readerMb) / (Number(cpu) / Number(gzip));
    expect(perMb).toBeGreaterThan(1 / 1.5);
    expect(perMb).toBeLessThan(1.5);
    expect(Number(wall)).toBeLessThanOrEqual(Number(cpu));
    expect(Number(peak) * 1e6).toBeLessThan(DEPLOYMENT.readerMb * 2 ** 20);
    expect(MEASURED_INGEST.rawBytes / 1e6 / Number(raw)).toBeCloseTo(1, 1);
  });

  test('half the memory is half the processor, and twice the time', () => {
    expect(readSeconds(10, DEPLOYMENT.readerMb / 2)).toBeCloseTo(2 * readSeconds(10, DEPLOYMENT.readerMb), 9);
    expect(readSeconds(20, DEPLOYMENT.readerMb)).toBeCloseTo(2 * readSeconds(10, DEPLOYMENT.readerMb), 9);
  });

  test('a small file through ingest: time a MB within a factor of 4, sizes within one of 1.6', async () => {
    const chips = 1_000;
    const text = [...fleetCsv({ rows: 240_000, chips, badRows: 0 })].join('');
    const body = gzipSync(text, { level: 6 });
    const stores = memoryStores();
    const pipeline = quietPipeline(stores);
    const timed = async (name: string): Promise<number> => {
      await pipeline.stores.landing.put(`files/${name}/fleet.csv.gz`, body);
      await pipeline.stores.landing.put(`files/${name}/run.json`, manifestOf(name, { boundary: 'chip' }));
      const before = process.cpuUsage();
      await pipeline.drain();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    };
    // The first is slower: nothing is compiled yet.
    await timed('r0');
    const cpuS = Math.min(await timed('r1'), await timed('r2'));
    const factor = cpuS / readSeconds(body.length / 1e6, DEPLOYMENT.readerMb);
    expect(factor).toBeGreaterThan(1 / 4);
    expect(factor).toBeLessThan(4);
    const sizes = { segments: 0, receipts: 0 };
    for (const table of ['segments', 'receipts'] as const)
      for await (const { sizeBytes } of stores.lake.list(`${table}/program=files/run=r0/`))
        sizes[table] = Math.max(sizes[table], sizeBytes);
    const { bytesPerWindow, receiptBytesPerScope } = MEASURED_OUTPUT;
    const windows = chips * 5; // four minutes that begin within one
    for (const measured of [
      sizes.segments / windows / bytesPerWindow,
      sizes.receipts / chips / receiptBytesPerScope,
      body.length / text.length / (MEASURED_INGEST.uploadBytes / MEASURED_INGEST.rawBytes),
    ]) {
      expect(measured).toBeGreaterThan(1 / 1.6);
      expect(measured).toBeLessThan(1.6);
    }
  }, 60_000);
});

test('counts about as many metrics as functions and nights emit', () => {
  const emitted = [...Object.values(METRICS), ...Object.values(TIMES), PROGRAM_METRICS, WORKLOAD_METRICS];
  const line = costOf({ programs: 1 }).lines.find(({ what }) => what === 'metrics');
  expect((line?.quantity ?? 0) / emitted.flat().length).toBeGreaterThan(0.6);
  expect((line?.quantity ?? 0) / emitted.flat().length).toBeLessThan(1.6);
});

describe('requests are counted as the handlers make them', () => {
  /** Counts the requests that S3 would bill, by bucket, listings apart. */
  function counted(stores: Stores): { stores: Stores; counts: Record<string, number> } {
    const counts: Record<string, number> = {};
    const add = (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    const wrap = (store: ObjectStore): ObjectStore => ({
      bucket: store.bucket,
      delete: store.delete.bind(store),
      get: (key, options) => {
        add(`${store.bucket} read`);
        return store.get(key, options);
      },
      head: (key, options) => {
        add(`${store.bucket} read`);
        return store.head(key, options);
      },
      put: (key, body, options) => {
        add(`${store.bucket} write`);
        return store.put(key, body, options);
      },
      upload: (key, options) => {
        add(`${store.bucket} write`);
        return store.upload(key, options);
      },
      list: store.list.bind(store),
    });
    const { landing, lake, reports } = stores;
    return { stores: { landing: wrap(landing), lake: wrap(lake), reports: wrap(reports) }, counts };
  }

  /** Requests that one more file of the same run makes. */
  async function countsOf(files: number): Promise<Record<string, number>> {
    const { stores, counts } = counted(memoryStores());
    const pipeline = quietPipeline(stores);
    const text = [...fleetCsv({ rows: 2_000, chips: 2, badRows: 0 })].join('');
    for (let file = 0; file < files; file += 1)
      await pipeline.stores.landing.put(`files/r0/f${file}.csv`, Buffer.from(text));
    for (const name of Object.keys(counts)) counts[name] = 0;
    await pipeline.drain();
    await pipeline.stores.landing.put('files/r0/run.json', manifestOf('r0', { boundary: 'chip' }));
    await pipeline.drain();
    return { ...counts };
  }

  test('of a file that comes before its run.json', async () => {
    const [few, many] = await Promise.all([countsOf(2), countsOf(12)]);
    const each = (name: string): number => ((many[name] ?? 0) - (few[name] ?? 0)) / 10;

    const reads = each('landing read') + each('lake read');
    // The run has no start and stop: one attempt to evaluate all the same, which looks at every file once.
    expect(reads).toBeCloseTo(
      REQUESTS.deferredReads + REQUESTS.ingestReads + REQUESTS.evaluateReadsPerFile,
      1,
    );
    expect(each('lake write')).toBe(REQUESTS.ingestWrites);
    expect(each('landing write')).toBe(0);
  });

  test('of a run that is evaluated, and of the night', async () => {
    const { stores, counts } = counted(memoryStores());
    const pipeline = quietPipeline(stores);
    const { runs } = smokePlan('counted');
    for (const { objects } of runs)
      for (const { key, body } of objects) await pipeline.stores.landing.put(key, body);
    await pipeline.drain();
    expect(counts['reports write']).toBe(4 * runs.length);
    for (const name of Object.keys(counts)) counts[name] = 0;
    await pipeline.night('2026-02-01T00:00:00Z', 'no-program');
    const objects = runs.reduce((sum, run) => sum + run.objects.length, 0);
    const night = (counts['landing read'] ?? 0) + (counts['lake read'] ?? 0);
    const model = objects * REQUESTS.nightReadsPerObject + runs.length * REQUESTS.nightReadsPerRun;
    expect(night / model).toBeGreaterThan(0.7);
    expect(night / model).toBeLessThan(1.3);
  });
});
