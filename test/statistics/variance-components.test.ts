import { describe, expect, test } from 'vitest';
import { variance } from '../../functions/core/statistics/mean-interval.ts';
import {
  type ChipNight,
  designEffect,
  effectiveSampleSize,
  intraclassCorrelation,
  lagOne,
  meanVarianceFactor,
  varianceComponents,
} from '../../functions/core/statistics/variance-components.ts';
import { fc } from '../fast-check.ts';
import { normalDraws, threeErrors } from './normal-draws.ts';

/** Lots of chips of nights, with these numbers and standard deviations. */
function pilot(
  draw: () => number,
  nightsOf: readonly (readonly number[])[],
  [ofLot, ofChip, ofNight]: readonly [number, number, number],
): ChipNight[] {
  return nightsOf.flatMap((chips, l) => {
    const lotEffect = ofLot * draw();
    return chips.flatMap((nights, c) => {
      const chipEffect = lotEffect + ofChip * draw();
      return Array.from({ length: nights }, () => ({
        lot: `L${l}`,
        chip: `L${l}C${c}`,
        logValue: chipEffect + ofNight * draw(),
      }));
    });
  });
}

describe('variance components', () => {
  test('of a balanced design by hand: mean squares 1, 9 and 64 of 2 lots, 2 chips, 2 nights', () => {
    // Nights +-1/sqrt(2) about chips: SS 4, MS 1. Chips +-1.5 about lots: SS 2 x 4 x 1.5^2 = 18, MS 9.
    // Lots +-sqrt(8) about the whole: SS 8 x 8 = 64, MS 64.
    const values: ChipNight[] = [];
    for (const lot of [-1, 1])
      for (const chip of [-1, 1])
        for (const night of [-1, 1])
          values.push({
            lot: `${lot}`,
            chip: `${lot}/${chip}`,
            logValue: 5 + lot * Math.sqrt(8) + chip * 1.5 + night * Math.SQRT1_2,
          });
    const { lot, chip, night } = varianceComponents(values);
    expect(night?.variance).toBeCloseTo(1, 12);
    expect(chip?.variance).toBeCloseTo((9 - 1) / 2, 12);
    expect(lot?.variance).toBeCloseTo((64 - 9) / 4, 12);
  });

  test('of an unbalanced design as NumPy has them from projections and traces', () => {
    const design = [[3, 9, 2, 5], [7, 1], [4, 4, 8], [2], [5, 1, 1]];
    let i = 0;
    const values = design.flatMap((chips, l) =>
      chips.flatMap((nights, c) =>
        Array.from({ length: nights }, () => {
          i += 1;
          return { lot: `${l}`, chip: `${l}/${c}`, logValue: Math.sin(1.7 * i) + 0.3 * l + 0.2 * c };
        }),
      ),
    );
    const { lot, chip, night } = varianceComponents(values);
    expect(night?.variance).toBeCloseTo(0.59427849, 8);
    expect(lot?.variance).toBeCloseTo(0.08897063, 8);
    // NumPy: -0.00845802.
    expect(chip).toEqual({ variance: 0, truncated: true });
  });

  test('recovers a known unbalanced design on average', () => {
    const design = [[3, 9, 2, 5], [7, 1], [4, 4, 4, 4, 8], [2, 6, 10], [5], [3, 3, 12, 1, 1, 6]];
    const truth = [0.03, 0.02, 0.01] as const;
    const draw = normalDraws(31);
    const pilots = 4000;
    const sums = { lot: 0, chip: 0, night: 0 };
    const squares = { lot: 0, chip: 0, night: 0 };
    for (let i = 0; i < pilots; i += 1) {
      const found = varianceComponents(pilot(draw, design, truth));
      for (const level of ['lot', 'chip', 'night'] as const) {
        const estimate = found[level]?.variance as number;
        sums[level] += estimate;
        squares[level] += estimate ** 2;
      }
    }
    for (const [level, sd] of [
      ['lot', 0.03],
      ['chip', 0.02],
      ['night', 0.01],
    ] as const) {
      const average = sums[level] / pilots;
      const error = Math.sqrt((squares[level] / pilots - average ** 2) / pilots);
      // Where few estimates are truncated at zero, that hardly lifts the average.
      expect(Math.abs(average - sd ** 2)).toBeLessThan(4 * error);
    }
  });

  test('says where an estimate was below zero', () => {
    // Chips of one lot differ much, the lots' means not at all.
    const values = ['a', 'b'].flatMap((lot) =>
      [-1, 1].flatMap((chip) =>
        [0, 0.1].map((night) => ({ lot, chip: `${lot}${chip}`, logValue: chip + night })),
      ),
    );
    expect(varianceComponents(values).lot).toEqual({ variance: 0, truncated: true });
    expect(varianceComponents(values).chip?.truncated).toBe(false);
  });
  test('does not say what the design does not show', () => {
    const draw = normalDraws(5);
    const oneLot = varianceComponents(pilot(draw, [[3, 3, 3]], [1, 1, 1]));
    expect(oneLot).toMatchObject({ lot: null, lots: 1, chips: 3, nights: 9 });
    const oneNight = pilot(draw, [[1, 1, 1, 1]], [1, 1, 1]);
    expect(varianceComponents(oneNight).night).toBeNull();
    expect(varianceComponents(oneNight).chip?.variance).toBeCloseTo(
      variance(oneNight.map((v) => v.logValue)),
      12,
    );
    expect(varianceComponents(pilot(draw, [[5], [5]], [1, 1, 1])).chip).toBeNull();
    const unknown = pilot(
      draw,
      [
        [3, 3],
        [3, 3],
      ],
      [1, 1, 1],
    ).map((v, i) => (i === 0 ? { ...v, lot: null } : v));
    expect(varianceComponents(unknown)).toMatchObject({ lot: null, lots: 1, chips: 4 });
  });
  test('shifted they stay, scaled they grow with the square, in any order', () => {
    const values = fc
      .array(
        fc.record({
          chip: fc.integer({ min: 0, max: 9 }),
          logValue: fc.double({ min: -3, max: 3, noNaN: true }),
        }),
        { minLength: 2, maxLength: 60 },
      )
      .map((all) => all.map(({ chip, logValue }) => ({ chip: `${chip}`, lot: `${chip % 3}`, logValue })));
    fc.assert(
      fc.property(values, fc.double({ min: -20, max: 20, noNaN: true }), (all, by) => {
        const plain = varianceComponents(all);
        const other = varianceComponents(all.map((v) => ({ ...v, logValue: 2 * v.logValue + by })).reverse());
        for (const level of ['lot', 'chip', 'night'] as const) {
          expect(plain[level] === null).toBe(other[level] === null);
          expect(other[level]?.variance ?? 0).toBeCloseTo(4 * (plain[level]?.variance ?? 0), 8);
        }
      }),
    );
  });
  test('refuses no value, no logarithm, and a chip in two lots', () => {
    expect(() => varianceComponents([])).toThrow(/no value/);
    expect(() => varianceComponents([{ chip: 'c1', lot: 'a', logValue: Number.NaN }])).toThrow(
      /c1: value NaN/,
    );
    expect(() =>
      varianceComponents([
        { chip: 'c1', lot: 'a', logValue: 1 },
        { chip: 'c1', lot: 'b', logValue: 1 },
      ]),
    ).toThrow(/c1: lots a and b/);
  });
});

describe('what dependence costs', () => {
  test('the reference pilot: nights taken as independent cover 22 %, clustered by chip 94 %', () => {
    // 24 against 24 chips, chip SD 3 %, nightly SD 2 %, 60 nights; only chip means and all values matter.
    const draw = normalDraws(41);
    const [k, nights, pilots] = [24, 60, 4000];
    let [byNight, byChip] = [0, 0];
    for (let i = 0; i < pilots; i += 1) {
      const side = () => {
        const means = Array.from({ length: k }, () => 0.03 * draw() + (0.02 / Math.sqrt(nights)) * draw());
        return { mean: means.reduce((a, b) => a + b, 0) / k, between: variance(means) };
      };
      const [c, b] = [side(), side()];
      const distance = Math.abs(c.mean - b.mean);
      const spread = c.between + b.between;
      // Variance of single nights: that of chip means, and that of nights within a chip.
      if (distance < 1.96 * Math.sqrt((spread + 2 * 0.02 ** 2) / (k * nights))) byNight += 1;
      if (distance < 2.0129 * Math.sqrt(spread / k)) byChip += 1;
    }
    expect(Math.abs(byNight / pilots - 0.22)).toBeLessThan(0.03);
    expect(Math.abs(byChip / pilots - 0.95)).toBeLessThan(threeErrors(0.95, pilots));
  });
  test('its design effect says the same: 24 chips of 60 nights are worth about 34 nights', () => {
    const icc = 0.03 ** 2 / (0.03 ** 2 + 0.02 ** 2);
    expect(designEffect(60, icc)).toBeCloseTo(1 + 59 * (9 / 13), 10);
    expect(effectiveSampleSize(24, 60, icc)).toBeCloseTo(1440 / 41.846, 2);
  });
  test('values that agree within a cluster count once, values that do not count all', () => {
    expect(effectiveSampleSize(24, 60, 1)).toBe(24);
    expect(effectiveSampleSize(24, 60, 0)).toBe(1440);
    expect(() => designEffect(60, 1.2)).toThrow(/intraclass correlation 1.2/);
    expect(() => designEffect(0.5, 0.2)).toThrow(/0.5/);
  });
  test('the intraclass correlation of a large pilot is that of its design', () => {
    const values = pilot(normalDraws(8), Array(60).fill(Array(8).fill(6)), [0.01, 0.03, 0.02]);
    expect(intraclassCorrelation(varianceComponents(values))).toBeCloseTo(10 / 14, 1);
    expect(intraclassCorrelation(varianceComponents([{ chip: 'a', lot: null, logValue: 1 }]))).toBeNull();
  });
});

describe('nights that follow each other', () => {
  test('the factor is the sum that it stands for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.98, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (rho, n) => {
          let sum = 1;
          for (let k = 1; k < n; k += 1) sum += 2 * (1 - k / n) * rho ** k;
          expect(meanVarianceFactor(rho, n) / sum).toBeCloseTo(1, 8);
        },
      ),
    );
    expect(meanVarianceFactor(-0.5, 30)).toBe(1);
    expect(() => meanVarianceFactor(1, 30)).toThrow(/correlation/);
  });
  test('a known correlation is recovered on average, and its factor is what the mean really varies by', () => {
    const draw = normalDraws(51);
    const [rho, n, series] = [0.5, 60, 4000];
    let [sum, squares] = [0, 0];
    for (let i = 0; i < series; i += 1) {
      let x = draw() / Math.sqrt(1 - rho ** 2);
      const nights = Array.from({ length: n }, () => {
        x = rho * x + draw();
        return x;
      });
      sum += lagOne(nights) as number;
      squares += (nights.reduce((a, b) => a + b, 0) / n) ** 2;
    }
    expect(sum / series).toBeCloseTo(rho, 2);
    const expected = (1 / (1 - rho ** 2) / n) * meanVarianceFactor(rho, n);
    // The variance of a mean square of 4,000 is 2 / 4,000.
    expect(Math.abs(squares / series / expected - 1)).toBeLessThan(3 * Math.sqrt(2 / series));
  });
  test('is not told from few nights, or from nights all the same', () => {
    expect(lagOne([1, 2, 3, 4, 5, 6, 7])).toBeNull();
    expect(lagOne(Array(20).fill(0.25))).toBeNull();
    expect(lagOne([1, 2, 3, 4, 5, 6, 7, 8])).toBe(0.99);
    expect(() => lagOne([1, Number.NaN])).toThrow(/night NaN/);
  });
});
