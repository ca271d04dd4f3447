import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { mergeAll } from '../../functions/core/telemetry/merge.ts';
import type { Segment } from '../../functions/core/telemetry/segment.ts';
import { NUMBER_COLUMNS, segmentOf } from '../../functions/core/telemetry/segment-table.ts';
import { segmentColumns } from '../../functions/evaluate/segment-columns.ts';
import { type ScopeWindows, WindowFold } from '../../functions/evaluate/window-fold.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { random } from '../bench/generate.ts';
import { manifestOf, quietPipeline } from '../ingested.ts';

type Rows = Record<string, unknown>[];

/** Readings of three chips with jitter, gaps, a counter that falls, and fields that come at times of their own. */
function telemetry(seed: number): string {
  const next = random(seed);
  const lines = ['time_unix_ms,scope,power_w,temperature_c,energy_j,work_total'];
  const energy = [0, 0, 0];
  for (let s = 0; s < 900; s += 1)
    for (let chip = 0; chip < 3; chip += 1) {
      if (next() < 0.02 || (chip === 1 && s > 300 && s < 420)) continue;
      energy[chip] = s === 500 && chip === 2 ? 0 : (energy[chip] as number) + 400;
      const time = Date.UTC(2026, 0, 1) + s * 1000 + Math.floor(next() * 300);
      const temperature = s % 7 === chip ? '' : (50 + 20 * next()).toFixed(1);
      lines.push(
        `${time},chip-${chip},${(300 + 200 * next()).toFixed(2)},${temperature},${energy[chip]},${s * 10}`,
      );
    }
  return `${lines.join('\n')}\n`;
}

/** The segment file that ingest makes of a file. */
async function segmentFile(text: string): Promise<Uint8Array> {
  const line = quietPipeline();
  await line.stores.landing.put(manifestKey('files', 'r'), manifestOf('r', { boundary: 'chip' }));
  await line.stores.landing.put(landingKey('files', 'r', 'a.csv'), Buffer.from(text));
  await line.drain();
  for await (const { key } of line.stores.lake.list('segments/'))
    return collect((await line.stores.lake.get(key)).body);
  throw new Error('no segments were written');
}

async function rowsOf(bytes: Uint8Array): Promise<Rows> {
  return (await parquetReadObjects({
    file: new Uint8Array(bytes).buffer,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  })) as Rows;
}

async function folded(bytes: Uint8Array): Promise<ReadonlyMap<string, ScopeWindows>> {
  const fold = new WindowFold();
  for await (const group of segmentColumns(bytes)) fold.add(group);
  return fold.result();
}

/** The plain form: every row an object, merged one after the other. */
function merged(rows: Rows): ReadonlyMap<string, Segment[]> {
  const windows = new Map<string, Segment[]>();
  for (const { scope, segment } of rows.map(segmentOf))
    windows.set(scope, [...(windows.get(scope) ?? []), segment]);
  return windows;
}

describe('the windows of a source', () => {
  test.each([1, 2, 3])(
    'are read as merging their rows one by one gives it, to the bit (%i)',
    async (seed) => {
      const bytes = await segmentFile(telemetry(seed));
      const plain = merged(await rowsOf(bytes));
      const fast = await folded(bytes);
      expect([...fast.keys()].sort()).toEqual([...plain.keys()].sort());
      for (const [scope, windows] of plain) {
        const { whole, power } = fast.get(scope) as ScopeWindows;
        expect(whole).toEqual(mergeAll(windows));
        const means: number[][] = [];
        power.visit(Number.POSITIVE_INFINITY, (...window) => means.push(window));
        const expected = windows.flatMap(({ gauges: { power_w: p } }) =>
          p && p.last.timeMs > p.first.timeMs
            ? [[p.first.timeMs, p.last.timeMs, p.integral / ((p.last.timeMs - p.first.timeMs) / 1000)]]
            : [],
        );
        expect(means).toEqual(expected);
      }
    },
  );

  test('leave out the windows with a gap, where asked to', async () => {
    const power = ((await folded(await segmentFile(telemetry(1)))).get('chip-1') as ScopeWindows).power;
    const count = (limitMs: number): number => {
      let visits = 0;
      power.visit(limitMs, () => {
        visits += 1;
      });
      return visits;
    };
    expect(count(30_000)).toBeLessThan(count(Number.POSITIVE_INFINITY));
    expect(count(1)).toBe(0);
  });

  test('are the same from a file that another writer encoded', async () => {
    const bytes = await segmentFile(telemetry(4));
    const rows = await rowsOf(bytes);
    const column = (name: string, type: 'STRING' | 'DOUBLE' | 'BOOLEAN') => ({
      name,
      type,
      data: rows.map((row) => (row[name] === undefined ? null : row[name])),
    });
    const other = parquetWriteBuffer({
      columnData: [
        column('scope', 'STRING'),
        column('power_w_ledger', 'STRING'),
        column('first_is_cut', 'BOOLEAN'),
        column('last_is_cut', 'BOOLEAN'),
        // A file of before there was a field does not have its columns.
        ...NUMBER_COLUMNS.filter((name) => !name.startsWith('work_total')).map((name) =>
          column(name, 'DOUBLE'),
        ),
      ],
    });
    const again = await folded(new Uint8Array(other));
    for (const [scope, { whole }] of await folded(bytes)) {
      const { work_total: _, ...counters } = whole.counters;
      expect(again.get(scope)?.whole).toEqual({ ...whole, counters });
    }
  });

  test('of one scope that overlap are refused', async () => {
    const rows = (await rowsOf(await segmentFile(telemetry(5))))
      .filter((row) => row.scope === 'chip-0')
      .reverse();
    const column = (name: string, type: 'STRING' | 'DOUBLE' | 'BOOLEAN') => ({
      name,
      type,
      data: rows.map((row) => row[name] ?? null),
    });
    const turned = parquetWriteBuffer({
      columnData: [
        column('scope', 'STRING'),
        column('power_w_ledger', 'STRING'),
        column('first_is_cut', 'BOOLEAN'),
        column('last_is_cut', 'BOOLEAN'),
        ...NUMBER_COLUMNS.map((name) => column(name, 'DOUBLE')),
      ],
    });
    await expect(folded(new Uint8Array(turned))).rejects.toMatchObject({ code: 'segments-overlap' });
  });

  test('of a file that was cut are an error, not fewer windows', async () => {
    const bytes = await segmentFile(telemetry(6));
    await expect(folded(bytes.subarray(0, bytes.length - 50))).rejects.toThrow();
  });
});
