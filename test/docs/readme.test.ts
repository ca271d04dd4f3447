import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoFiles } from '../../cli/demo-pilot.ts';
import { DUCKDB_FOLDER } from '../../cli/duckdb.ts';
import { PushServer } from '../cli/push-server.ts';
import { CASES, hasCases } from '../shared.ts';
import { duckdbFolder } from '../sql/duckdb-folder.ts';
import { commandsOf, ROOT, type Walk, walk } from './document.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-readme-'));
const duckdb = await duckdbFolder();
let server: PushServer;
let walked: Walk;

/** Lines of docs/lake.md with a prompt: what follows them is output. */
const asked = readFileSync(join(ROOT, 'docs/lake.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('$ wattline'))
  .map((line) => line.replace('$ ', 'npx '));
const commands = [...commandsOf('README.md'), ...asked]
  .filter((line) => line.startsWith('npx wattline'))
  .filter((line) => hasCases || !line.includes('path/to/'))
  .filter((line) => duckdb !== null || !line.includes('wattline sql'))
  .map((line) =>
    line
      .replace('watch our-pilot', 'watch our-pilot --once')
      // Sixty nights take their time.
      .replace('simulate --out out/pilot', 'simulate --out out/pilot --nights 2 --chips 4')
      .replace('<LandingBucketName>', '"$LANDING"'),
  );

function put(path: string, body: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), body);
}

/** The first night of the demo, as a reader might have it: one run by itself, and a folder of runs of each side. */
function lay(): void {
  for (const { key, body, night } of demoFiles(1)) {
    const [, run = '', ...path] = key.split('/');
    if (night === null || path.length === 0) continue;
    const isCandidate = run.endsWith('-candidate');
    put(join(isCandidate ? 'runs/chip' : 'runs/gpu', run, ...path), body);
    if (isCandidate) put(join('runs/night-001', ...path), body);
    if (/power\/.*0\.csv$/.test(key)) put(isCandidate ? 'board.csv' : 'smi.csv', body);
  }
  for (const name of ['policy.json', 'prices.json'])
    copyFileSync(join(ROOT, 'data/examples', name), join(folder, name));
  mkdirSync(join(folder, 'path/to'), { recursive: true });
  const sets = {
    results: 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora',
    baseline: 'mlperf-training-v4.0/smc-dc-1xH100-llama2_70b_lora',
    candidate: 'mlperf-training-v5.0/lenovo-8xB200-llama2_70b_lora',
  };
  if (hasCases)
    for (const [name, set] of Object.entries(sets))
      symlinkSync(join(CASES, set), join(folder, 'path/to', name));
}

beforeAll(async () => {
  server = await new PushServer().listen();
  lay();
  const env = {
    LANDING: 'landing',
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_REGION: 'us-east-1',
    [DUCKDB_FOLDER]: duckdb ?? '',
  };
  walked = await walk(folder, commands, {}, env);
}, 300_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('README.md and docs/lake.md, typed line by line', () => {
  test('every command of ours works', () => {
    expect(commands.length).toBeGreaterThan(12);
    expect(walked.failed, walked.output).toBeNull();
  });

  test('what was pushed is there, run.json last', () => {
    expect([...server.objects.keys()].at(-1)).toMatch(/\/run\.json$/);
  });
});
