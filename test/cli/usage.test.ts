import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, COLUMNS: '80' } });

describe('wattline', () => {
  test('alone explains itself and ends with 0', () => {
    const { status, stdout, stderr } = wattline();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Wattline decides .*\n.*\n\n {2}collect .* report\n/);
  });

  test.each<[string, string[], RegExp]>([
    [
      'a command',
      ['evalute', 'x'],
      /^wattline: unknown command 'evalute'\. Did you mean evaluate\? See wattline --help\.\n$/,
    ],
    ['a command below another', ['import', 'mlpref'], /Did you mean mlperf\? See wattline import --help\./],
    [
      'an option',
      ['evaluate', 'x', '--jsn'],
      /unknown option '--jsn'\. Did you mean --json\? See wattline evaluate --help\./,
    ],
  ])('suggests the nearest for %s', (_name, args, message) => {
    const { status, stderr, stdout } = wattline(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each<[string, string[], RegExp]>([
    [
      'what is missing',
      ['compare'],
      /^wattline: required option '--candidate <folder>' not specified\. See wattline compare/,
    ],
    [
      'a missing argument',
      ['evaluate'],
      /^wattline: missing required argument 'folder'\. See wattline evaluate/,
    ],
    ['what is too much', ['demo', 'x'], /too many arguments for 'demo'/],
    [
      'the values that an option takes',
      ['ingest', 'x', '--boundary', 'moon'],
      /'moon' is invalid\. Allowed choices are chip, module/,
    ],
    ['the command that a group needs', ['import'], /wattline import needs a command: expected mlperf/],
  ])('says in one paragraph %s', (_name, args, message) => {
    const { status, stderr } = wattline(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^wattline: /);
  });

  test.each([['--version'], ['--help'], ['help', 'watch'], ['watch', '--help']])(
    '%s %s ends with 0',
    (...args) => {
      const { status, stdout, stderr } = wattline(...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(args.includes('--version') ? /^\d+\.\d+\.\d+\n$/ : /^Usage: wattline/);
    },
  );
});
