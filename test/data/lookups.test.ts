import { describe, expect, test } from 'vitest';
import {
  BASELINES,
  findBaseline,
  isSameChip,
  modelFlopsUtilization,
  peakFlops,
} from '../../functions/core/efficiency/baselines.ts';
import type { PriceBasis } from '../../functions/core/efficiency/catalogue.ts';
import {
  costPerMillionTokensUsd,
  costUsd,
  electricityPerMillionTokensUsd,
  energyPerTokenJ,
  tokensPerSecondPerMw,
} from '../../functions/core/efficiency/cost.ts';
import { findPriceBasis, pricePerChipHour } from '../../functions/core/efficiency/prices.ts';
import { fc } from '../fast-check.ts';

const prices = (...perChipHour: [string, number][]): PriceBasis => ({
  schema: 'wattline/prices@1',
  name: 'ours',
  date: '2026-01',
  currency: 'USD',
  description: '',
  source: 'test',
  perChipHour: perChipHour.map(([sku, value]) => ({ sku, value, grade: 'V' })),
});

describe('a baseline is found', () => {
  test.each([
    ['NVIDIA H100-SXM5-80GB', 'H100-SXM-80GB'],
    ['NVIDIA H100 SXM5 80GB', 'H100-SXM-80GB'],
    ['nvidia h100 80gb hbm3', 'H100-SXM-80GB'],
    ['NVIDIA H200-SXM5-141GB', 'H200-SXM'],
    ['NVIDIA Blackwell GPU (B200-SXM-180GB)', 'B200-SXM'],
    ['NVIDIA Blackwell GPU (GB200)', 'GB200'],
    ['NVIDIA A100-SXM4-80GB (400W)', 'A100-SXM-80GB'],
    ['AMD Instinct MI300X 192GB HBM3', 'MI300X'],
    ['AMD Instinct MI355X', 'MI355X'],
    ['TPU v5p', 'TPU-v5p'],
    ['trainium_2', 'Trainium2'],
    ['HL-325L', 'Gaudi3'],
  ])('by the spelling %s', (spelling, sku) => {
    expect(findBaseline(spelling)?.sku).toBe(sku);
  });
  test.each([
    'NVIDIA H100 PCIe',
    'NVIDIA H100-NVL-94GB',
    'NVIDIA H200-NVL-141GB',
    'NVIDIA Blackwell Ultra GPU (GB300)',
    'NVIDIA A100-SXM4-40GB',
    'AMD Instinct MI325X',
    'trn2',
    'H100',
    'constructor',
    '',
  ])('not by %j, which is another product or none', (name) => {
    expect(findBaseline(name)).toBeNull();
  });
  test('however case, spaces, dashes and underscores are set', () => {
    const name = fc.constantFrom(...BASELINES.flatMap((b) => [b.sku, ...b.aliases]));
    fc.assert(
      fc.property(name, fc.constantFrom(' ', '-', '_', ' - '), fc.boolean(), (alias, gap, isUpper) => {
        const spelt = alias.replaceAll(/[\s_-]/g, gap);
        const other = isUpper ? spelt.toUpperCase() : spelt.toLowerCase();
        return findBaseline(other) === findBaseline(alias) && isSameChip(other, alias);
      }),
    );
  });
});

describe('a dense peak', () => {
  test('is that of the chip and precision', () => {
    expect(peakFlops('B200-SXM', 'bf16').value).toBe(2250e12);
    expect(peakFlops('NVIDIA H100-SXM5-80GB', 'fp8').value).toBe(1979e12);
    expect(peakFlops('TPU-v6e', 'bf16').value).toBe(918e12);
  });
  test.each([
    ['own-chip', 'bf16', /"own-chip"; expected a chip of data\/baselines/],
    ['A100-SXM-80GB', 'fp8', /"fp8" peak.*"A100-SXM-80GB"; expected bf16, int8/],
    ['H100-SXM-80GB', 'toString', /"toString"/],
    ['H100-SXM-80GB', '__proto__', /"__proto__"/],
  ])('of %s at %s is an error that says what is known', (sku, precision, message) => {
    expect(() => peakFlops(sku, precision)).toThrow(message);
    expect(() => peakFlops(sku, precision)).toThrow(expect.objectContaining({ code: 'unknown-peak' }));
  });
});

describe('model FLOPs utilisation', () => {
  const use = { modelFlops: 400e12 * 16_384 * 60, durationS: 60, chips: 16_384, peakFlops: 989e12 };
  test.each([
    [430, 43],
    [400, 40],
    [380, 38],
  ])('%d TFLOP/s a GPU are %d %% of an H100 (Llama 3 405B)', (tflops, percent) => {
    const modelFlops = tflops * 1e12 * use.chips * use.durationS;
    expect(Math.round(modelFlopsUtilization({ ...use, modelFlops }) * 100)).toBe(percent);
  });
  test.each(['durationS', 'chips', 'peakFlops'])('with no %s is an error, never infinite', (name) => {
    for (const value of [0, -1, Number.NaN])
      expect(() => modelFlopsUtilization({ ...use, [name]: value })).toThrow(
        new RegExp(`${name} ${value}: expected more than 0`),
      );
  });
});

describe('a price', () => {
  test.each([
    ['semianalysis-hyperscaler', 'NVIDIA H100-SXM5-80GB', 1.3],
    ['semianalysis-neocloud', 'H200-SXM', 1.74],
    ['semianalysis-3-year-rental', 'NVIDIA Blackwell GPU (GB200)', 3.3],
    ['semianalysis-hyperscaler', 'mi325x', 1.28],
    ['aws-capacity-blocks', 'H100-SXM', 4.916],
    ['aws-capacity-blocks', 'Trainium', 0.968],
  ])('in %s of %s is %d', (basis, sku, price) => {
    expect(pricePerChipHour(findPriceBasis(basis) as PriceBasis, sku)).toBe(price);
  });
  test('is found where the basis names the chip by an alias', () => {
    expect(pricePerChipHour(prices(['NVIDIA H100-SXM5-80GB', 2]), 'H100-SXM-80GB')).toBe(2);
  });
  test('of an own chip is found by its own name', () => {
    expect(pricePerChipHour(prices(['OUR-CHIP-A0', 1.05]), 'our-chip-a0')).toBe(1.05);
    expect(pricePerChipHour(prices(['OUR-CHIP-A0', 1.05]), 'OUR-CHIP-A1')).toBeNull();
  });
  test('that the basis does not know is null, as is a basis that there is not', () => {
    expect(pricePerChipHour(findPriceBasis('aws-capacity-blocks') as PriceBasis, 'B200-SXM')).toBeNull();
    expect(findPriceBasis('semianalysis')).toBeNull();
  });
  test('that a basis gives twice is an error, unless both are the same', () => {
    const twice = prices(['H100-SXM-80GB', 2], ['NVIDIA H100-SXM5-80GB', 3]);
    expect(() => pricePerChipHour(twice, 'H100-SXM')).toThrow(/costs 2 and 3 USD an hour in the basis ours/);
    expect(pricePerChipHour(prices(['H100-SXM-80GB', 2], ['H100-SXM', 2]), 'H100-SXM')).toBe(2);
  });
});

describe('published values of cost and energy', () => {
  test('639.39 W at 1637.26 tok/s are 0.3905 J a token (ML.ENERGY)', () => {
    expect(energyPerTokenJ(639.3908265351646, 1637.2643059323757)).toBeCloseTo(0.3905238905034637, 15);
  });
  test('1.73 kW at 5,000 tok/s a GPU are 0.346 J a token (InferenceX)', () => {
    expect(energyPerTokenJ(1730, 5000)).toBeCloseTo(0.346, 12);
    expect(tokensPerSecondPerMw(5000, 1730)).toBeCloseTo(1e6 / 0.346, 6);
  });
  test('2.8 USD an hour at 1,000 tok/s are 0.7778 USD a million tokens (InferenceX)', () => {
    expect(costPerMillionTokensUsd(2.8, 1000)).toBeCloseTo(0.7778, 4);
  });
  test('0.36 J a token at 0.10 USD/kWh is a cent of electricity a million tokens', () => {
    expect(electricityPerMillionTokensUsd(0.36, 0.1)).toBeCloseTo(0.01, 12);
  });
  test('an instance of Capacity Blocks costs what its accelerators do', () => {
    const pricePerChipHourUsd = pricePerChipHour(
      findPriceBasis('aws-capacity-blocks') as PriceBasis,
      'H100-SXM',
    ) as number;
    expect(costUsd({ chips: 8, hours: 1, pricePerChipHourUsd })).toBeCloseTo(39.33, 2);
  });
});
