import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from './render/arithmetic.ts';
import { stacked } from './render/chart.ts';
import { MetricStore, pointsOf } from './render/metric-store.ts';
import { type Picture, pictures } from './render/pictures.ts';
import { seriesOf } from './render/widget-series.ts';
import { synthesised, widgetsOf } from './synthesised.ts';

describe('the pictures of the dashboards', () => {
  let drawn: Picture[];
  beforeAll(async () => {
    drawn = await pictures();
  }, 120_000);

  test('show every widget in its place', () => {
    expect(drawn.map((p) => p.file)).toEqual(['dashboard-pilot.svg', 'dashboard-pipeline.svg']);
    for (const { svg, widgets } of drawn) {
      const titles = [...svg.matchAll(/data-title="([^"]*)"/g)].map(([, title]) => title);
      expect(titles).toEqual(widgets.map((w) => w.properties.title ?? ''));
      expect(svg).not.toMatch(/NaN|Infinity|undefined|PROP\(/);
    }
  });
  test('have data on every chart', () => {
    for (const { svg } of drawn) expect(svg).not.toContain('no data in the time shown');
  });
  test('are those of docs: `npm run dashboards` writes them anew', () => {
    for (const { file, svg } of drawn)
      expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8') === svg).toBe(true);
  });
});

describe('a widget', () => {
  const store = new MetricStore();
  const ofPilot = (program: string, value: number): void =>
    store.add({
      namespace: 'Wattline',
      metric: 'EnergyRatio',
      dimensions: { Program: program, Workload: 'w' },
      timeMs: 0,
      value,
    });
  ofPilot('a', 0.9);
  ofPilot('b', 1.1);

  test('finds every program by its search, one that is new as well', () => {
    const widget = widgetsOf(synthesised(), 'Pilots').find((w) => w.properties.view === 'singleValue');
    if (!widget) throw new Error('no single values');
    const found = (): [string, number | undefined][] =>
      seriesOf(widget, store).map((s) => [s.label, s.points[0]?.value]);
    expect(found()).toEqual([
      ['a w: energy', 0.9],
      ['b w: energy', 1.1],
    ]);
    ofPilot('c', 1.2);
    expect(found().at(-1)).toEqual(['c w: energy', 1.2]);
  });
  test('works out an expression where all of its metrics have a value', () => {
    const add = (metric: string, timeMs: number, value: number): void =>
      store.add({ namespace: 'N', metric, dimensions: { F: 'f' }, timeMs, value });
    add('A', 0, 3);
    add('A', 300_000, 5);
    add('B', 0, 6);
    const widget = {
      ...{ type: 'metric' as const, x: 0, y: 0, width: 6, height: 6 },
      properties: {
        metrics: [
          [{ expression: '100 * a / b', label: 'share' }],
          ['N', 'A', 'F', 'f', { id: 'a', stat: 'Sum', visible: false }],
          ['N', 'B', 'F', 'f', { id: 'b', stat: 'Sum', visible: false }],
        ],
      },
    };
    expect(seriesOf(widget, store)).toEqual([
      { label: 'share', isRight: false, points: [{ timeMs: 0, value: 50 }] },
    ]);
  });
});

test.each([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['x / 4 - -1', 3.5],
  ['x * 2.303397e-8', 2.303397e-7],
])('%s is %f', (expression, value) => expect(evaluate(expression, () => 10)).toBeCloseTo(value, 12));
test.each(['1 +', 'FILL(x, 0)', '1 $ 2', '(1'])('%s is no arithmetic', (expression) => {
  expect(() => evaluate(expression, () => 1)).toThrow(/expected/);
});

test('statistics are those of each period', () => {
  const values = [1, 2, 3, 10].map((value, i) => ({ timeMs: i * 100_000, value }));
  const of = (statistic: string) => pointsOf({ values }, statistic, 300).map((p) => p.value);
  expect(of('Sum')).toEqual([6, 10]);
  expect(of('Average')).toEqual([2, 10]);
  expect(of('Maximum')).toEqual([3, 10]);
  expect(of('p50')).toEqual([2, 10]);
});

test('a stack adds at each time what lies below', () => {
  const at = (timeMs: number, value: number) => ({ timeMs, value });
  const series = [
    { label: 'a', isRight: false, points: [at(0, 1), at(1, 2)] },
    { label: 'b', isRight: false, points: [at(1, 3)] },
  ];
  expect(stacked(series).map((s) => s.points)).toEqual([[at(0, 1), at(1, 2)], [at(1, 5)]]);
});
