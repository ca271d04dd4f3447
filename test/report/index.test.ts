import { describe, expect, test } from 'vitest';
import { renderIndexHtml } from '../../functions/core/report/index-html.ts';
import {
  FIRST_NIGHTS,
  FIRST_RUNS,
  MONTH_RUNS,
  type ProgramPage,
  renderProgramPages,
} from '../../functions/core/report/index-program.ts';
import {
  type NightSummary,
  nightSummary,
  type RunRow,
  runRow,
} from '../../functions/core/report/index-rows.ts';
import { evaluation, side } from '../fixtures.ts';
import { modelOf, pilotModel } from './decision-models.ts';

const DAY_MS = 86_400_000;
const dayAfter = (days: number): string =>
  new Date(Date.UTC(2023, 0, 1) + days * DAY_MS).toISOString().slice(0, 10);

const night = (change: Partial<NightSummary> = {}): NightSummary => ({
  schema: 'wattline/night-summary@1',
  program: 'pilot',
  date: '2026-01-30',
  verdict: 'hold',
  simulated: false,
  reason: 'llm, energy (not decidable): too few nights',
  figures: [{ figure: '16.3 % less', about: 'energy per useful token' }],
  runs: 42,
  ...change,
});
const run = (change: Partial<RunRow> = {}): RunRow => ({
  ...runRow(evaluation({ energyPerTokenJ: 2.5 })),
  ...change,
});

const pageOf = (pages: readonly ProgramPage[], name: string): string =>
  pages.find((p) => p.name === name)?.html ?? '';
const linksOf = (page: string): string[] =>
  [...page.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href as string);

describe('what an index says of a night', () => {
  test('is the verdict, what it rests on and the first figures', () => {
    const { decision } = pilotModel();
    const summary = nightSummary(decision);
    expect(summary).toMatchObject({ verdict: 'scale-up', date: '2026-01-30', runs: 60 });
    expect(summary.reason).toBe('Every required gate passes.');
    expect(summary.figures.map((f) => f.about)).toEqual([
      'energy per useful token',
      'cost per useful token',
      'time per useful token',
    ]);
  });

  test('is the first reason where the chip is not ramped', () => {
    const { decision } = pilotModel({ nights: 3 });
    expect(decision.verdict).toBe('hold');
    expect(nightSummary(decision).reason).toBe(decision.reasons[0]);
  });

  test('has a reason where there is nothing to decide from', () => {
    const { decision } = modelOf([]);
    expect(nightSummary(decision).reason).toBe('no candidate set to compare');
  });
});

describe('what an index says of a run', () => {
  test.each([
    ['a token', { energyPerTokenJ: 2.5 }, '2.5000 J a token'],
    ['a sample where tokens are unknown', {}, '10.000 kJ a sample'],
    ['no reading', { energyJ: null }, 'no reading'],
    ['not decidable in grade D', { energyPerTokenJ: 2.5, evidence: 'D' as const }, 'not decidable'],
  ])('is its energy for %s', (_name, change, expected) => {
    expect(runRow(evaluation(change)).energy).toBe(expected);
  });
});

describe('the page of all programs', () => {
  const page = renderIndexHtml([
    night({ program: 'a' }),
    night({ program: 'b', verdict: 'stop', simulated: true }),
  ]);

  test('leads to the newest report and to all nights of each program', () => {
    expect(linksOf(page)).toEqual([
      'programs/a/index.html',
      'programs/a/2026-01-30/report.html',
      'programs/a/index.html',
      'programs/b/index.html',
      'programs/b/2026-01-30/report.html',
      'programs/b/index.html',
    ]);
  });
  test('says the verdict, its night and why', () => {
    expect(page).toContain('>stop</p>\n<p class="lead">2026-01-30, from 42 runs. llm, energy');
    expect(page).toContain('(Simulated data.)');
  });
  test('is not empty where nothing was decided', () => {
    expect(renderIndexHtml([])).toContain('No night has been decided yet');
  });
  test('says how many programs it leaves out', () => {
    const many = renderIndexHtml(Array.from({ length: 501 }, (_, i) => night({ program: `p${i}` })));
    expect(many).toContain('500 of 501 programs');
  });
});

describe('the pages of a program', () => {
  const nights = [
    night({ date: '2026-01-29' }),
    night({ date: '2026-01-30', verdict: 'scale-up' }),
    night({ date: '2026-01-28' }),
  ];
  const runs = [
    run({ run: 'g1', role: 'baseline', night: '2026-01-29', sku: 'H100-SXM-80GB' }),
    run({ run: 'c1', night: '2026-01-30', status: 'aborted', grade: 'D', energy: 'not decidable' }),
    run({ run: 'c2', night: '2026-01-31' }),
  ];
  const pages = renderProgramPages({ program: 'pilot', nights, runs });
  const first = pageOf(pages, 'index.html');

  test('are one where all fits on it', () => {
    expect(pages.map((p) => p.name)).toEqual(['index.html']);
  });
  test('are the same whatever the order of what was listed', () => {
    expect(
      renderProgramPages({ program: 'pilot', nights: nights.toReversed(), runs: runs.toReversed() }),
    ).toEqual(pages);
  });
  test('have the nights newest first, and the newest verdict above them', () => {
    expect(first).toContain('<p class="verdict scale-up">scale-up</p>');
    const table = first.slice(first.indexOf('<h2>Nights'), first.indexOf('<h2>Runs'));
    expect(linksOf(table)).toEqual([
      '2026-01-30/report.html',
      '2026-01-29/report.html',
      '2026-01-28/report.html',
    ]);
  });
  test('say when the verdict changed', () => {
    expect(first).toContain('3 nights: scale-up on 1 and hold on 2. scale-up since 2026-01-30.');
  });
  test('have every run below its night, with what was decided of that', () => {
    const table = first.slice(first.indexOf('<h2>Runs'));
    expect(linksOf(table)).toEqual([
      '../../runs/pilot/c2/report.html',
      '2026-01-30/report.html',
      '../../runs/pilot/c1/report.html',
      '2026-01-29/report.html',
      '../../runs/pilot/g1/report.html',
    ]);
    for (const text of ['aborted', 'not decidable', 'H100-SXM-80GB', 'baseline', '2.5000 J a token'])
      expect(table).toContain(text);
  });
  test('are there before the first decision', () => {
    const [page] = renderProgramPages({ program: 'pilot', nights: [], runs: [] });
    expect(page?.html).toContain('No night has been decided yet.');
  });
  test('let no name become markup', () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
    const [page] = renderProgramPages({
      program: 'pilot',
      nights: [night({ reason: hostile, figures: [{ figure: hostile, about: hostile }] })],
      runs: [run({ sku: hostile, workload: hostile, status: hostile })],
    });
    expect(page?.html).not.toMatch(/<script|<img/);
    expect(page?.html).toContain('&lt;script&gt;');
  });
  test('cut what is longer than a cell', () => {
    const [page] = renderProgramPages({
      program: 'pilot',
      nights: [],
      runs: [run({ sku: 'x'.repeat(10_000) })],
    });
    expect((page?.html ?? '').match(/x+…/)?.[0]).toHaveLength(160);
  });
});

describe('an index of three years', () => {
  const nights = Array.from({ length: 1_000 }, (_, i) =>
    night({ date: dayAfter(i), verdict: i < 900 ? 'hold' : 'scale-up' }),
  );
  const runs = Array.from({ length: 10_000 }, (_, i) =>
    run({ run: `r-${String(i).padStart(5, '0')}`, night: dayAfter(Math.floor(i / 10)) }),
  );
  const pages = renderProgramPages({ program: 'pilot', nights, runs });
  const first = pageOf(pages, 'index.html');

  test('has a first page of bounded size that says what it leaves out', () => {
    expect(first).toContain(`The newest ${FIRST_NIGHTS} of 1000 nights.`);
    expect(first).toContain(`The newest ${FIRST_RUNS} of 10000 runs.`);
    expect(first.length).toBeLessThan(150_000);
    expect(first).toContain('The newest 90 of 1000.');
  });
  test('has a page for each month, and every night and run on one of them', () => {
    const months = pages.filter((p) => p.name !== 'index.html');
    expect(months).toHaveLength(33);
    const links = new Set(months.flatMap((p) => linksOf(p.html)));
    const wanted = [
      ...nights.map((n) => `${n.date}/report.html`),
      ...runs.map((r) => `../../runs/pilot/${r.run}/report.html`),
    ];
    expect(wanted.filter((href) => !links.has(href))).toEqual([]);
    for (const { name, html } of months) {
      expect(linksOf(first)).toContain(name);
      expect(html.length).toBeLessThan(300_000);
    }
  });
  test('has months that lead to each other and back', () => {
    expect(linksOf(pageOf(pages, '2024-02.html')).slice(0, 4)).toEqual([
      '../../index.html',
      'index.html',
      '2024-01.html',
      '2024-03.html',
    ]);
  });
  test('bounds a month as well', () => {
    const many = renderProgramPages({
      program: 'pilot',
      nights: [],
      runs: Array.from({ length: MONTH_RUNS + 5 }, (_, i) => run({ run: `r-${i}`, night: '2026-01-05' })),
    });
    expect(pageOf(many, '2026-01.html')).toContain(
      `The newest ${MONTH_RUNS} of ${MONTH_RUNS + 5} runs of this month.`,
    );
  });
});

test('an index of published results names their figures', () => {
  const { decision } = modelOf([...side('candidate', 700_000, 600), ...side('baseline', 1_000_000, 600)]);
  expect(nightSummary(decision).figures.length).toBeGreaterThan(0);
});
