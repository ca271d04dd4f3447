import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BASELINES, findBaseline } from '../../functions/core/efficiency/baselines.ts';
import { findPriceBasis, pricePerChipHour } from '../../functions/core/efficiency/prices.ts';

/** Where the figures were collected; beside the checkout and not in it. */
const SHARED = resolve(import.meta.dirname, '../../../shared');
const FIGURES = resolve(SHARED, 'reference/figures.md');
const EXPECTED = resolve(SHARED, 'cases/expected.json');
const hasFacts = existsSync(FIGURES) && existsSync(EXPECTED);
if (!hasFacts) process.stderr.write('skipped: ../shared is not there, so figures are not compared\n');

const text = hasFacts ? readFileSync(FIGURES, 'utf8') : '';

/** Rows of the table under a heading, as cells. */
function rowsUnder(heading: string): string[][] {
  const part = text.slice(text.indexOf(heading)).split(/\n\n(?!\|)/)[0] ?? '';
  const rows = part.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const number = (cell: string): number => Number.parseFloat(cell.replaceAll(',', ''));

describe.skipIf(!hasFacts)('figures are those that were collected', () => {
  const chips = new Map([
    ['H100', 'H100-SXM-80GB'],
    ['H200', 'H200-SXM'],
    ['B200', 'B200-SXM'],
    ['A100', 'A100-SXM-80GB'],
    ['TPU v5p', 'TPU-v5p'],
    ['v6e', 'TPU-v6e'],
    ...['GB200', 'MI300X', 'MI355X'].map((sku) => [sku, sku] as const),
  ]);

  test('every result of table C1 of a chip in the catalogue, and no other without energy', () => {
    const collected = rowsUnder('### C1.').flatMap(([round, , system, accelerators = '', time = '']) => {
      const [, count = '', chip = ''] = /^([\d,]+) (.*)$/.exec(accelerators) ?? [];
      const sku = chips.get(chip);
      const folder = system?.replace(' / ', '/results/');
      return sku ? [`${sku} ${round} ${folder} ${number(count)} ${number(time)}`] : [];
    });
    const shipped = BASELINES.flatMap(({ sku, published }) =>
      published
        .filter((p) => p.energyJ === null)
        .map((p) => {
          const [, round, folder] = /^mlcommons\/training_results_(v[\d.]+), (.*)$/.exec(p.source) ?? [];
          expect(p.suite).toBe(`MLPerf Training ${round}`);
          return `${sku} ${round} ${folder} ${p.chips} ${p.timeToTrainMin}`;
        }),
    );
    expect(collected.length).toBeGreaterThan(30);
    expect(shipped.sort()).toEqual(collected.sort());
  });

  test('power, peaks, memory and bandwidth of table C4', () => {
    const rows = rowsUnder('### C4.');
    for (const [chip = '', power = '', bf16 = '', fp8 = '', memory = '', bandwidth = ''] of rows) {
      const baseline = findBaseline(chip.replace(' (per GPU)', ''));
      expect(baseline, chip).not.toBeNull();
      expect(baseline?.powerW?.value ?? Number.NaN, chip).toBe(number(power));
      expect(baseline?.densePeakFlops.bf16?.value, chip).toBe(number(bf16) * 1e12);
      const int8 = /int8 ([\d,]+)/.exec(fp8)?.[1];
      const low = baseline?.densePeakFlops[int8 ? 'int8' : 'fp8'];
      expect(low?.value, chip).toBe(number(int8 ?? fp8) * 1e12);
      expect(Object.keys(baseline?.densePeakFlops ?? {}), chip).toHaveLength(2);
      const unit = memory.endsWith('GiB') ? 2 ** 30 : 1e9;
      expect(baseline?.memoryBytes.value, chip).toBe(number(memory) * unit);
      expect(baseline?.memoryBandwidthBytesPerS.value, chip).toBe(number(bandwidth) * 1e12);
    }
    expect(rows.length).toBe(BASELINES.length);
  });

  test('prices and all-in power of the SemiAnalysis constants', () => {
    const prose = text.slice(text.indexOf('all-in kW/GPU:'), text.indexOf('(B300/GB300'));
    const rows = [...prose.matchAll(/(\w+) ([\d.]+)\/([\d.]+)\/([\d.]+), ([\d.]+)/g)];
    const bases = ['semianalysis-hyperscaler', 'semianalysis-neocloud', 'semianalysis-3-year-rental'];
    expect(rows).toHaveLength(7);
    for (const [, chip = '', ...values] of rows) {
      const sku = chips.get(chip) ?? chip;
      const priced = bases.map((name) => pricePerChipHour(findPriceBasis(name) ?? expect.fail(name), sku));
      expect(priced, chip).toEqual(values.slice(0, 3).map(Number));
      const baseline = findBaseline(sku);
      if (baseline) expect(baseline.allInPowerW?.value, chip).toBeCloseTo(Number(values[3]) * 1000, 6);
    }
    for (const name of bases) expect(findPriceBasis(name)?.perChipHour).toHaveLength(rows.length);
  });

  test('energies and times of the v4.0 results with power', () => {
    const cases: Record<string, { published_energy_j: number | null; published_time_min: number }> =
      JSON.parse(readFileSync(EXPECTED, 'utf8'));
    const collected = Object.values(cases)
      .filter((c) => c.published_energy_j !== null)
      .map((c) => [c.published_energy_j, c.published_time_min]);
    const shipped = BASELINES.flatMap((b) => b.published.filter((p) => p.energyJ !== null)).map((p) => [
      p.energyJ,
      p.timeToTrainMin,
    ]);
    expect(collected).toHaveLength(4);
    expect(shipped.sort()).toEqual(collected.sort());
  });
});
