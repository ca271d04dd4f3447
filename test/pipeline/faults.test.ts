import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { type Evaluation, EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { jsonLog } from '../../functions/platform/log.ts';

const START = Date.UTC(2026, 0, 1);
const HEADER = 'time_unix_ms,scope,kind,power_w';

function powerCsv(fromS: number, toS: number, powerW = 1000, scope = 'node-0'): string {
  const rows = Array.from(
    { length: toS - fromS + 1 },
    (_, i) => `${START + (fromS + i) * 1000},${scope},node,${powerW}`,
  );
  return `${[HEADER, ...rows].join('\n')}\n`;
}

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
  start: new Date(START + 100_000).toISOString(),
  stop: new Date(START + 700_000).toISOString(),
  status: 'success',
  files: [{ pattern: '**', boundary: 'node-dc' }],
};

async function work(files: Record<string, string | Uint8Array>, change: Partial<RunManifest> = {}) {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  for (const [path, body] of Object.entries(files))
    await pipeline.stores.landing.put(`p/r/${path}`, typeof body === 'string' ? Buffer.from(body) : body);
  await pipeline.stores.landing.put('p/r/run.json', prettyJson({ ...manifest, ...change }));
  await pipeline.drain();
  const receipts: Receipt[] = [];
  let evaluation: Evaluation | null = null;
  for await (const { key } of stores.lake.list('')) {
    const text = Buffer.from(await collect((await stores.lake.get(key)).body)).toString('utf8');
    if (key.startsWith('receipts/')) receipts.push(ReceiptSchema.parse(JSON.parse(text)));
    if (/evaluations\/.*[0-9a-f]{32}\.json$/.test(key)) evaluation = EvaluationSchema.parse(JSON.parse(text));
  }
  const receipt = (path: string): Receipt => receipts.find((r) => r.path === path) as Receipt;
  return { stores, pipeline, receipt, evaluation: evaluation as Evaluation | null };
}

describe('a run', () => {
  test('is clipped to its start and stop', async () => {
    const { evaluation } = await work({ 'power.csv': powerCsv(0, 800) });
    expect(evaluation?.energy.clippedTrapezoidJ).toBe(600_000);
    expect(evaluation).toMatchObject({
      coverageRatio: 1,
      evidence: 'A',
      bracketed: true,
      energyPerSampleJ: 6_000,
    });
  });

  test('is the same from one file, from several, and compressed', async () => {
    const one = await work({ 'power.csv': powerCsv(0, 800) });
    const parts = await work({
      'a.csv': powerCsv(0, 99),
      'b.csv.gz': gzipSync(powerCsv(100, 400)),
      'c.csv.zst': zstdCompressSync(Buffer.from(powerCsv(401, 800))),
    });
    for (const pick of ['energy', 'coverageRatio', 'maxGapS', 'evidence'] as const)
      expect(parts.evaluation?.[pick]).toEqual(one.evaluation?.[pick]);
  });

  test('counts the same bytes once, and overlapping files once', async () => {
    const same = await work({ 'a.csv': powerCsv(0, 800), 'copy/a.csv': powerCsv(0, 800) });
    expect(same.evaluation?.energy.clippedTrapezoidJ).toBe(600_000);
    expect(same.evaluation?.findings.some((f) => f.code === 'duplicate-source')).toBe(true);
    const overlapping = await work({ 'a.csv': powerCsv(0, 500), 'b.csv': powerCsv(300, 800, 2000) });
    const joules = overlapping.evaluation?.energy.clippedTrapezoidJ as number;
    expect(joules).toBeGreaterThan(600_000);
    expect(joules).toBeLessThan(1_200_000);
  });

  test('bridges a gap, says so, and never takes it for a measurement', async () => {
    const { evaluation } = await work({ 'a.csv': powerCsv(0, 300), 'b.csv': powerCsv(500, 800) });
    expect(evaluation?.energy.clippedTrapezoidJ).toBe(600_000);
    expect(evaluation?.scopes[0]).toMatchObject({ measuredJ: 400_000, bridgedJ: 200_000 });
    expect(evaluation?.coverageRatio).toBeCloseTo(2 / 3, 9);
    expect(evaluation).toMatchObject({ evidence: 'D', maxGapInRunS: 200 });
    expect(evaluation?.findings.map((f) => f.code)).toEqual(
      expect.arrayContaining(['gap', 'coverage-below-95']),
    );
  });

  test('holds power at the nearest reading where the log does not reach, as bridged', async () => {
    const { evaluation } = await work({ 'power.csv': powerCsv(150, 650) });
    expect(evaluation?.scopes[0]).toMatchObject({ measuredJ: 500_000, bridgedJ: 100_000 });
    expect(evaluation).toMatchObject({ bracketed: false });
  });

  test('is not given an energy for a system of which a part was not read', async () => {
    const { evaluation } = await work(
      { 'power.csv': powerCsv(0, 800) },
      { system: { name: 's', nodes: 2, chipsPerNode: 8 } },
    );
    expect(evaluation).toMatchObject({ evidence: 'D' });
    expect(evaluation?.findings[0]).toMatchObject({
      code: 'energy-incomplete',
      message: 'power was read for 1 of 2 nodes',
    });
  });
});

describe('bad input', () => {
  test('a file whose boundary nobody states is refused with what to do', async () => {
    const { receipt } = await work({ 'power.csv': powerCsv(0, 800) }, { files: [] });
    expect(receipt('power.csv').refusal).toMatchObject({
      code: 'boundary-missing',
      message: expect.stringMatching(/power\.csv.*node-0.*run\.json/),
    });
  });

  test('a bad row goes to quarantine with line, column and text; the rest is read', async () => {
    const lines = powerCsv(0, 800).split('\n');
    lines[5] = `${START + 4000},node-0,node,12 W`;
    const { receipt, stores, evaluation } = await work({ 'power.csv': lines.join('\n') });
    expect(receipt('power.csv')).toMatchObject({ status: 'accepted', rejected: 1, rows: 801 });
    expect(await stores.lake.head(receipt('power.csv').outputs.quarantine as string)).not.toBeNull();
    expect(evaluation?.findings.some((f) => f.code === 'rows-rejected')).toBe(true);
  });

  test('too many bad rows refuse the file', async () => {
    const { receipt } = await work({ 'power.csv': powerCsv(0, 800).replaceAll(',1000\n', ',nothing\n') });
    expect(receipt('power.csv').refusal?.code).toBe('too-many-rejects');
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'empty-file'],
    ['an unknown format', Buffer.from('hello world\n'), 'format-unknown'],
    ['a cut gzip', gzipSync(powerCsv(0, 800)).subarray(0, 500), 'truncated'],
    [
      'local time without a zone',
      Buffer.from('time,scope,kind,power_w\n2026-01-01T00:00:00,n,node,5\n'),
      'time-zone-missing',
    ],
    ['an unknown column', Buffer.from('time_unix_ms,scope,watts\n1767225600000,n,5\n'), 'column-unknown'],
  ])('%s is refused by name and does not stop the run', async (_name, body, code) => {
    const { receipt, evaluation } = await work({ 'power.csv': powerCsv(0, 800), 'bad.bin': body });
    expect(receipt('bad.bin')).toMatchObject({ status: 'refused', refusal: { code } });
    expect(evaluation?.energy.clippedTrapezoidJ).toBe(600_000);
    expect(evaluation?.findings.some((f) => f.code === 'file-refused' && f.about === 'bad.bin')).toBe(true);
  });

  test('a manifest that is wrong is refused, and its files wait', async () => {
    const { receipt, evaluation } = await work(
      { 'power.csv': powerCsv(0, 800) },
      { role: 'sidekick' as never },
    );
    expect(receipt('run.json').refusal?.message).toMatch(/role/);
    expect(receipt('power.csv')).toBeUndefined();
    expect(evaluation).toBeNull();
  });

  test('messages that are no events end in the dead letters, and stop nobody', async () => {
    const { pipeline, stores } = await work({ 'power.csv': powerCsv(0, 800) });
    const other = JSON.stringify({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: '999999999999',
      detail: { bucket: { name: 'landing' }, object: { key: 'p/r/forged.csv' } },
    });
    pipeline.pending = ['not json', other];
    await pipeline.drain();
    expect(pipeline.deadLetters).toEqual(['not json']);
    const keys: string[] = [];
    for await (const { key } of stores.lake.list('')) keys.push(key);
    expect(keys.some((k) => k.includes('forged'))).toBe(false);
  });

  test('an edited manifest is read anew: a boundary that was missing is stated, and the run is evaluated', async () => {
    const { pipeline, stores } = await work({ 'power.csv': powerCsv(0, 800) }, { files: [] });
    await pipeline.stores.landing.put('p/r/run.json', prettyJson(manifest));
    await pipeline.drain();
    const evaluations: string[] = [];
    for await (const { key } of stores.lake.list('evaluations/')) evaluations.push(key);
    const latest = JSON.parse(
      Buffer.from(
        await collect((await stores.lake.get('evaluations/program=p/run=r/latest.json')).body),
      ).toString('utf8'),
    ) as { key: string };
    const evaluation = JSON.parse(
      Buffer.from(await collect((await stores.lake.get(latest.key)).body)).toString('utf8'),
    ) as Evaluation;
    expect(evaluation.energy.clippedTrapezoidJ).toBe(600_000);
  });
});
