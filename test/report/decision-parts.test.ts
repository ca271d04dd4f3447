import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { evidenceLedger } from '../../functions/core/report/decision-evidence.ts';
import { renderDecisionHtml } from '../../functions/core/report/decision-html.ts';
import { decisionOpening } from '../../functions/core/report/decision-opening.ts';
import { decisionReliability, reliabilityTexts } from '../../functions/core/report/decision-reliability.ts';
import { renderDecisionSummary } from '../../functions/core/report/decision-summary.ts';
import { driftSection } from '../../functions/core/report/drift-section.ts';
import { lossSection, lossTexts } from '../../functions/core/report/loss-section.ts';
import { PILOT, pilot } from '../decision/pilot.ts';
import { modelOf, pilotModel, policyWith } from './decision-models.ts';

const HOSTILE = '<script>alert(1)</script>|"\'>`*_';
const plain = pilotModel();
const { decision, evaluations } = plain;

describe('the first screen', () => {
  const reasons = ['one', 'two', 'three', 'four', 'five'];
  test('has three reasons, and the others a click away', () => {
    const { markup } = decisionOpening({ ...decision, reasons });
    const [shown, folded] = markup.split('<details class="brief">') as [string, string];
    for (const reason of reasons.slice(0, 3)) expect(shown).toContain(`<li>${reason}</li>`);
    expect(shown).not.toContain('four');
    expect(folded).toContain('<summary>2 more</summary>');
    expect(folded).toContain('<li>five</li>');
  });
  test('comes before every figure and chart', () => {
    const page = renderDecisionHtml(plain);
    const at = ['class="verdict', '>Why<', '>What would change it<', 'class="facts"', '<figure'].map((text) =>
      page.indexOf(text),
    );
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at[0]).toBeGreaterThan(0);
  });
});

describe('loss at equal tokens', () => {
  test('is drawn with both sides and the margins, and says what the gate reads', () => {
    const section = lossSection(decision)?.markup ?? '';
    const loss = decision.gates.find((g) => g.id === 'loss');
    expect(lossTexts(decision)[0]).toContain(
      `90 % interval ${loss?.low?.toFixed(4)} to ${loss?.high?.toFixed(3)}, as gate loss reads it`,
    );
    expect(section).toContain(`aria-label="${lossTexts(decision)[0]?.replaceAll("'", '&#39;')}"`);
    expect(section).toContain('loss: below 1.01');
    expect(section.match(/stroke="var\(--base\)"[^>]*stroke-dasharray/g)?.length).toBeGreaterThanOrEqual(2);
  });
  test('is not there where no losses were read', () => {
    const none = modelOf(
      pilot({ ...PILOT, nights: 8 }).map((e) => ({ ...e, lossCurve: [], lossUnit: null })),
    );
    expect(none.decision.lossCurves).toEqual([]);
    expect(lossSection(none.decision)).toBeNull();
  });
});

describe('reliability', () => {
  test('is honest about zeros and about what nobody counted', () => {
    const texts = reliabilityTexts(decision);
    const hours = decision.reliability.find((r) => r.role === 'candidate')?.chipHours ?? 0;
    expect(texts[0]).toMatch(
      /^interruptions, candidate own-chip: 0 in \d+ chip-hours; rate per 1,000 chip-hours below/,
    );
    // -ln(0.05) / exposure: the rule of three.
    expect(texts[0]).toContain(`below ${((-Math.log(0.05) / hours) * 1000).toFixed(2)} at 95 %`);
    expect(texts.at(-1)).toBe(
      'No run of the baseline counted uncorrected memory errors, faults, silent errors: nothing is known of them.',
    );
  });
  test('has an interval where something failed', () => {
    const failing = modelOf(
      pilot(PILOT).map((e) => ({
        ...e,
        reliability: e.reliability && { ...e.reliability, interruptions: 1 },
      })),
    );
    expect(decisionReliability(failing.decision)?.markup).toMatch(
      /30 in \d+ chip-hours.*?95 % interval \d+\.\d+ to \d+\.\d+/s,
    );
  });
});

describe('the baseline over time', () => {
  test('is drawn, on to the ramp date where the policy names one', () => {
    const policy = policyWith({ baseline: { maximumAgeDays: null, rampDate: '2026-06-30' } });
    const forecast = driftSection(pilotModel({}, { policy }).decision)?.markup ?? '';
    const today = driftSection(decision)?.markup ?? '';
    expect(today).toContain('<svg class="narrow"');
    expect(today).not.toContain('forecast for');
    expect(forecast).toContain('drawn on to the ramp date, 2026-06-30');
    expect(forecast).toContain('>06-');
    for (const text of [today, forecast]) expect(text).not.toMatch(/NaN|Infinity/);
  });
});

describe('the ledger', () => {
  test('has method, boundary, coverage, gap and grade of every ratio that is printed', () => {
    const markup = evidenceLedger(decision, evaluations)?.markup ?? '';
    const rows = markup.match(/<tr role="row"><td/g) ?? [];
    expect(rows).toHaveLength(decision.contrasts.length + decision.ratios.length);
    for (const head of ['method', 'boundary', 'coverage', 'largest gap', 'grade'])
      expect(markup.match(new RegExp(`data-label="${head}"`, 'g'))).toHaveLength(rows.length);
    expect(markup).toContain('no power in it');
  });
  test('stands for the worst of the runs', () => {
    const worse = modelOf(
      pilot(PILOT).map((e, i) =>
        i === 5 ? { ...e, coverageRatio: 0.96, maxGapInRunS: 9, evidence: 'B' as const } : e,
      ),
    );
    const energy = worse.decision.contrasts.find((c) => c.metric === 'energy-per-useful-token');
    expect(energy).toMatchObject({ coverageRatio: 0.96, maxGapInRunS: 9, evidence: 'B', boundary: 'chip' });
    const markup = evidenceLedger(worse.decision, worse.evaluations)?.markup ?? '';
    expect(markup).toContain('<span>96.0 %</span>');
    expect(markup).toContain('<strong>B</strong>');
  });
});

describe('the message', () => {
  const hold = pilotModel({ nights: 8 }, { date: '2026-01-08' });
  const text = renderDecisionSummary(hold.decision, 'https://example.com/report.html');
  test('has verdict, reasons, gates and the link, and is short', () => {
    expect(text).toMatch(/^### pilot, 2026-01-08: hold\n/);
    expect(text).toContain('energy (llm) is not decidable: 8 nights; the gate asks for 14');
    expect(text.match(/^\| .* \|$/gm)).toHaveLength(2 + hold.decision.gates.length);
    expect(text).toContain('| **open** |');
    expect(text).toContain('[Report](https://example.com/report.html)');
    expect(text.length).toBeLessThan(3_000);
  });
  test('lets no name become markup, and no place that is no link one', () => {
    const policy = policyWith({ name: HOSTILE });
    const evil = { ...hold.decision, policy, reasons: [HOSTILE], next: [HOSTILE] };
    const message = renderDecisionSummary(evil, 'javascript:alert(1)');
    expect(message).not.toMatch(/(?<!\\)<script/);
    expect(message).not.toContain('](javascript');
    expect(message).toContain('Report: javascript:alert(1)');
  });
});

describe('what a gate would need', () => {
  const gates = [
    ...DEFAULT_POLICY.gates,
    {
      id: 'interruptions',
      metric: 'interruptions-per-chip-hour',
      kind: 'absolute',
      duty: 'required',
      limit: 0.001,
      minimumRuns: 2,
    },
  ];
  test('of a rate: so many chip-hours without an event, which then pass it', () => {
    const open = pilotModel({}, { policy: policyWith({ gates }) }).decision;
    const gate = open.gates.find((g) => g.id === 'interruptions');
    expect(gate?.result).toBe('fail');
    const hours = Number(
      /^([\d,]+) chip-hours instead of/.exec(gate?.needs?.text ?? '')?.[1]?.replaceAll(',', ''),
    );
    const now = open.reliability.find((r) => r.role === 'candidate')?.chipHours ?? Number.NaN;
    const scaled = (times: number): string | undefined =>
      modelOf(
        pilot(PILOT).map((e) => ({
          ...e,
          reliability: e.reliability && {
            ...e.reliability,
            chipHours: (e.reliability.chipHours ?? 0) * times,
          },
        })),
        { policy: policyWith({ gates }) },
      ).decision.gates.find((g) => g.id === 'interruptions')?.result;
    expect(scaled((hours * 1.01) / now)).toBe('pass');
    expect(scaled((hours * 0.99) / now)).toBe('fail');
  });
  test('against a forecast that is wide: nights of the baseline, not of the chips that are there', () => {
    const then = { ...DEFAULT_POLICY.gates.find((g) => g.id === 'energy'), id: 'then', against: 'forecast' };
    const policy = policyWith({
      baseline: { maximumAgeDays: null, rampDate: '2026-12-31' },
      gates: [...DEFAULT_POLICY.gates, then],
    });
    const found = pilotModel({}, { policy }).decision.gates.find((g) => g.id === 'then');
    expect(found?.result).toBe('fail');
    expect(found?.needs?.text).toMatch(/what is missing are nights of the baseline/);
  });
});
