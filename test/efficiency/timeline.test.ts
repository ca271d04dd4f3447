import { describe, expect, test } from 'vitest';
import { placedFindings } from '../../functions/core/efficiency/finding-times.ts';
import { DRAWN_AT, gridOf, TimelineBins } from '../../functions/core/efficiency/timeline-bins.ts';
import { marksOf, workSeries } from '../../functions/core/efficiency/work-timeline.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import {
  LOADED_CHECKPOINT,
  type ProgressRecord,
  progressRecord,
} from '../../functions/core/telemetry/progress.ts';
import { foldRun } from '../../functions/core/telemetry/progress-fold.ts';
import { FIELDS, type Field, POWER } from '../../functions/core/telemetry/sample.ts';
import { fc } from '../fast-check.ts';
import { evaluation } from '../fixtures.ts';

const START_MS = Date.UTC(2026, 0, 1);
const grid = { startMs: START_MS, stepMs: 10_000, points: 10 };
const AT = DRAWN_AT[POWER] as number;

describe('the grid of a timeline', () => {
  test.each([60, 600, 86_400, 30 * 86_400])('has few steps before, in and after a run of %i s', (seconds) => {
    const stopMs = START_MS + seconds * 1000;
    const { startMs, stepMs, points } = gridOf(START_MS, stopMs);
    expect(points).toBeLessThanOrEqual(243);
    expect(stepMs).toBeGreaterThanOrEqual(1000);
    expect(startMs).toBeLessThan(START_MS);
    expect(startMs + points * stepMs).toBeGreaterThan(stopMs);
  });
});

describe('bins of a timeline', () => {
  test('draw a counter of seconds held back where its share is drawn', () => {
    const at = (field: Field): number => DRAWN_AT[FIELDS.indexOf(field)] as number;
    expect(at('throttled_thermal_s')).toBe(at('throttled_thermal_ratio'));
    expect(at('throttled_thermal_ratio')).toBeGreaterThan(0);
    expect(at('energy_j')).toBe(-1);
  });

  test('hold the mean of a straight line, and nothing where less than half of a step was read', () => {
    const bins = new TimelineBins(grid);
    bins.add(AT, bins.scope('a'), START_MS, 100, START_MS + 24_000, 340);
    const [first, second, third, fourth] = bins.means('power_w', 'a');
    expect(first).toBeCloseTo(150, 9);
    expect(second).toBeCloseTo(250, 9);
    expect(third).toBeNaN();
    expect(fourth).toBeNaN();
    expect([...bins.means('temperature_c', 'a')].every(Number.isNaN)).toBe(true);
    expect([...bins.means('power_w', 'unknown')].every(Number.isNaN)).toBe(true);
  });

  test('draw windows as they draw the same means one by one', () => {
    const window = fc.record({
      scope: fc.integer({ min: 0, max: 2 }),
      from: fc.integer({ min: -30_000, max: 110_000 }),
      length: fc.integer({ min: 0, max: 40_000 }),
      mean: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 40 }), (windows) => {
        const [together, single] = [new TimelineBins(grid), new TimelineBins(grid)];
        for (const id of ['a', 'b', 'c']) {
          together.scope(id);
          single.scope(id);
        }
        const numbers = (of: (w: (typeof windows)[number]) => number): Float64Array =>
          Float64Array.from(windows, of);
        const fromMs = numbers((w) => START_MS + w.from);
        const toMs = numbers((w) => START_MS + w.from + w.length);
        together.addWindows(
          AT,
          {
            ...{ rows: windows.length, scopes: windows.map((w) => w.scope), fromMs, toMs },
            sums: numbers((w) => (w.mean * w.length) / 1000),
            maxIntervalMs: numbers(() => 1000),
            resets: null,
          },
          3000,
        );
        for (const { scope, from, length, mean } of windows)
          if (length > 0) single.add(AT, scope, START_MS + from, mean, START_MS + from + length, mean);
        for (const id of ['a', 'b', 'c']) {
          const [x, y] = [together.means('power_w', id), single.means('power_w', id)];
          for (const [i, value] of x.entries()) {
            if (Number.isNaN(value)) expect(y[i]).toBeNaN();
            else expect(value).toBeCloseTo(y[i] as number, 6);
          }
        }
      }),
    );
  });

  test('leave out windows with a gap in them, or with a counter that fell', () => {
    const draw = (maxIntervalMs: number, resets: number): number => {
      const bins = new TimelineBins(grid);
      const scope = bins.scope('a');
      const one = (v: number): Float64Array => Float64Array.of(v);
      bins.addWindows(
        AT,
        {
          ...{ rows: 1, scopes: [scope], fromMs: one(START_MS), toMs: one(START_MS + 10_000) },
          ...{ sums: one(1000), maxIntervalMs: one(maxIntervalMs), resets: one(resets) },
        },
        3000,
      );
      return bins.means('power_w', 'a')[0] as number;
    };
    expect(draw(3000, 0)).toBe(100);
    expect(draw(3001, 0)).toBeNaN();
    expect(draw(1000, 1)).toBeNaN();
  });

  test('absorb what others of the same steps hold', () => {
    const [bins, other] = [new TimelineBins(grid), new TimelineBins(grid)];
    other.scope('z');
    bins.add(AT, bins.scope('a'), START_MS, 10, START_MS + 5_000, 10);
    other.add(AT, other.scope('a'), START_MS + 5_000, 30, START_MS + 10_000, 30);
    bins.absorb(other);
    expect(bins.means('power_w', 'a')[0]).toBeCloseTo(20, 9);
  });
});

const manifest = { workload: { name: 'w' }, workUnit: 'token' } as RunManifest;
const line = (second: number, step: number): ProgressRecord =>
  progressRecord({ kind: 'step', timeMs: START_MS + second * 1000, step, tokens: step * 500, stepMs: 5_000 });
const fold = (records: readonly ProgressRecord[]) => foldRun(records);

describe('useful work over time', () => {
  test('is the work of each line, between it and the line before', () => {
    const { steps } = fold([line(5, 1), line(10, 2), line(15, 3), line(20, 4)]);
    const work = workSeries(steps, manifest, grid);
    expect(work?.unit).toBe('token');
    expect(work?.perSecond.slice(0, 4)).toEqual([100, 100, null, null]);
  });

  test('is zero where what was done was lost, and while the run was started anew', () => {
    // Steps 3 and 4 are lost: training goes on from step 2, at 60 s.
    const records = [
      ...[line(5, 1), line(10, 2), line(15, 3), line(20, 4)],
      progressRecord({ kind: 'fact', key: LOADED_CHECKPOINT, value: 2 }),
      ...[line(65, 3), line(70, 4), line(75, 5), line(80, 6)],
    ];
    const { steps, evaluations } = fold(records);
    const work = workSeries(steps, manifest, grid);
    expect(work?.perSecond.slice(0, 9)).toEqual([100, 0, 0, 0, 0, 0, 100, 100, null]);
    expect(marksOf({ steps, evaluations })).toEqual([
      { kind: 'restart', fromMs: START_MS + 20_000, atMs: START_MS + 65_000, fromStep: 2 },
    ]);
  });

  test('is not told by logs without a clock, without a count, or not there', () => {
    const untimed = fold([1, 2, 3].map((step) => progressRecord({ kind: 'step', step, tokens: step })));
    const uncounted = fold([progressRecord({ kind: 'step', step: 1, timeMs: START_MS })]);
    for (const steps of [untimed.steps, uncounted.steps, null])
      expect(workSeries(steps, manifest, grid)).toBeNull();
  });

  test('marks evaluations of the model, unless they are everywhere', () => {
    const evaluations = Array.from({ length: 61 }, (_, i) => ({ timeMs: START_MS + i, value: 1 }));
    expect(marksOf({ steps: null, evaluations })).toEqual([]);
    expect(marksOf({ steps: null, evaluations: evaluations.slice(1) })).toHaveLength(60);
  });
});

describe('findings in time', () => {
  const { timeline, startMs, stopMs } = evaluation();
  const placed = timeline && { timeline, startMs, stopMs };
  const finding = (code: string) => ({ code, severity: 'warning' as const, message: code });

  test('have the longest hole of the power as the place of a gap', () => {
    const [gap] = placedFindings([finding('gap')], placed);
    expect(gap?.time).toEqual({ fromMs: startMs + 120_000, toMs: startMs + 240_000 });
  });

  test('have the time around the highest share as the place of throttling by heat', () => {
    if (!timeline) throw new Error('the fixture has a timeline');
    const thermal = [0, 0.1, 0.2, 0.8, 0.5, 0.1, 0, 0, 0, 0];
    const throttledRatio = { power: null, thermal, other: null };
    const band = null;
    const scopes = {
      ...{ kind: 'chip' as const, count: 1, lowQuantile: 0, highQuantile: 1, powerW: band },
      ...{ temperatureC: band, clockHz: band, throttledRatio },
    };
    const [hot] = placedFindings([finding('thermal-throttling')], {
      timeline: { ...timeline, scopes },
      startMs,
      stopMs,
    });
    expect(hot?.time).toEqual({ fromMs: startMs + 180_000, toMs: startMs + 300_000 });
  });

  test('have no place where the timeline tells none', () => {
    expect(placedFindings([finding('idle-padding')], placed)[0]).not.toHaveProperty('time');
    expect(placedFindings([finding('gap')], null)[0]).not.toHaveProperty('time');
    expect(placedFindings([finding('restarted')], placed)[0]).not.toHaveProperty('time');
  });
});
