import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PUBLISHED_POLICY } from '../../functions/core/decision/default-policy.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import {
  type DecisionModel,
  renderDecisionHtml,
  renderSetHtml,
} from '../../functions/core/report/decision-html.ts';
import { renderIndexHtml } from '../../functions/core/report/index-html.ts';
import { renderProgramPages } from '../../functions/core/report/index-program.ts';
import { type NightSummary, nightSummary, runRow } from '../../functions/core/report/index-rows.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { PILOT, type PilotDesign, pilot } from '../decision/pilot.ts';
import { evaluated, every, type TestScope } from '../efficiency/runs.ts';
import { evaluation, side } from '../fixtures.ts';
import { modelOf } from '../report/decision-models.ts';

export interface Looked {
  readonly name: string;
  readonly path: string;
  readonly kind: 'decision' | 'run' | 'index';
  /** Thousands of elements of a kind that smaller pages have as well. */
  readonly isLarge?: boolean;
}

const DAY_MS = 86_400_000;
const LARGE: readonly string[] = ['thousand-chips', 'three-years', 'a-month'];
const SCORED = { set: 'published', droppedEachEnd: 1, scalingFactor: 1.02 };

const published = (): Evaluation[] => [
  ...side('candidate', 700_000, 600, { scoring: SCORED, boundaryBasis: 'assumed' }),
  ...side('baseline', 1_000_000, 600, { scoring: SCORED }),
];

/** The pilot's runs have no readings of their own; a chart of other runs' times would be no chart. */
const untimed = (evaluations: readonly Evaluation[]): Evaluation[] =>
  evaluations.map((e) => ({ ...e, timeline: null }));
const pilotOf = (design: Partial<PilotDesign>): DecisionModel =>
  modelOf(untimed(pilot({ ...PILOT, ...design })));

const chip = (watts: number): TestScope => ({
  gauges: { power_w: every(1, () => watts), temperature_c: every(5, (s) => 55 + (s % 20)) },
  counters: { work_total: every(1, (s) => 10 * s) },
});
const chips = (count: number): Record<string, TestScope> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`chip-${i}`, chip(495 + i)]));

function decisions(): Record<string, string> {
  const weak = untimed(pilot({ ...PILOT, nights: 5 })).map(
    (e): Evaluation => ({
      ...e,
      evidence: 'D',
      evidenceReasons: ['coverage 0.41'],
      units: e.units.map((u) => ({
        ...u,
        evidence: 'D',
        energyPerTokenJ: null,
        energyPerUsefulTokenJ: null,
      })),
    }),
  );
  const worse = [{ name: 'llm', energyRatio: 1.3, timeRatio: 1.25 }];
  return {
    'scale-up': renderDecisionHtml(pilotOf({ lots: 4, lotSd: 0.02 })),
    hold: renderDecisionHtml(pilotOf({ nights: 3 })),
    stop: renderDecisionHtml(pilotOf({ workloads: worse, lossRatio: 1.05 })),
    'not-decidable': renderDecisionHtml(modelOf(weak)),
    'no-nights': renderDecisionHtml(modelOf([])),
    'thousand-chips': renderDecisionHtml(pilotOf({ chips: 1_000, nights: 15, lots: 20, lotSd: 0.02 })),
    published: renderDecisionHtml(modelOf(published(), { policy: PUBLISHED_POLICY })),
    'published-set': renderSetHtml(modelOf(published(), { policy: PUBLISHED_POLICY })),
  };
}

function runs(): Record<string, string> {
  const finding = {
    code: 'loss-diverged',
    severity: 'error' as const,
    message: 'the loss rose to infinity at step 4,201',
  };
  const [big] = untimed(pilot({ ...PILOT, chips: 1_000, nights: 1 }));
  return {
    failed: renderRunHtml({
      ...evaluated(chips(8), { work: 80_000 }),
      status: 'aborted',
      findings: [finding],
    }),
    'grade-d': renderRunHtml(
      evaluation({
        evidence: 'D',
        coverageRatio: 0.41,
        maxGapInRunS: 340,
        evidenceReasons: ['coverage 0.41 is below 0.80'],
      }),
    ),
    'no-readings': renderRunHtml(
      evaluation({ energyJ: null, coverageRatio: null, maxGapInRunS: null, timeline: null, evidence: 'D' }),
    ),
    published: renderRunHtml(published()[0] as Evaluation),
    'thousand-chips': renderRunHtml(big as Evaluation),
  };
}

/** Three years of one program: its first page, and two of the pages that it leads to. */
function longIndex(): Record<string, string> {
  const day = (i: number): string => new Date(Date.UTC(2023, 0, 1) + i * DAY_MS).toISOString().slice(0, 10);
  const one = nightSummary(pilotOf({ nights: 3 }).decision);
  const nights = Array.from(
    { length: 1_000 },
    (_, i): NightSummary => ({
      ...one,
      date: day(i),
      verdict: i % 97 < 3 ? 'stop' : i < 950 ? 'hold' : 'scale-up',
    }),
  );
  const rows = Array.from({ length: 10_000 }, (_, i) => ({
    ...runRow(evaluation({ run: `run-${i}`, energyPerTokenJ: 0.0506 })),
    night: day(Math.floor(i / 10)),
  }));
  const pages = renderProgramPages({ program: 'pilot', nights, runs: rows });
  const of = (name: string): string => pages.find((p) => p.name === name)?.html ?? '';
  return {
    'three-years': of('index.html'),
    'a-month': of('2025-08.html'),
    'no-program': renderIndexHtml([]),
    'some-programs': renderIndexHtml(
      (['scale-up', 'hold', 'stop'] as const).map((verdict, i) => ({
        ...one,
        program: `program-${i}`,
        verdict,
        simulated: i === 1,
      })),
    ),
    'nothing-yet': renderProgramPages({ program: 'pilot', nights: [], runs: [] })[0]?.html ?? '',
  };
}

function htmlBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === '.versions' ? [] : htmlBelow(path);
    return entry.name.endsWith('.html') ? [path] : [];
  });
}

/** Pages of the demo: both indexes, its decision and two of its runs. */
export function demoPages(reports: string): Looked[] {
  const all = htmlBelow(reports).sort();
  const named = (kind: Looked['kind'], paths: readonly string[]): Looked[] =>
    paths.map((path) => ({ name: `demo${path.slice(reports.length)}`, path, kind }));
  return [
    ...named(
      'decision',
      all.filter((p) => /programs\/.*\/report\.html$/.test(p)),
    ),
    ...named('run', all.filter((p) => /runs\/.*\/report\.html$/.test(p)).slice(0, 2)),
    ...named(
      'index',
      all.filter((p) => p.endsWith('index.html')),
    ),
  ];
}

/** Writes one page of every kind that a reader may come upon. */
export function writePages(folder: string): Looked[] {
  const all = { decision: decisions(), run: runs(), index: longIndex() };
  return (Object.keys(all) as Looked['kind'][]).flatMap((kind) =>
    Object.entries(all[kind]).map(([name, html]) => {
      const path = join(folder, kind, `${name}.html`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, html);
      return { name: `${kind}/${name}`, path, kind, isLarge: LARGE.includes(name) };
    }),
  );
}
