import { describe, expect, test } from 'vitest';
import { NIGHTLY_SHARE, nightlyBounds } from '../../functions/core/decision/bounds.ts';
import type { ContrastResult, GateResult } from '../../functions/core/decision/decision.ts';
import { binsOf, groupsText } from '../../functions/core/report/chip-groups.ts';
import {
  chipSpread,
  chipsFinding,
  endsText,
  percentileText,
} from '../../functions/core/report/chip-spread.ts';
import { chipsChart } from '../../functions/core/report/chips-chart.ts';
import { gatesChart } from '../../functions/core/report/gates-chart.ts';
import { gatesFinding } from '../../functions/core/report/gates-finding.ts';
import { gatesSection } from '../../functions/core/report/gates-section.ts';
import { logDomain, logScale } from '../../functions/core/report/log-axis.ts';
import { nightsChart } from '../../functions/core/report/nights-chart.ts';
import { floorOf, thresholdFinding } from '../../functions/core/report/nights-finding.ts';
import { tQuantile } from '../../functions/core/statistics/student-t.ts';
import { pilotModel } from './decision-models.ts';

const { decision } = pilotModel({ lots: 4, lotSd: 0.01 });
const energy = decision.contrasts.find((c) => c.metric === 'energy-per-useful-token') as ContrastResult;
const gate = (change: Partial<GateResult> = {}): GateResult => ({
  ...(decision.gates.find((g) => g.id === 'energy') as GateResult),
  ...change,
});
const one = (markup: string, kind: 'wide' | 'narrow'): string =>
  new RegExp(`<svg class="${kind}".*?</svg>`).exec(markup)?.[0] ?? '';

describe('a log axis', () => {
  const domains: [number, number][] = [
    [0.97, 1.03],
    [0.72, 1.1],
    [0.2, 5],
    [0.05, 20],
    [1.4, 9],
  ];
  test.each(domains)(
    'from %d to %d has ticks inside, apart from each other, with 1 among them',
    (low, high) => {
      const scale = logScale(logDomain([low, high]), [10, 340], 46);
      const at = scale.ticks.map(scale.at);
      expect(scale.ticks).toContain(1);
      expect(scale.ticks.length).toBeGreaterThanOrEqual(2);
      at.slice(1).forEach((x, i) => {
        expect(x - (at[i] as number)).toBeGreaterThanOrEqual(46);
      });
      for (const tick of scale.ticks) expect(scale.isInside(tick)).toBe(true);
      for (const value of [low, high]) expect(scale.isInside(value)).toBe(true);
    },
  );
  test('is not pressed into a line by one open end, and holds no zero', () => {
    const domain = logDomain([0.95, 0.8], [0.7, 1e6, 0, Number.POSITIVE_INFINITY]);
    expect(domain.to).toBeLessThan(1.4);
    expect(domain.from).toBeLessThan(0.7);
    expect(logScale(domain, [0, 100], 20).at(0)).toBe(0);
    expect(logScale(domain, [0, 100], 20).at(Number.POSITIVE_INFINITY)).toBe(100);
  });
});

describe('gates as intervals', () => {
  test('say what holds them, by their numbers', () => {
    expect(gatesFinding([gate(), gate({ result: 'fail', id: 'cost', high: 1.02, threshold: 1 })])).toBe(
      '1 of 2 required gates and guardrails passes: the interval of cost (llm) reaches 1.020 where it has to stay below 1.',
    );
    const fired = gate({ duty: 'stop', result: 'fail', id: 'stop', low: 1.2, threshold: 1.1 });
    expect(gatesFinding([gate(), fired])).toContain('stop (llm) fires: its interval lies wholly above 1.1.');
    expect(gatesFinding([gate({ result: 'not decidable', low: null, high: null })])).toContain(
      'has no interval',
    );
  });
  test('have a shape and a word for each result', () => {
    const drawn = (result: GateResult['result']): string =>
      one(gatesChart([gate({ result })]).markup, 'wide');
    expect(drawn('pass').match(/<circle/g)).toHaveLength(2);
    expect(drawn('fail')).not.toContain('<circle');
    for (const result of ['pass', 'fail', 'not decidable'] as const)
      expect(drawn(result)).toContain(`>${result}</tspan>`);
    const shapes = (['fail', 'not decidable'] as const).map(
      (r) => drawn(r).match(/stroke-width="(3.5|2.2)"/)?.[1],
    );
    expect(shapes).toEqual(['3.5', '2.2']);
  });
  test('a level has an axis of its own, by its share of the limit', () => {
    const level = gate({
      id: 'rate',
      metric: 'interruptions-per-chip-hour',
      ratio: 0,
      low: 0,
      high: 0.0005,
      threshold: 0.001,
    });
    const { markup } = gatesSection([gate(), level]);
    const [ratios, levels] = [...markup.matchAll(/<svg class="wide".*?<\/svg>/gs)].map((m) => m[0]);
    expect(ratios).not.toContain('>rate</tspan>');
    expect(levels).toContain('>rate</tspan>');
    expect(levels).toContain('share of the limit');
    // The bar ends at its bound, half of the limit, which the axis holds.
    expect(levels).toMatch(/>0\.[4-6]<\/text>/);
    // None was seen: no mark on the axis, and the bar comes in with an arrow from below its edge.
    expect(levels?.match(/<circle/g)).toHaveLength(1);
    expect(markup).toMatch(/rate<small>.*0 to 5\.00e-4 \(90 %\)/);
    expect(markup).toContain('1 of 1 required gates and guardrails over rates and shares passes.');
  });
  test('an interval that is shorter than its mark still has ends', () => {
    const drawn = one(gatesChart([gate({ ratio: 0.8, low: 0.7999, high: 0.8001 })]).markup, 'wide');
    const marks = [
      ...drawn.matchAll(
        /<line x1="([\d.]+)" x2="([\d.]+)" y1="([\d.]+)" y2="([\d.]+)" stroke="var\(--good\)" stroke-width="2"/g,
      ),
    ];
    expect(marks).toHaveLength(2);
    for (const [, , , from, to] of marks) expect(Number(to) - Number(from)).toBeGreaterThan(10);
  });
  test('an interval without an upper end is drawn to the edge, and written so', () => {
    const open = gate({ high: null, low: 0.4, metric: 'interruption-rate' });
    const { markup } = gatesSection([gate({ id: 'other' }), open]);
    expect(markup).toContain('0.4000 to no upper end');
    expect(one(markup, 'narrow')).not.toMatch(/NaN|Infinity/);
  });
  test('every gate has a row', () => {
    const markup = one(gatesChart(decision.gates).markup, 'narrow');
    for (const { id } of decision.gates) expect(markup).toContain(`>${id}</tspan>`);
  });
});

describe('the sequence over nights', () => {
  const nights = (bounds: readonly (readonly [number, number] | null)[]): ContrastResult['nights'] =>
    bounds.map((b, i) => ({
      night: `2026-01-1${i}`,
      ratio: 0.9,
      ofNight: 0.9,
      low: b?.[0] ?? null,
      high: b?.[1] ?? null,
    }));
  test.each([
    [[null, [0.8, 0.97], [0.8, 0.94], [0.8, 0.93]], /^Since the night of 2026-01-12 .* wholly below 0\.95/],
    [
      [
        [0.8, 0.94],
        [0.8, 0.96],
        [0.8, 0.94],
      ],
      /^Since the night of 2026-01-12 .* wholly below/,
    ],
    [
      [
        [0.96, 1.1],
        [0.97, 1.1],
      ],
      /^Since the night of 2026-01-10 .* wholly above 0\.95/,
    ],
    [
      [
        [0.8, 0.94],
        [0.9, 1.1],
      ],
      /^On the night of 2026-01-11 the interval, 0\.9000 to 1\.100, still holds 0\.95/,
    ],
    [[null, null], /^No interval yet/],
  ] as const)('is read as it stands: %j', (bounds, expected) => {
    expect(thresholdFinding(nights(bounds), 0.95)).toMatch(expected);
  });
  test('the floor is what units alone make of the half-width', () => {
    const spread = {
      between: {
        standardError: 0.02,
        degreesOfFreedom: 12,
        candidate: { cluster: 'unit', clusters: 8, standardError: 0.01 },
        baseline: { cluster: 'unit', clusters: 8, standardError: 0.01 },
      },
      night: { standardError: 0.004, nights: 30, inflation: 1 },
    } as const;
    const bounds = nightlyBounds(0, spread, 60);
    if (!('upper' in bounds)) throw new Error(bounds.reason);
    const contrast: ContrastResult = {
      ...energy,
      nightly: {
        low: Math.exp(bounds.lower(0.025)),
        high: Math.exp(bounds.upper(0.025)),
        confidence: 0.95,
      },
      spread: { ...energy.spread, nightSE: 0.004 },
    };
    const floor = floorOf(contrast, { kind: 'nightly', plannedNights: 60 }, 60);
    expect(floor?.floor).toBeCloseTo(tQuantile(1 - (1 - NIGHTLY_SHARE) * 0.025, 12) * 0.02, 10);
    expect(floor?.half).toBeCloseTo(bounds.upper(0.025), 10);
  });
  test('has a dot for every night, a line for every threshold, and the floor beside it', () => {
    const gates = decision.gates.filter((g) => g.metric === energy.metric);
    const floor = floorOf(energy, decision.policy.monitoring, 60);
    const drawn = one(nightsChart(energy, gates, floor).markup, 'wide');
    expect(drawn.match(/h0/g)).toHaveLength(30);
    expect(drawn).toContain('energy: below 0.95');
    expect(drawn).toContain('stop-energy: fires above 1');
    expect(drawn.match(/stroke-width="7"/g)).toHaveLength(1);
    expect(nightsChart(energy, gates, null).markup).not.toContain('stroke-width="7"');
  });
});

describe('chips as a distribution', () => {
  const spread = chipSpread(energy);
  if (!spread) throw new Error('expected chips');
  test('has a dot for every chip of both sides, and a row for every lot', () => {
    const drawn = one(chipsChart(energy, spread).markup, 'narrow');
    expect(drawn.match(/h0/g)).toHaveLength(48);
    for (const name of ['lot-0, 6 chips', 'lot-3, 6 chips', 'baseline, 24 chips'])
      expect(drawn).toContain(`>${name}</text>`);
  });
  test('names the best and the worst beside their marks', () => {
    const drawn = one(chipsChart(energy, spread).markup, 'wide');
    const [best, worst] = [spread.candidate[0], spread.candidate.at(-1)];
    expect(drawn).toContain(`best ${best?.unit}`);
    expect(drawn).toContain(`worst ${worst?.unit}`);
  });
  test('has a row for every bin where chips were told apart by one, and says which is best', () => {
    const units = energy.units.map((u, i) => ({ ...u, bin: u.role === 'candidate' ? String(i % 3) : null }));
    const own = chipSpread({ ...energy, units });
    if (!own) throw new Error('expected chips');
    const drawn = one(chipsChart({ ...energy, units }, own).markup, 'narrow');
    for (const name of ['bin 0, 8 chips', 'bin 2, 8 chips']) expect(drawn).toContain(`>${name}</text>`);
    const text = groupsText('Bins', binsOf(own));
    expect(text).toMatch(
      /^Bins from best to worst, 95 % intervals: bin \d 0\.\d+ \(8 chips, 0\.\d+ to 0\.\d+\)/,
    );
    const order = [...(text ?? '').matchAll(/bin \d (0\.\d+)/g)].map((m) => Number(m[1]));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(binsOf(spread)).toEqual([]);
  });
  test('counts those that are better than the mean of the baseline', () => {
    const units = energy.units.map((u, i) => ({
      ...u,
      ratio: u.role === 'candidate' && i < 6 ? 1.1 : u.ratio,
    }));
    const mixed = { ...energy, units, shareBetter: 0.75 };
    const own = chipSpread(mixed);
    expect(own && chipsFinding(mixed, own)).toMatch(
      /^18 of 24 chips of 4 lots \(75\.0 %\) lie below .* at 1\.100\.$/,
    );
  });
  test('names the three best and the three worst, worst first', () => {
    const sorted = energy.units.filter((u) => u.role === 'candidate').sort((a, b) => a.ratio - b.ratio);
    const text = endsText(spread);
    expect(text.match(/candidate-\d+/g)).toEqual([
      ...sorted.slice(0, 3).map((u) => u.unit),
      ...sorted
        .slice(-3)
        .reverse()
        .map((u) => u.unit),
    ]);
  });
  test('names every one of a few, once', () => {
    const few = { ...energy, units: energy.units.filter((u) => u.role === 'candidate').slice(0, 4) };
    const own = chipSpread(few);
    expect(own && endsText(own).match(/candidate-\d+/g)).toHaveLength(4);
    expect(own && chipsChart(few, own).markup).not.toContain('baseline, ');
  });
  test('writes a percentile that has no bound without one', () => {
    expect(percentileText({ percentile: 95, value: 0.9, low: 0.85, high: null })).toBe(
      'P95 0.9000 (0.8500 to no bound)',
    );
  });
  test('of very many lots, the last share a row', () => {
    const units = energy.units.map((u, i) => ({ ...u, lot: `lot-${i}` }));
    const many = { ...energy, units };
    const own = chipSpread(many);
    const drawn = own ? one(chipsChart(many, own).markup, 'wide') : '';
    expect(drawn).toContain('9 more lots, 9 chips');
    expect(drawn.indexOf('>lot-2, ')).toBeLessThan(drawn.indexOf('>lot-10, '));
  });
});
