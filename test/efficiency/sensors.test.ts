import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { figuresMarkdown } from '../../data/export-figures.ts';
import { findSensor, SENSORS, SensorSchema } from '../../functions/core/efficiency/sensors.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import { evaluated, every } from './runs.ts';

const FOLDER = join(import.meta.dirname, '../../data/sensors');
const power_w = every(1, () => 500);

describe('the catalogue of sensors', () => {
  test('uses every file of data/sensors', () => {
    const names = readdirSync(FOLDER).map(
      (file) => SensorSchema.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))).name,
    );
    expect(SENSORS.map((s) => s.name).sort()).toEqual(names.sort());
  });
  test('gives no chip two sensors, and no figure that nobody verified or saw', () => {
    for (const { skus, name } of SENSORS)
      for (const sku of skus) expect(findSensor(sku, 'chip')?.name, sku).toBe(name);
    expect(
      SENSORS.flatMap((s) => [s.energyBiasRatio, s.accuracyRatio, s.sampledRatio]).map((f) => f?.grade),
    ).not.toContain('M');
  });
  test.each([
    ['NVIDIA A100-SXM4-80GB', 0.0008],
    ['rtx 3090', -0.091],
    ['Tesla K40m', 0.034],
    ['H100-SXM-80GB', null],
  ])('has the published bias of %s', (sku, bias) => {
    expect(findSensor(sku, 'chip')?.energyBiasRatio?.value ?? null).toBe(bias);
  });
  test.each([
    ['own-chip', 'chip'],
    ['A100-SXM-80GB', 'node-ac'],
    ['A100-SXM-80GB', null],
  ] as const)('knows no sensor of %s at %s', (sku, boundary) => {
    expect(findSensor(sku, boundary)).toBeNull();
  });
  test('is in the table of figures', () => {
    expect(figuresMarkdown()).toMatch(
      /RTX 3090 on-board sensor \| energy against an external meter \| -9\.1 %/,
    );
  });
});

describe('a run that was read with a published sensor', () => {
  const e = evaluated({ a: { gauges: { power_w } } }, { sku: 'RTX 3090' });

  test('keeps its energy as read, with the bias beside it', () => {
    expect(e.energy.clippedTrapezoidJ).toBe(500_000);
    expect(e.sensor).toMatchObject({ energyBiasRatio: -0.091, unbiasedEnergyJ: 500_000 / 0.909 });
    for (const text of [renderRunHtml(e), renderRunMarkdown(e)]) {
      expect(text).toContain('-9.1 %');
      expect(text).toContain('500.00 kJ as read would be 550.06 kJ without it');
      expect(text).toContain('475.00 kJ to 525.00 kJ');
      expect(text).toMatch(/Sources: arXiv 2312\.02741/);
    }
  });
  test('prints no energy beside it where the evidence carries none', () => {
    const text = renderRunHtml({ ...e, evidence: 'D' });
    expect(text).toContain('-9.1 %');
    expect(text).not.toMatch(/550\.06|475\.00/);
  });
  test.each([
    ['another chip', evaluated({ a: { gauges: { power_w } } })],
    [
      'a counter',
      evaluated({ a: { counters: { energy_j: every(1, (s) => 500 * s) } } }, { sku: 'RTX 3090' }),
    ],
    [
      'a meter of the node',
      evaluated(
        {
          a: {
            gauges: { power_w },
            facts: { kind: 'node', boundary: 'node-ac', measuredBoundary: 'node-ac' },
          },
        },
        { sku: 'RTX 3090' },
      ),
    ],
  ])('says nothing of the sensor for %s', (_, other) => {
    expect(other.sensor).toBeUndefined();
    expect(renderRunMarkdown(other)).not.toContain('## Sensor');
  });
});
