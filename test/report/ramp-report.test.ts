import { describe, expect, test } from 'vitest';
import example from '../../data/examples/ramp.json' with { type: 'json' };
import { computeRamp } from '../../functions/core/decision/ramp.ts';
import { type RampPlan, RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import type { ComputedRamp, RampResult } from '../../functions/core/decision/ramp-result.ts';
import { linearTicks } from '../../functions/core/report/linear-axis.ts';
import { rampMarkdown } from '../../functions/core/report/ramp-markdown.ts';
import { avoidedFinding, cumulativeFinding } from '../../functions/core/report/ramp-months-chart.ts';
import { rampSection } from '../../functions/core/report/ramp-section.ts';
import { amountText, count, finding, money, statements } from '../../functions/core/report/ramp-text.ts';
import { tornadoChart, tornadoFinding } from '../../functions/core/report/tornado-chart.ts';
import { pilotMeasurements, smallMeasurements, smallPlan } from '../decision/ramp-plan.fixture.ts';

const plan = RampPlanSchema.parse(example);
function computed(of: RampPlan, measurements = pilotMeasurements()): ComputedRamp {
  const result = computeRamp({ plan: of, measurements, seed: 1 });
  if (result.status !== 'computed') throw new Error(result.reason);
  return result;
}
const ramp = computed(plan);
const withSavings = (low: number | null, central: number, high: number | null, share: number | null) =>
  finding({ ...ramp, savings: { low, central, high }, probabilityOfSaving: share });

describe('the finding', () => {
  test('is a saving where the whole interval is', () => {
    expect(withSavings(1e6, 2e6, 3e6, 0.99)).toBe(
      'The ramp saves USD 2.00 M over 59 months (90 % interval USD 1.00 M to USD 3.00 M); it saves in 99.0 % of 20,000 draws.',
    );
  });
  test('is a loss where the whole interval is', () => {
    expect(withSavings(-3e9, -2e9, -1e9, 0)).toBe(
      'The ramp loses USD 2.00 bn over 59 months (90 % interval USD -3.00 bn to USD -1.00 bn); it loses in every one of 20,000 draws.',
    );
  });
  test('is open where the interval holds 0', () => {
    expect(withSavings(-1e3, 2e3, 3e3, 0.8)).toMatch(/^Whether the ramp saves is open: .* saves USD 2\.00 k/);
  });
  test('says that it is not sure where there is no interval', () => {
    expect(withSavings(null, 2e3, null, null)).toContain(
      'how sure that is cannot be said: there is no interval.',
    );
  });
});

describe('the sentences behind it', () => {
  const loss = computed(smallPlan(), smallMeasurements());
  test('a ramp that never pays says so', () => {
    expect(statements(loss).slice(0, 2)).toEqual([
      'No volume pays: every chip costs more than it saves.',
      'Cumulative savings end below 0.',
    ]);
    expect(cumulativeFinding(loss)).toBe(
      'Cumulative savings are lowest in 2027-12, at USD -19.9 k, and end below 0.',
    );
  });
  test('an upper bound that does not exist is named', () => {
    const { breakEven } = ramp;
    const open = { ...ramp, breakEven: { ...breakEven, goodChips: { central: 10, low: 5, high: null } } };
    expect(statements(open)[0]).toContain('90 % interval 5 to no volume');
  });
  test('one more week is worth it only where it brings more than it delays', () => {
    const week = (information: number, delay: number) =>
      statements({ ...ramp, oneMoreWeek: { information, delay, net: information - delay } }).at(-1);
    expect(week(2e6, 1e6)).toMatch(/^One more week of pilot may be worth USD 1\.00 M/);
    expect(week(1e-99, 1e6)).toMatch(/is not worth its delay: it improves the decision by at most USD 0 /);
  });
  test('GPU spend avoided is that of all months', () => {
    expect(avoidedFinding(loss)).toBe(
      'GPU spend of USD 14.6 k is avoided, most in 2027-12: USD 7.30 k, with 5 GPUs dropped.',
    );
  });
  test('the tornado names what moves the savings most, and what can turn them', () => {
    expect(tornadoFinding(ramp)).toBe(
      'GPU cost moves the savings most. No input alone turns the sign of the savings.',
    );
    const [first, ...rest] = ramp.tornado;
    if (!first) throw new Error('expected a bar');
    const turned = { ...ramp, tornado: [{ ...first, savingsAtLow: -1 }, ...rest] };
    expect(tornadoFinding(turned)).toContain('Alone, GPU cost can turn the sign');
    expect(tornadoFinding(loss)).toBe('No input of the ramp has a range.');
  });
});

describe('the section', () => {
  const page = rampSection(ramp).markup;
  const markdown = rampMarkdown(ramp);
  test('is the same for the same input', () => {
    expect(rampSection(computed(plan)).markup).toBe(page);
  });
  test('says the finding in HTML, in Markdown and to those who do not see the charts', () => {
    expect(page).toContain(finding(ramp));
    expect(markdown).toContain(`**${finding(ramp)}**`);
    for (const said of [tornadoFinding(ramp), cumulativeFinding(ramp), avoidedFinding(ramp)]) {
      expect(page).toContain(`role="img" aria-label="${said}"`);
      expect(markdown).toContain(said);
    }
  });
  test('holds cost by part, prices that flip, and every input of the tornado', () => {
    for (const text of [
      'non-recurring and porting',
      'candidate chip cost (USD per chip)',
      'GPU cost (USD per GPU)',
    ]) {
      expect(page).toContain(text);
      expect(markdown).toContain(text);
    }
    for (const bar of ramp.tornado) {
      expect(page).toContain(`>${bar.input}</tspan>`);
      expect(markdown).toContain(`| ${bar.input} |`);
    }
  });
  test('has a row for every month, and a bar', () => {
    for (const { month } of ramp.months) expect(page).toContain(`data-label="month"><span>${month}</span>`);
    // Drawn for pages with room and for phones.
    expect(page.match(/<rect [^>]*fill="var\(--base\)"\/>/g)).toHaveLength(2 * ramp.months.length);
  });
  test.each<[string, RampResult]>([
    ['the example', ramp],
    [
      'a ramp without an interval',
      computed(
        plan,
        pilotMeasurements({ timePerToken: { logRatio: 0, standardError: null, degreesOfFreedom: null } }),
      ),
    ],
    ['a ramp of which nothing is uncertain', computed(smallPlan(), smallMeasurements())],
    ['a ramp that replaces nothing', computed(smallPlan({ fleet: { gpus: 0 } }), smallMeasurements())],
  ])('draws nothing that is not a number: %s', (_, result) => {
    expect(rampSection(result).markup).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(rampMarkdown(result)).not.toMatch(/NaN|Infinity|undefined|null/);
  });
  test('lets no name become markup', () => {
    const hostile = '<script>alert(1)</script>"\'>';
    for (const result of [
      { ...ramp, plan: hostile, notes: [hostile] },
      { status: 'not computable', plan: hostile, reason: hostile } as const,
    ]) {
      expect(rampSection(result).markup).not.toContain('<script');
      expect(rampMarkdown(result)).not.toMatch(/(?<!\\)<script/);
    }
  });
  test('says why where nothing can be computed', () => {
    const result = computeRamp({ plan, measurements: pilotMeasurements({ timePerToken: null }), seed: 1 });
    expect(rampSection(result).markup).toContain('not computable: the pilot does not give the ratio of time');
    expect(rampMarkdown(result)).toContain('not computable: the pilot does not give the ratio of time');
  });
  test('bars of the tornado lie within the chart', () => {
    const charts = [...tornadoChart(ramp).markup.matchAll(/<svg class="(wide|narrow)".*?<\/svg>/gs)];
    expect(charts.map((m) => m[1])).toEqual(['wide', 'narrow']);
    for (const [chart, kind] of charts) {
      const bars = [...chart.matchAll(/<rect x="([\d.-]+)" y="\d+" width="([\d.]+)"/g)];
      expect(bars).toHaveLength(2 * ramp.tornado.length);
      for (const [, x, width] of bars) {
        expect(Number(x)).toBeGreaterThanOrEqual(58);
        expect(Number(x) + Number(width)).toBeLessThanOrEqual((kind === 'wide' ? 720 : 350) - 58 + 0.1);
      }
    }
  });
});

test.each([
  [84_208_789, 'USD 84.2 M'],
  [-1300, 'USD -1.30 k'],
  [0, 'USD 0'],
  [2.5e9, 'USD 2.50 bn'],
  [0.02764, 'USD 0.0276'],
])('%d is %s', (amount, text) => {
  expect(money(amount, 'USD')).toBe(text);
});
test.each([
  [-1e8, '-100 M'],
  [0, '0'],
  [2.5e9, '2.5 bn'],
  [750, '750'],
])('%d on an axis is %s', (amount, text) => {
  expect(amountText(amount)).toBe(text);
});
test.each([
  [0, '0'],
  [999.6, '1,000'],
  [1_234_567, '1,234,567'],
])('%d is %s', (value, text) => {
  expect(count(value)).toBe(text);
});
test.each([
  [0, 10, 5, [0, 2, 4, 6, 8, 10]],
  [-157, 120, 5, [-100, 0, 100]],
  [3, 3, 5, [3]],
])('ticks from %d to %d, about %d', (from, to, about, ticks) => {
  expect(linearTicks(from, to, about)).toEqual(ticks);
});
