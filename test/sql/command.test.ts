import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DUCKDB_FOLDER } from '../../cli/duckdb.ts';
import { duckdbFolder } from './duckdb-folder.ts';

const MAIN = resolve(import.meta.dirname, '../../cli/main.ts');
const duckdb = await duckdbFolder();
if (duckdb === null) process.stderr.write('wattline sql is not run: DuckDB cannot be installed here\n');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let empty: string;
beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), 'wattline-sql-'));
  mkdirSync(join(empty, 'lake'));
});
afterAll(() => rmSync(empty, { recursive: true, force: true }));

const sql = (args: readonly string[], folder = duckdb): Promise<Ended> =>
  new Promise((done) => {
    const env = { ...process.env, [DUCKDB_FOLDER]: folder ?? '' };
    execFile(process.execPath, [MAIN, 'sql', ...args], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

describe('wattline sql', () => {
  test('says how to install DuckDB where it is missing', async () => {
    const { code, err } = await sql(['select 1', '--store', empty], empty);
    expect(code).toBe(1);
    expect(err).toMatch(
      /needs DuckDB, which is not installed below .*npm install --no-save @duckdb\/node-api@/,
    );
  });
  test('lists the queries of data/queries without it', async () => {
    const { code, out } = await sql(['--list'], empty);
    expect(code).toBe(0);
    expect(out).toMatch(/^worst-chips \(program\)\n {2}The twenty/m);
  });
  test.each([
    [['select 1', '--query', 'gates'], /expected a query, or --query/],
    [[], /expected a query, or --query/],
    [['select 1', '--json', '--csv'], /--json or --csv, not both/],
    [['--query', 'nothing'], /--query nothing: expected one of bytes-by-program, /],
  ])('%j is wrong usage', async (args, message) => {
    const { code, err } = await sql([...args, '--store', empty]);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe.runIf(duckdb !== null)('wattline sql with DuckDB', () => {
  test('finds every table empty in a store that is', async () => {
    const { code, out } = await sql([
      '--query',
      'energy-by-run',
      '--program',
      'p',
      '--json',
      '--store',
      empty,
    ]);
    expect([code, JSON.parse(out)]).toEqual([0, []]);
  });
  test('asks for the program of a query where the store does not tell', async () => {
    const { code, err } = await sql(['--query', 'gates', '--store', empty]);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/--program: expected one of \(the store is empty\)/),
    ]);
  });
  test('refuses what is no store, and what is no SQL', async () => {
    expect(await sql(['select 1', '--store', join(empty, 'x')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no store; expected a folder that --out named/),
    });
    expect(await sql(['select from where', '--store', empty])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/syntax error/),
    });
  });
  test('prints numbers as numbers, and guards cells of CSV that look like formulas', async () => {
    const query = `select 1 as n, 2.5 as x, '=1+1' as f, 'a "b", c' as q, null as z, date '2026-01-02' as d`;
    expect((await sql([query, '--csv', '--store', empty])).out).toBe(
      `n,x,f,q,z,d\n1,2.5,'=1+1,"a ""b"", c",,2026-01-02\n`,
    );
    const [row] = JSON.parse((await sql([query, '--json', '--store', empty])).out);
    expect(row).toEqual({ n: 1, x: 2.5, f: '=1+1', q: 'a "b", c', z: null, d: '2026-01-02' });
  });
  test('shows a table whose cells cannot steer the terminal', async () => {
    const { out } = await sql([`select chr(27) || '[2J' as t, -0.123456789 as x`, '--store', empty]);
    expect(out).toBe('t          x\n\\u001b[2J  -0.123457\n1 row\n');
  });
});
