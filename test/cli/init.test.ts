import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoFiles } from '../../cli/demo-pilot.ts';
import { PolicySchema } from '../../functions/core/decision/policy.ts';
import { RampPlanSchema } from '../../functions/core/decision/ramp-plan.ts';
import { PriceBasisSchema } from '../../functions/core/efficiency/catalogue.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'wattline-init-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });
const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

describe('wattline init', () => {
  beforeAll(() => {
    const made = wattline('init', 'our-pilot', '--sku', 'SIM-CHIP-1', '--nodes', '2', '--prices', '--ramp');
    expect(made).toMatchObject({ status: 0, stderr: '' });
  });

  test('writes what the schemas accept, with what was said', () => {
    const policy = PolicySchema.parse(json('our-pilot/our-pilot/policy.json'));
    const prices = PriceBasisSchema.parse(json('our-pilot/our-pilot/prices.json'));
    expect(policy).toMatchObject({ name: 'our-pilot-gates', priceBasis: prices.name });
    expect(prices.perChipHour.map(({ sku }) => sku)).toEqual(['SIM-CHIP-1', 'H100-SXM-80GB']);
    RampPlanSchema.parse(json('our-pilot/our-pilot/ramp.json'));
    for (const role of ['candidate', 'baseline'] as const) {
      const run = RunManifestSchema.parse(json(`our-pilot/our-pilot/${role}-001/run.json`));
      expect(run).toMatchObject({ program: 'our-pilot', run: `${role}-001`, role, system: { nodes: 2 } });
    }
  });

  test('writes a collector that a shell reads, and a README of five points', () => {
    const { status, stderr } = spawnSync('sh', ['-n', join(folder, 'our-pilot/collect.sh')], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const readme = readFileSync(join(folder, 'our-pilot/README.md'), 'utf8');
    expect(readme.match(/^\d\. /gm)).toHaveLength(5);
  });

  test('has a collector that writes power where run.json looks for it', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'nvidia-smi'), '#!/bin/sh\necho "$TZ $1" | cut -c1-20\n', { mode: 0o755 });
    writeFileSync(join(bin, 'hostname'), '#!/bin/sh\necho gpu-7\n', { mode: 0o755 });
    const { status } = spawnSync('sh', ['our-pilot/collect.sh', 'a-run'], {
      cwd: folder,
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'a-run/power/gpu-7.csv'), 'utf8')).toMatch(/^UTC --query-gpu/);
  });

  test('needs nothing but files: with those of the demo a run of each role is evaluated', () => {
    for (const { key, body, night } of demoFiles(1)) {
      const [, run = '', ...path] = key.split('/');
      if (night === null || key.endsWith('run.json')) continue;
      const role = run.includes('candidate') ? 'candidate' : 'baseline';
      const target = join(folder, 'our-pilot/our-pilot', `${role}-001`, ...path);
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, body);
    }
    const { status, stderr } = wattline('watch', 'our-pilot', '--once', '--settle', '0.1', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const role of ['candidate', 'baseline'])
      expect(existsSync(join(folder, `out/our-pilot/reports/runs/our-pilot/${role}-001/report.html`))).toBe(
        true,
      );
    const { stdout } = wattline('evaluate', 'our-pilot/our-pilot/candidate-001', '--json');
    const [run] = (JSON.parse(stdout) as { runs: { evidence: string; energy: object }[] }).runs;
    expect(run?.evidence).toMatch(/^[ABC]$/);
  }, 120_000);

  test('overwrites nothing, and writes nothing beside what is there', () => {
    cpSync(join(folder, 'our-pilot/collect.sh'), join(folder, 'taken/collect.sh'));
    const { status, stderr } = wattline('init', 'taken');
    expect(status).toBe(1);
    expect(stderr).toMatch(/taken\/collect\.sh is there already, and nothing is overwritten; expected a new/);
    expect(existsSync(join(folder, 'taken/README.md'))).toBe(false);
  });

  test('says as JSON what it wrote', () => {
    const { stdout } = wattline('init', 'small', '--program', 'p', '--json');
    const { files, ...rest } = JSON.parse(stdout) as { files: string[] };
    expect(rest).toEqual({ schema: 'wattline/init@1', folder: 'small', program: 'p' });
    expect(files.map((f) => basename(f))).toEqual([
      'README.md',
      'collect.sh',
      'policy.json',
      'run.json',
      'run.json',
    ]);
    for (const file of files) expect(existsSync(join(folder, 'small', file))).toBe(true);
  });

  test.each([
    [['bad name'], /the name of the folder "bad name": expected 1 to 128/],
    [['x', '--program', '../y'], /--program "\.\.\/y": expected 1 to 128/],
    [['x', '--nodes', '0'], /--nodes "0": expected a whole number from 1/],
    [['x', '--sku', ' '], /--sku " ": expected a name/],
    [['x', '--time-zone', 'Mars'], /--time-zone "Mars": expected an IANA zone/],
    [['x', '--boundary', 'moon'], /'moon' is invalid\. Allowed choices are chip/],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = wattline('init', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
