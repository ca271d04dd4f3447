import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { type Decision, DecisionSchema } from '../../functions/core/decision/decision.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { METRICS, Metrics, TIMES } from '../../functions/platform/metrics.ts';
import { weekly } from '../../functions/weekly/weekly.ts';
import { PILOT, pilot } from '../decision/pilot.ts';
import {
  contentsOf,
  KEY,
  keysOf,
  MANIFEST,
  powerCsv,
  QUIET,
  START_MS,
  versionsOf,
  withRun,
} from './uploads.ts';

const CLOUDWATCH_LIMIT_BYTES = 256 * 1024;

describe('a night', () => {
  const read = async (): Promise<Pipeline> => {
    const pipeline = await withRun();
    await pipeline.stores.landing.put(KEY, Buffer.from(powerCsv()));
    await pipeline.drain();
    return pipeline;
  };
  const versions = async ({ stores }: Pipeline): Promise<string[]> => [
    ...(await versionsOf(stores.lake)),
    ...(await versionsOf(stores.reports)),
  ];

  test.each([
    ['twice', '2026-01-05T02:00:00Z'],
    ['late', '2026-01-05T23:59:00Z'],
  ])('fault 36: that is started %s is of the same day, and writes nothing new', async (_name, again) => {
    const pipeline = await read();
    await pipeline.night('2026-01-05T02:00:00Z');
    const before = await versions(pipeline);
    await pipeline.night(again);
    expect(await versions(pipeline)).toEqual(before);
    expect(pipeline.verdicts).toHaveLength(1);
  });

  test('fault 36: that is started twice at once decides once', async () => {
    const once = await read();
    await once.night('2026-01-05T02:00:00Z');
    const twice = await read();
    await Promise.all([twice.night('2026-01-05T02:00:00Z'), twice.night('2026-01-05T02:00:00Z')]);
    expect(await contentsOf(twice.stores.lake)).toEqual(await contentsOf(once.stores.lake));
    expect(await contentsOf(twice.stores.reports)).toEqual(await contentsOf(once.stores.reports));
    expect(new Set(twice.verdicts.map((v) => v.id)).size).toBe(1);
  });

  test('fault 36: after a month without any, one night makes up for what was missed', async () => {
    const pipeline = await read();
    await pipeline.night('2026-01-05T02:00:00Z');
    await pipeline.stores.landing.put('p/r/late.csv', Buffer.from(powerCsv(500)));
    pipeline.pending = [];
    await pipeline.night('2026-02-20T02:00:00Z');
    expect((await keysOf(pipeline.stores.lake, 'receipts/')).length).toBe(3);
    expect((await readLatest(pipeline.stores.lake, 'decisions/program=p/'))?.key).toContain(
      'date=2026-02-20',
    );
  });

  test('fault 36: a night that is caught up later gets its own decision, and the pointer stays', async () => {
    const pipeline = await read();
    await pipeline.night('2026-01-07T02:00:00Z');
    await pipeline.night('2026-01-08T02:00:00Z', undefined, { prefix: 'p/', date: '2026-01-06' });
    expect((await readLatest(pipeline.stores.lake, 'decisions/program=p/'))?.key).toContain(
      'date=2026-01-07',
    );
    expect(await keysOf(pipeline.stores.reports, 'programs/p/2026-01-06/')).not.toEqual([]);
  });

  test('fault 36: a week is reported once, however often it is asked for', async () => {
    const { stores } = await read();
    const report = (): Promise<unknown> =>
      weekly({ ...stores, functions: {}, use: null, log: QUIET }, Date.UTC(2026, 0, 12, 6));
    const first = await report();
    const before = await versionsOf(stores.reports);
    expect(await report()).toEqual(first);
    expect(await versionsOf(stores.reports)).toEqual(before);
  });
});

describe('a baseline', () => {
  /** The schema refuses NaN and infinity: no decision may hold any. */
  const decide = (evaluations: readonly Evaluation[], date = '2026-01-30'): Decision =>
    DecisionSchema.parse(
      decideProgram({ program: 'p', date, evaluations, policy: DEFAULT_POLICY, prices: null, code: 'test' }),
    );
  const all = pilot(PILOT);
  const energyGate = (decision: Decision) => decision.gates.find((g) => g.id === 'energy');
  const baseline = (change: (e: Evaluation) => Evaluation): Evaluation[] =>
    all.map((e) => (e.role === 'baseline' ? change(e) : e));

  test('fault 37: that is missing decides nothing, and the gate says so', () => {
    const decision = decide(all.filter((e) => e.role === 'candidate'));
    expect(decision.verdict).toBe('hold');
    expect(energyGate(decision)).toMatchObject({
      result: 'not decidable',
      reason: expect.stringMatching(/no runs of one workload on both sides/),
    });
  });

  test('fault 37: of zero energy is divided by nowhere', () => {
    const decision = decide(
      baseline((e) => ({
        ...e,
        energyPerTokenJ: 0,
        energyPerSampleJ: e.energyPerSampleJ === null ? null : 0,
        energy: { clippedTrapezoidJ: 0, mlperfTrainingV40J: 0, counterJ: null },
        units: e.units.map((u) => ({ ...u, energyJ: 0, energyPerTokenJ: 0, energyPerUsefulTokenJ: 0 })),
      })),
    );
    expect(decision.verdict).not.toBe('scale-up');
    expect(energyGate(decision)?.result).toBe('not decidable');
  });

  test('fault 37: that is older than the policy allows blocks the verdict, and says by how much', () => {
    const decision = decide(
      all.filter((e) => e.role === 'candidate' || e.startMs < Date.UTC(2026, 0, 15)),
      '2026-03-01',
    );
    expect(decision.verdict).toBe('hold');
    expect(energyGate(decision)?.reason).toMatch(/stale: its last night is 2026-01-14, 46 days before/);
  });
});

describe('names that telemetry brings along', () => {
  const HOSTILE = [
    '<script>document.title=1</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '=HYPERLINK(1)',
    '@SUM(1)',
    '+1+1',
    '-2+3',
    '[a](javascript:alert(1))',
  ];

  async function published(): Promise<{ lines: string[]; files: Map<string, string> }> {
    const lines: string[] = [];
    const stores = memoryStores();
    const pipeline = new Pipeline(
      stores,
      jsonLog((line) => lines.push(line)),
    );
    const rows = Array.from({ length: 81 }, (_, i) =>
      HOSTILE.map((id) => `${START_MS + i * 1000},"${id.replaceAll('"', '""')}",chip,100`),
    ).flat();
    const manifest = {
      ...MANIFEST,
      sku: HOSTILE[0],
      system: { name: HOSTILE[1], nodes: 1, chipsPerNode: HOSTILE.length },
      workload: { name: HOSTILE[0] },
      chips: HOSTILE.map((id) => ({ id, lot: id, node: id, firmware: id })),
      files: [{ pattern: '**', boundary: 'chip' }],
    };
    await pipeline.stores.landing.put('p/r/run.json', prettyJson(manifest));
    await pipeline.stores.landing.put(
      KEY,
      Buffer.from(`time_unix_ms,scope,kind,power_w\n${rows.join('\n')}\n`),
    );
    await pipeline.drain();
    await pipeline.night('2026-01-02T02:00:00Z');
    const files = new Map<string, string>();
    for (const key of await keysOf(stores.reports))
      files.set(key, Buffer.from(await collect((await stores.reports.get(key)).body)).toString());
    return { lines, files };
  }

  test('fault 44: become no markup, no script and no formula in any report', async () => {
    const { files } = await published();
    const pages = [...files].filter(([key]) => key.endsWith('.html'));
    expect(pages.length).toBeGreaterThanOrEqual(3);
    for (const [, page] of pages) {
      expect(/<script|<img/i.test(page)).toBe(false);
      // What is inside an attribute's quotes is text; outside of them no handler may stand.
      expect(/<[^>]* on[a-z]+\s*=/i.test(page.replaceAll(/"[^"]*"/g, '""'))).toBe(false);
      expect(page).toContain("default-src 'none'");
    }
    expect(files.get('runs/p/r/report.html')).toContain('&lt;script&gt;document.title=1&lt;/script&gt;');
    const tables = [...files].filter(([key]) => key.endsWith('.csv'));
    expect(tables.length).toBeGreaterThanOrEqual(2);
    for (const [, table] of tables)
      for (const line of table.split('\n'))
        expect(line).not.toMatch(/(?:^|,)"?[=@+](?!\d+(?:\.\d+)?(?:,|$))/);
    expect(files.get('runs/p/r/chips.csv')).toContain("'=HYPERLINK(1)");
    for (const [, text] of [...files].filter(([key]) => key.endsWith('.md')))
      expect(/(?<!\\)(?:<(?:script|img)|\]\(javascript)/.test(text)).toBe(false);
  });

  test('fault 45: are no dimension of a metric, and no line has more metrics than one may', async () => {
    const { lines } = await published();
    const metrics = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line);
    expect(metrics.length).toBeGreaterThan(3);
    for (const line of metrics) {
      const [{ Dimensions, Metrics: listed }] = line._aws.CloudWatchMetrics;
      expect(listed.length).toBeLessThanOrEqual(100);
      for (const name of Dimensions.flat()) {
        expect(['Function', 'Program', 'Workload']).toContain(name);
        if (name !== 'Workload') expect(HOSTILE).not.toContain(line[name]);
      }
    }
  });

  test('fault 45: a hundred values are the most of a metric, and a function has far fewer metrics', () => {
    for (const name of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
      const metrics = new Metrics(name);
      for (let i = 0; i < 250; i += 1) metrics.took('WorkDuration' as never, i);
      const line = JSON.parse(metrics.line(0));
      expect(line.WorkDuration).toHaveLength(100);
      expect(line._aws.CloudWatchMetrics[0].Metrics.length).toBeLessThanOrEqual(100);
      expect(METRICS[name].length + TIMES[name].length).toBeLessThanOrEqual(100);
    }
  });
});

describe('a line of the log', () => {
  const logged = (say: (log: ReturnType<typeof jsonLog>) => void): Record<string, unknown> => {
    const lines: string[] = [];
    say(jsonLog((line) => lines.push(line)));
    expect(lines).toHaveLength(1);
    expect(Buffer.byteLength(lines[0] as string)).toBeLessThan(CLOUDWATCH_LIMIT_BYTES);
    return JSON.parse(lines[0] as string);
  };
  const circle: Record<string, unknown> = { name: 'circle' };
  for (let i = 0; i < 12; i += 1) circle[`again${i}`] = circle;
  const circular = new Error('outer');
  circular.cause = circular;

  test.each<[string, (log: ReturnType<typeof jsonLog>) => void]>([
    ['a message of a megabyte', (log) => log.info('x'.repeat(1_000_000))],
    ['a message of wide letters', (log) => log.info('\u{1F50C}'.repeat(100_000))],
    ['a field of a megabyte', (log) => log.info('m', { key: 'k', body: 'x'.repeat(1_000_000) })],
    ['a hundred thousand fields', (log) => log.info('m', { list: Array(100_000).fill({ a: 'b' }) })],
    ['an error of a megabyte', (log) => log.error('m', new Error('x'.repeat(1_000_000)))],
  ])('fault 46: with %s is shortened, says so, and is still JSON', (_name, say) => {
    expect(logged(say)).toMatchObject({ isShortened: true, level: expect.stringMatching(/INFO|ERROR/) });
  });

  test('fault 46: with a circle in it is written, without the circle', () => {
    expect(logged((log) => log.info('m', { circle, key: 'k' }))).toMatchObject({ message: 'm', key: 'k' });
    expect(logged((log) => log.error('m', circular))).toMatchObject({ error: { message: 'outer' } });
    expect(logged((log) => log.error('m', circle))).toMatchObject({ message: 'm', level: 'ERROR' });
    expect(logged((log) => log.info('m', { big: 1n }))).toMatchObject({ big: '1' });
  });

  test('fault 46: that is short stays as it is', () => {
    expect(logged((log) => log.info('m', { key: 'k' }))).toEqual({ level: 'INFO', message: 'm', key: 'k' });
  });
});
