import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryStores, Pipeline } from '../../cli/pipeline.ts';
import { evaluationsOf } from '../../cli/work.ts';
import { decideProgram } from '../../functions/core/decision/decide-program.ts';
import { PolicySchema } from '../../functions/core/decision/policy.ts';
import { PriceBasisSchema } from '../../functions/core/efficiency/catalogue.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';
import { landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { jsonLog } from '../../functions/platform/log.ts';
import { PILOT, pilot } from '../decision/pilot.ts';

const example = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../data/examples', name), 'utf8'));
const manifest = RunManifestSchema.parse(example('run.json'));
const policy = PolicySchema.parse(example('policy.json'));
const prices = PriceBasisSchema.parse(example('prices.json'));

const RUN_S = 600;
const POWER_W = 7000;
const SAMPLES = 1024;
const clock = (seconds: number): string => new Date(Date.UTC(2026, 0, 24, 20, 0, seconds)).toISOString();

/** A node's log as the example describes it: local time of Berlin without an offset, AC power. */
function powerCsv(node: number): string {
  const rows = Array.from(
    { length: RUN_S + 61 },
    (_, i) => `${clock(i - 30).slice(0, 19)},node-${node},node,${POWER_W}`,
  );
  return ['time,scope,kind,power_w', ...rows].join('\n');
}

/** The training log as the example describes it: its clock is 250 ms ahead. Berlin is an hour ahead of UTC in January. */
function trainingLog(): string {
  const at = (seconds: number): number => Date.parse(clock(seconds)) - 3_600_000 + 250;
  return [
    { time_unix_ms: at(0), event: 'run-start' },
    { time_unix_ms: at(RUN_S - 1), event: 'step', step: 2, samples: SAMPLES },
    { time_unix_ms: at(RUN_S), event: 'run-stop', text: 'success' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n');
}

describe('data/examples', () => {
  test('run.json reads two power files and a training log as it says', async () => {
    const stores = memoryStores();
    const pipeline = new Pipeline(
      stores,
      jsonLog(() => {}),
    );
    const { program, run } = manifest;
    const put = (key: string, body: string) => pipeline.stores.landing.put(key, Buffer.from(body));
    await put(landingKey(program, run, 'power/node-0.csv'), powerCsv(0));
    await put(landingKey(program, run, 'power/node-1.csv'), powerCsv(1));
    await put(landingKey(program, run, 'training.jsonl'), trainingLog());
    await put(manifestKey(program, run), JSON.stringify(manifest));
    await pipeline.drain();
    expect(pipeline.deadLetters).toEqual([]);
    const [evaluation] = await evaluationsOf(stores, [{ manifest, files: [] }]);
    const energyJ = 2 * POWER_W * 0.96 * RUN_S;
    expect(evaluation).toMatchObject({ boundary: 'node-dc', status: 'success', timeToTrainS: RUN_S });
    expect(evaluation?.energy.clippedTrapezoidJ).toBeCloseTo(energyJ, 3);
    expect(evaluation?.energyPerTokenJ).toBeCloseTo(energyJ / (SAMPLES * 8192), 9);
    expect(evaluation?.coverageRatio).toBe(1);
  });

  /** A pilot as the example's policy asks for it: forty nights, its last look. */
  const decided = (energyRatio: number) =>
    decideProgram({
      program: manifest.program,
      date: '2026-02-10',
      evaluations: pilot({
        ...PILOT,
        nights: 40,
        workloads: [{ name: 'llm', energyRatio, timeRatio: 0.95 }],
      }).map((e) => ({
        ...e,
        evidence: 'C' as const,
        ...(e.role === 'candidate' ? { sku: manifest.sku } : {}),
      })),
      policy,
      prices,
      code: 'test',
    });
  test.each([
    [0.7, 'scale-up', ['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass']],
    [0.845, 'hold', ['pass', 'fail', 'pass', 'pass', 'pass', 'pass', 'pass']],
    [1.3, 'stop', ['pass', 'fail', 'pass', 'pass', 'pass', 'pass', 'fail']],
  ])('policy.json and prices.json: %d of the energy is %s', (ratio, verdict, results) => {
    const decision = decided(ratio);
    expect(policy.priceBasis).toBe(prices.name);
    expect(decision.gates.map((gate) => gate.result)).toEqual(results);
    expect(decision.verdict).toBe(verdict);
  });
});
