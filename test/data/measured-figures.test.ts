import { describe, expect, test } from 'vitest';
import { ceilingRate } from '../../functions/core/measured/ceiling.ts';
import { energyDifference } from '../../functions/core/measured/energy-difference.ts';
import { MeasuredManifestSchema } from '../../functions/core/measured/measured-set.ts';
import { repeated } from '../../functions/core/measured/repeatability.ts';
import { integralBetween, median, sensorPeriod, seriesOf } from '../../functions/core/measured/series.ts';
import { evaluation } from '../fixtures.ts';

describe('ceilingRate', () => {
  test('takes 2 n^3 FLOPs a product over the fastest batch, and over all', () => {
    const { bestFlops, meanFlops } = ceilingRate({ size: 1000, products: 10, seconds: [2, 1, 1] });
    expect(bestFlops).toBe(20e9);
    expect(meanFlops).toBe(15e9);
  });
  test('refuses a batch without time', () => {
    expect(() => ceilingRate({ size: 10, products: 1, seconds: [0] })).toThrow(
      /took 0 s; expected more than 0/,
    );
  });
});

describe('repeated', () => {
  test.each([
    [[10, 12, 14], { n: 3, mean: 12, cvRatio: 2 / 12, min: 10, max: 14 }],
    [[5], { n: 1, mean: 5, cvRatio: null, min: 5, max: 5 }],
    [[5, null], null],
    [[], null],
    [[0, 0], { n: 2, mean: 0, cvRatio: null, min: 0, max: 0 }],
  ])('of %j is %j', (figures, expected) => {
    expect(repeated(figures)).toEqual(expected);
  });
});

describe('seriesOf', () => {
  test('reads a column with units, and leaves out what is no number', () => {
    const table = [
      'timestamp, power.draw.instant [W]',
      '2026/01/01 00:00:00.100, 70.50 W',
      '2026/01/01 00:00:00.200, [N/A]',
      '2026/01/01 00:00:00.300, 71 W',
      '',
    ].join('\n');
    const start = Date.UTC(2026, 0, 1);
    expect(seriesOf(table, { name: 'power.draw.instant [W]', divide: 1 })).toEqual({
      timesMs: [start + 100, start + 300],
      values: [70.5, 71],
    });
  });
  test('turns millijoules into joules', () => {
    expect(seriesOf('t,e\n5,1500\n', { name: 'e', divide: 1000 })).toEqual({ timesMs: [5], values: [1.5] });
  });
  test('names a column that is not there, and a time that is none', () => {
    expect(() => seriesOf('a,b\n1,2\n', { name: 'c', divide: 1 })).toThrow(
      /no column "c"; expected it among a, b/,
    );
    expect(() => seriesOf('t,b\nnoon,2\n', { name: 'b', divide: 1 })).toThrow(/time "noon": expected ms/);
  });
});

describe('integralBetween', () => {
  const ramp = { timesMs: [0, 1000, 3000], values: [0, 100, 100] };
  test.each([
    [0, 3000, 250],
    [500, 2000, 137.5],
    [1500, 1600, 10],
  ])('from %d to %d ms is %d J', (start, stop, joules) => {
    expect(integralBetween(ramp, start, stop)).toBeCloseTo(joules, 9);
  });
  test.each([
    [-1, 1000],
    [0, 3001],
  ])('has none from %d to %d ms, where the readings do not reach', (start, stop) => {
    expect(integralBetween(ramp, start, stop)).toBeNull();
  });
});

describe('sensorPeriod', () => {
  const polled = (value: (i: number) => number) => ({
    timesMs: Array.from({ length: 100 }, (_, i) => 20 * i),
    values: Array.from({ length: 100 }, (_, i) => value(i)),
  });
  test('is the time between changes of the value', () => {
    const seen = sensorPeriod(polled((i) => Math.floor(i / 5)));
    expect(seen).toEqual({ polledS: 0.02, changesS: 0.1, isPollLimited: false });
  });
  test('is at most that of the polls where every one of them changes', () => {
    expect(sensorPeriod(polled((i) => i))).toEqual({ polledS: 0.02, changesS: 0.02, isPollLimited: true });
  });
  test('is none of a value that never changes, and of no readings', () => {
    expect(sensorPeriod(polled(() => 70))).toMatchObject({ changesS: null, isPollLimited: false });
    expect(sensorPeriod({ timesMs: [], values: [] })).toMatchObject({ polledS: null, changesS: null });
  });
  test('the median of two is their mean', () => {
    expect([median([3, 1]), median([5, 1, 2]), median([])]).toEqual([2, 2, null]);
  });
});

describe('energyDifference', () => {
  const h100 = evaluation({ sku: 'H100-SXM-80GB', boundary: 'chip' });
  test('needs no reason within 3 %', () => {
    const same = energyDifference(h100, { trapezoidJ: 100, instantJ: 100, counterJ: 102.9 });
    expect(same.differenceRatio).toBeCloseTo(0.029, 12);
    expect(same.reasons).toEqual([]);
  });
  test.each([
    [
      'the mean of a second',
      { trapezoidJ: 90, instantJ: 100, counterJ: 100 },
      /of the moment agree with the counter/,
    ],
    [
      'the one sensor',
      { trapezoidJ: 100, instantJ: 101, counterJ: 110 },
      /about 25\.0 % of the time \(arXiv 2312/,
    ],
    [
      'accuracy',
      { trapezoidJ: 100, instantJ: 100, counterJ: 104 },
      /within the 5\.0 % that the maker states/,
    ],
    ['nothing', { trapezoidJ: 100, instantJ: null, counterJ: 120 }, /nothing in the data tells why/],
  ])('beyond it names %s', (_, ways, text) => {
    expect(energyDifference(h100, ways).reasons.join('; ')).toMatch(text);
  });
  test('names holes in the readings, and what was found of the counter', () => {
    const found = energyDifference(
      {
        ...h100,
        coverageRatio: 0.9,
        findings: [{ code: 'counter-disagrees', severity: 'warning', message: 'looks like mJ read as J' }],
      },
      { trapezoidJ: 100, instantJ: null, counterJ: 100_000 },
    );
    expect(found.reasons).toEqual([
      'looks like mJ read as J',
      'the readings cover 90.0 % of the run; the rest of their energy is bridged',
    ]);
  });
  test('has no ratio without one of the two', () => {
    expect(energyDifference(h100, { trapezoidJ: 100, instantJ: null, counterJ: null })).toMatchObject({
      differenceRatio: null,
      reasons: [],
    });
  });
});

describe('MeasuredManifestSchema', () => {
  const manifest = (path: string) => ({
    ...{ schema: 'wattline/measured-manifest@1', name: 'a', licence: 'Apache-2.0', totalBytes: 1 },
    files: [{ path, bytes: 1, sha256: 'a'.repeat(64) }],
  });
  test.each(['../set.json', '/etc/passwd', 'a/../../b', 'a/..', ''])('refuses the path %j', (path) => {
    expect(MeasuredManifestSchema.safeParse(manifest(path)).success).toBe(false);
  });
  test.each(['set.json', 'bf16-1/run.json', 'a/..b'])('takes the path %j', (path) => {
    expect(MeasuredManifestSchema.safeParse(manifest(path)).success).toBe(true);
  });
});
