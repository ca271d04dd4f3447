import { describe, expect, test } from 'vitest';
import { Random } from '../../cli/simulate/random.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { renderIndexHtml } from '../../functions/core/report/index-html.ts';
import { renderProgramPages } from '../../functions/core/report/index-program.ts';
import { NightSummarySchema, runRow } from '../../functions/core/report/index-rows.ts';
import { decide } from '../../functions/decide/decide.ts';
import { summaryKey } from '../../functions/decide/index-page.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { lineJson } from '../../functions/platform/hash.ts';
import { evaluationPrefix } from '../../functions/platform/layout.ts';
import { MemoryStore } from '../../functions/platform/memory-store.ts';
import type { ObjectStore } from '../../functions/platform/object-store.ts';
import { contentsOf, keysOf } from '../faults/uploads.ts';
import { evaluation } from '../fixtures.ts';

const DAY_MS = 86_400_000;

interface Stores {
  readonly landing: ObjectStore;
  readonly lake: ObjectStore;
  readonly reports: ObjectStore;
}

const stores = (): Stores => ({
  landing: new MemoryStore('landing'),
  lake: new MemoryStore('lake'),
  reports: new MemoryStore('reports'),
});

const runOf = (program: string, run: string, day = 0): Evaluation => {
  const startMs = Date.UTC(2026, 0, 1) + day * DAY_MS;
  return evaluation({
    program,
    run,
    role: run.startsWith('c') ? 'candidate' : 'baseline',
    sku: run.startsWith('c') ? 'own-chip' : 'H100-SXM-80GB',
    startMs,
    stopMs: startMs + 600_000,
    energyPerTokenJ: run.startsWith('c') ? 2 : 3,
  });
};

/** As the evaluate function leaves a run. */
async function evaluated(lake: ObjectStore, e: Evaluation): Promise<void> {
  const prefix = evaluationPrefix(e.program, e.run);
  await lake.put(`${prefix}1.json`, lineJson(e));
  await lake.put(
    `${prefix}latest.json`,
    lineJson({ schema: 'wattline/latest@1', digest: '1', key: `${prefix}1.json` }),
  );
}

async function textOf(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from(await collect((await store.get(key)).body)).toString('utf8');
}

/** A store each of whose calls takes as many turns as `turns` says: others go on meanwhile. */
function slow(store: ObjectStore, turns: () => number): ObjectStore {
  const wait = async (): Promise<void> => {
    for (let i = turns(); i > 0; i -= 1) await new Promise(setImmediate);
  };
  return {
    bucket: store.bucket,
    get: async (...args) => {
      await wait();
      return store.get(...args);
    },
    head: async (...args) => {
      await wait();
      return store.head(...args);
    },
    put: async (...args) => {
      await wait();
      return store.put(...args);
    },
    list: async function* (...args) {
      await wait();
      // What is listed is what was there at one moment, as a page of S3 is.
      const found = [];
      for await (const info of store.list(...args)) found.push(info);
      await wait();
      yield* found;
    },
    upload: store.upload.bind(store),
    delete: store.delete.bind(store),
  };
}

const allSlow = (of: Stores, turns: () => number): Stores => ({
  landing: slow(of.landing, turns),
  lake: slow(of.lake, turns),
  reports: slow(of.reports, turns),
});

/** The pages as they must be, from what lies in the buckets now. */
async function derived({ lake, reports }: Stores, programs: readonly string[]): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const newest = [];
  for (const program of programs) {
    const keys = await keysOf(reports, `programs/${program}/`);
    const dates = keys.flatMap((key) => /\/(\d{4}-\d\d-\d\d)\/report\.html$/.exec(key)?.[1] ?? []);
    const nights = await Promise.all(
      dates.map(async (date) =>
        NightSummarySchema.parse(JSON.parse(await textOf(reports, summaryKey(program, date)))),
      ),
    );
    const runs: Evaluation[] = [];
    for (const key of await keysOf(lake, `evaluations/program=${program}/`))
      if (key.endsWith('/1.json')) runs.push(JSON.parse(await textOf(lake, key)));
    for (const { name, html } of renderProgramPages({ program, nights, runs: runs.map(runRow) }))
      pages.set(`programs/${program}/${name}`, html);
    const last = nights.toSorted((a, b) => (a.date < b.date ? 1 : -1))[0];
    if (last) newest.push(last);
  }
  pages.set('index.html', renderIndexHtml(newest));
  return pages;
}

async function expectDerived(of: Stores, programs: readonly string[]): Promise<void> {
  for (const [key, html] of await derived(of, programs))
    expect(await textOf(of.reports, key), key).toBe(html);
}

describe('index pages', () => {
  test('list every night and every run, and lead to all programs', async () => {
    const all = stores();
    for (const program of ['p1', 'p2'])
      for (const run of ['c1', 'b1']) await evaluated(all.lake, runOf(program, run));
    for (const date of ['2026-01-01', '2026-01-02']) await decide(all, { program: 'p1', date });
    await decide(all, { program: 'p2', date: '2026-01-02' });
    await expectDerived(all, ['p1', 'p2']);
    const page = await textOf(all.reports, 'programs/p1/index.html');
    for (const href of ['2026-01-01/report.html', '2026-01-02/report.html', '../../runs/p1/c1/report.html'])
      expect(page).toContain(`href="${href}"`);
    expect(await textOf(all.reports, 'index.html')).toContain('href="programs/p2/2026-01-02/report.html"');
  });

  test('stay as they are when a night is decided again', async () => {
    const all = stores();
    await evaluated(all.lake, runOf('p', 'c1'));
    await decide(all, { program: 'p', date: '2026-01-01' });
    const before = await contentsOf(all.reports);
    await decide(all, { program: 'p', date: '2026-01-01' });
    expect(await contentsOf(all.reports)).toEqual(before);
  });

  test('list a night that is decided late, and keep the newest at the top', async () => {
    const all = stores();
    await evaluated(all.lake, runOf('p', 'c1'));
    for (const date of ['2026-01-03', '2026-01-02']) await decide(all, { program: 'p', date });
    const page = await textOf(all.reports, 'programs/p/index.html');
    expect(page.indexOf('2026-01-03/report.html')).toBeLessThan(page.indexOf('2026-01-02/report.html'));
    expect(page).toContain('2026-01-02/report.html');
    expect(await textOf(all.reports, 'index.html')).toContain('programs/p/2026-01-03/report.html');
  });

  test('list nights that have no summary, from their reports', async () => {
    const all = stores();
    await evaluated(all.lake, runOf('p', 'c1'));
    await decide(all, { program: 'p', date: '2026-01-01' });
    await all.reports.delete(summaryKey('p', '2026-01-01'));
    await decide(all, { program: 'p', date: '2026-01-02' });
    expect(await textOf(all.reports, 'programs/p/index.html')).toContain('2026-01-01/report.html');
  });

  test('get the pages of months once there are too many nights for one', async () => {
    const all = stores();
    await evaluated(all.lake, runOf('p', 'c1'));
    for (let day = 0; day < 33; day += 1)
      await decide(all, {
        program: 'p',
        date: new Date(Date.UTC(2026, 0, 1) + day * DAY_MS).toISOString().slice(0, 10),
      });
    expect(await keysOf(all.reports, 'programs/p/2026-0')).toContain('programs/p/2026-01.html');
    await expectDerived(all, ['p']);
  });
});

interface Race {
  readonly name: string;
  readonly programs: readonly string[];
  /** Each of them begins at once, with stores of its own pace. */
  readonly deciders: readonly { readonly program: string; readonly date: string }[];
  /** Runs that are evaluated while the deciders work; whoever evaluates asks for a decision afterwards. */
  readonly late: readonly { readonly program: string; readonly run: string; readonly date: string }[];
}

const RACES: readonly Race[] = [
  {
    name: 'the first nights of three programs',
    programs: ['p1', 'p2', 'p3'],
    deciders: ['p1', 'p2', 'p3'].map((program) => ({ program, date: '2026-01-02' })),
    late: [],
  },
  {
    name: 'three nights of one program',
    programs: ['p1'],
    deciders: ['2026-01-01', '2026-01-02', '2026-01-03'].map((date) => ({ program: 'p1', date })),
    late: [],
  },
  {
    name: 'a night, and runs that arrive while it is decided',
    programs: ['p1'],
    deciders: [{ program: 'p1', date: '2026-01-02' }],
    late: [
      { program: 'p1', run: 'c7', date: '2026-01-02' },
      { program: 'p1', run: 'b7', date: '2026-01-03' },
    ],
  },
];

async function raced(race: Race, seed: number, change = (of: Stores): Stores => of): Promise<Stores> {
  const random = new Random(seed, 'race');
  // Most calls are quick and a few take long: the other writers come to their end meanwhile.
  const turns = (): number => random.below(random.uniform() < 0.1 ? 300 : 4);
  const all = stores();
  for (const program of race.programs) await evaluated(all.lake, runOf(program, 'c1'));
  const own = (): Stores => allSlow(change(all), turns);
  await Promise.all([
    ...race.deciders.map((night) => decide(own(), night)),
    ...race.late.map(async ({ program, run, date }) => {
      for (let i = random.below(60); i > 0; i -= 1) await new Promise(setImmediate);
      await evaluated(all.lake, runOf(program, run));
      await decide(own(), { program, date });
    }),
  ]);
  return all;
}

describe('writers of the index at once', () => {
  const SEEDS = Array.from({ length: 15 }, (_, i) => i + 1);

  test.each(RACES)('lose no entry: $name', async (race) => {
    for (const seed of SEEDS) await expectDerived(await raced(race, seed), race.programs);
  });
});

/** The worst moment: somebody comes to his end after a page was derived, and before it is written. */
const MOMENTS = [
  { name: 'another program is decided', key: 'index.html', other: { program: 'p2', date: '2026-01-02' } },
  {
    name: 'another night is decided',
    key: 'programs/p1/index.html',
    other: { program: 'p1', date: '2026-01-03' },
  },
  {
    name: 'a run is evaluated and its night decided',
    key: 'programs/p1/index.html',
    other: { program: 'p1', date: '2026-01-02' },
    run: 'c9',
  },
] as const;

describe('a page that was derived before it had to be another', () => {
  async function interrupted(moment: (typeof MOMENTS)[number], isGuarded: boolean): Promise<Stores> {
    const all = stores();
    for (const program of ['p1', 'p2']) await evaluated(all.lake, runOf(program, 'c1'));
    // The pages are there already: the one that is replaced, not the first.
    await decide(all, { program: 'p1', date: '2026-01-01' });
    let isOver = false;
    const reports: ObjectStore = {
      ...slow(all.reports, () => 0),
      put: async (key, bytes, options = {}) => {
        if (key === moment.key && !isOver) {
          isOver = true;
          if ('run' in moment) await evaluated(all.lake, runOf('p1', moment.run));
          await decide(all, moment.other);
        }
        const { ifMatch: _ifMatch, ifNoneMatch: _ifNoneMatch, ...rest } = options;
        return all.reports.put(key, bytes, isGuarded ? options : rest);
      },
    };
    await decide({ ...all, reports }, { program: 'p1', date: '2026-01-02' });
    expect(isOver).toBe(true);
    return all;
  }
  const programsOf = (moment: (typeof MOMENTS)[number]): string[] =>
    moment.other.program === 'p2' ? ['p1', 'p2'] : ['p1'];

  test.each(MOMENTS)('is derived again: $name', async (moment) => {
    await expectDerived(await interrupted(moment, true), programsOf(moment));
  });

  test.each(MOMENTS)('would lose an entry if it were put whatever is there: $name', async (moment) => {
    const all = await interrupted(moment, false);
    const expected = (await derived(all, programsOf(moment))).get(moment.key);
    expect(await textOf(all.reports, moment.key)).not.toBe(expected);
  });
});
