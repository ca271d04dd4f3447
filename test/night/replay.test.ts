import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { planNight } from '../../functions/reconcile/night-input.ts';
import { readNightRuns } from '../../functions/reconcile/night-runs.ts';
import { handleReconcile, type NightWork } from '../../functions/reconcile/reconcile-night.ts';
import { overlaps, runTime } from '../../functions/reconcile/run-time.ts';

const HOUR_MS = 3_600_000;
const FIRST = Date.UTC(2026, 0, 1);
const NIGHT = '2026-02-01T02:00:00Z';
const silent = jsonLog(() => {});

/** Three runs of two programs, an hour each, ten days apart. */
const RUNS = ['p/a', 'p/b', 'q/c'];

function manifest(place: string, day: number): RunManifest {
  const [program = '', run = ''] = place.split('/');
  const startMs = FIRST + day * 24 * HOUR_MS;
  return {
    schema: 'wattline/run@1',
    program,
    run,
    role: 'candidate',
    sku: 'own-chip',
    workload: { name: 'w' },
    workUnit: 'sample',
    work: 100,
    system: { name: 's', nodes: 1, chipsPerNode: 8 },
    start: new Date(startMs).toISOString(),
    stop: new Date(startMs + HOUR_MS).toISOString(),
    status: 'success',
    files: [{ pattern: '**', boundary: 'node-dc' }],
  };
}

async function landed(): Promise<Pipeline> {
  const pipeline = new Pipeline(memoryStores(), silent);
  for (const [i, place] of RUNS.entries()) {
    const startMs = FIRST + i * 10 * 24 * HOUR_MS;
    const rows = Array.from({ length: 61 }, (_, m) => `${startMs + m * 60_000},node-0,node,1000`);
    const text = ['time_unix_ms,scope,kind,power_w', ...rows, ''].join('\n');
    await pipeline.stores.landing.put(`${place}/power.csv`, Buffer.from(text));
    await pipeline.stores.landing.put(`${place}/run.json`, prettyJson(manifest(place, i * 10)));
  }
  await pipeline.drain();
  return pipeline;
}

async function reconciled(pipeline: Pipeline, input: unknown): Promise<NightWork & { runs: string[] }> {
  const work = await handleReconcile(
    { startTime: NIGHT, input },
    {
      ...pipeline.stores,
      requeue: async () => {},
      runsAtOnce: { night: 20, replay: 5 },
      log: silent,
      now: () => 0,
    },
  );
  const runs = await readNightRuns(pipeline.stores.lake, work.runsKey);
  return { ...work, runs: runs.map(({ program, run }) => `${program}/${run}`) };
}

describe('a night', () => {
  test('that has nothing to do names no run and every program', async () => {
    expect(await reconciled(await landed(), {})).toMatchObject({
      date: '2026-02-01',
      isReplay: false,
      runCount: 0,
      runs: [],
      runsAtOnce: 20,
      programs: [{ program: 'p' }, { program: 'q' }],
    });
  });

  test('names the runs whose inputs changed in lines that the map reads', async () => {
    const pipeline = await landed();
    const changed = { ...manifest('p/b', 10), work: 200 };
    await pipeline.stores.landing.put('p/b/run.json', prettyJson(changed));
    expect(await reconciled(pipeline, {})).toMatchObject({ runCount: 1, runs: ['p/b'] });
  });
});

describe('a replay', () => {
  test.each([
    ['of everything', { prefix: '' }, RUNS],
    ['of a program', { prefix: 'p/' }, ['p/a', 'p/b']],
    ['of one run', { prefix: 'p/b/' }, ['p/b']],
    ['from a day on', { from: '2026-01-11' }, ['p/b', 'q/c']],
    ['up to a time', { to: '2026-01-01T00:30:00Z' }, ['p/a']],
    ['of a program in a span', { prefix: 'p', from: '2026-01-05', to: '2026-01-15' }, ['p/b']],
    ['of a span without runs', { from: '2026-01-05', to: '2026-01-06' }, []],
  ])('%s', async (_name, input, expected) => {
    const work = await reconciled(await landed(), input);
    expect(work.runs).toEqual(expected);
    expect(work).toMatchObject({ isReplay: true, runCount: expected.length, runsAtOnce: 5 });
    expect(work.programs.map((p) => p.program)).toEqual([...new Set(expected.map((r) => r.slice(0, 1)))]);
  });

  test('does not take the lines of a night of the same day away', async () => {
    const pipeline = await landed();
    const night = await reconciled(pipeline, {});
    const replay = await reconciled(pipeline, { prefix: 'p' });
    expect(replay.runsKey).not.toBe(night.runsKey);
    expect(await readNightRuns(pipeline.stores.lake, night.runsKey)).toEqual([]);
  });

  test('changes no byte of what is right already, and announces nothing', async () => {
    const pipeline = await landed();
    await pipeline.night(NIGHT);
    const versions = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const store of [pipeline.stores.lake, pipeline.stores.reports])
        for await (const { key, version } of store.list(''))
          if (!key.startsWith('nights/')) found.push(`${key} ${version}`);
      return found;
    };
    const before = await versions();
    const heard = pipeline.verdicts.length;
    await pipeline.night(NIGHT, undefined, { prefix: 'p' });
    expect(await versions()).toEqual(before);
    expect(pipeline.verdicts).toHaveLength(heard);
    expect(heard).toBe(2);
  });
});

describe('the input of an execution', () => {
  test.each([
    [{ prefix: 'p/r/file' }, /prefix: expected the beginning of <program>\/<run>\//],
    [{ from: 'yesterday' }, /from/],
    [{ from: '2026-01-02', to: '2026-01-01' }, /from 2026-01-02 is not before to 2026-01-01/],
    [{ date: '2026-13-01' }, /date/],
    [{ program: 'p' }, /program/],
    ['p', /the whole/],
  ])('%j is refused with the field', (input, message) => {
    expect(() => planNight(NIGHT, input)).toThrow(message);
  });
  test('may name the night that is decided', () => {
    expect(planNight(NIGHT, { date: '2026-01-31' })).toEqual({ date: '2026-01-31', selection: null });
  });
});

describe('the time of a run', () => {
  const receipts = [
    { timeRange: { startMs: 5, stopMs: 9 } },
    { timeRange: null },
    { timeRange: { startMs: 2, stopMs: 4 } },
  ];
  test('is as its files say where it declares none, and unknown where neither does', () => {
    expect(runTime({}, receipts)).toEqual({ startMs: 2, stopMs: 9 });
    expect(runTime({ start: '1970-01-01T00:00:00.001Z' }, receipts)).toEqual({ startMs: 1, stopMs: 9 });
    expect(runTime({}, [])).toBeNull();
  });
  test('touches a span that it ends at, and none that it begins at the end of', () => {
    expect(overlaps({ startMs: 1, stopMs: 3 }, { startMs: 3, stopMs: 5 })).toBe(true);
    expect(overlaps({ startMs: 5, stopMs: 6 }, { startMs: 3, stopMs: 5 })).toBe(false);
  });
});
