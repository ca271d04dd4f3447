import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directoryStores, Pipeline } from '../../cli/pipeline.ts';
import type { FileRule, RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { type QuarantinedFile, readQuarantine } from '../../functions/platform/quarantine.ts';

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const folder = mkdtempSync(join(tmpdir(), 'wattline-quarantine-'));
const store = join(folder, 'store');
const stores = directoryStores(store);
const pipeline = new Pipeline(
  stores,
  jsonLog(() => {}),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });

const START = Date.UTC(2026, 0, 1);
const HEADER = 'time_unix_ms,scope,kind,power_w';
const rows = (n: number, power: (i: number) => string): string =>
  `${[HEADER, ...Array.from({ length: n }, (_, i) => `${START + i * 1000},n0,node,${power(i)}`)].join('\n')}\n`;

const manifest = (run: string, files: FileRule[]): RunManifest => ({
  schema: 'wattline/run@1',
  program: 'p',
  run,
  role: 'candidate',
  sku: 'own-chip',
  workload: { name: 'w' },
  workUnit: 'sample',
  system: { name: 's', nodes: 1 },
  files,
});

async function upload(run: string, files: Record<string, string>, rules: FileRule[] | null): Promise<void> {
  for (const [path, text] of Object.entries(files))
    await pipeline.stores.landing.put(`p/${run}/${path}`, Buffer.from(text));
  if (rules) await pipeline.stores.landing.put(`p/${run}/run.json`, prettyJson(manifest(run, rules)));
  await pipeline.drain();
}

const dc: FileRule = { pattern: '**', boundary: 'node-dc' };
const spotted = rows(1_000, (i) => (i === 7 ? '1e99' : i === 8 || i === 9 ? '\u001b[31mred' : '500'));
const fileOf = async (path: string): Promise<QuarantinedFile | undefined> =>
  (await readQuarantine(stores)).find((f) => f.path === path);

beforeAll(async () => {
  await upload('clean', { 'a.csv': rows(10, () => '500') }, [dc]);
  await upload('spotted', { 'a.csv': spotted, 'power/b.csv': rows(10, () => '1') }, [
    { pattern: 'a.csv', boundary: 'node-dc' },
  ]);
  await upload('ruined', { 'a.csv': rows(200, (i) => (i % 4 === 0 ? 'x' : '1')) }, [dc]);
  await upload('early', { 'a.csv': rows(10, () => '500') }, null);
});

describe('the quarantine of a store', () => {
  test('holds the files that were not read in full, by run, and no others', async () => {
    const files = await readQuarantine(stores);
    expect(files.map((f) => [f.run, f.path, f.status])).toEqual([
      ['early', 'a.csv', 'waiting'],
      ['ruined', 'a.csv', 'refused'],
      ['spotted', 'a.csv', 'accepted'],
      ['spotted', 'power/b.csv', 'refused'],
    ]);
  });

  test('groups rejected rows by reason and column, each with an example and what to do', async () => {
    const spots = (await readQuarantine(stores)).find((f) => f.run === 'spotted' && f.path === 'a.csv');
    expect(spots).toMatchObject({ rows: 1_000, rejected: 3, refusal: null });
    expect(spots?.rejects).toMatchObject([
      { reason: 'number', column: 'power_w', rows: 2, example: { line: 10 } },
      {
        reason: 'range',
        column: 'power_w',
        rows: 1,
        example: { line: 9, raw: expect.stringContaining('1e99') },
      },
    ]);
    for (const { fix } of spots?.rejects ?? []) expect(fix).toMatch(/^[A-Z].*\.$/);
  });

  test('says why a file was refused and what to declare', async () => {
    expect((await fileOf('power/b.csv'))?.refusal).toMatchObject({
      code: 'boundary-missing',
      fix: expect.stringMatching(/^State what the readings cover as boundary/),
    });
  });

  test('is shown to people without a byte that steers their terminal', () => {
    const { status, stdout } = wattline('quarantine', store);
    expect(status).toBe(0);
    expect(stdout).toContain('p / ruined\n  a.csv: refused, ');
    expect(stdout).toMatch(
      /2 rows: number in power_w, expected .*\n {6}line 10: .*\\u001b\[31mred\n {6}to mend: /,
    );
    expect(stdout).toContain('Upload run.json beside the files');
    expect(stdout).not.toContain('\u001b');
  });

  test('is JSON where that was asked for', async () => {
    const { stdout } = wattline('quarantine', store, '--json');
    expect(JSON.parse(stdout)).toEqual({
      schema: 'wattline/quarantine@1',
      files: await readQuarantine(stores),
    });
  });

  test('is refused of a folder that is no store', () => {
    const { status, stderr } = wattline('quarantine', folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/no store; expected a folder that --out named/);
  });
});

describe('what was mended', () => {
  test.each<[string, FileRule[], string | null]>([
    [
      'a higher rejectLimit accepts the rows that are good',
      [{ ...dc, rejectLimit: { rows: 60, ratio: 0.3 } }],
      null,
    ],
    ['a lower one refuses', [{ ...dc, rejectLimit: { rows: 0, ratio: 0 } }], 'too-many-rejects'],
    ['a conversion needs where it leads', [{ ...dc, conversionEfficiency: 0.94 }], 'boundary-after-missing'],
    [
      'a boundary after needs the conversion',
      [{ ...dc, boundary: 'node-ac', boundaryAfter: 'node-dc' }],
      'conversion-missing',
    ],
  ])('%s', async (name, rules, refusal) => {
    const run = name.replaceAll(' ', '-');
    const bad = rules[0]?.rejectLimit ? 4 : 1_000;
    await upload(run, { 'a.csv': rows(200, (i) => (i % bad === 1 ? 'x' : '1')) }, rules);
    const file = (await readQuarantine(stores)).find((f) => f.run === run);
    expect(file?.refusal?.code ?? null).toBe(refusal);
    expect(file?.rejected).toBe(rules[0]?.rejectLimit ? 50 : 1);
  });

  test('leaves the quarantine when run.json is mended, although its old receipt stays', async () => {
    const file = { 'late.csv': rows(10, () => '1') };
    await upload('mended', file, []);
    expect((await fileOf('late.csv'))?.refusal?.code).toBe('boundary-missing');
    await upload('mended', {}, [dc]);
    expect(await fileOf('late.csv')).toBeUndefined();
  });

  test('names run.json itself where it cannot be used, and the files that wait for it', async () => {
    await pipeline.stores.landing.put('p/broken/run.json', Buffer.from('{"schema": "wattline/run@1"}'));
    await upload('broken', { 'x.csv': rows(3, () => '1') }, null);
    const files = (await readQuarantine(stores)).filter((f) => f.run === 'broken');
    expect(files.map((f) => [f.path, f.status, f.refusal?.code])).toEqual([
      ['run.json', 'refused', 'json-shape'],
      ['x.csv', 'waiting', 'manifest-missing'],
    ]);
  });
});
