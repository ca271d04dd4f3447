import { describe, expect, test } from 'vitest';
import { unitMixUp } from '../../functions/core/efficiency/counter-findings.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import { evaluated, every, findingOf, type Readings, RUN_S } from './runs.ts';

const POWER_W = 500;
const RUN_J = POWER_W * RUN_S;
const steady = every(1, () => POWER_W);
const rising = every(1, (s) => 7_000 + POWER_W * s);
const withCounter = (energy: Readings, power: Readings | null = steady) =>
  evaluated({
    'GPU-a': { counters: { energy_j: energy }, gauges: power ? { power_w: power } : {} },
  });

describe('the energy counter', () => {
  test('gives its rise, and agrees with the power readings', () => {
    const e = withCounter(rising);
    expect(e.energy).toMatchObject({ counterJ: RUN_J, clippedTrapezoidJ: RUN_J });
    expect(e.energyMethod).toBe('clipped-trapezoid');
    expect(findingOf(e, 'counter-cross-check')?.values?.ratio).toBe(1);
    expect(e.findings.filter((f) => f.severity !== 'info')).toEqual([]);
  });

  test('is repaired where it was reset: the break is bridged at its mean power (nasty 20)', () => {
    const e = withCounter(every(1, (s) => POWER_W * (s < 400 ? 9_000 + s : s - 400)));
    expect(e.energy.counterJ).toBeCloseTo(RUN_J, 6);
    expect(findingOf(e, 'counter-reset')).toMatchObject({
      severity: 'warning',
      values: { scopes: ['GPU-a'], resets: 1, bridgedRatio: expect.closeTo(0.001, 9) },
    });
    expect(findingOf(e, 'counter-disagrees')).toBeUndefined();
  });

  test('of 32 bits that wraps loses one interval a wrap, and no more (nasty 21)', () => {
    const wrapJ = 2 ** 32 / 1e6;
    const e = withCounter(every(0.1, (s) => (20 * s) % wrapJ));
    expect(e.energy.counterJ).toBeCloseTo(20 * RUN_S, 4);
    expect(findingOf(e, 'counter-reset')?.values?.resets).toBe(4);
  });

  test('that spikes and falls back is repaired (nasty 22)', () => {
    const e = withCounter(every(1, (s) => (s === 300 ? 3.69e12 : POWER_W * s)));
    expect(e.energy.counterJ).toBeCloseTo(RUN_J, 6);
    expect(findingOf(e, 'counter-reset')?.values?.resets).toBe(2);
  });

  test('is refused where more than 5 % of the run is broken (nasty 20)', () => {
    const e = withCounter(every(20, (s) => (s % 200 === 0 ? 0 : POWER_W * s)));
    expect(e.energy.counterJ).toBeNull();
    expect(findingOf(e, 'counter-broken')?.message).toMatch(
      /fell or jumped 6 times.*expected at most 5\.0 %/,
    );
  });

  test('that runs backwards is refused (nasty 20)', () => {
    expect(withCounter(every(1, (s) => 1e6 - POWER_W * s)).energy.counterJ).toBeNull();
  });

  test.each<[string, Readings, boolean]>([
    ['starts late', rising.filter(([s]) => s >= 10), false],
    ['ends early', rising.filter(([s]) => s <= 990), false],
    ['was read once', rising.slice(0, 1), false],
    ['misses an end by less than a gap', rising.filter(([s]) => s >= 2), true],
  ])('that %s is refused or bridged by the gap limit', (_, readings, isGiven) => {
    const e = withCounter(readings);
    expect(findingOf(e, 'counter-misses-end') === undefined).toBe(isGiven);
    if (isGiven) expect(e.energy.counterJ).toBeCloseTo(RUN_J, 6);
    else expect(e.energy.counterJ).toBeNull();
  });

  test('that stands still while power is drawn is no zero energy (nasty 20)', () => {
    const e = withCounter(every(1, () => 123_456));
    expect(e.energy.counterJ).toBeNull();
    expect(findingOf(e, 'counter-frozen')?.values?.scopes).toEqual(['GPU-a']);
    expect(
      withCounter(
        every(1, () => 5),
        null,
      ).energyMethod,
    ).toBeNull();
  });

  test('that froze for half of the run disagrees with the power readings', () => {
    const e = withCounter(every(1, (s) => POWER_W * Math.min(s, 500)));
    const finding = findingOf(e, 'counter-disagrees');
    expect(finding?.values).toMatchObject({ scopes: ['GPU-a'], lowRatio: 0.5, highRatio: 0.5 });
    expect(finding?.message).not.toMatch(/looks like/);
  });

  test('in mJ that was read as J is called that, although every rise of it is implausible (nasty 25)', () => {
    const e = withCounter(every(1, (s) => 1000 * POWER_W * s));
    expect(e.energy.counterJ).toBeNull();
    expect(findingOf(e, 'counter-disagrees')?.message).toMatch(/1000 times.*mJ read as J/);
  });

  test.each([
    [998, /mJ read as J/],
    [1.04e6, /µJ read as J/],
    [3_500, /J read as Wh/],
    [0.00098, /kJ read as J/],
    [1 / 3_600, /Wh read as J/],
  ])('%d times the energy of the readings looks like a unit', (ratio, text) => {
    expect(unitMixUp(ratio)).toMatch(text);
  });
  test.each([0.5, 1, 1.06, 2, 60, 100])('%d times looks like none', (ratio) => {
    expect(unitMixUp(ratio)).toBeNull();
  });

  test('names every scope that disagrees, those alike together', () => {
    const scope = (factor: number) => ({
      gauges: { power_w: steady },
      counters: { energy_j: every(1, (s) => factor * POWER_W * s) },
    });
    const e = evaluated({ a: scope(1), b: scope(1.2), c: scope(0.001), d: scope(0.001) });
    const found = e.findings.filter((f) => f.code === 'counter-disagrees');
    expect(found.map((f) => f.values?.scopes)).toEqual([['b'], ['c', 'd']]);
  });
});

describe('a run with counters and no power readings', () => {
  test('takes its energy from the counters, says so, and can be grade A', () => {
    const e = withCounter(rising, null);
    expect(e).toMatchObject({
      energyMethod: 'counter',
      evidence: 'A',
      energyPerTokenJ: RUN_J / 500,
      meanPowerW: POWER_W,
      coverageRatio: 1,
      bracketed: true,
      energy: { clippedTrapezoidJ: null, counterJ: RUN_J },
    });
    expect(findingOf(e, 'energy-from-counter')).toBeDefined();
    for (const text of [renderRunHtml(e), renderRunMarkdown(e)])
      expect(text).toMatch(/500\.00 kJ.*from the hardware energy counters/s);
  });

  test('needs no dense readings between its ends', () => {
    const e = withCounter(
      [
        [0, 0],
        [RUN_S, RUN_J],
      ],
      null,
    );
    expect(e).toMatchObject({ energyMethod: 'counter', evidence: 'A', meanPowerW: POWER_W });
  });

  test('has no figure as long as one part has neither', () => {
    const e = evaluated({ a: { counters: { energy_j: rising } }, b: { gauges: { temperature_c: steady } } });
    expect(e).toMatchObject({ energyMethod: null, evidence: 'D', meanPowerW: null });
  });

  test('prints no energy of grade D', () => {
    const e = { ...withCounter(rising, null), evidence: 'D' as const };
    expect(renderRunHtml(e)).not.toContain('500.00 kJ');
  });

  test('multiplies by the conversion efficiency', () => {
    const e = evaluated({
      n0: {
        counters: { energy_j: rising },
        facts: { conversionEfficiency: 0.94, efficiencyBasis: 'declared' },
      },
    });
    expect(e.energy.counterJ).toBeCloseTo(0.94 * RUN_J, 6);
    expect(e.evidence).toBe('C');
  });
});
