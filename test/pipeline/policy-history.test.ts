import { expect, test } from 'vitest';
import { DEMO_PROGRAM, demoFiles } from '../../cli/demo-pilot.ts';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { decisionOf } from '../../cli/work.ts';
import { DEFAULT_POLICY } from '../../functions/core/decision/default-policy.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { policyKey, programReportPrefix } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';

const EASIER = {
  ...DEFAULT_POLICY,
  name: 'easier',
  gates: DEFAULT_POLICY.gates.map((g) => (g.id === 'energy' ? { ...g, margin: 0 } : g)),
};
const [FIRST, SECOND, THIRD] = ['2026-01-10', '2026-01-11', '2026-01-12'];

test('a policy that was edited during the pilot is kept and shown beside the one before, in whatever order nights are decided', async () => {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  for (const { key, body } of demoFiles(2)) await pipeline.stores.landing.put(key, body);
  await pipeline.drain();
  const night = (date: string) => pipeline.night(`${date}T00:00:00Z`);
  const historyOf = async (date: string) =>
    (await decisionOf(stores, DEMO_PROGRAM, date)).policyHistory.map((p) => [p.from, p.policy.name]);

  await night(FIRST);
  expect(await historyOf(FIRST)).toEqual([[FIRST, 'default']]);
  // The program's prices belong to the policy that names them.
  await stores.landing.put(
    policyKey(DEMO_PROGRAM),
    prettyJson({ ...EASIER, priceBasis: 'simulated-prices' }),
  );
  await night(SECOND);
  await night(THIRD);
  const both = [
    [FIRST, 'default'],
    [SECOND, 'easier'],
  ];
  expect(await historyOf(SECOND)).toEqual(both);
  expect(await historyOf(THIRD)).toEqual(both);
  await night(SECOND);
  expect(await historyOf(SECOND)).toEqual(both);
  const report = await stores.reports.get(`${programReportPrefix(DEMO_PROGRAM, THIRD)}report.html`);
  const html = Buffer.from(await collect(report.body)).toString('utf8');
  expect(html).toMatch(/policy was edited/i);
});
