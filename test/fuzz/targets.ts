import { InputError } from '../../functions/core/errors.ts';
import type { Format } from '../../functions/core/telemetry/formats/format.ts';
import { FORMATS } from '../../functions/core/telemetry/formats/registry.ts';
import { forEachJsonValue } from '../../functions/core/telemetry/json-values.ts';
import type { FileRule } from '../../functions/core/telemetry/manifest.ts';
import { readTable } from '../../functions/core/telemetry/table.ts';
import type { TablePlan } from '../../functions/core/telemetry/table-plan.ts';
import { decompress } from '../../functions/platform/decompress.ts';
import { type Ingested, ingested } from '../ingested.ts';
import { BrokenPromise, CheckingSink, isShortMessage } from './checking-sink.ts';
import { COMPRESSED_SEEDS, JSON_SEEDS, SEEDS, type Seed, TABLE_SEEDS } from './seeds.ts';

export type Rule = Omit<FileRule, 'pattern'>;

export interface Input {
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly rule: Rule;
  readonly chunk: number;
}

/** Something that reads untrusted bytes. */
export interface Target {
  readonly id: string;
  readonly seeds: readonly Seed[];
  /** What came out, or the code of the refusal. Throws for everything that may not happen. */
  readonly read: (
    input: Input,
  ) => Promise<{ readonly code: string | null; readonly calls: readonly string[] }>;
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

/** Runs a reader that may refuse its input, and may do nothing else but succeed. */
async function attempt(
  run: () => Promise<void>,
  calls: readonly string[],
): Promise<{ code: string | null; calls: readonly string[] }> {
  try {
    await run();
    return { code: null, calls };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (!isShortMessage(error.message))
      throw new BrokenPromise(`${error.code}: a message of ${error.message.length} characters`);
    return { code: error.code, calls };
  }
}

const formatTarget = (format: Format): Target => ({
  id: format.id,
  seeds: SEEDS[format.id] ?? [],
  read: async ({ bytes, path, rule, chunk }) => {
    const sink = new CheckingSink();
    format.sniff(Buffer.from(bytes.subarray(0, 65_536)).toString('utf8'), path);
    return attempt(() => format.read(chunked(bytes, chunk), { path, rule }, sink), sink.calls);
  },
});

const LATER = '2026-01-31T12:00:00Z';
const SMALL_LIMITS = { maxBytes: 4_000_000, maxRatio: 200 };

const decompressTarget: Target = {
  id: 'decompress',
  seeds: COMPRESSED_SEEDS,
  read: async ({ bytes, path, chunk }) => {
    let length = 0;
    const run = async (): Promise<void> => {
      for await (const piece of decompress(chunked(bytes, chunk), path, { limits: SMALL_LIMITS }))
        length += piece.length;
      if (length > SMALL_LIMITS.maxBytes) throw new BrokenPromise(`${length} bytes came out`);
    };
    const { code } = await attempt(run, []);
    // Which fault of several is found first depends on how the bytes come.
    return { code: code === null ? null : 'refused', calls: [String(length)] };
  },
};

const jsonTarget: Target = {
  id: 'json-values',
  seeds: JSON_SEEDS,
  read: async ({ bytes, path, chunk }) => {
    const calls: string[] = [];
    const run = (): Promise<void> =>
      forEachJsonValue(chunked(bytes, chunk), path, {
        value: (value, line) => calls.push(`value ${line} ${typeof value}`),
        other: (text, line) => calls.push(`other ${line} ${text.length}`),
      });
    return attempt(run, calls);
  },
};

/** A plan with every role of a column, by the letters of the header. */
function planOf(names: readonly string[]): TablePlan {
  const si = { multiply: 1, divide: 1 };
  return {
    names,
    kind: 'chip',
    metrics: new Map([['power', { field: 'power_w', scale: si }]]),
    progressKey: 'loss',
    columns: names.map((name) => {
      if (name === 'time') return { role: 'time', form: 'iso' };
      if (name === 'scope') return { role: 'scope' };
      if (name === 'power')
        return { role: 'reading', field: 'power_w', scale: si, suffixes: new Map([['W', si]]) };
      if (name === 'energy') return { role: 'reading', field: 'energy_j', scale: si, sentinels: [65_535] };
      if (name === 'metric') return { role: 'metric' };
      if (name === 'number') return { role: 'metric-value' };
      if (name === 'step') return { role: 'progress', property: 'step' };
      if (name === 'loss') return { role: 'progress', property: 'value' };
      return { role: 'skip' };
    }),
  };
}

const tableTarget: Target = {
  id: 'table',
  seeds: TABLE_SEEDS,
  read: async ({ bytes, path, rule, chunk }) => {
    const sink = new CheckingSink();
    const header = (cells: readonly string[]): TablePlan | null =>
      cells[0] === 'time' ? planOf(cells) : null;
    return attempt(() => readTable(chunked(bytes, chunk), { path, rule }, sink, { header }), sink.calls);
  },
};

/** The whole way of a file, from its upload to its receipt. */
const ingestTarget: Target = {
  id: 'ingest',
  seeds: Object.values(SEEDS).flat(),
  read: async ({ bytes, path, rule }) => {
    const { startTime, timeZone } = rule;
    const isStart = startTime === undefined || /^\d{4}-.*Z$/.test(startTime);
    const usable = { ...rule, boundary: rule.boundary ?? 'chip', ...(isStart ? {} : { startTime: LATER }) };
    const all = await ingested([
      { path, bytes, rule: timeZone === '' ? { ...usable, timeZone: 'UTC' } : usable },
    ]);
    const { receipt } = all.get(path) as Ingested;
    if (receipt.status === 'accepted' && receipt.rows === 0) throw new BrokenPromise('nothing was accepted');
    for (const { energyJ, meanPowerW } of receipt.scopes)
      if (energyJ !== null && !(energyJ >= 0 && (meanPowerW ?? 0) >= 0))
        throw new BrokenPromise(`energy ${energyJ} J, mean ${meanPowerW} W`);
    return { code: receipt.refusal?.code ?? null, calls: [JSON.stringify(receipt.scopes)] };
  },
};

export const TARGETS: readonly Target[] = [
  ...FORMATS.map(formatTarget),
  tableTarget,
  jsonTarget,
  decompressTarget,
  ingestTarget,
];
