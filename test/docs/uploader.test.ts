import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoFiles } from '../../cli/demo-pilot.ts';
import { DecisionSchema } from '../../functions/core/decision/decision.ts';
import { EvaluationSchema } from '../../functions/core/efficiency/evaluation.ts';
import { PushServer } from '../cli/push-server.ts';
import { commandsOf, type Walk, walk } from './document.ts';

const commands = commandsOf('docs/uploader.md');
const REPORTS = 'out/our-pilot/reports';
const folder = mkdtempSync(join(tmpdir(), 'wattline-uploader-'));
let server: PushServer;
let walked: Walk;

/** What one night of the simulated pilot left in a file. */
function simulated(role: 'candidate' | 'baseline', name: RegExp): string {
  const file = [...demoFiles(1)].find(({ key }) => key.includes(`pretrain-1-${role}/`) && name.test(key));
  if (!file) throw new Error(`no ${name} of a ${role}`);
  return Buffer.from(file.body).toString();
}

/** As a board of one's own might name things: none of it is a name that Wattline knows. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  time_unix_ms: 'epoch_ms',
  scope: 'asic',
  power_w: 'board_power_w',
  temperature_c: 'die_temp_c',
  clock_hz: 'core_clock_hz',
};

beforeAll(async () => {
  server = await new PushServer().listen();
  writeFileSync(join(folder, 'smi.csv'), simulated('baseline', /power\/.*0\.csv$/));
  writeFileSync(join(folder, 'megatron.log'), simulated('baseline', /megatron\.log$/));
  writeFileSync(join(folder, 'chip-train.log'), simulated('candidate', /training\.jsonl$/));
  const [head = '', ...rows] = simulated('candidate', /power\/.*0\.csv$/).split('\n');
  const names = head.split(',').map((name) => OWN_NAMES[name] ?? name);
  writeFileSync(join(folder, 'board.csv'), [names.join(','), ...rows].join('\n'));
  const tools = {
    npm: 'test "$*" = ci',
    'nvidia-smi': `cat "${folder}/smi.csv"`,
    torchrun: `cat "${folder}/megatron.log"`,
  };
  const env = {
    LANDING: 'landing',
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_REGION: 'us-east-1',
  };
  walked = await walk(folder, commands, tools, env);
}, 120_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

describe('docs/uploader.md, typed line by line', () => {
  test('every command works', () => {
    expect(walked.failed, walked.output).toBeNull();
  });
  test('it ends with a run of each side that was measured, and a decision that waits for more nights', () => {
    for (const role of ['candidate', 'baseline']) {
      const run = EvaluationSchema.parse(json(`${REPORTS}/runs/our-pilot/${role}-001/report.json`));
      expect(run).toMatchObject({ evidence: 'A', role, workload: { name: 'llm-8b-pretrain' } });
      expect(run.energyPerTokenJ).toBeGreaterThan(0);
    }
    const decision = DecisionSchema.parse(json(`${REPORTS}/programs/our-pilot/2026-01-10/report.json`));
    expect(decision.verdict).toBe('hold');
  });

  test('what was sent is what lay in the folders, compressed, and run.json came last', () => {
    const keys = [...server.objects.keys()];
    expect(keys.filter((key) => key.endsWith('/run.json'))).toHaveLength(2);
    expect(keys.filter((key) => key.endsWith('.csv.zst'))).toHaveLength(2);
    for (const run of ['baseline-001', 'candidate-001'])
      expect(keys.filter((key) => key.includes(run)).at(-1)).toBe(`our-pilot/${run}/run.json`);
  });
});
