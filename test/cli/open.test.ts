import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openerOf } from '../../cli/open/browser.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'wattline-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [MAIN, 'open', ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
function page(path: string, atS: number): string {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, path);
  utimesSync(at, atS, atS);
  return at;
}

describe('wattline open', () => {
  test('says where reports come from where there is none', () => {
    const { status, stderr } = open(['--print']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^wattline: no report in out\/\*; wattline demo writes one/);
  });

  test('finds the newest report, of all stores or of one, and the first page of a store', () => {
    page('out/a/reports/programs/p/2026-01-02/report.html', 100);
    const newest = page('out/a/reports/programs/p/2026-01-01/report.html', 300);
    const evaluated = page('out/b/report.html', 200);
    const index = page('out/a/reports/index.html', 300);
    expect(open(['--print']).stdout).toBe(`${newest}\n`);
    expect(open(['report', '--store', 'out/b', '--print']).stdout).toBe(`${evaluated}\n`);
    expect(open(['store', '--print']).stdout).toBe(`${index}\n`);
    expect(JSON.parse(open(['--print', '--json']).stdout)).toEqual({
      schema: 'wattline/open@1',
      path: newest,
      isOpened: false,
    });
    expect(open(['--store', 'nowhere', '--print']).stderr).toMatch(/nowhere: no such folder/);
  });

  test('hands the page to the opener of the system, and says so where that fails', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const opener = join(bin, 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\necho "$1" > ${join(folder, 'opened')}\n`);
    chmodSync(opener, 0o755);
    const env = { DISPLAY: ':0', PATH: `${bin}:${process.env.PATH}` };
    expect(process.platform === 'linux' ? open([], env).status : 0).toBe(0);
    if (process.platform === 'linux')
      expect(readFileSync(join(folder, 'opened'), 'utf8')).toMatch(/2026-01-01\/report\.html\n$/);
    const { status, stderr } = open([], { DISPLAY: ':0', PATH: '/nowhere' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/report\.html is the page, and \S+ could not open it/);
  });

  test.each<[NodeJS.Platform, Record<string, string>, string | null]>([
    ['darwin', {}, 'open'],
    ['win32', {}, 'cmd'],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
    ['linux', { WSL_DISTRO_NAME: 'Debian' }, 'wslview'],
    ['linux', {}, null],
  ])('on %s with %j opens with %s', (platform, env, command) => {
    const opener = openerOf('/r.html', platform, env);
    expect(opener?.command ?? null).toBe(command);
    if (opener) expect(opener.args.at(-1)).toBe('/r.html');
  });
});
