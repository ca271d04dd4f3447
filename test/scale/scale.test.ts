import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { random } from '../bench/generate.ts';
import { arrivals, DAY_S, spread } from './arrivals.ts';
import { simulateDay } from './day.ts';
import { LIMITS, loadsOf, tightest } from './limits.ts';
import { bendOf, fleetOf } from './sections.ts';

describe('files of a day', () => {
  test('come in order, within the day, with bursts at full hours', () => {
    const times = arrivals(48_000, random(1));
    expect(times).toHaveLength(48_000);
    expect([...times].every((t, i) => t >= (times[i - 1] ?? 0) && t < DAY_S)).toBe(true);
    const within = [...times].filter((t) => t % 3_600 < 120).length / times.length;
    expect(within).toBeGreaterThan(0.4);
    expect(within).toBeLessThan(0.45);
  });
  test('take on average what was measured', () => {
    const next = random(2);
    const factors = Array.from({ length: 100_000 }, () => spread(next));
    expect(factors.reduce((a, b) => a + b, 0) / factors.length).toBeCloseTo(1, 2);
    expect(Math.min(...factors)).toBeGreaterThan(0);
  });
});

describe('the day of a fleet', () => {
  const day = simulateDay(fleetOf(100_000), 1);

  test('loses no file between upload and evaluation', () => {
    expect(day.ingest.done + day.ingest.deadLetters).toBe(day.cost.volume.files);
    expect(day.evaluate.done + day.evaluate.deadLetters).toBe(day.ingest.done);
  });
  test('is as busy as the cost model bills', () => {
    const { files } = day.cost.volume;
    // Retries work twice; the model bills each file once.
    expect(day.ingest.busyS / (files * day.cost.work.ingestSecondsPerFile)).toBeGreaterThan(0.97);
    expect(day.ingest.busyS / (files * day.cost.work.ingestSecondsPerFile)).toBeLessThan(1.03);
  });
  test('is the same for the same seed', () => {
    expect(simulateDay(fleetOf(1_000), 3)).toEqual(simulateDay(fleetOf(1_000), 3));
  });
  test('of ten times the chips comes to more of every limit', () => {
    const more = loadsOf(simulateDay(fleetOf(1_000_000), 1));
    for (const [i, load] of loadsOf(day).entries())
      expect(more[i]?.share, load.name).toBeGreaterThanOrEqual(load.share * 0.999);
  });
});

describe('where it bends', () => {
  test('the way from upload to report bends beyond 100,000 chips, for more than one seed', () => {
    for (const seed of [1, 2, 3])
      expect(tightest(loadsOf(simulateDay(fleetOf(100_000), seed)), 'day').share).toBeLessThan(0.5);
    expect(bendOf('day', 1, 1_000_000)).toBeNull();
  });
  test('every limit names its number and where it is from', () => {
    for (const { limit, source, unit } of LIMITS) {
      expect(limit).toBeGreaterThan(0);
      expect(unit).not.toBe('');
      expect(source).toMatch(/^(https:\/\/docs\.aws\.amazon\.com\/|infra\/|buffer\.constants)/);
    }
  });
  test('docs/scale.md has the marks that results are written between', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/scale.md'), 'utf8');
    expect(text).toMatch(/<!-- results: written by npm run scale -->[\s\S]*<!-- end of results -->/);
  });
});
