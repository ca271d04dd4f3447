import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DecisionSchema } from '../../functions/core/decision/decision.ts';
import { CASES, hasCases } from '../shared.ts';
import { commandsOf, ROOT, type Walk, walk } from './document.ts';

const H100 = 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora';
const B200 = 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora';
/** The two sets as they lie beside this checkout; their repositories are gigabytes. */
const commands = commandsOf('docs/example.md').map((line) =>
  line
    .replace(/^export H100=.*/, `export H100="${CASES}/${H100}"`)
    .replace(/^export B200=.*/, `export B200="${CASES}/${B200}"`),
);
const folder = mkdtempSync(join(tmpdir(), 'wattline-example-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(hasCases)('docs/example.md, typed line by line', () => {
  let walked: Walk;
  beforeAll(async () => {
    for (const name of ['training_results_v4.0', 'training_results_v5.0']) mkdirSync(join(folder, name));
    walked = await walk(folder, commands, { git: 'test "$1 $2 $3" = "clone --depth 1"' });
  }, 120_000);

  test('every command works', () => {
    expect(walked.failed, walked.output).toBeNull();
  });

  test('what is said of the published result is what comes out', () => {
    const text = readFileSync(join(ROOT, 'docs/example.md'), 'utf8');
    expect(text).toContain('29.10 minutes and 11,769,962 J');
    expect(text).toContain('12,139,851 J, 3 % more');
    expect(walked.output).toContain('29.101 min   12.140 MJ clipped   11.770 MJ by the MLPerf v4.0 rule');
  });

  test('the comparison has about half the energy, and needs no word of another rule', () => {
    const path = join(folder, 'out/compare/reports/programs/comparison/2025-04-24/report.json');
    const decision = DecisionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(decision.verdict).toBe('scale-up');
    expect(walked.output).toMatch(/energy to train +0\.50\d+ .*clipped-trapezoid/);
    expect(walked.output).toMatch(/energy to train +0\.5\d+ .*mlperf-training-v4\.0/);
  });
});
