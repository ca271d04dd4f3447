import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIGURES_PATH, figuresMarkdown } from '../../data/export-figures.ts';
import { DEFAULT_POLICY, PUBLISHED_POLICY } from '../../functions/core/decision/default-policy.ts';
import { PolicySchema } from '../../functions/core/decision/policy.ts';
import { BASELINES, findBaseline, isSameChip } from '../../functions/core/efficiency/baselines.ts';
import { BaselineSchema, PriceBasisSchema } from '../../functions/core/efficiency/catalogue.ts';
import { findPriceBasis, PRICE_BASES } from '../../functions/core/efficiency/prices.ts';
import { SENSORS } from '../../functions/core/efficiency/sensors.ts';

const DATA = join(import.meta.dirname, '../../data');
const files = (folder: string): string[] =>
  readdirSync(join(DATA, folder))
    .filter((name) => name.endsWith('.json'))
    .sort();
const parse = (path: string): unknown => JSON.parse(readFileSync(join(DATA, path), 'utf8'));

describe('the catalogues', () => {
  test('use every file of data/baselines and data/prices', () => {
    const skus = files('baselines').map((name) => BaselineSchema.parse(parse(`baselines/${name}`)).sku);
    const bases = files('prices').map((name) => PriceBasisSchema.parse(parse(`prices/${name}`)).name);
    expect(BASELINES.map((b) => b.sku).sort()).toEqual(skus.sort());
    expect(PRICE_BASES.map((b) => b.name).sort()).toEqual(bases.sort());
  });
  test('give no name to two accelerators, and none twice to one', () => {
    const names = BASELINES.flatMap((b) => [b.sku, ...b.aliases].map((name) => ({ name, sku: b.sku })));
    for (const [i, { name, sku }] of names.entries()) {
      expect(findBaseline(name)?.sku, name).toBe(sku);
      const same = names.slice(i + 1).filter((n) => n.name.toLowerCase() === name.toLowerCase());
      expect(same, name).toEqual([]);
    }
  });
  test('hold no figure that nobody verified or saw', () => {
    const grades = BASELINES.flatMap((b) => [
      ...[b.powerW, b.memoryBytes, b.memoryBandwidthBytesPerS, b.allInPowerW].flatMap((f) => f?.grade ?? []),
      ...Object.values(b.densePeakFlops).map((f) => f.grade),
      ...b.published.map((p) => p.grade),
    ]).concat(PRICE_BASES.flatMap((basis) => basis.perChipHour.map((p) => p.grade)));
    expect(grades.length).toBeGreaterThan(100);
    expect(grades.filter((grade) => grade === 'M')).toEqual([]);
  });
  test('price no chip twice in one basis', () => {
    for (const { perChipHour, name } of PRICE_BASES)
      for (const [i, { sku }] of perChipHour.entries())
        expect(
          perChipHour.slice(i + 1).some((other) => isSameChip(other.sku, sku)),
          `${name} ${sku}`,
        ).toBe(false);
  });
  test('refuse an energy without its boundary, and a boundary without its energy', () => {
    const h100 = structuredClone(findBaseline('H100-SXM-80GB'));
    const entry = h100?.published.find((p) => p.energyJ !== null);
    expect(BaselineSchema.safeParse(h100).success).toBe(true);
    Object.assign(entry ?? {}, { energyJ: null });
    expect(BaselineSchema.safeParse(h100).error?.message).toMatch(/boundary/);
  });
  test.each(['2026', '2026-01', '2026-01-24'])('a price basis may be dated %s', (date) => {
    expect(PriceBasisSchema.safeParse({ ...PRICE_BASES[0], date }).success).toBe(true);
  });
  test.each(['late 2024', '2024-1', ''])('a price basis may not be dated %j', (date) => {
    expect(PriceBasisSchema.safeParse({ ...PRICE_BASES[0], date }).error?.message).toMatch(/YYYY/);
  });
});

describe('the packaged policies', () => {
  test('name a price basis that there is', () => {
    for (const name of files('policies'))
      expect(
        findPriceBasis(PolicySchema.parse(parse(`policies/${name}`)).priceBasis)?.name,
        name,
      ).toBeTruthy();
  });
  test.each([
    ['energy', 'required', 'superiority', 'energy-to-train', 0.1],
    ['cost', 'required', 'superiority', 'cost-to-train', 0],
    ['time', 'guardrail', 'non-inferiority', 'time-to-train', 0.1],
    ['stop-energy', 'stop', 'non-inferiority', 'energy-to-train', 0],
    ['stop-cost', 'stop', 'non-inferiority', 'cost-to-train', 0.1],
  ])(
    'the one for published results has the gate %s: %s, %s of %s by %d',
    (id, duty, kind, metric, margin) => {
      expect(PUBLISHED_POLICY.gates.find((gate) => gate.id === id)).toMatchObject({
        duty,
        kind,
        metric,
        margin,
        alpha: 0.05,
        minimumRuns: 3,
        minimumEvidence: 'C',
      });
    },
  );
  test.each([
    ['loss', 'required', 'non-inferiority', 'loss-at-equal-tokens', 0.01],
    ['energy', 'required', 'superiority', 'energy-per-useful-token', 0.05],
    ['cost', 'required', 'superiority', 'cost-per-useful-token', 0],
    ['time', 'guardrail', 'non-inferiority', 'time-per-useful-token', 0.1],
    ['stop-loss', 'stop', 'non-inferiority', 'loss-at-equal-tokens', 0.02],
    ['stop-energy', 'stop', 'non-inferiority', 'energy-per-useful-token', 0],
    ['stop-cost', 'stop', 'non-inferiority', 'cost-per-useful-token', 0.1],
  ])('the one for pilots has the gate %s: %s, %s of %s by %d', (id, duty, kind, metric, margin) => {
    expect(DEFAULT_POLICY.gates.find((gate) => gate.id === id)).toMatchObject({
      duty,
      kind,
      metric,
      margin,
      alpha: 0.05,
      minimumEvidence: 'C',
    });
  });
  test('pilots are looked at every night, published results once', () => {
    expect(DEFAULT_POLICY.monitoring.kind).toBe('nightly');
    expect(PUBLISHED_POLICY.monitoring.kind).toBe('once');
  });
  test('they have no other gates, and every gate says why', () => {
    expect(PUBLISHED_POLICY.gates).toHaveLength(5);
    expect(DEFAULT_POLICY.gates).toHaveLength(7);
    for (const gate of [...PUBLISHED_POLICY.gates, ...DEFAULT_POLICY.gates]) expect(gate.why).toBeTruthy();
  });
});

describe('docs/figures.md', () => {
  test('is what the catalogues say (node data/export-figures.ts)', () => {
    expect(readFileSync(FIGURES_PATH, 'utf8')).toBe(figuresMarkdown());
  });
  test('has a row for every figure, result and price', () => {
    const figures = BASELINES.map((b) => 4 + Object.keys(b.densePeakFlops).length);
    const rows = [
      ...figures,
      ...BASELINES.map((b) => 1 + b.published.length),
      ...PRICE_BASES.map((b) => b.perChipHour.length),
      ...SENSORS.map(() => 6),
    ].reduce((sum, n) => sum + n, 0);
    const tables = 5;
    const lines = figuresMarkdown()
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(lines).toHaveLength(rows + 2 * tables);
    expect(lines).toContain(
      '| H100-SXM-80GB | dense bf16 peak | 989 TFLOP/s | V | InferenceX-app gpu-specs.ts and GPU_TDP_MAP (SemiAnalysis) |  |',
    );
    expect(lines).toContain('| TPU-v5p | board power limit | not published |  |  |  |');
  });
});
