import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { prettyJson } from '../../functions/platform/hash.ts';
import { readJson } from '../../functions/platform/landing.ts';
import { readLatest } from '../../functions/platform/latest.ts';
import { evaluationPrefix } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { findingOf } from './runs.ts';

const START = Date.UTC(2026, 0, 1);
const RUN_S = 600;

/** A run of 600 s from a log of one node, from 30 s before to 30 s behind it. */
async function evaluated(
  secondsOf: (s: number) => readonly number[],
  energy: ((s: number) => number) | null,
) {
  const stores = memoryStores();
  const pipeline = new Pipeline(
    stores,
    jsonLog(() => {}),
  );
  const rows = Array.from({ length: RUN_S + 61 }, (_, i) => i - 30).flatMap((s) =>
    secondsOf(s).map((at) =>
      energy ? `${START + at * 1000},n0,node,,${energy(at)}` : `${START + at * 1000},n0,node,500,`,
    ),
  );
  const text = ['time_unix_ms,scope,kind,power_w,energy_j', ...rows, ''].join('\n');
  await pipeline.stores.landing.put('p/r/power.csv', Buffer.from(text));
  const manifest = {
    schema: 'wattline/run@1',
    program: 'p',
    run: 'r',
    role: 'candidate',
    sku: 'own-chip',
    workload: { name: 'w' },
    workUnit: 'token',
    system: { name: 's', nodes: 1 },
    start: new Date(START).toISOString(),
    stop: new Date(START + RUN_S * 1000).toISOString(),
    status: 'success',
    files: [{ pattern: '**', boundary: 'node-dc' }],
  };
  await pipeline.stores.landing.put('p/r/run.json', prettyJson(manifest));
  await pipeline.drain();
  const latest = await readLatest(stores.lake, evaluationPrefix('p', 'r'));
  const evaluation = latest && (await readJson(stores.lake, latest.key, EvaluationSchema));
  if (!evaluation) throw new Error('no evaluation was written');
  return evaluation;
}

describe('a log with the faults of real ones', () => {
  test('counts no energy twice where a time stands twice, and bridges a hole (nasty 43)', async () => {
    const isHole = (s: number): boolean => s > 300 && s < 306;
    const e = await evaluated((s) => (isHole(s) ? [] : s % 11 === 0 ? [s, s] : [s]), null);
    expect(e.energy.clippedTrapezoidJ).toBeCloseTo(500 * RUN_S, 6);
    expect(e).toMatchObject({ maxGapInRunS: 6, evidence: 'B', coverageRatio: expect.closeTo(594 / 600, 9) });
    expect(findingOf(e, 'gap')?.values).toMatchObject({ gaps: 1, maxGapInRunS: 6 });
  });

  test('takes its energy from a counter that was reset, from the file to the report (nasty 20)', async () => {
    const e = await evaluated(
      (s) => [s],
      (s) => (s < 200 ? 1e6 + 500 * s : 500 * (s - 200)),
    );
    expect(e).toMatchObject({ energyMethod: 'counter', evidence: 'A', boundary: 'node-dc' });
    expect(e.energy.counterJ).toBeCloseTo(500 * RUN_S, 6);
    expect(findingOf(e, 'counter-reset')?.values).toMatchObject({ resets: 1 });
  });
});
