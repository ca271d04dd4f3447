import { describe, expect, test } from 'vitest';
import {
  type BootstrapMethod,
  CLUSTERS_AT_LEAST,
  chipBootstrap,
  hierarchicalBootstrap,
} from '../../functions/core/statistics/bootstrap.ts';
import {
  type ChipValue,
  hierarchicalLayout,
  LOTS_TO_RESAMPLE,
} from '../../functions/core/statistics/cluster-layout.ts';
import { variance } from '../../functions/core/statistics/mean-interval.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

const options = { seed: 11, resamples: 2000, confidence: 0.95 };

const chips = (values: readonly number[]): ChipValue[] =>
  values.map((logValue) => ({ logValue, lot: null, node: null }));

/** Chips of `lots` lots of `nodes` nodes of `each` chips, with a spread at each level. */
function nested(
  draw: () => number,
  [lots, nodes, each]: readonly [number, number, number],
  [ofLot, ofNode, ofChip]: readonly [number, number, number],
): ChipValue[] {
  const out: ChipValue[] = [];
  for (let l = 0; l < lots; l += 1) {
    const lotEffect = ofLot * draw();
    for (let k = 0; k < nodes; k += 1) {
      const nodeEffect = lotEffect + ofNode * draw();
      for (let i = 0; i < each; i += 1)
        out.push({ logValue: nodeEffect + ofChip * draw(), lot: `L${l}`, node: `L${l}N${k}` });
    }
  }
  return out;
}

describe('laws of the bootstrap', () => {
  const side = fc
    .array(fc.integer({ min: -500, max: 500 }), { minLength: CLUSTERS_AT_LEAST, maxLength: 20 })
    .map((hundredths) => chips(hundredths.map((value) => value / 100)));
  const few = { ...options, resamples: 200 };

  test('the same seed gives the same interval, another seed another', () => {
    const draw = normalDraws(1);
    const [c, b] = [nested(draw, [3, 4, 2], [0, 0, 1]), nested(draw, [3, 4, 2], [0, 0, 1])];
    for (const run of [chipBootstrap, hierarchicalBootstrap]) {
      expect(run(c, b, options)).toEqual(run(c, b, options));
      expect(run(c, b, { ...options, seed: 12 }).low).not.toBe(run(c, b, options).low);
    }
  });
  test('a shift of one side shifts the interval', () => {
    fc.assert(
      fc.property(side, side, fc.double({ min: -3, max: 3, noNaN: true }), (c, b, by) => {
        const plain = chipBootstrap(c, b, few);
        const shifted = chipBootstrap(
          c.map((chip) => ({ ...chip, logValue: chip.logValue + by })),
          b,
          few,
        );
        expect(shifted.logRatio - by).toBeCloseTo(plain.logRatio, 9);
        expect((shifted.low as number) - by).toBeCloseTo(plain.low as number, 6);
        expect((shifted.high as number) - by).toBeCloseTo(plain.high as number, 6);
      }),
      { numRuns: 50 },
    );
  });
  test('its ends are finite and in order, and its standard error is that of Welch', () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.constantFrom<BootstrapMethod>('percentile', 'bootstrap-t', 'wild-rademacher', 'wild-webb'),
        (c, b, method) => {
          const { low, high, standardError } = chipBootstrap(c, b, few, method);
          expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
          expect(low as number).toBeLessThanOrEqual(high as number);
          const ofMean = (all: readonly ChipValue[]) => variance(all.map((x) => x.logValue)) / all.length;
          expect(standardError).toBeCloseTo(Math.sqrt(ofMean(c) + ofMean(b)), 9);
        },
      ),
      { numRuns: 100 },
    );
  });
  test('one chip a node and one node a lot, from 8 on, is the bootstrap over chips', () => {
    const draw = normalDraws(3);
    const own = (n: number) => nested(draw, [n, 1, 1], [1, 0, 0]);
    const [c, b] = [own(20), own(16)];
    const { candidate: _c, baseline: _b, ...byLot } = hierarchicalBootstrap(c, b, options);
    const { candidate: _d, baseline: _e, ...byChip } = chipBootstrap(c, b, options);
    expect(byLot).toEqual(byChip);
  });
  test('equal values give an interval of no width, also where they are not round', () => {
    const { logRatio, low, high } = chipBootstrap(
      chips(Array(9).fill(Math.log(3))),
      chips(Array(7).fill(0.1)),
      options,
    );
    expect(logRatio).toBeCloseTo(Math.log(3) - 0.1, 12);
    expect([low, high]).toEqual([logRatio, logRatio]);
  });
});

describe('what is resampled', () => {
  const draw = normalDraws(4);
  const flat = [0, 0, 1] as const;
  test.each([
    ['lots from 8 on', nested(draw, [LOTS_TO_RESAMPLE, 2, 3], flat), 'lot', 8],
    ['nodes within fewer lots', nested(draw, [3, 4, 2], flat), 'node', 12],
    ['chips where a lot has one node', nested(draw, [2, 1, 6], flat), 'chip', 12],
    ['chips without a node each for themselves', chips([1, 2, 3, 4, 5]), 'chip', 5],
  ])('%s', (_, side, unit, units) => {
    expect(hierarchicalLayout(side, 'candidate')).toMatchObject({ unit, units });
  });
  test('lots of a single chip are pooled, so that they show a spread', () => {
    const single = (lot: string, logValue: number): ChipValue => ({ lot, node: 'n', logValue });
    const pooled = hierarchicalLayout(
      [single('a', 1), single('b', 2), single('c', 3), single('c', 4)],
      'candidate',
    );
    expect([...pooled.stratumStart]).toEqual([0, 2, 4]);
    const joined = hierarchicalLayout([single('a', 1), single('c', 3), single('c', 4)], 'candidate');
    expect([...joined.stratumStart]).toEqual([0, 3]);
  });
  test('by number of units: studentised below 15, percentile from there, nothing below 4', () => {
    const of = (n: number) => chips(Array.from({ length: n }, (_, i) => Math.sin(i)));
    expect(chipBootstrap(of(15), of(15), options).method).toBe('percentile');
    expect(chipBootstrap(of(15), of(14), options).method).toBe('bootstrap-t');
    expect(chipBootstrap(of(15), of(3), options)).toMatchObject({ method: 'none', low: null, high: null });
    expect(chipBootstrap(of(5), of(1), options)).toMatchObject({ method: 'none', standardError: null });
  });
  test('a spread between lots widens the interval, which chips taken for strangers do not see', () => {
    const side = () => nested(draw, [10, 5, 4], [0.05, 0.01, 0.01]);
    const [c, b] = [side(), side()];
    const width = ({ low, high }: { low: number | null; high: number | null }) =>
      (high as number) - (low as number);
    expect(width(hierarchicalBootstrap(c, b, options))).toBeGreaterThan(
      2.5 * width(chipBootstrap(c, b, options)),
    );
  });
});

/** How often intervals of `method` cover a true difference of 0. */
function coverage(
  trials: number,
  method: BootstrapMethod,
  sides: () => readonly [ChipValue[], ChipValue[]],
  run = chipBootstrap,
): number {
  let covered = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { low, high } = run(...sides(), { seed: trial, resamples: 399, confidence: 0.95 }, method);
    if ((low as number) <= 0 && 0 <= (high as number)) covered += 1;
  }
  return covered / trials;
}

describe('coverage', () => {
  const trials = 1500;
  const eight = (seed: number) => {
    const draw = normalDraws(seed);
    const side = () => chips(Array.from({ length: 8 }, draw));
    return () => [side(), side()] as const;
  };

  test('of 8 chips a side: the percentile interval covers too little, bootstrap-t what it says', () => {
    const [percentile, studentised] = [
      coverage(trials, 'percentile', eight(21)),
      coverage(trials, 'bootstrap-t', eight(21)),
    ];
    expect(percentile).toBeLessThan(0.95 - threeErrors(0.95, trials));
    expect(Math.abs(studentised - 0.95)).toBeLessThan(threeErrors(0.95, trials));
    expect(studentised - percentile).toBeGreaterThan(0.02);
  });
  test.each(['wild-rademacher', 'wild-webb'] as const)('of 8 chips a side, %s', (method) => {
    expect(coverage(trials, method, eight(22))).toBeGreaterThan(0.95 - threeErrors(0.95, trials));
  });
  test('with 10 lots that differ: by lot as it says, by chip far too little', () => {
    const lots = (seed: number) => {
      const draw = normalDraws(seed);
      const side = () => nested(draw, [10, 2, 3], [0.03, 0.01, 0.02]);
      return () => [side(), side()] as const;
    };
    const byLot = coverage(trials, 'auto', lots(23), hierarchicalBootstrap);
    expect(Math.abs(byLot - 0.95)).toBeLessThan(threeErrors(0.95, trials));
    expect(coverage(trials, 'auto', lots(23))).toBeLessThan(0.8);
  });
});

describe('bad input', () => {
  const side = chips([1, 2, 3, 4]);
  test.each([
    ['no chip', () => chipBootstrap([], side, options), /candidate: no chip/],
    ['no logarithm', () => chipBootstrap(side, chips([1, -Infinity]), options), /baseline value -Infinity/],
    ['few resamples', () => chipBootstrap(side, side, { ...options, resamples: 10 }), /resamples 10/],
    ['many resamples', () => chipBootstrap(side, side, { ...options, resamples: 2e6 }), /resamples 2000000/],
    [
      'a seed that is no whole number',
      () => chipBootstrap(side, side, { ...options, seed: 0.5 }),
      /seed 0.5/,
    ],
    ['a confidence of 1', () => chipBootstrap(side, side, { ...options, confidence: 1 }), /confidence 1/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
