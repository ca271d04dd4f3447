import { describe, expect, test } from 'vitest';
import { InputError } from '../../functions/core/errors.ts';
import { readTelemetry } from '../../functions/core/telemetry/read.ts';
import { BatchSink, replay } from '../../functions/core/telemetry/sample-batch.ts';
import { SourceReading, type SourceRule } from '../../functions/core/telemetry/source-reading.ts';
import { sha256 } from '../../functions/platform/hash.ts';
import {
  isThreadWorthwhile,
  prepareReader,
  readInThread,
  type ThreadRequest,
} from '../../functions/platform/reader-thread.ts';

const POWER_LOG = [
  ':::MLLOG {"time_ms":1790000000000,"key":"power_measurement_start","value":null,"metadata":{}}',
  ...Array.from(
    { length: 200 },
    (_, i) =>
      `:::MLLOG {"time_ms":${1790000001000 + i * 1000},"key":"power_reading","value":${500 + i},"metadata":{}}`,
  ),
  ':::MLLOG {"time_ms":1790000100000,"key":"conversion_eff","value":0.94,"metadata":{"measurement_type":"AC"}}',
  ':::MLLOG {"time_ms":',
  ':::MLLOG {"time_ms":1790000200000,"key":"power_measurement_stop","value":null,"metadata":{}}',
  ':::MLLOG {"time_ms":1790000201000,"key":"power_reading","value":9,"metadata":{}}',
].join('\n');
const CSV = [
  'time,scope,kind,power_w,energy_j,event,step',
  ...Array.from({ length: 500 }, (_, i) => {
    const time = new Date(1_790_000_000_000 + i * 500).toISOString();
    if (i % 97 === 5) return `${time},n${i % 3},node,x,,,`;
    return i % 50 === 0 ? `${time},,,,,step,${i}` : `${time},n${i % 3},node,${1000 + i},${i % 2 ? i : ''},,`;
  }),
].join('\n');
const CASES: readonly [string, string, SourceRule][] = [
  ['a power log', POWER_LOG, {}],
  ['a table with progress and rejects', CSV, { boundary: 'node-dc', clockOffsetMs: 250 }],
];

async function* chunked(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Everything that a reading comes to. */
function recorded(rule: SourceRule) {
  const samples: unknown[] = [];
  const reading = new SourceReading(rule, {
    addScope: (id, kind) => void samples.push([id, kind]),
    sample: (scope, timeMs, values, fields) =>
      void samples.push([
        scope,
        timeMs,
        fields.map((f) => [f, values[f]]).filter(([, v]) => !Number.isNaN(v)),
      ]),
  });
  const result = () => ({
    samples,
    scopes: reading.finish(),
    rows: reading.rows,
    rejects: reading.rejects,
    records: reading.records,
    notes: reading.notes,
  });
  return { reading, result };
}

async function here(text: string, rule: SourceRule, path = 'power/node_0.txt'): Promise<unknown> {
  const { reading, result } = recorded(rule);
  await readTelemetry(chunked(text, 1_000), path, rule, reading);
  return result();
}

describe('what a reader says, noted down and said again', () => {
  test.each(CASES)('is the same for %s', async (_name, text, rule) => {
    const { reading, result } = recorded(rule);
    const sink = new BatchSink();
    async function* batched(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunked(text, 777)) {
        yield chunk;
        replay(sink.take(null), reading);
      }
    }
    await readTelemetry(batched(), 'power/node_0.txt', rule, sink);
    replay(sink.take(null), reading);
    expect(result()).toEqual(await here(text, rule));
  });
});

const requestOf = (reading: SourceReading, path = 'node_0.txt', rule: SourceRule = {}): ThreadRequest => ({
  isOwned: () => false,
  isHashed: () => false,
  path,
  rule,
  reading,
  ready: async () => {},
});

// A thread needs a runtime that reads TypeScript, as the one that npm scripts run under.
describe.runIf(isThreadWorthwhile(Number.MAX_SAFE_INTEGER))('reading in a thread of its own', () => {
  test.each(CASES)('comes to the same as reading here: %s', async (_name, text, rule) => {
    const { reading, result } = recorded(rule);
    await readInThread(chunked(text, 1_000), requestOf(reading, 'power/node_0.txt', rule));
    expect(result()).toEqual(await here(text, rule));
  });

  test.each([true, false])(
    'hashes where it is asked to (%s), and waits for whoever takes the samples',
    async (isHashed) => {
      const rows = Array.from(
        { length: 60_000 },
        (_, i) => `${new Date(1_790_000_000_000 + i * 1_000).toISOString()},a,${i % 700}`,
      );
      const text = `time,scope,power_w\n${rows.join('\n')}\n`;
      const { reading, result } = recorded({ boundary: 'chip' });
      let readies = 0;
      const ready = async (): Promise<void> => {
        readies += 1;
        await new Promise((resolve) => setImmediate(resolve));
      };
      const read = await readInThread(chunked(text, 50_000), {
        ...requestOf(reading, 'a.csv'),
        isHashed: () => isHashed,
        ready,
      });
      expect(read).toMatchObject({
        format: { id: 'wattline-csv' },
        sha256: isHashed ? sha256(text) : null,
      });
      expect(readies).toBeGreaterThan(1);
      expect(result().samples).toHaveLength(60_001);
    },
  );

  test('a file that cannot be used is refused with the same code', async () => {
    const text = 'time,scope,power_w\n2026-01-01 00:00:00,a,1\n';
    const { reading } = recorded({});
    const refusal = readInThread(chunked(text, 10), requestOf(reading));
    await expect(refusal).rejects.toMatchObject({ code: 'time-zone-missing' });
    await expect(refusal).rejects.toBeInstanceOf(InputError);
  });

  test('what goes wrong where the samples go ends the reading', async () => {
    const reading = new SourceReading(
      {},
      {
        addScope: () => {},
        sample: () => {
          throw new InputError('full', 'no more');
        },
      },
    );
    await expect(readInThread(chunked(POWER_LOG, 500), requestOf(reading))).rejects.toThrow('no more');
  });

  test('one thread reads source after source, and a source that failed leaves nothing for the next', async () => {
    prepareReader();
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `${new Date(1_790_000_000_000 + i * 1_000).toISOString()},other,${i % 700}`,
    );
    // It fails with pieces under way, of which the thread has yet to say what is in them.
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunked(`time,scope,power_w\n${rows.join('\n')}\n`, 60_000);
      throw new Error('connection reset');
    }
    const zoneless = 'time,scope,power_w\n2026-01-01 00:00:00,a,1\n'.padEnd(5_000, '\n');
    for (const _ of [1, 2]) {
      for (const [, text, rule] of CASES) {
        const { reading, result } = recorded(rule);
        await readInThread(chunked(text, 700), requestOf(reading, 'power/node_0.txt', rule));
        expect(result()).toEqual(await here(text, rule));
      }
      const refused = readInThread(chunked(zoneless, 10), requestOf(recorded({}).reading, 'a.csv'));
      await expect(refused).rejects.toMatchObject({ code: 'time-zone-missing' });
      const cut = readInThread(broken(), requestOf(recorded({}).reading, 'a.csv'));
      await expect(cut).rejects.toThrow('connection reset');
    }
  });

  test('sources that are read at once do not meet', async () => {
    const read = async ([, text, rule]: (typeof CASES)[number], size: number): Promise<void> => {
      const { reading, result } = recorded(rule);
      await readInThread(chunked(text, size), requestOf(reading, 'power/node_0.txt', rule));
      expect(result()).toEqual(await here(text, rule));
    };
    await Promise.all(CASES.flatMap((one) => [read(one, 333), read(one, 4_000)]));
  });

  test('pieces that are given away and pieces that are lent may take turns, also after the beginning', async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, i) => `${new Date(1_790_000_000_000 + i * 1_000).toISOString()},a,${i % 700}`,
    );
    const text = `time,scope,power_w\n${rows.join('\n')}\n`;
    async function* mixed(): AsyncGenerator<Uint8Array> {
      let isWhole = false;
      for await (const chunk of chunked(text, 40_000)) {
        isWhole = !isWhole;
        yield isWhole ? Uint8Array.from(chunk) : chunk;
      }
    }
    const { reading, result } = recorded({ boundary: 'chip' });
    const owned = { ...requestOf(reading, 'a.csv', { boundary: 'chip' }), isOwned: () => true };
    const { sha256: hash } = await readInThread(mixed(), { ...owned, isHashed: () => true });
    expect(hash).toBe(sha256(text));
    expect(result()).toEqual(await here(text, { boundary: 'chip' }, 'a.csv'));
  });

  test('an error of the source passes as it is', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(CSV.slice(0, 400));
      throw new Error('connection reset');
    }
    const { reading } = recorded({});
    await expect(readInThread(failing(), requestOf(reading))).rejects.toThrow('connection reset');
  });
});
