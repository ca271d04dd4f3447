import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, test } from 'vitest';
import example from '../../data/examples/run.json' with { type: 'json' };

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const folder = mkdtempSync(join(tmpdir(), 'wattline-map-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });
const write = (name: string, bytes: string | Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return name;
};

const CSV = 'time,chip,power_mw,note\n2026-01-31T12:00:00,c1,150000,a\n2026-01-31T12:00:01,c1,151000,b\n';
const MAPPING = {
  form: 'csv',
  time: { column: 'time', form: 'iso' },
  scope: ['chip'],
  readings: [{ column: 'power_mw', field: 'power_w', unit: 'mW' }],
};

mkdirSync(join(folder, 'run/power'), { recursive: true });

describe('wattline map', () => {
  test('shows what it takes the columns for, what is to decide, and the next command', () => {
    const { status, stdout } = wattline('map', write('board.csv', CSV));
    expect(status).toBe(0);
    expect(stdout).toMatch(/power_mw +150000 +power_w +mW/);
    expect(stdout).toMatch(/note +a +not read/);
    expect(stdout).toMatch(/\* In which zone.*\[timeZone\]/);
    expect(stdout).toMatch(/\* What do the power readings cover\?.*\[boundary\]/);
    expect(stdout).toContain('Next: wattline map board.csv --run');
  });

  test.each([
    ['gzip', 'a.csv.gz', gzipSync(CSV)],
    ['zstd', 'a.csv.zst', zstdCompressSync(CSV)],
    ['UTF-16', 'b.csv', Buffer.from(`\ufeff${CSV}`, 'utf16le')],
    ['Parquet', 'a.parquet', parquet()],
  ])('reads %s', (_name, name, bytes) => {
    const { stdout } = wattline('map', write(name, bytes), '--json');
    const { rule, format } = JSON.parse(stdout);
    expect(format).toBeNull();
    expect(rule.mapping.readings).toEqual(MAPPING.readings);
    expect(rule.pattern).toBe(`**/${name.replace(/\.(gz|zst)$/, '')}`);
  });

  test('writes what a known format does not say of itself', () => {
    const known = write('own.csv', 'time,scope,power_w\n2026-01-31T12:00:00Z,a,5\n');
    const run = write('known-run.json', JSON.stringify({ ...example, files: [] }));
    const { status, stdout } = wattline('map', known, '--run', run, '--boundary', 'chip');
    expect(status).toBe(0);
    expect(stdout).toMatch(/needs no mapping\nWritten to .*known-run.json for "own.csv": boundary chip\n$/);
    expect(JSON.parse(readFileSync(join(folder, run), 'utf8')).files).toEqual([
      { pattern: 'own.csv', boundary: 'chip' },
    ]);
  });

  test('says of a known format that it needs no mapping', () => {
    const known = write('known.csv', 'time,scope,power_w\n2026-01-31T12:00:00Z,a,5\n');
    const { status, stdout } = wattline('map', known);
    expect(status).toBe(0);
    expect(stdout).toMatch(/wattline-csv.*needs no mapping/);
  });

  test.each([
    ['a panel whose columns its legend named', 'panel.csv', 'Time,board a,board b\n1769860800000,1,2\n'],
    ['JSON lines of arrays', 'a.jsonl', '{"time":1769860800,"chips":[{"id":"a","power_w":1}]}\n'],
    ['JSON lines of other names', 'b.jsonl', '{"time":1769860800,"chip":"a","watts":1}\n'],
  ])('takes no %s for a format that needs no mapping', (_name, name, text) => {
    const { stdout } = wattline('map', write(name, text), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ format: null });
  });

  test('takes a panel whose columns are metrics for a known format', () => {
    const text = 'Time,"DCGM_FI_DEV_POWER_USAGE{gpu=""0"", Hostname=""n1""}"\n1769860800000,1\n';
    const { stdout } = wattline('map', write('metrics.csv', text), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ format: 'grafana-csv' });
  });

  test('writes the rule into run.json, keeps all else, and does so again without a second rule', () => {
    write('run/run.json', JSON.stringify(example, null, 4));
    write('run/power/n1.csv', CSV);
    const args = ['map', 'run/power/n1.csv', '--run', 'run/run.json', '--time-zone', 'Europe/Berlin'];
    const first = wattline(...args);
    expect(first.status).toBe(0);
    expect(first.stdout).toContain('wattline evaluate run');
    expect(first.stdout).not.toContain('[timeZone]');
    const rule = { pattern: 'power/n1.csv', timeZone: 'Europe/Berlin', mapping: MAPPING };
    const written = JSON.parse(readFileSync(join(folder, 'run/run.json'), 'utf8'));
    expect(written).toEqual({ ...example, files: [...example.files, rule] });
    expect(wattline(...args, '--boundary', 'chip').status).toBe(0);
    const again = readFileSync(join(folder, 'run/run.json'), 'utf8');
    expect(JSON.parse(again).files).toEqual([...example.files, { ...rule, boundary: 'chip' }]);
    expect(again).toBe(`${JSON.stringify(JSON.parse(again), null, 2)}\n`);
  });

  test.each<[string, string[], number, RegExp]>([
    ['a file that is not there', ['nowhere.csv'], 1, /nowhere.csv: no such file/],
    ['prose', [write('prose.txt', 'hello\n')], 1, /neither a table nor JSON/],
    [
      'a log that no reader takes',
      [write('tune.txt', 'Step 1 | loss:2.5 lr:1e-05\n')],
      1,
      /a log of torchtune; .* CSV/,
    ],
    ['no run.json', ['board.csv', '--run', 'none/run.json'], 1, /none\/run.json: no such file/],
    ['a zone that is none', ['board.csv', '--time-zone', 'Mars'], 2, /--time-zone "Mars"/],
    [
      'nothing to write',
      [write('words.csv', 'a,b\nx,y\n'), '--run', write('run.json', JSON.stringify(example))],
      1,
      /nothing was recognised/,
    ],
  ])('refuses %s', (_name, args, code, message) => {
    const { status, stderr } = wattline('map', ...args);
    expect(status).toBe(code);
    expect(stderr).toMatch(message);
  });

  test('has help with an example', () => {
    expect(wattline('map', '--help').stdout).toMatch(/Example:\n {2}wattline map /);
  });
});

function parquet(): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', type: 'STRING', data: ['2026-01-31T12:00:00', '2026-01-31T12:00:01'] },
        { name: 'chip', type: 'STRING', data: ['c1', 'c1'] },
        { name: 'power_mw', type: 'DOUBLE', data: [150_000, 151_000] },
      ],
    }),
  );
}
