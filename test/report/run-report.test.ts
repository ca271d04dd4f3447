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
    const places = ['slow', 'chip-11', 'chip-0'].map((id) => table.indexOf(`data-label="unit"><span>${id}<`));
    expect(places[0]).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
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

describe('the first screen of a run', () => {
  const first = (page: string): string => page.slice(page.indexOf('<main>'), page.indexOf('<h2>'));

  test('says in a sentence what the run took, a token of it, and on what', () => {
    const page = first(renderRunHtml(fleet()));
    expect(page).toMatch(/<p class="says">The run on 13 chips on 1 node used \d\.\d+ MJ in 16\.667 min, /);
    expect(page).toContain('J a token');
    expect(page).toContain('<b>Grade A</b>');
    expect(page).not.toContain('banner bad');
  });

  test('has what changes the result before that sentence, and says of more how many', () => {
    const findings = Array.from({ length: 6 }, (_, i) => ({
      ...{ code: 'file-refused', severity: 'error' as const, message: `refused ${i}` },
    }));
    const page = first(renderRunHtml({ ...fleet(), findings }));
    expect(page.indexOf('refused 0')).toBeGreaterThan(0);
    expect(page.indexOf('refused 0')).toBeLessThan(page.indexOf('class="says"'));
    expect(page).toContain('2 more, below');
    expect(page).not.toContain('refused 4');
  });

  test('gives no energy of grade D', () => {
    const page = first(renderRunHtml({ ...fleet(), evidence: 'D' }));
    expect(page).toContain('its energy is not decidable on this evidence');
    expect(page).not.toMatch(/\d J|\d [kM]J/);
  });

  test('is said in Markdown, too', () => {
    expect(renderRunMarkdown(fleet())).toContain('The run on 13 chips on 1 node used');
  });
});

describe('a run of many chips', () => {
  const ids = Array.from({ length: 1_000 }, (_, i) => `chip-${String(i).padStart(4, '0')}`);
  const e = fleet();
  const [unit, scope] = [e.units[0], e.scopes[0]];
  if (!unit || !scope) throw new Error('the fleet has chips');
  const steps = Array.from({ length: 240 }, (_, i) => (i % 7 === 0 ? null : 400_000 + i));
  const band = { mean: steps, low: steps, high: steps };
  const many = {
    ...e,
    units: ids.map((id, i) => ({
      ...unit,
      id,
      energyPerUsefulTokenJ: 50 + i / 100,
      meanPowerW: 400 + i / 10,
    })),
    scopes: ids.map((id) => ({ ...scope, id })),
    timeline: {
      ...{ startMs: e.startMs - 60_000, stepMs: 5_000, powerW: steps, marks: [] },
      scopes: {
        ...{ kind: 'chip' as const, count: 1_000, lowQuantile: 0.05, highQuantile: 0.95 },
        ...{ powerW: band, temperatureC: band, clockHz: band },
        throttledRatio: { power: steps.map((v) => (v === null ? null : 0.02)), thermal: null, other: null },
      },
      heatMap: {
        ...{ kind: 'chip' as const, stepMs: 10_000 },
        rows: ids
          .filter((_, i) => i % 9 === 0)
          .map((first, row) => ({
            ...{ first, last: first, count: 9 },
            powerW: Array.from({ length: 120 }, (_, i) => 400 + ((i * row) % 97)),
          })),
      },
      work: { unit: 'token' as const, perSecond: steps },
    },
  };
  const page = renderRunHtml(many);

  test('is a page of less than a megabyte', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
  });

  test('shows the worst and the best, and folds the rest away', () => {
    const open = page.slice(page.indexOf('<h2>Chips'), page.indexOf('<summary>All 1000 chips'));
    expect(open).toContain('<span>chip-0999<');
    expect(open).toContain('<span>chip-0000<');
    expect(open).not.toContain('<span>chip-0500<');
    expect(page.slice(page.indexOf('<summary>All 1000 chips'))).toContain('<span>chip-0500<');
  });

  test('has pictures that say what they show, from every chip', () => {
    const labels = [...page.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels.length).toBe(4);
    expect(labels[0]).toMatch(/^Power was|^Power lay between/);
    expect(labels[2]).toContain('chip-0999 drew most on average (499.9 W');
    expect(page).toContain('href="data:image/png;base64,');
  });

  test('is the same bytes for the same run', () => {
    expect(renderRunHtml(structuredClone(many))).toBe(page);
  });
});

test('a throttled stretch is shaded, one that is no worse than the rest is not', () => {
  const e = fleet();
  const shaded = (share: readonly number[]): number => {
    const mean = share.map(() => 100);
    const band = { mean, low: mean, high: mean };
    const page = renderRunHtml({
      ...e,
      timeline: {
        ...{ startMs: e.startMs, stepMs: 100_000, powerW: mean, heatMap: null, work: null, marks: [] },
        scopes: {
          ...{
            kind: 'chip',
            count: 2,
            lowQuantile: 0,
            highQuantile: 1,
            powerW: band,
            temperatureC: null,
            clockHz: null,
          },
          throttledRatio: { power: [...share], thermal: null, other: null },
        },
      },
    });
    return page.match(/fill="var\(--open\)" opacity="\.2"/g)?.length ?? 0;
  };
  expect(shaded([0, 0, 0.2, 0.3, 0, 0, 0, 0, 0, 0])).toBe(2);
  expect(shaded(Array(10).fill(0.2))).toBe(0);
  expect(shaded(Array(10).fill(0.04))).toBe(0);
});
