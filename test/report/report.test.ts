import { describe, expect, test } from 'vitest';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { PUBLISHED_POLICY } from '../../functions/core/decision/default-policy.ts';
import type { Evaluation } from '../../functions/core/efficiency/evaluation.ts';
import { renderDecisionHtml, renderSetHtml } from '../../functions/core/report/decision-html.ts';
import { renderDecisionMarkdown } from '../../functions/core/report/decision-markdown.ts';
import { joules, seconds } from '../../functions/core/report/format.ts';
import { renderIndexHtml } from '../../functions/core/report/index-html.ts';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { evaluation, side } from '../fixtures.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';
const model = (change: Partial<Evaluation> = {}) => {
  const evaluations = [...side('candidate', 700_000, 600, change), ...side('baseline', 1_000_000, 600)];
  return {
    decision: decideProgram({
      program: 'p',
      date: '2026-01-02',
      evaluations,
      policy: PUBLISHED_POLICY,
      prices: null,
      code: 'test',
    }),
    evaluations,
  };
};

describe('a report', () => {
  test('is the same for the same input', () => {
    expect(renderDecisionHtml(model())).toBe(renderDecisionHtml(model()));
  });
  test('lets no name become markup', () => {
    const pages = [
      renderDecisionHtml(
        model({
          sku: HOSTILE,
          system: { name: HOSTILE, nodes: 1, chipsPerNode: null },
          findings: [{ code: HOSTILE, severity: 'error', message: HOSTILE }],
        }),
      ),
      renderSetHtml(model({ sku: HOSTILE })),
      renderRunHtml(evaluation({ sku: HOSTILE, status: HOSTILE, evidenceReasons: [HOSTILE] })),
      renderIndexHtml([
        {
          schema: 'wattline/night-summary@1',
          program: HOSTILE,
          date: '2026-01-01',
          verdict: 'hold',
          simulated: true,
          reason: HOSTILE,
          figures: [{ figure: HOSTILE, about: HOSTILE }],
          runs: 2,
        },
      ]),
    ];
    for (const page of pages) {
      expect(page).not.toMatch(/<script|<img|onerror=alert\(2\)>/);
      expect(page).toContain('&lt;script&gt;');
    }
    expect(renderDecisionMarkdown(model({ sku: HOSTILE }))).not.toMatch(/(?<!\\)<script/);
  });
  test('forbids scripts and everything from outside', () => {
    const page = renderDecisionHtml(model());
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(page).not.toMatch(/https?:\/\//);
  });
  test('says verdict, ratios with their intervals, and every gate', () => {
    const { decision, evaluations } = model();
    const page = renderDecisionHtml({ decision, evaluations });
    expect(page).toContain(`>${decision.verdict}</p>`);
    expect(page).toContain('30.0 % less');
    for (const gate of decision.gates) expect(page).toContain(`data-label="gate"><span>${gate.id}<small>`);
    expect(page.match(/95 % interval \d/g)?.length).toBeGreaterThanOrEqual(2);
  });
  test('does not print an energy of grade D, but the figure of the MLPerf rule', () => {
    const page = renderRunHtml(
      evaluation({
        evidence: 'D',
        energyJ: 123_456,
        energy: { clippedTrapezoidJ: 123_456, mlperfTrainingV40J: 234_567, counterJ: null },
      }),
    );
    expect(page).toContain('not decidable');
    expect(page).not.toContain(joules(123_456));
    expect(page).toContain(joules(234_567));
  });
  test('says a conflict of methods before the verdict', () => {
    const { decision, evaluations } = model();
    const conflict = { verdicts: [], message: 'CONFLICT' };
    const page = renderDecisionHtml({ decision: { ...decision, methodConflict: conflict }, evaluations });
    expect(page.indexOf('CONFLICT')).toBeGreaterThan(0);
    expect(page.indexOf('CONFLICT')).toBeLessThan(page.indexOf('class="verdict'));
  });
  test('marks simulated data on every page', () => {
    for (const page of [
      renderDecisionHtml(model({ simulated: true })),
      renderRunHtml(evaluation({ simulated: true })),
      renderDecisionMarkdown(model({ simulated: true })),
    ])
      expect(page).toMatch(/Simulated data/);
  });
  test('draws what was not read as a hole', () => {
    const page = renderRunHtml(evaluation());
    // Two stretches, at both widths.
    expect(page.match(/<path class="drawn"/g)).toHaveLength(4);
    expect(page).toContain('<title>not read</title>');
  });
  test('writes "no reading", never zero', () => {
    expect(joules(null)).toBe('no reading');
    expect(seconds(null)).toBe('no reading');
    expect(
      renderRunHtml(evaluation({ energyJ: null, coverageRatio: null, maxGapInRunS: null, timeline: null })),
    ).toContain('no reading');
  });
  test('has Markdown tables with as many cells in every row', () => {
    const tables = renderDecisionMarkdown(model({ sku: 'a|b' }))
      .split('\n\n')
      .filter((block) => block.startsWith('| '));
    expect(tables.length).toBeGreaterThan(3);
    for (const table of tables) {
      const cells = table
        .trim()
        .split('\n')
        .map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});
