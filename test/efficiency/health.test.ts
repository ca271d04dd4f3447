import { describe, expect, test } from 'vitest';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import { evaluated, every, findingOf, type TestScope } from './runs.ts';

const power_w = every(1, () => 500);
const chip = ({ gauges = {}, counters = {} }: TestScope): TestScope => ({
  gauges: { power_w, ...gauges },
  counters,
});
const healthOf = (scope: TestScope) => evaluated({ a: chip(scope) }).scopes[0]?.health;

describe('the health of a scope', () => {
  test('is absent where nothing of it was read', () => {
    const e = evaluated({ a: chip({}) });
    expect([e.health, e.scopes[0]?.health]).toEqual([undefined, undefined]);
    expect(renderRunHtml(e)).not.toContain('<h2>Hardware');
  });

  test('has means weighted by time, not by reading', () => {
    const temperature_c = [...every(1, () => 50).filter(([s]) => s <= 500), [501, 80], [1_000, 80]] as const;
    expect(healthOf({ gauges: { temperature_c } })?.temperatureC).toBeCloseTo(65, 0);
    const dense = healthOf({ gauges: { temperature_c: every(2, (s) => (s < 500 ? 50 : 80)) } });
    expect(dense).toMatchObject({ temperatureC: expect.closeTo(65, 0), maxTemperatureC: 80, clockHz: null });
  });

  test('takes throttled time from its counter, over the time that the counter covers', () => {
    const throttled_power_s = every(10, (s) => 100 + s / 4).filter(([s]) => s >= 200);
    const throttled_power_ratio = every(1, () => 1);
    const health = healthOf({ counters: { throttled_power_s }, gauges: { throttled_power_ratio } });
    expect(health?.throttledRatio).toEqual({ power: 0.25, thermal: null, other: null });
  });

  test('takes throttled time from the gauge where there is no counter', () => {
    const throttled_thermal_ratio = every(1, (s) => (s < 300 ? 1 : 0));
    const health = healthOf({ gauges: { throttled_thermal_ratio } });
    expect(health?.throttledRatio.thermal).toBeCloseTo(0.3, 2);
  });

  test('counts errors that are new in the run, and no part of one', () => {
    const counters = {
      ecc_corrected_total: every(1, (s) => 900 + Math.floor(s / 100)),
      ecc_uncorrected_total: every(1, () => 3),
      // 0.3: as the interval across run start was cut.
      faults_total: every(1, (s) => (s === 0 ? 0.3 : s < 500 ? 1 : 2)),
    };
    expect(healthOf({ counters })).toMatchObject({ eccCorrected: 10, eccUncorrected: 0, faults: 2 });
  });

  test('does not count a last error that stands for the whole run as new (nasty 23)', () => {
    const e = evaluated({ a: chip({ counters: { faults_total: every(1, () => 79) } }) });
    expect(e.health?.faults).toBe(0);
    expect(findingOf(e, 'hardware-errors')).toBeUndefined();
  });
});

describe('the health of a run', () => {
  const hot = chip({
    gauges: { throttled_thermal_ratio: every(1, () => 0.2), temperature_c: every(1, () => 90) },
    counters: { faults_total: every(1, (s) => (s < 10 ? 0 : 1)) },
  });
  const cool = chip({
    gauges: { throttled_thermal_ratio: every(1, () => 0), temperature_c: every(1, () => 60) },
  });
  const inlet: TestScope = {
    gauges: { temperature_c: every(1, () => 21) },
    facts: { kind: 'node', boundary: 'node-ac', measuredBoundary: 'node-ac' },
  };
  const e = evaluated(
    { cool, hot, inlet },
    { boundary: 'chip', system: { name: 's', nodes: 1, chipsPerNode: 2 } },
  );

  test('is that of its chips, not of what surrounds them', () => {
    expect(e.health).toMatchObject({
      scopes: 2,
      temperatureC: expect.closeTo(75, 6),
      maxTemperatureC: 90,
      throttledRatio: { power: null, thermal: expect.closeTo(0.1, 6), other: null },
      faults: 1,
      eccCorrected: null,
    });
  });

  test('is a finding where chips failed or ran hot, and names them', () => {
    expect(findingOf(e, 'hardware-errors')?.values).toEqual({ scopes: ['hot'], errors: 1 });
    expect(findingOf(e, 'thermal-throttling')?.message).toMatch(/^hot: .*20\.0 % of the run/);
  });

  test('is a short table in the report, worst first, without columns that nobody read', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`chip-${i + 10}`, cool]));
    const text = renderRunMarkdown(evaluated({ ...many, 'z-hot': hot }));
    const section = text.slice(text.indexOf('## Hardware'), text.indexOf('## Findings'));
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatch(/the run \(21 scopes\)/);
    expect(rows[1]).toMatch(/z-hot .*20\.0 % .*90\.0 °C/);
    expect(section).toContain('8 worst of 21 scopes');
    expect(section).not.toMatch(/ECC|clock/);
    expect(renderRunHtml(e)).toContain('<h2>Hardware</h2>');
  });
});
