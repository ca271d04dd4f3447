import { Duration } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE, NAMESPACE_VARIABLE } from '../../functions/platform/metrics.ts';
import { OwnMetrics } from '../../infra/own-metrics.ts';
import { DECLARED, isOurs, type Named, namedBy, nameOf, OF_AWS, shownIn } from './dashboard-metrics.ts';
import { resourcesOf, synthesised, type Widget, widgetsOf } from './synthesised.ts';

let pipeline: Widget[];
let pilots: Widget[];
let ids: Set<string>;

beforeAll(() => {
  const template = synthesised({ runbookUrl: 'https://example.org/runbook' });
  pipeline = widgetsOf(template, 'Pipeline');
  pilots = widgetsOf(template, 'Pilots');
  ids = new Set(Object.keys(resourcesOf(template)));
});

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('the dashboards', () => {
  test('show every metric that is emitted, with its dimensions, and none that is not', () => {
    const shown = [...shownIn(pipeline), ...shownIn(pilots)].filter(isOurs);
    expect(sorted(shown.map(nameOf))).toEqual(sorted(DECLARED));
  });
  test('show of AWS what AWS emits, for resources that are deployed', () => {
    const theirs = [...shownIn(pipeline), ...shownIn(pilots)].filter((m) => !isOurs(m));
    expect(theirs.length).toBeGreaterThan(20);
    for (const { namespace, metric, dimensions } of theirs) {
      const known = OF_AWS[namespace];
      expect(known?.metrics).toContain(metric);
      expect(Object.keys(dimensions)).toEqual([known?.dimension]);
      for (const value of Object.values(dimensions))
        expect(ids).toContain(String(value).replace(/\.QueueName$/, ''));
    }
  });
  test('use in an expression only what stands beside it', () => {
    for (const { properties } of [...pipeline, ...pilots]) {
      const options = (properties.metrics ?? []).map(
        (row) => (row.find((cell) => typeof cell === 'object') ?? {}) as { id?: string; expression?: string },
      );
      const known = new Set(options.flatMap((o) => o.id ?? []));
      for (const { expression } of options) {
        if (!expression || expression.includes('SEARCH')) continue;
        for (const [name] of expression.matchAll(/(?<![\d.])\b[a-z]\w*/g)) expect(known).toContain(name);
      }
    }
  });
  test('lay no widget over another, and none past the right edge', () => {
    for (const widgets of [pipeline, pilots]) {
      const taken = new Set<string>();
      for (const { x, y, width, height } of widgets) {
        expect(x + width).toBeLessThanOrEqual(24);
        for (let cx = x; cx < x + width; cx += 1)
          for (let cy = y; cy < y + height; cy += 1) {
            expect(taken).not.toContain(`${cx},${cy}`);
            taken.add(`${cx},${cy}`);
          }
      }
    }
  });
  test('have a title on every chart, and no two with the same', () => {
    const titles = [...pipeline, ...pilots].filter((w) => w.type !== 'text').map((w) => w.properties.title);
    expect(titles).not.toContain(undefined);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('the pilot dashboard', () => {
  test('finds programs when it is opened: no program and no workload is written into it', () => {
    const found = shownIn(pilots);
    expect(found.length).toBeGreaterThan(10);
    for (const { dimensions } of found) expect(dimensions).toEqual({ Program: null, Workload: null });
  });
  test('names verdicts by their levels, and leads to the reports', () => {
    const lines = pilots.find((w) => w.properties.title === 'verdict')?.properties.annotations?.horizontal;
    expect(lines?.map(({ value, label }) => [label, value])).toEqual([
      ['scale-up', 1],
      ['hold', 0],
      ['stop', -1],
    ]);
    expect(pilots[0]?.properties.markdown).toMatch(
      /\[All reports\]\(https:\/\/.*console\.aws\.amazon\.com\/s3\//,
    );
  });
});

describe('the pipeline dashboard', () => {
  test('leads to every queue, every log and the runbook', () => {
    const text = pipeline[0]?.properties.markdown ?? '';
    expect(text.match(/\/sqs\/v3\/home/g)).toHaveLength(7);
    expect(text.match(/log-groups\/log-group/g)).toHaveLength(4);
    expect(text).toContain('[runbook](https://example.org/runbook)');
  });
  test('shows the state of every alarm', () => {
    const alarms = [...ids].filter((id) => /^(Weekly)?Alarms/.test(id));
    const shown = pipeline.find((w) => w.type === 'alarm')?.properties.alarms ?? [];
    expect(sorted(shown.map((arn) => String(arn).replace(/\.Arn$/, '')))).toEqual(sorted(alarms));
  });
  test('draws each duration against the timeout of its function', () => {
    const drawn = pipeline.filter((w) => w.properties.title?.endsWith('duration against its timeout, ms'));
    expect(drawn.map((w) => w.properties.annotations?.horizontal?.[0]?.value)).toEqual([
      300_000, 300_000, 900_000, 900_000,
    ]);
  });
});

test('every function emits to the namespace that the dashboards read', () => {
  const functions = Object.values(resourcesOf(synthesised())).filter(
    (r) => r.Type === 'AWS::Lambda::Function',
  );
  expect(functions.length).toBeGreaterThan(3);
  for (const { Properties } of functions)
    expect(Properties).toMatchObject({ Environment: { Variables: { [NAMESPACE_VARIABLE]: NAMESPACE } } });
});

test.each([
  ['Wattline', '{Wattline,Program,Workload}'],
  ['Wattline/dev', '{Wattline/dev,Program,Workload}'],
  ['Wattline/a-b', '{"Wattline/a-b",Program,Workload}'],
])('a search in %s', (namespace, schema) => {
  const { expression } = new OwnMetrics(namespace).search('Verdict', Duration.days(1), '');
  expect(expression).toBe(`SEARCH('${schema} MetricName="Verdict"', 'Average', 86400)`);
});

test('a search of a form that cannot be checked is an error, not a pass', () => {
  expect(() => namedBy([{ expression: "SEARCH('MetricName=x', 'Sum')" }])).toThrow(/another form/);
  const [named] = namedBy([{ expression: "SEARCH('{A,B,C} MetricName=\"D\"', 'Average', 60)" }]);
  expect(named).toEqual({
    namespace: 'A',
    metric: 'D',
    dimensions: { B: null, C: null },
  } satisfies Named);
});
