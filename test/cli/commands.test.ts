import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const folder = mkdtempSync(join(tmpdir(), 'wattline-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });

const csv = join(folder, 'power.csv');
writeFileSync(
  csv,
  'time,scope,kind,power_w\n2026-01-01T12:00:00,n0,node,100\n2026-01-01T12:00:10,n0,node,300\n',
);

describe('wattline', () => {
  test('shows help and ends with 0', () => {
    const { status, stdout } = wattline('--help');
    expect(status).toBe(0);
    for (const command of ['evaluate', 'compare', 'ingest', 'import', 'demo'])
      expect(stdout).toContain(command);
  });
  test.each([[['compare']], [['nonsense']], [['ingest', csv, '--boundary', 'moon']]])(
    'ends with 2 on wrong usage: %j',
    (args) => {
      expect(wattline(...args).status).toBe(2);
    },
  );
  test('ends with 1 and one paragraph, without a stack, on bad input', () => {
    const { status, stderr } = wattline('evaluate', join(folder, 'nowhere'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^wattline: .*nowhere: no such folder\.\n$/);
  });
  test('refuses a file that does not say its zone or boundary; options stand in for a manifest', () => {
    expect(wattline('ingest', csv).stderr).toMatch(/no zone.*timeZone/);
    expect(wattline('ingest', csv, '--time-zone', '+01:00').stderr).toMatch(/boundary/);
    const { status, stdout } = wattline(
      'ingest',
      csv,
      '--time-zone',
      '+01:00',
      '--boundary',
      'node-dc',
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'wattline-csv',
      rows: 2,
      rejected: 0,
      timeRange: { startMs: Date.UTC(2026, 0, 1, 11), stopMs: Date.UTC(2026, 0, 1, 11, 0, 10) },
      scopes: [{ id: 'n0', boundary: 'node-dc', samples: 2, energyJ: 2000, meanPowerW: 200 }],
    });
  });
});
