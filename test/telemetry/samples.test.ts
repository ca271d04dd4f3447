import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { filesBelow } from '../../cli/run-files.ts';
import { FORMATS } from '../../functions/core/telemetry/formats/registry.ts';
import type { FileRule } from '../../functions/core/telemetry/manifest.ts';
import type { ProgressRecord } from '../../functions/core/telemetry/progress.ts';
import { type Receipt, ReceiptSchema } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { readJson } from '../../functions/platform/landing.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { readProgress } from '../../functions/platform/progress-file.ts';
import { CASES, hasCases, hasSamples, SAMPLES } from '../shared.ts';

/** Set to write what is read as the new truth: only after it was worked out in another way, too. */
const isWriting = process.env.WATTLINE_WRITE_GOLDEN === '1';
const GOLDEN = join(import.meta.dirname, 'golden');

/** Files that lie beside telemetry and are none, with what they are. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^NOTICE\.md$/, 'where the samples are from'],
  [/^codecarbon\/emissions\.csv$/, 'totals of whole runs; a mapping reads it'],
  [/^dcgm\/.*\.csv$/, 'names of fields, no readings'],
  [/^mfu-benchmark\//, 'results of a benchmark, a row a configuration'],
  [/^nvidia-smi\/captures\//, 'the output of many tools behind one another; its sections lie beside it'],
  [/\/PMD_data\.bin$/, 'binary of a bench meter; the test of nvidia-smi decodes it'],
  [/\/PMD_start_ts\.txt$/, 'one time'],
  [/\/timestamps\.csv$/, 'start and end of kernels'],
  [/\/(?:client|server)\.json$/, 'what the harness of MLPerf power did'],
  [/\/ptd_logs\.txt$/, 'what the meter daemon said'],
  [/\/mlperf_log_summary\.txt$/, 'prose'],
  [/^redfish\/hp_power_subsys\.json$/, 'a collection: links to supplies'],
  [/^expected\.json$/, 'true results of the cases'],
  [/\/(?:scaling|system_desc)\.json$/, 'facts of a submission'],
];

const POLLED = { startTime: '2026-01-31T12:00:00Z', periodMs: 1000 } as const;

/** What run.json has to say of them, by the part of the path that they begin with. */
const RULES: readonly (readonly [string, Omit<FileRule, 'pattern'>])[] = [
  ['amd/device-metrics-exporter/', POLLED],
  ['amd/rocm-smi-json/', { ...POLLED, node: 'n1' }],
  ['megatron/', { timeZone: 'UTC' }],
  ['nvidia-smi/external-meter/', { timeZone: 'Europe/London' }],
  ['nvidia-smi/golden-metrics/', POLLED],
  ['nvidia-smi/', { timeZone: 'UTC', ...POLLED }],
  ['nvidia-smi-xml/', { timeZone: 'UTC' }],
  ['ptdaemon/', { timeZone: 'UTC' }],
  ['redfish/hp', { ...POLLED, node: 'hp1' }],
  ['redfish/', { ...POLLED, node: 'dell1' }],
];
const ruleOf = (path: string): Omit<FileRule, 'pattern'> =>
  RULES.find(([start]) => path.startsWith(start))?.[1] ?? {};

/** A number without the last digits, which another order of adding up changes. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(10));

/** What a golden file keeps of one source. */
function factsOf(receipt: Receipt, records: readonly ProgressRecord[]): object {
  const { status, refusal, format, rows, rejected, timeRange, scopes, notes } = receipt;
  return {
    format,
    ...(status === 'refused' ? { refusal: refusal?.code } : {}),
    rows,
    rejected,
    timeRange: timeRange && [timeRange.startMs, timeRange.stopMs].map((ms) => new Date(ms).toISOString()),
    scopes: scopes.map(({ id, kind, boundary, samples, energyJ, meanPowerW, estimatedPowerW }) => ({
      ...{ id, kind, boundary, samples, energyJ: rounded(energyJ), meanPowerW: rounded(meanPowerW) },
      ...(estimatedPowerW === null ? {} : { estimatedPowerW }),
    })),
    ...(records.length === 0 ? {} : { progress: progressFacts(records) }),
    notes: Object.fromEntries(notes.map(({ code, count }) => [code, count])),
  };
}

function progressFacts(records: readonly ProgressRecord[]): object {
  const kinds: Record<string, number> = {};
  for (const { kind } of records) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const numbers = (property: 'step' | 'samples' | 'stepMs'): number[] =>
    records.map((record) => record[property]).filter((value) => value !== null);
  const last = (property: 'step' | 'samples'): number | null => numbers(property).at(-1) ?? null;
  const stepMs = numbers('stepMs');
  const meanStepMs = stepMs.reduce((sum, ms) => sum + ms, 0) / stepMs.length;
  return {
    ...{ kinds, lastStep: last('step'), lastSamples: last('samples') },
    ...(stepMs.length > 0 ? { meanStepMs: rounded(meanStepMs) } : {}),
  };
}

/** Ingests files as they would be deployed, each as a run of its own; facts by path. */
async function ingested(root: string, paths: readonly string[]): Promise<Record<string, object>> {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  for (const [i, path] of paths.entries()) {
    const manifest = {
      ...{ schema: 'wattline/run@1', program: 'samples', run: `r${i}`, role: 'baseline', sku: 'unknown' },
      ...{ workload: { name: 'unknown' }, workUnit: 'sample', system: { name: 'unknown', nodes: 1 } },
      files: [{ pattern: '**', ...ruleOf(path) }],
    };
    await stores.landing.put(manifestKey('samples', `r${i}`), prettyJson(manifest));
    await pipeline.stores.landing.put(landingKey('samples', `r${i}`, path), readFileSync(join(root, path)));
  }
  await pipeline.drain();
  expect(pipeline.deadLetters).toEqual([]);
  const facts: Record<string, object> = {};
  for await (const { key } of stores.lake.list('receipts/')) {
    const receipt = await readJson(stores.lake, key, ReceiptSchema);
    if (receipt) facts[receipt.path] = factsOf(receipt, await progressOf(stores.lake, receipt));
  }
  return facts;
}

type Lake = ReturnType<typeof memoryStores>['lake'];

async function progressOf(lake: Lake, { outputs }: Receipt): Promise<ProgressRecord[]> {
  if (outputs.progress === null) return [];
  const { body } = await lake.get(outputs.progress);
  return readProgress(await collect(body));
}

/** Folders that have a golden file each: the first of a sample's, the first two of a case's. */
function grouped(root: string, depth: number): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const path of filesBelow(root)) {
    const name = path.split('/').slice(0, -1).slice(0, depth).join('__') || 'top';
    groups.set(name, [...(groups.get(name) ?? []), path]);
  }
  return groups;
}

describe.each([
  ['samples', SAMPLES, hasSamples, 1],
  ['cases', CASES, hasCases, 2],
] as const)('%s', (_name, root, isThere, depth) => {
  const groups = isThere ? [...grouped(root, depth)] : [];

  describe.runIf(isThere)('each file', () => {
    test.each(groups)('in %s is of exactly one format, or known to be no telemetry', (_group, paths) => {
      for (const path of paths) {
        const head = readFileSync(join(root, path)).subarray(0, 65_536).toString('utf8');
        const ids = FORMATS.filter((format) => format.sniff(head, path)).map((format) => format.id);
        const other = OTHERS.find(([pattern]) => pattern.test(path))?.[1];
        expect([path, ids.length, other]).toEqual([path, other === undefined ? 1 : 0, other]);
      }
    });

    test.each(groups)('in %s is read as it was worked out', async (group, paths) => {
      const telemetry = paths.filter((path) => !OTHERS.some(([pattern]) => pattern.test(path)));
      if (telemetry.length === 0) return;
      const facts = await ingested(root, telemetry);
      const file = join(GOLDEN, `${group}.json`);
      if (isWriting) writeFileSync(file, `${JSON.stringify(facts, null, 2)}\n`);
      expect(existsSync(file)).toBe(true);
      expect(facts).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    });
  });
});

test('every rule and every file that is no telemetry is still there', () => {
  const paths = [...(hasSamples ? filesBelow(SAMPLES) : []), ...(hasCases ? filesBelow(CASES) : [])];
  if (!hasSamples || !hasCases) return;
  expect(RULES.filter(([start]) => !paths.some((path) => path.startsWith(start)))).toEqual([]);
  expect(OTHERS.filter(([pattern]) => !paths.some((path) => pattern.test(path)))).toEqual([]);
});
