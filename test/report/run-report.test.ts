import { describe, expect, test } from 'vitest';
import { renderChipsCsv } from '../../functions/core/report/run-chips-csv.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import type { RunManifest } from '../../functions/core/telemetry/manifest.ts';
import { evaluated, every, type TestScope } from '../efficiency/runs.ts';

const HOSTILE = '=HYPERLINK("http://x","y")<img src=x>';
const chip = (watts: number, tokensPerS: number, more: TestScope = {}): TestScope => ({
  gauges: { power_w: every(1, () => watts), temperature_c: every(1, () => 60), ...more.gauges },
  counters: { work_total: every(1, (s) => tokensPerS * s), ...more.counters },
});
/** Twelve chips about 50 J a token, and one that takes 100. */
const fleet = (manifest: Partial<RunManifest> = {}) =>
  evaluated(
    {
      ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`chip-${i}`, chip(495 + i, 10)])),
      slow: chip(500, 5),
    },
    { work: 125_000, ...manifest },
  );

describe('the chips of a run in its report', () => {
  const pages = [renderRunHtml(fleet()), renderRunMarkdown(fleet()).replaceAll('\\', '')];

  test.each(['HTML', 'Markdown'])('are a table, with best, worst and outliers in sentences (%s)', (name) => {
    const page = pages[name === 'HTML' ? 0 : 1] as string;
    expect(page).toContain('Worst: slow with 100.00 J a useful token');
    expect(page).toMatch(/above the best, chip-0 with 49\.500 J/);
    expect(page).toMatch(/Outliers by the modified z: slow \(100\.00 J, modified z \d+/);
    expect(page).toContain('Unit of analysis: the chip');
  });

  test('come worst first', () => {
    const page = pages[0] as string;
    const table = page.slice(page.indexOf('<h2>Chips'), page.indexOf('<h2>Hardware'));
    expect(table.indexOf('<td>slow</td>')).toBeLessThan(table.indexOf('<td>chip-11</td>'));
    expect(table.indexOf('<td>chip-11</td>')).toBeLessThan(table.indexOf('<td>chip-0</td>'));
  });

  test('say that they share the work where no counter tells it', () => {
    const power = { gauges: { power_w: every(1, () => 500) } };
    expect(renderRunHtml(evaluated({ a: power, b: power }))).toContain('1 of 2 for each chip');
  });

  test('have no energy printed where the run is of grade D', () => {
    const page = renderRunHtml({ ...fleet(), evidence: 'D' });
    expect(page).not.toContain('100.00 J');
    expect(page).toContain('Not decidable: 13 of 13 chips.');
  });
});

describe('reliability in the report', () => {
  test('has a bound for what was not seen', () => {
    const reliability = { silentDataCorruptions: 0, checkedChipHours: 41_000 };
    const page = renderRunHtml(fleet({ reliability }));
    expect(page).toContain('Silent data corruption: 0 in 41,000 chip-h: at most 7.3e-5/h (95 %)');
    expect(page).toContain('Faults: no reading');
    expect(page).toContain('Interruptions: no reading');
  });

  test('has a rate with its interval for what was seen', () => {
    const faults = { counters: { faults_total: every(1, (s) => (s < 500 ? 0 : 2)) } };
    const page = renderRunMarkdown(evaluated({ a: chip(500, 10, faults) }));
    expect(page).toMatch(/Faults: 2 in 0\.278 chip-h: 7\.2e\+0\/h, 95 % interval 8\.7e-1 to 2\.6e\+1\/h/);
  });
});

describe('cost and carbon in the report', () => {
  test('name their bases', () => {
    const site = { carbonIntensityGPerKwh: 400, carbonSource: 'grid operator', pue: 1.2 };
    const page = renderRunHtml(fleet({ sku: 'H100-SXM-80GB', site }));
    expect(page).toContain('semianalysis-neocloud');
    expect(page).toMatch(
      /g CO2e, .* a million useful tokens; energy at chip times PUE 1\.2, at 400 g\/kWh \(grid operator\)/,
    );
  });

  test('are said to be missing where they are', () => {
    const page = renderRunHtml(fleet());
    expect(page).toContain('No packaged price basis knows own-chip');
    expect(page).toContain('Carbon: not given');
  });
});

describe('chips.csv', () => {
  const rowsOf = (text: string): string[] => text.trimEnd().split('\n');

  test('has a row for every unit, with as many cells as the head', () => {
    const [head, ...rows] = rowsOf(renderChipsCsv(fleet()));
    expect(rows).toHaveLength(13);
    for (const row of rows) expect(row.split(',')).toHaveLength((head as string).split(',').length);
    const slow = rows.find((row) => row.startsWith('chip,slow,')) as string;
    expect(
      Number(slow.split(',')[(head as string).split(',').indexOf('energy_per_useful_token_j')]),
    ).toBeCloseTo(100, 6);
  });

  test('keeps a spreadsheet from running a name, and leaves numbers alone', () => {
    const cold = { gauges: { temperature_c: every(1, () => -5) } };
    const chips = [{ id: HOSTILE, lot: '+1', bin: '-2', stepping: '@x', node: '\tn', slot: 'ok' }];
    const text = renderChipsCsv(evaluated({ [HOSTILE]: chip(500, 10, cold) }, { chips }));
    const row = rowsOf(text)[1] as string;
    expect(row).toContain(`"'=HYPERLINK(""http://x"",""y"")<img src=x>"`);
    expect(row).toContain(`,'\tn,ok,'+1,'-2,'@x,`);
    expect(row).toContain(',-5,');
    expect(row).not.toContain("'-5");
  });

  test('leaves what was not read empty', () => {
    const row = rowsOf(
      renderChipsCsv(evaluated({ a: { gauges: { power_w: every(1, () => 1) } } })),
    )[1] as string;
    expect(row).toMatch(/,,,$/);
    expect(row.endsWith('0')).toBe(false);
  });

  test('has the head alone where no chip or node was read', () => {
    expect(rowsOf(renderChipsCsv({ ...fleet(), units: [] }))).toHaveLength(1);
  });
});

test('no name of a chip becomes markup', () => {
  const chips = [{ id: HOSTILE, lot: HOSTILE, node: HOSTILE }];
  const site = { carbonIntensityGPerKwh: 400, carbonSource: HOSTILE };
  const e = evaluated({ [HOSTILE]: chip(500, 10) }, { chips, site });
  expect(renderRunHtml(e)).not.toContain('<img');
  expect(renderRunMarkdown(e)).not.toMatch(/(?<!\\)<img/);
});
