import { describe, expect, test } from 'vitest';
import { EMPTY_SEGMENT, mergeAll, mergeSegments } from '../../functions/core/telemetry/merge.ts';
import { emptySample, FIELDS } from '../../functions/core/telemetry/sample.ts';
import type { Segment, Track } from '../../functions/core/telemetry/segment.ts';
import { SegmentFold, StepBackError } from '../../functions/core/telemetry/segment-fold.ts';
import {
  clipEdges,
  MINUTES,
  WINDOW_MS,
  type WindowEdges,
} from '../../functions/core/telemetry/window-edges.ts';
import { fc } from '../fast-check.ts';
import { ClipAccumulator, WindowAccumulator } from './reference-fold.ts';

interface Row {
  readonly timeMs: number;
  readonly powerW: number | null;
  readonly energyJ: number | null;
}

const ENERGY = FIELDS.indexOf('energy_j');

function values(row: Row): Float64Array {
  const sample = emptySample();
  if (row.powerW !== null) sample[0] = row.powerW;
  if (row.energyJ !== null) sample[ENERGY] = row.energyJ;
  return sample;
}

interface Windowed {
  readonly windowMs: number;
  readonly segment: Segment;
}

/** What ingest does: windows as they close. */
function windowed(rows: readonly Row[], edges: WindowEdges = MINUTES): Windowed[] {
  const windows: Windowed[] = [];
  const fold = new SegmentFold(edges, (_scope, closed) => {
    windows.push(...closed.segments());
  });
  fold.addScope(20_000);
  for (const row of rows) fold.sample(0, row.timeMs, values(row));
  fold.finish();
  return windows;
}

const windowsOf = (rows: readonly Row[]): Segment[] => windowed(rows).map((w) => w.segment);

function clip(rows: readonly Row[], startMs: number, stopMs: number): Segment {
  const inside = windowed(rows, clipEdges(startMs, stopMs)).filter(
    (w) => w.windowMs === startMs && startMs < stopMs,
  );
  return mergeAll(inside.map((w) => w.segment));
}

/** A stream in time order; integer watts and even milliseconds, so that sums are exact in doubles. */
const rows = fc
  .array(
    fc.record({
      stepMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 40_000 }).map((n) => n * 2),
        fc.constant(600_000),
      ),
      powerW: fc.option(fc.integer({ min: 0, max: 10_000 }), { freq: 5 }),
      energyJ: fc.option(fc.integer({ min: 0, max: 1_000 }), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps): Row[] => {
    let timeMs = 1_700_000_000_000;
    return steps.map(({ stepMs, powerW, energyJ }) => {
      timeMs += stepMs;
      return { timeMs, powerW, energyJ };
    });
  });

/** The plain rule, written over whole readings: what every summary must come to. */
function trapezoid(readings: readonly { timeMs: number; value: number }[]): number {
  let sum = 0;
  readings.forEach((to, i) => {
    const from = readings[i - 1];
    if (from) sum += ((to.timeMs - from.timeMs) / 1000) * ((from.value + to.value) / 2);
  });
  return sum;
}

function powers(stream: readonly Row[]): { timeMs: number; value: number }[] {
  return stream.flatMap((r) => (r.powerW === null ? [] : [{ timeMs: r.timeMs, value: r.powerW }]));
}

function close(a: Track | undefined, b: Track | undefined): void {
  expect(a === undefined).toBe(b === undefined);
  if (!a || !b) return;
  expect(a.first.timeMs).toBe(b.first.timeMs);
  expect(a.last.timeMs).toBe(b.last.timeMs);
  expect(a.readings).toBe(b.readings);
  expect(a.maxIntervalMs).toBe(b.maxIntervalMs);
  expect([a.min, a.max]).toEqual([b.min, b.max]);
  expect(a.integral).toBeCloseTo(b.integral, 3);
  const ledger = (t: Track) => [...t.ledger].sort(([x], [y]) => x - y);
  expect(ledger(a).map(([bucket, e]) => [bucket, e.count])).toEqual(
    ledger(b).map(([bucket, e]) => [bucket, e.count]),
  );
  for (const [bucket, entry] of a.ledger) {
    expect(entry.timeMs).toBeCloseTo(b.ledger.get(bucket)?.timeMs ?? Number.NaN, 3);
    expect(entry.integral).toBeCloseTo(b.ledger.get(bucket)?.integral ?? Number.NaN, 3);
  }
}

function same(a: Segment, b: Segment): void {
  close(a.gauges.power_w, b.gauges.power_w);
  expect(a.counters.energy_j?.resets).toBe(b.counters.energy_j?.resets);
  expect(a.counters.energy_j?.delta ?? -1).toBeCloseTo(b.counters.energy_j?.delta ?? -1, 6);
}

const whole = (stream: readonly Row[]): Segment => mergeAll(windowsOf(stream));

describe('a segment', () => {
  test('holds the trapezoid over its readings, whatever the windows', () => {
    fc.assert(
      fc.property(rows, (stream) => {
        expect(whole(stream).gauges.power_w?.integral ?? 0).toBeCloseTo(trapezoid(powers(stream)), 3);
      }),
    );
  });

  test('the sum over windows equals the whole, and no reading is lost', () => {
    fc.assert(
      fc.property(rows, (stream) => {
        const windows = windowsOf(stream);
        const readings = windows.reduce((n, w) => n + (w.gauges.power_w?.readings ?? 0), 0);
        expect(readings).toBe(powers(stream).length);
        const sum = windows.reduce((j, w) => j + (w.gauges.power_w?.integral ?? 0), 0);
        expect(sum).toBeCloseTo(whole(stream).gauges.power_w?.integral ?? 0, 3);
        same(mergeAll(windows), clip(stream, 0, 8e15));
      }),
    );
  });

  test('merging is associative', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(), (stream, x, y) => {
        const [i, j] = [x % (stream.length + 1), y % (stream.length + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        const [a, b, c] = [stream.slice(0, i), stream.slice(i, j), stream.slice(j)].map(whole) as [
          Segment,
          Segment,
          Segment,
        ];
        same(mergeSegments(mergeSegments(a, b), c), mergeSegments(a, mergeSegments(b, c)));
      }),
    );
  });

  test('any split of a stream into files gives the same result', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(), { maxLength: 8 }), (stream, cuts) => {
        const at = [...new Set(cuts.map((c) => c % (stream.length + 1)))].sort((a, b) => a - b);
        const files = [0, ...at].map((from, i) => stream.slice(from, [...at, stream.length][i]));
        same(mergeAll(files.flatMap(windowsOf)), whole(stream));
      }),
    );
  });

  test('the empty segment changes nothing', () => {
    fc.assert(
      fc.property(rows, (stream) => {
        same(mergeSegments(EMPTY_SEGMENT, whole(stream)), whole(stream));
        same(mergeSegments(whole(stream), EMPTY_SEGMENT), whole(stream));
      }),
    );
  });

  test('refuses to merge what overlaps', () => {
    const early = whole([
      { timeMs: 0, powerW: 1, energyJ: null },
      { timeMs: 5_000, powerW: 1, energyJ: null },
    ]);
    const late = whole([{ timeMs: 4_000, powerW: 1, energyJ: null }]);
    expect(() => mergeSegments(early, late)).toThrow(/power_w.*ends at 5000.*begins at 4000/);
  });

  test('a stretch of windows without a reading is one window', () => {
    const day = 86_400_000;
    const windows = windowsOf([
      { timeMs: 30_000, powerW: 100, energyJ: null },
      { timeMs: day, powerW: 100, energyJ: null },
    ]);
    expect(windows.length).toBe(3);
    expect(mergeAll(windows).gauges.power_w?.integral).toBeCloseTo((day - 30_000) / 10, 6);
  });
});

describe('clipping', () => {
  test('interpolates at both ends', () => {
    const stream = [0, 10_000, 20_000].map((timeMs) => ({
      timeMs,
      powerW: timeMs / 100,
      energyJ: timeMs / 1000,
    }));
    const { gauges, counters } = clip(stream, 5_000, 15_000);
    expect(gauges.power_w?.first).toEqual({ timeMs: 5_000, value: 50, isCut: true });
    expect(gauges.power_w?.last).toEqual({ timeMs: 15_000, value: 150, isCut: true });
    expect(gauges.power_w?.integral).toBe(1_000);
    expect(counters.energy_j?.delta).toBe(10);
  });

  test('the parts before, inside and after any two times add up to the whole', () => {
    fc.assert(
      fc.property(rows, fc.nat(1_000_000), fc.nat(1_000_000), (stream, x, y) => {
        const startMs = 1_700_000_000_000 + Math.min(x, y);
        const stopMs = 1_700_000_000_000 + Math.max(x, y);
        const parts = [clip(stream, 0, startMs), clip(stream, startMs, stopMs), clip(stream, stopMs, 8e15)];
        const sum = parts.reduce((j, part) => j + (part.gauges.power_w?.integral ?? 0), 0);
        expect(sum).toBeCloseTo(trapezoid(powers(stream)), 3);
      }),
    );
  });

  test('a counter that falls is a reset and never a negative or a zeroed delta', () => {
    const stream = [5, 8, 2, 4].map((energyJ, i) => ({ timeMs: i * WINDOW_MS, powerW: null, energyJ }));
    expect(whole(stream).counters.energy_j).toMatchObject({ delta: 5, resets: 1, readings: 4 });
  });
});

describe('the fold of ingest', () => {
  const byWindow = (windows: readonly Windowed[]): Map<number, Segment> => {
    const merged = new Map<number, Segment>();
    for (const { windowMs, segment } of windows)
      merged.set(windowMs, mergeSegments(merged.get(windowMs) ?? EMPTY_SEGMENT, segment));
    return merged;
  };

  test('gives the windows of the plain reference, one by one', () => {
    fc.assert(
      fc.property(rows, (stream) => {
        const reference: Windowed[] = [];
        const accumulator = new WindowAccumulator((window) => reference.push(window));
        for (const row of stream) accumulator.sample(row.timeMs, values(row));
        accumulator.finish();
        const [expected, found] = [byWindow(reference), byWindow(windowed(stream))];
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [windowMs, segment] of expected) same(found.get(windowMs) as Segment, segment);
      }),
    );
  });

  test('clips as the plain reference does', () => {
    fc.assert(
      fc.property(rows, fc.nat(500_000), fc.nat(500_000), (stream, x, y) => {
        const startMs = 1_700_000_000_000 + Math.min(x, y);
        const stopMs = 1_700_000_000_001 + Math.max(x, y);
        const reference = new ClipAccumulator(startMs, stopMs);
        for (const row of stream) reference.sample(row.timeMs, values(row));
        const [expected, found] = [reference.build(), clip(stream, startMs, stopMs)];
        expect(found.gauges.power_w?.integral ?? 0).toBeCloseTo(expected.gauges.power_w?.integral ?? 0, 3);
        expect(found.counters.energy_j?.delta ?? 0).toBeCloseTo(expected.counters.energy_j?.delta ?? 0, 6);
      }),
    );
  });

  test('takes each field in its own order, and says where one steps back', () => {
    const fold = new SegmentFold(MINUTES, () => {});
    fold.addScope(20_000);
    const power = values({ timeMs: 0, powerW: 1, energyJ: null });
    const energy = values({ timeMs: 0, powerW: null, energyJ: 1 });
    fold.sample(0, 100_000, power);
    fold.sample(0, 5_000, energy);
    expect(() => fold.sample(0, 99_999, power)).toThrow(StepBackError);
  });

  test('a counter that jumps by more than the scope can draw is broken there, and goes on', () => {
    const segments: Segment[] = [];
    const fold = new SegmentFold(MINUTES, (_scope, closed) =>
      segments.push(...closed.segments().map((w) => w.segment)),
    );
    fold.addScope(1_000);
    for (const [timeMs, energyJ] of [
      [0, 100],
      [1_000, 1_100],
      [2_000, 4_294_967_295],
      [3_000, 1_900],
      [4_000, 2_900],
    ] as const)
      fold.sample(0, timeMs, values({ timeMs, powerW: null, energyJ }));
    fold.finish();
    expect(segments[0]?.counters.energy_j).toMatchObject({ delta: 2_000, resets: 2, brokenMs: 2_000 });
  });
});
