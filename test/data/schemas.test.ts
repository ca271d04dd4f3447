import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportedSchemas, schemaPath } from '../../data/export-schemas.ts';
import { PolicySchema } from '../../functions/core/decision/policy.ts';
import { BASELINES } from '../../functions/core/efficiency/baselines.ts';
import { PriceBasisSchema } from '../../functions/core/efficiency/catalogue.ts';
import { PRICE_BASES } from '../../functions/core/efficiency/prices.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';

const DATA = join(import.meta.dirname, '../../data');
const files = (folder: string): string[] => readdirSync(join(DATA, folder)).sort();
const parse = (path: string): unknown => JSON.parse(readFileSync(join(DATA, path), 'utf8'));

describe('data/schemas', () => {
  test.each(exportedSchemas())('$name is what the code says (npm run schemas)', ({ name, text }) => {
    expect(readFileSync(schemaPath(name), 'utf8')).toBe(text);
  });
  test('holds nothing else', () => {
    expect(files('schemas')).toEqual(
      exportedSchemas()
        .map((s) => s.name)
        .sort(),
    );
  });
});

describe('the catalogues', () => {
  test('every baseline and price file is used, and no SKU stands twice', () => {
    expect(BASELINES.length).toBe(files('baselines').length);
    expect(PRICE_BASES.length).toBe(files('prices').length);
    const plain = (n: string): string => n.toLowerCase().replace(/[\s_-]+/g, '');
    const names = BASELINES.flatMap((b) => [...new Set([b.sku, ...b.aliases].map(plain))]);
    expect(new Set(names).size).toBe(names.length);
  });
  test('no figure that was not verified or seen is in them', () => {
    for (const b of BASELINES) {
      const figures = [
        b.powerW,
        b.memoryBytes,
        b.memoryBandwidthBytesPerS,
        b.allInPowerW,
        ...Object.values(b.densePeakFlops),
      ].filter((f) => f !== null);
      for (const figure of figures) expect(['V', 'S']).toContain(figure.grade);
    }
  });
  test('every policy names a price basis that there is', () => {
    for (const name of files('policies')) {
      const policy = PolicySchema.parse(parse(`policies/${name}`));
      expect(PRICE_BASES.map((p) => p.name)).toContain(policy.priceBasis);
    }
  });
  test('the examples are valid', () => {
    expect(RunManifestSchema.safeParse(parse('examples/run.json')).error).toBeUndefined();
    expect(PolicySchema.safeParse(parse('examples/policy.json')).error).toBeUndefined();
    expect(PriceBasisSchema.safeParse(parse('examples/prices.json')).error).toBeUndefined();
  });
});
