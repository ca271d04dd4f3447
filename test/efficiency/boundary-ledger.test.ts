import { describe, expect, test } from 'vitest';
import { renderRunHtml } from '../../functions/core/report/run-html.ts';
import { renderRunMarkdown } from '../../functions/core/report/run-markdown.ts';
import { evaluated, every, findingOf, type TestScope } from './runs.ts';

const power_w = every(1, () => 1_000);
const node = (facts: TestScope['facts']): TestScope => ({
  gauges: { power_w },
  facts: { kind: 'node', ...facts },
});
const ac = node({ boundary: 'node-ac', measuredBoundary: 'node-ac' });
const dc = node({ boundary: 'node-dc', measuredBoundary: 'node-dc' });
const converted = node({
  boundary: 'node-dc',
  measuredBoundary: 'node-ac',
  conversionEfficiency: 0.94,
  efficiencyBasis: 'declared',
});
const system = { name: 's', nodes: 1 };

describe('the boundary ledger', () => {
  test('says of every scope where it was read, the factor, its basis, and where that leads', () => {
    const e = evaluated({ n0: converted }, { boundary: 'node-dc', system });
    expect(e.scopes[0]).toMatchObject({
      measuredBoundary: 'node-ac',
      conversionEfficiency: 0.94,
      efficiencyBasis: 'declared',
      boundary: 'node-dc',
    });
    expect(e).toMatchObject({ boundary: 'node-dc', evidence: 'C', meanPowerW: 940 });
    expect(e.evidenceReasons[0]).toMatch(/node-ac times 0\.94, a declared conversion efficiency/);
    expect(renderRunHtml(e)).toMatch(/<span>node-ac<small>times 0\.94 \(declared\) is node-dc</);
    expect(renderRunMarkdown(e)).toContain('| n0 | node-ac | 0.94 | declared | node-dc |');
  });

  test('refuses AC readings where energy is taken at node-dc, and says what to declare (nasty 34)', () => {
    const e = evaluated({ n0: ac }, { boundary: 'node-dc', system });
    expect(e).toMatchObject({ evidence: 'D', energy: { clippedTrapezoidJ: null } });
    const reasons = e.evidenceReasons.join('\n');
    expect(reasons).toMatch(/no file covers the boundary node-dc/);
    expect(reasons).toMatch(
      /n0 is read at node-ac.*expected conversionEfficiency and boundaryAfter "node-dc".*or boundary "node-ac"/,
    );
    expect(findingOf(e, 'energy-incomplete')?.severity).toBe('error');
  });

  test('refuses it where only some of the nodes were converted, and names the others (nasty 34)', () => {
    const e = evaluated(
      { n0: converted, n1: ac, n2: dc },
      { boundary: 'node-dc', system: { ...system, nodes: 3 } },
    );
    expect(e.evidence).toBe('D');
    expect(e.evidenceReasons).toEqual([
      'power was read for 2 of 3 nodes',
      expect.stringMatching(/^n1 is read at node-ac/),
    ]);
  });

  test('needs no conversion of meters that stand beside a whole system at its boundary', () => {
    const e = evaluated({ n0: dc, 'n0-wall': ac }, { boundary: 'node-dc', system });
    expect(e).toMatchObject({ evidence: 'A', meanPowerW: 1_000 });
  });

  test.each([
    [
      'no boundary is named and files cover two',
      { n0: dc, n1: ac },
      undefined,
      /several boundaries \(node-ac, node-dc\)/,
    ],
    [
      'readings of chips cannot become those of nodes',
      { c: { gauges: { power_w } } },
      'node-dc',
      /no file covers.*there is chip/,
    ],
    ['no file has readings', {}, 'chip', /no power reading in any file/],
  ] as const)('is open where %s', (_, scopes, boundary, reason) => {
    const e = evaluated(scopes, { system: { ...system, nodes: 2 }, ...(boundary ? { boundary } : {}) });
    expect(e.evidence).toBe('D');
    expect(e.evidenceReasons.join()).toMatch(reason);
    expect(e.evidenceReasons.join()).not.toMatch(/conversionEfficiency/);
  });
});
