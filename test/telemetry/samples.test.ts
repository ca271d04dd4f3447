import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../../cli/run-files.ts';
import { FORMATS } from '../../functions/core/telemetry/formats/registry.ts';
import type { ProgressRecord } from '../../functions/core/telemetry/progress.ts';
import { readTelemetry } from '../../functions/core/telemetry/read.ts';
import type { Receipt } from '../../functions/core/telemetry/receipt.ts';
import { type Ingested, ingested, type Rule } from '../ingested.ts';
import { CASES, hasCases, hasSamples, SAMPLES } from '../shared.ts';
import { RecordingSink } from './formats/recording-sink.ts';

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
const RULES: readonly (readonly [string, Rule])[] = [
  ['mlperf-training-v4.0/smc-ac-', { boundary: 'node-ac' }],
  ['mlperf-training-v4.0/smc-dc-', { boundary: 'node-dc' }],
  ['amd/device-metrics-exporter/', POLLED],
  ['amd/rocm-smi-json/', { ...POLLED, node: 'n1' }],
  ['megatron/', { timeZone: 'UTC' }],
  ['nvidia-smi/external-meter/', { timeZone: 'Europe/London', scopes: { '*': 'a100' } }],
  ['nvidia-smi/golden-metrics/', POLLED],
  ['nvidia-smi/', { timeZone: 'UTC', ...POLLED }],
  ['nvidia-smi-xml/', { timeZone: 'UTC' }],
  ['ptdaemon/', { timeZone: 'UTC' }],
  ['redfish/hp', { ...POLLED, node: 'hp1' }],
  ['redfish/', { ...POLLED, node: 'dell1', boundary: 'node-ac' }],
];
const ruleOf = (path: string): Rule => RULES.find(([start]) => path.startsWith(start))?.[1] ?? {};

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

/** Facts of each file, by path. */
async function factsBelow(root: string, paths: readonly string[]): Promise<Record<string, object>> {
  const files = paths.map((path) => ({ path, bytes: readFileSync(join(root, path)), rule: ruleOf(path) }));
  const all = await ingested(files);
  const facts: Record<string, object> = {};
  for (const { path, bytes } of files) {
    const { receipt, records } = all.get(path) as Ingested;
    facts[path] = { ...factsOf(receipt, records), readings: await readingsOf(path, bytes) };
  }
  return facts;
}

/** Number and mean of the readings of each field and scope, straight from the reader. */
async function readingsOf(path: string, bytes: Uint8Array): Promise<object> {
  const sink = new RecordingSink();
  await readTelemetry(once(bytes), path, ruleOf(path), sink).catch(() => undefined);
  const totals: Record<string, Record<string, [count: number, sum: number]>> = {};
  for (const { scope, values } of sink.samples) {
    totals[scope] ??= {};
    for (const [field, value] of Object.entries(values)) {
      const [count, sum] = totals[scope][field] ?? [0, 0];
      totals[scope][field] = [count + 1, sum + value];
    }
  }
  return mapValues(totals, (fields) =>
    mapValues(fields, ([count, sum]) => [count, rounded(sum / count)] as const),
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const mapValues = <A, B>(of: Readonly<Record<string, A>>, to: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, to(value)]));

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
      const facts = await factsBelow(root, telemetry);
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
