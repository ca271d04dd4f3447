import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Pipeline } from '../../cli/pipeline.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { manifestOf, quietPipeline, receiptOf } from '../ingested.ts';

const START_MS = Date.UTC(2026, 0, 31, 12);
const CHIP = { boundary: 'chip' } as const;
const at = (s: number): string => new Date(START_MS + s * 1000).toISOString();
const csv = (rows: readonly (readonly [seconds: number, powerW: number])[]): string =>
  ['time,scope,power_w', ...rows.map(([s, w]) => `${at(s)},a,${w}`)].join('\n');
const mllog = (key: string, timeMs: number, value: unknown = 'null'): string =>
  `:::MLLOG ${JSON.stringify({ namespace: '', time_ms: timeMs, event_type: 'POINT_IN_TIME', key, value, metadata: '' })}`;

describe('times', () => {
  test('a power log whose stop has the time of its start is no empty window, and keeps its order (nasty 37)', async () => {
    const log = [
      mllog('power_measurement_start', START_MS),
      mllog('power_reading', START_MS + 1000, 500),
      mllog('power_reading', START_MS + 3000, 510),
      mllog('power_reading', START_MS + 2990, 505),
      mllog('power_measurement_stop', START_MS),
    ];
    const { scopes } = await receiptOf('node_0.txt', log.join('\n'), { boundary: 'node-dc' });
    const trapezoidJ = ((500 + 505) / 2) * 1.99 + ((505 + 510) / 2) * 0.01;
    const rectangleJ = 500 * 1 + 510 * 2 - 505 * 0.01;
    expect(scopes[0]?.energyJ).toBeCloseTo(trapezoidJ, 9);
    expect(scopes[0]?.log).toMatchObject({ startMs: START_MS, stopMs: START_MS, lastMs: START_MS + 2990 });
    expect(scopes[0]?.log?.rectangleJ).toBeCloseTo(rectangleJ, 9);
  });

  test('the hour that a zone leaves out or repeats is rejected, unless an offset tells which (nasty 39)', async () => {
    const rows = [
      '2026-03-29T01:59:59,a,1',
      '2026-03-29T02:30:00,a,1',
      '2026-03-29T03:00:00,a,1',
      '2026-10-25T02:30:00,a,1',
      '2026-10-25T02:30:00+01:00,a,1',
      '2026-10-25T03:00:00,a,1',
    ];
    const receipt = await receiptOf('a.csv', ['time,scope,power_w', ...rows].join('\n'), {
      ...CHIP,
      timeZone: 'Europe/Berlin',
    });
    expect([receipt.rows, receipt.rejected]).toEqual([6, 2]);
    expect(receipt.timeRange).toEqual({
      startMs: Date.UTC(2026, 2, 29, 0, 59, 59),
      stopMs: Date.UTC(2026, 9, 25, 2),
    });
  });

  test('an abbreviation of a zone is no offset: it is rejected, not guessed (nasty 39)', async () => {
    const rows = ['2026-03-29 01:00:00 PST,a,1', '2026-03-29 04:00:00 PDT,a,1', '2026-03-29T12:00:00Z,a,1'];
    const receipt = await receiptOf('a.csv', ['time,scope,power_w', ...rows].join('\n'), CHIP);
    expect([receipt.rows, receipt.rejected, receipt.scopes[0]?.samples]).toEqual([3, 2, 1]);
  });

  test('a clock that is set back gives no negative interval (nasty 42)', async () => {
    const before = Array.from({ length: 10 }, (_, i) => [i, 100] as const);
    const after = Array.from({ length: 13 }, (_, i) => [7.5 + i, 100] as const);
    const { scopes } = await receiptOf('a.csv', csv([...before, ...after]), CHIP);
    expect(scopes[0]).toMatchObject({ samples: 23, energyJ: 1950, meanPowerW: 100 });
  });

  test('readings of one time add nothing, and a hole is as long as it is (nasty 43)', async () => {
    const same = Array.from({ length: 55 }, () => [1, 100] as const);
    const { scopes } = await receiptOf('a.csv', csv([[0, 100], ...same, [2, 100], [8, 100]]), CHIP);
    expect(scopes[0]).toMatchObject({ samples: 58, energyJ: 800 });
  });
});

describe('compressed files', () => {
  const rows = Array.from({ length: 2000 }, (_, i) => [i, 100 + (i % 7)] as const);
  const text = csv(rows);
  const half = text.lastIndexOf('\n', text.length / 2);

  test('gzip members that stand behind one another are all read (nasty 47)', async () => {
    const parts = [text.slice(0, half), '', text.slice(half)].map((part) => gzipSync(part));
    const plain = await receiptOf('a.csv', text, CHIP);
    const joined = await receiptOf('a.csv.gz', Buffer.concat(parts), CHIP);
    expect(joined).toMatchObject({ status: 'accepted', rows: 2000, contentSha256: plain.contentSha256 });
    expect(joined.scopes).toEqual(plain.scopes);
  });

  test('a gzip file that was cut is refused, or gives its whole rows where that is accepted (nasty 48)', async () => {
    const whole = gzipSync(text);
    const cut = whole.subarray(0, Math.floor(whole.length * 0.6));
    expect(await receiptOf('a.csv.gz', cut, CHIP)).toMatchObject({
      status: 'refused',
      refusal: { code: 'truncated' },
    });
    const accepted = await receiptOf('a.csv.gz', cut, { ...CHIP, acceptTruncated: true });
    expect(accepted.status).toBe('accepted');
    expect(accepted.rows).toBeGreaterThan(100);
    expect(accepted.rows).toBeLessThan(2000);
    expect(accepted.rejected).toBeLessThanOrEqual(1);
    const { samples } = accepted.scopes[0] ?? { samples: 0 };
    const kept = await receiptOf('a.csv', csv(rows.slice(0, samples)), CHIP);
    expect(accepted.scopes).toEqual(kept.scopes);
  });

  test('of a plain file that was cut the last row alone is lost (nasty 48)', async () => {
    const receipt = await receiptOf('a.csv', text.slice(0, text.lastIndexOf(',')), CHIP);
    expect([receipt.rows, receipt.rejected, receipt.scopes[0]?.samples]).toEqual([2000, 1, 1999]);
  });
});

test('UUIDs in any spelling are one chip (nasty 57)', async () => {
  const bare = '1F027EE8-5D5C-4C31-BB17-6A0CBB3A2A11';
  const id = `GPU-${bare.toLowerCase()}`;
  const polled = { startTime: at(0), timeZone: 'UTC' };
  const receipts = await Promise.all([
    receiptOf('a.prom', `DCGM_FI_DEV_POWER_USAGE{gpu="3",UUID="${bare}",Hostname="n1"} 300\n`, polled),
    receiptOf('b.prom', `DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="${id}",hostname="n1"} 300\n`, polled),
    receiptOf(
      'c.csv',
      `timestamp, uuid, power.draw [W]\n2026/01/31 12:00:00.000, GPU-${bare}, 300.00 W\n`,
      polled,
    ),
    receiptOf(
      'd.xml',
      `<?xml version="1.0" ?><nvidia_smi_log><timestamp>Sat Jan 31 12:00:00 2026</timestamp><gpu id="00000000:4F:00.0"><uuid>gpu-${bare}</uuid><power_readings><power_draw>300.00 W</power_draw></power_readings></gpu></nvidia_smi_log>`,
      polled,
    ),
  ]);
  expect(receipts.map((receipt) => receipt.scopes.map((scope) => scope.id))).toEqual([
    [id],
    [id],
    [id],
    [id],
  ]);
});

/** Every object of the lake, as text. */
async function lakeOf({ stores: { lake } }: Pipeline): Promise<Record<string, string>> {
  const objects: Record<string, string> = {};
  for await (const { key } of lake.list('')) {
    const { body } = await lake.get(key);
    objects[key] = Buffer.from(await collect(body)).toString('base64');
  }
  return objects;
}

test('files that come before their run.json, twice and in another order give the same bytes (nasty 58)', async () => {
  const files = ['a', 'b', 'c'].map(
    (name, i) =>
      [
        `${name}.csv`,
        csv([
          [i, 100],
          [i + 10, 200],
        ]),
      ] as const,
  );
  const put = (pipeline: Pipeline, [path, text]: readonly [string, string]) =>
    pipeline.stores.landing.put(landingKey('files', 'r', path), Buffer.from(text));
  const manifest = manifestOf('r', CHIP);

  const quiet = quietPipeline();
  await quiet.stores.landing.put(manifestKey('files', 'r'), manifest);
  for (const file of files) await put(quiet, file);
  await quiet.drain();

  const late = quietPipeline();
  for (const file of files.toReversed()) await put(late, file);
  const events = late.pending;
  await late.drain();
  expect(Object.keys(await lakeOf(late))).toEqual([]);
  await late.stores.landing.put(manifestKey('files', 'r'), manifest);
  late.pending = [...late.pending, ...events, ...events];
  await late.drain();

  expect(Object.keys(await lakeOf(quiet)).filter((key) => key.startsWith('receipts/'))).toHaveLength(4);
  expect(await lakeOf(late)).toEqual(await lakeOf(quiet));
});
