import { describe, expect, test } from 'vitest';
import example from '../../data/examples/ramp.json' with { type: 'json' };
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { type DecisionModel, renderDecisionHtml } from '../../functions/core/report/decision-html.ts';
import { renderDecisionMarkdown } from '../../functions/core/report/decision-markdown.ts';
import { meaningOf } from '../../functions/core/report/decision-meaning.ts';
import { headlineFacts } from '../../functions/core/report/headline-facts.ts';
import { renderUnitsCsv } from '../../functions/core/report/units-csv.ts';
import { PILOT, pilot } from '../decision/pilot.ts';
import { modelOf, pilotModel, policyWith } from './decision-models.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';
const lots = pilotModel({ lots: 4, lotSd: 0.01 });
const page = renderDecisionHtml(lots);
const small = pilotModel({ nights: 8 }, { date: '2026-01-08' });
const out = pilotModel(
  { workloads: [{ name: 'llm', energyRatio: 1, timeRatio: 1 }], nights: 60 },
  { date: '2026-03-01' },
);
const worse = pilotModel({ workloads: [{ name: 'llm', energyRatio: 1.1, timeRatio: 1 }] });
const two = pilotModel({
  workloads: [
    { name: 'dense', energyRatio: 0.7, timeRatio: 0.95 },
    { name: 'moe', energyRatio: 0.95, timeRatio: 0.95 },
  ],
});

/** Titles of the sections, in the order of the page. */
const sections = (text: string): string[] =>
  [...text.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map((m) => m[1] as string);
const names = (text: string): string[] =>
  [...text.matchAll(/<svg class="(?:wide|narrow)"[^>]*aria-label="([^"]*)"/g)].map((m) => m[1] as string);

describe('the first screen', () => {
  test('has the four figures of a pilot, each with the interval that gates read', () => {
    const energy = lots.decision.contrasts.find((c) => c.metric === 'energy-per-useful-token');
    const facts = headlineFacts(lots.decision);
    expect(facts.map((f) => f.about.split(';')[0])).toEqual([
      'energy per useful token',
      'cost per useful token',
      'time per useful token',
      'loss at equal tokens',
    ]);
    expect(facts[0]?.about).toContain(
      `95 % interval ${energy?.nightly?.low.toFixed(4)} to ${energy?.nightly?.high.toFixed(4)}, valid at every night`,
    );
    for (const { figure } of facts) expect(page).toContain(`<b>${figure}</b>`);
  });
  test('says why there is no interval yet', () => {
    const early = pilotModel({ nights: 5 }, { date: '2026-01-05' });
    expect(headlineFacts(early.decision)[0]?.about).toMatch(
      /no interval yet: 5 nights; the gate asks for 14/,
    );
  });
  test('shows the mix, and its workloads beside it', () => {
    expect(headlineFacts(two.decision)[0]?.about).toMatch(
      /mix of workloads; ratio 0\.8\d+, 90 % interval .* dense 0\.\d+, moe 0\.\d+$/,
    );
    expect(headlineFacts(two.decision)[2]?.about).toMatch(/the worst of dense/);
  });
  test('a stop by futility and a stop that a gate fired are told apart', () => {
    expect(out.decision.verdict).toBe('stop');
    expect(meaningOf(out.decision)).toMatch(/^Out of reach: /);
    expect(worse.decision.verdict).toBe('stop');
    expect(meaningOf(worse.decision)).toMatch(/^A stop gate fired/);
    for (const model of [out, worse]) {
      expect(renderDecisionHtml(model)).toContain(meaningOf(model.decision));
      expect(renderDecisionMarkdown(model)).toContain(meaningOf(model.decision));
    }
  });
});

describe('the page of a pilot', () => {
  test('has its sections in order', () => {
    expect(sections(page)).toEqual([
      'Why',
      'What would change it',
      'Gates',
      'Over nights',
      'Over chips',
      'Loss at equal tokens',
      'By workload and mix',
      'Reliability',
      'The baseline over time',
      'Policy and its history',
      'Both sides',
      'Power over time',
      'Evidence',
      'Findings',
      'Method and lineage',
    ]);
  });
  test('every chart is drawn for both widths, named by what it shows', () => {
    const all = names(page);
    expect(all.length).toBeGreaterThanOrEqual(6);
    for (let i = 0; i < all.length; i += 2) expect(all[i]).toBe(all[i + 1]);
    expect(all[0]).toBe('4 of 4 required gates and guardrails pass. No stop gate fires.');
    expect(all[2]).toMatch(
      /^energy per useful token, llm: Since the night of 2026-01-\d\d the interval lies/,
    );
    expect(all[4]).toMatch(/^energy per useful token, llm: All 24 chips of 4 lots lie below the mean/);
  });
  test('has every interval and spread of a contrast', () => {
    const energy = lots.decision.contrasts.find((c) => c.metric === 'energy-per-useful-token');
    for (const interval of [energy?.population, energy?.nightly, energy?.theseUnits, energy?.bootstrap])
      expect(page).toContain(`${interval?.low.toFixed(4)} to ${interval?.high.toFixed(4)}`);
    expect(page).toMatch(/SE between lots<\/span> \d\.\d+ % \(4 \/ 4\)/);
    expect(page).toContain('30 nights, paired within the night; 30 / 30 runs');
  });
  test('draws no night and no chip where runs are what was compared', () => {
    const runs = modelOf(
      pilot({ ...PILOT, nights: 10 }).map((e) => ({ ...e, units: [], unitOfAnalysis: 'run' as const })),
    );
    const text = renderDecisionHtml(runs);
    expect(sections(text)).not.toContain('Over nights');
    expect(sections(text)).not.toContain('Over chips');
    expect(sections(text)).toContain('By workload and mix');
  });
  test('folds the evidence of many runs, and counts them by grade', () => {
    expect(page).toContain('<p>60 runs: 60 of grade A.</p>');
    expect(page).toContain('<details><summary>60 runs with their evidence');
    expect(renderDecisionHtml(small)).not.toContain('runs with their evidence');
  });
  test('says what keeps a ratio of sets without an interval', () => {
    expect(page).toContain('Runs of the same chips night after night are not independent');
    expect(page).not.toContain('too few runs');
  });
  test('is the same for the same input', () => {
    expect(renderDecisionHtml(pilotModel({ lots: 4, lotSd: 0.01 }))).toBe(page);
  });
  test('lets no name become markup, in no section', () => {
    const evaluations = pilot({ ...PILOT, nights: 10 }).map((e) => ({
      ...e,
      workload: { name: HOSTILE },
      units: e.units.map((u) => ({ ...u, id: `${HOSTILE}${u.id}`, lot: HOSTILE })),
    }));
    const named = (name: string) => policyWith({ name, description: HOSTILE });
    const model = modelOf(evaluations, {
      policy: named(HOSTILE),
      policyHistory: [
        { from: '2026-01-01', digest: HOSTILE, policy: named('old') },
        { from: '2026-01-02', digest: HOSTILE, policy: named(HOSTILE) },
      ],
    });
    const hostile = renderDecisionHtml(model);
    expect(sections(hostile)).toContain('Over chips');
    expect(hostile).not.toMatch(/<script|<img/);
    expect(hostile).toContain('&lt;script&gt;');
    expect(renderDecisionMarkdown(model)).not.toMatch(/(?<!\\)<script/);
  });
  test('has no number that is none', () => {
    for (const model of [lots, small, out, worse, two])
      expect(`${renderDecisionHtml(model)}${renderDecisionMarkdown(model)}`).not.toMatch(
        /NaN|Infinity|undefined|\[object/,
      );
  });
  test('of 1,000 chips and 90 nights stays below 1 MB', () => {
    const big = pilotModel({ chips: 1000, nights: 90, lots: 20, lotSd: 0.02 }, { date: '2026-03-31' });
    const bytes = Buffer.byteLength(renderDecisionHtml(big));
    expect(big.decision.contrasts[0]?.units).toHaveLength(2000);
    expect(bytes).toBeLessThan(1_000_000);
  }, 60_000);
});

describe('the economics', () => {
  const plan = RampPlanSchema.parse(example);
  test('are between the baseline and the policy where there is a plan', () => {
    const text = renderDecisionHtml(pilotModel({}, { plan }));
    const titles = sections(text);
    const at = titles.findIndex((t) => t.startsWith('Ramp economics'));
    expect(titles.slice(at - 1, at + 2)).toEqual([
      'The baseline over time',
      `Ramp economics: ${plan.name}`,
      'Policy and its history',
    ]);
  });
  test('say so where they are not computable', () => {
    const model = modelOf(
      pilot({ ...PILOT, nights: 4 }).filter((e) => e.role === 'candidate'),
      { plan },
    );
    expect(model.decision.ramp).toMatchObject({ status: 'not computable' });
    expect(renderDecisionHtml(model)).toContain('<strong>Not computable.</strong>');
    expect(renderDecisionMarkdown(model)).toContain('**Not computable.**');
  });
});

describe('the baseline', () => {
  test('that improves is said to, with where it leads', () => {
    const model = pilotModel(
      { driftPerDay: -0.001, weatherSd: 0, nights: 60 },
      {
        policy: policyWith({ baseline: { maximumAgeDays: 30, rampDate: '2026-12-31' } }),
        date: '2026-03-01',
      },
    );
    expect(renderDecisionMarkdown(model)).toMatch(
      /energy per useful token, llm: the baseline improves, \d\.\d % down in 30 days .* to the baseline of 2026-12-31/,
    );
  });
  test('that is stale is named where it blocks', () => {
    const evaluations = pilot(PILOT).filter(
      (e) => e.role === 'candidate' || e.startMs < Date.UTC(2026, 0, 15),
    );
    const text = renderDecisionHtml(modelOf(evaluations, { date: '2026-03-01' }));
    expect(text).toMatch(/<li>Blocked: the baseline is stale: its last night is 2026-01-14/);
  });
});

describe('an edited policy', () => {
  const late = policyWith({
    gates: DEFAULT_POLICY.gates
      .filter((g) => g.id !== 'time')
      .map((g) => (g.id === 'energy' ? { ...g, margin: 0.03 } : g)),
  });
  const history = [
    { from: '2026-01-01', digest: 'aaaabbbbccccdddd', policy: DEFAULT_POLICY },
    { from: '2026-01-20', digest: 'eeeeffff00001111', policy: late },
  ];
  const edited = pilotModel({}, { policy: late, policyHistory: history });
  test('is said before the verdict, and shown old beside new', () => {
    const text = renderDecisionHtml(edited);
    const banner = text.indexOf('The policy was edited on 2026-01-20, after the first night (2026-01-01).');
    expect(banner).toBeGreaterThan(0);
    expect(banner).toBeLessThan(text.indexOf('class="verdict'));
    expect(text).toContain('0.05<small>from 2026-01-01, aaaabbbbcccc</small>');
    expect(text).toContain('0.03<small>from 2026-01-20, eeeeffff0000</small>');
    expect(renderDecisionMarkdown(edited)).toMatch(/\| energy \| margin \| 0\.05 .* \| 0\.03 /);
    expect(renderDecisionMarkdown(edited)).toMatch(/\| time \| gate \| .*non-inferiority.* \| removed /);
  });
  test('is not said of one that was not', () => {
    const model = pilotModel({}, { policyHistory: history.slice(0, 1) });
    expect(renderDecisionHtml(model)).not.toContain('was edited');
    expect(renderDecisionHtml(model)).toContain('Unchanged since its first night, 2026-01-01');
  });
});

describe('beside the page', () => {
  test('Markdown has the same facts, in tables with as many cells in every row', () => {
    const text = renderDecisionMarkdown(two);
    for (const title of ['Gates', 'Over nights', 'Over chips', 'By workload and mix'])
      expect(text).toContain(`## ${title}\n`);
    const tables = text.split('\n\n').filter((block) => block.startsWith('| '));
    expect(tables.length).toBeGreaterThan(4);
    for (const table of tables) {
      const cells = table
        .trim()
        .split('\n')
        .map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  });
  test('units.csv has every unit of every contrast', () => {
    const lines = renderUnitsCsv(lots.decision).trimEnd().split('\n');
    expect(lines[0]).toBe('role,unit,lot,bin,workload,metric,ratio,nights');
    expect(lines).toHaveLength(1 + lots.decision.contrasts.reduce((sum, c) => sum + c.units.length, 0));
    expect(lines.find((l) => l.includes('candidate-003') && l.includes('energy-per-useful-token'))).toMatch(
      /^candidate,candidate-003,lot-3,,llm,energy-per-useful-token,0\.\d+,30$/,
    );
  });
  test('units.csv runs nothing in a spreadsheet', () => {
    const [first] = lots.decision.contrasts;
    const hostile: DecisionModel['decision'] = {
      ...lots.decision,
      contrasts: first
        ? [
            {
              ...first,
              workload: '@w,"x"',
              units: [{ role: 'candidate', unit: '=cmd|1', lot: '-2+3', bin: '@b', ratio: 0.5, nights: 1 }],
            },
          ]
        : [],
    };
    expect(renderUnitsCsv(hostile).split('\n')[1]).toBe(
      `candidate,'=cmd|1,'-2+3,'@b,"'@w,""x""",energy-per-token,0.5,1`,
    );
  });
});
