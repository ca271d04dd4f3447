import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { directoryStores, memoryStores, type Pipeline, type Stores } from '../../cli/pipeline.ts';
import { energyError, type RunState, receiptFaults, runFaults } from '../../cli/smoke/check-run.ts';
import { lookAt } from '../../cli/smoke/look.ts';
import { type SmokeRun, smokePlan } from '../../cli/smoke/plan.ts';
import { smokeTest } from '../../cli/smoke/smoke-test.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { quietPipeline } from '../ingested.ts';

const PROGRAM = 'smoke-test';
const folder = mkdtempSync(join(tmpdir(), 'wattline-smoke-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ORDER = { program: PROGRAM, timeoutMs: 60_000, isKept: false };

/** A store of which one call does something else. */
const changed = (store: ObjectStore, change: Partial<ObjectStore>): ObjectStore => ({
  bucket: store.bucket,
  get: store.get.bind(store),
  head: store.head.bind(store),
  put: store.put.bind(store),
  upload: store.upload.bind(store),
  list: store.list.bind(store),
  delete: store.delete.bind(store),
  ...change,
});

/** The test in front of a pipeline that works while the test waits; time passes by waiting alone. */
function world(pipeline: Pipeline, stores: Stores = pipeline.stores, work = () => pipeline.drain()) {
  let nowMs = 0;
  const steps: string[] = [];
  return {
    steps,
    world: {
      stores,
      now: () => nowMs,
      wait: async (ms: number) => {
        nowMs += ms;
        await work();
      },
      onStep: ({ what }: { what: string }) => void steps.push(what),
    },
  };
}

async function keysOf(stores: Stores): Promise<string[]> {
  const keys: string[] = [];
  for (const store of Object.values(stores) as ObjectStore[])
    for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

const failure = (promise: Promise<unknown>): Promise<{ code: string; message: string }> =>
  promise.then(
    () => {
      throw new Error('it passed');
    },
    (error: { code: string; message: string }) => error,
  );

describe('a smoke test of a pipeline that works', () => {
  test.each([
    ['memory', () => memoryStores()],
    ['a folder', () => directoryStores(folder)],
  ])('passes over %s, says what it saw, and leaves nothing behind', async (_, make) => {
    const stores = make();
    const { world: around, steps } = world(quietPipeline(stores));
    const { runs } = await smokeTest(around, ORDER);
    expect(runs.map((r) => r.role).sort()).toEqual(['baseline', 'candidate']);
    for (const { errorRatio, energyJ, truthJ } of runs) {
      expect(Math.abs(errorRatio)).toBeLessThan(0.003);
      expect(energyJ / truthJ - 1).toBeCloseTo(errorRatio, 12);
    }
    expect(steps[0]).toMatch(/objects of smoke-test uploaded, each run.json last/);
    for (const seen of ['receipts', 'evaluation', 'report'])
      expect(steps.filter((s) => s.endsWith(` ${seen}`))).toHaveLength(2);
    expect(steps.at(-1)).toMatch(/^\d+ objects of smoke-test deleted$/);
    expect(await keysOf(stores)).toEqual([]);
  });

  test('keeps everything where it is told to', async () => {
    const pipeline = quietPipeline();
    await smokeTest(world(pipeline).world, { ...ORDER, isKept: true });
    const keys = await keysOf(pipeline.stores);
    for (const part of ['/run.json', 'receipts/', 'evaluations/', '/report.html'])
      expect(keys.some((key) => key.includes(part))).toBe(true);
  });

  test('touches nothing of another program', async () => {
    const pipeline = quietPipeline();
    await smokeTest(world(pipeline).world, { ...ORDER, program: `${PROGRAM}-2`, isKept: true });
    const before = await keysOf(pipeline.stores);
    await smokeTest(world(pipeline).world, ORDER);
    expect(await keysOf(pipeline.stores)).toEqual(before);
  });

  test('sends run.json behind everything else of its run', () => {
    for (const { objects } of smokePlan(PROGRAM).runs)
      expect(objects.map((o) => o.key.endsWith('/run.json'))).toEqual([
        ...objects.slice(1).map(() => false),
        true,
      ]);
  });
});

describe('a smoke test says which stage failed', () => {
  test('no event of an upload', async () => {
    const pipeline = quietPipeline();
    const { world: around, steps } = world(pipeline, pipeline.stores, async () => {});
    const error = await failure(smokeTest(around, ORDER));
    expect(error).toMatchObject({ code: 'smoke-timeout' });
    expect(error.message).toMatch(/^after 60 s, .*no file has a receipt; does the landing bucket tell/);
    expect(steps.at(-1)).toMatch(/deleted$/);
    expect(await keysOf(pipeline.stores)).toEqual([]);
  });

  test('no evaluation', async () => {
    const stores = memoryStores();
    const pipeline = quietPipeline(stores);
    const { world: around } = world(pipeline, pipeline.stores, async () => {
      await pipeline.drain();
      for await (const { key } of stores.lake.list('evaluations/')) await stores.lake.delete(key);
    });
    const error = await failure(smokeTest(around, ORDER));
    expect(error.message).toMatch(/every file has a receipt, and no evaluation came/);
    expect(await keysOf(stores)).toEqual([]);
  });

  test('no report', async () => {
    const stores = memoryStores();
    const pipeline = quietPipeline(stores);
    const { world: around } = world(pipeline, pipeline.stores, async () => {
      await pipeline.drain();
      for await (const { key } of stores.reports.list('runs/')) await stores.reports.delete(key);
    });
    const error = await failure(smokeTest(around, ORDER));
    expect(error.message).toMatch(/it is evaluated, and its report is not in the reports bucket/);
  });

  test('bytes that changed on their way, at once and not after the timeout', async () => {
    const stores = memoryStores();
    const pipeline = quietPipeline(stores);
    const { landing } = pipeline.stores;
    const lossy = changed(landing, {
      put: (key, body, options) =>
        landing.put(key, key.endsWith('.csv') ? Buffer.concat([body, Buffer.from('\n')]) : body, options),
    });
    const { world: around } = world(pipeline, { ...pipeline.stores, landing: lossy });
    const error = await failure(smokeTest(around, ORDER));
    expect(error).toMatchObject({ code: 'smoke-wrong' });
    expect(error.message).toMatch(
      /\.csv: its receipt names bytes of sha256 \w{64}; expected \w{64}, as sent/,
    );
  });

  test('what could not be deleted does not hide why it failed', async () => {
    const pipeline = quietPipeline();
    const landing = changed(pipeline.stores.landing, {
      delete: async () => {
        throw new Error('not allowed');
      },
    });
    const { world: around, steps } = world(pipeline, { ...pipeline.stores, landing }, async () => {});
    expect(await failure(smokeTest(around, ORDER))).toMatchObject({ code: 'smoke-timeout' });
    expect(steps.at(-1)).toBe('not deleted: not allowed');
  });
});

describe('what comes out is compared with the truth', () => {
  const nothing: RunState = { receipts: new Map(), evaluation: null, report: null, reportJson: null };
  async function finished(): Promise<{ run: SmokeRun; state: RunState }> {
    const pipeline = quietPipeline();
    await smokeTest(world(pipeline).world, { ...ORDER, isKept: true });
    const [run] = smokePlan(PROGRAM).runs as [SmokeRun];
    return { run, state: await lookAt(pipeline.stores, PROGRAM, run.truth.run, nothing) };
  }

  test('energy, tokens, role and chips; nothing is wrong with what is right', async () => {
    const { run, state } = await finished();
    expect(runFaults(run, state)).toEqual([]);
    const wrong = (truth: Partial<SmokeRun['truth']>) =>
      runFaults({ ...run, truth: { ...run.truth, ...truth } }, state);
    expect(wrong({ energyJ: run.truth.energyJ * 1.01 })[0]).toMatch(/energy [\d.]+ J; expected [\d.]+ J/);
    expect(wrong({ usefulTokens: 1 })[0]).toMatch(/useful tokens; expected 1,/);
    expect(wrong({ role: run.truth.role === 'baseline' ? 'candidate' : 'baseline' })[0]).toMatch(/role/);
    expect(wrong({ chipEnergyJ: {} })[0]).toMatch(/2 chips; expected 0/);
    expect(state.evaluation && energyError(run, state.evaluation)).not.toBe(0);
  });

  test('a report of something else', async () => {
    const { run, state } = await finished();
    expect(runFaults(run, { ...state, report: '<html></html>' })[0]).toMatch(/report.html does not name it/);
    expect(runFaults(run, { ...state, reportJson: '{}' })[0]).toMatch(/report.json is not its evaluation/);
  });

  test('refused files and rejected rows', async () => {
    const { run, state } = await finished();
    const [[key, receipt]] = [...state.receipts] as [[string, NonNullable<ReturnType<typeof Object>>]];
    const with_ = (change: object) =>
      receiptFaults(run, new Map([[key, { ...receipt, ...change } as never]]));
    expect(with_({ rejected: 2, rows: 9 })[0]).toMatch(/2 of 9 rows were rejected; expected none/);
    expect(with_({ status: 'refused', refusal: { code: 'no-rows', message: 'none' } })[0]).toMatch(
      /refused \(no-rows\): none/,
    );
  });
});

describe('wattline smoke', () => {
  const main = join(import.meta.dirname, '../../cli/wattline.js');
  const smoke = (...args: string[]) =>
    spawnSync(process.execPath, [main, 'smoke', ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
        AWS_MAX_ATTEMPTS: '1',
      },
    });
  const buckets = ['--landing', 'a', '--lake', 'b', '--reports', 'c'];

  test.each([
    [['--landing', 'a', '--lake', 'b'], /--reports/],
    [[...buckets, '--timeout', 'soon'], /--timeout "soon": expected seconds/],
    [[...buckets, '--timeout', '0'], /--timeout "0": expected seconds/],
    [[...buckets, '--endpoint-url', 'localhost'], /--endpoint-url "localhost": expected a URL/],
  ])('ends with 2 on %j', (args, reason) => {
    const { status, stderr } = smoke(...args);
    expect(stderr).toMatch(reason);
    expect(status).toBe(2);
  });

  test('ends with 1 where nothing answers', () => {
    const endpoint = ['--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9'];
    const { status, stderr } = smoke(...buckets, ...endpoint);
    expect(stderr).toMatch(/S3 did not answer as expected/);
    expect(status).toBe(1);
  });
});
