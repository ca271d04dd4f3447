import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { lineOfPath, valueAt } from '../../cli/json-place.ts';
import { nearest } from '../../cli/nearest.ts';
import policy from '../../data/examples/policy.json' with { type: 'json' };
import run from '../../data/examples/run.json' with { type: 'json' };

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'wattline-errors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const wattline = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder });

function runWith(name: string, change: (text: string) => string): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'run.json'), change(JSON.stringify(run, null, 2)));
  return name;
}
const writeText = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
mkdirSync(join(folder, 'empty'));

describe('an error names the file, the line, the value and the fix', () => {
  const good = runWith('good', (text) => text);
  test.each<[string, string[], RegExp]>([
    [
      'a misspelt field',
      ['evaluate', runWith('sku', (t) => t.replace('"sku"', '"skuu"'))],
      /^wattline: sku\/run\.json: .*line 6: skuu: no such field; did you mean sku\?/,
    ],
    [
      'a misspelt field that may be left out',
      ['evaluate', runWith('zone', (t) => t.replace('"timeZone"', '"timezone"'))],
      /line \d+: files\.0\.timezone: no such field; did you mean timeZone\?\n$/,
    ],
    [
      'a misspelt value',
      ['evaluate', runWith('role', (t) => t.replace('"candidate"', '"canddate"'))],
      /role\/run\.json: line 5: role: "canddate"; expected one of "candidate", "baseline"/,
    ],
    [
      'a value of another type',
      ['evaluate', runWith('nodes', (t) => t.replace('"nodes": 2', '"nodes": "two"'))],
      /line \d+: system\.nodes: "two"; expected .*number/,
    ],
    [
      'what is missing',
      ['evaluate', runWith('none', (t) => t.replace('"workUnit": "token",', ''))],
      /workUnit: missing; expected one of "sample", "token"/,
    ],
    [
      'a comma too many',
      ['evaluate', runWith('comma', (t) => t.replace('"role": "candidate",', '"role": "candidate",,'))],
      /comma\/run\.json: not JSON: .*\(line 5 column \d+\)/,
    ],
    [
      'a field of a policy',
      [
        'compare',
        '--candidate',
        good,
        '--baseline',
        good,
        '--policy',
        writeText('policy.json', JSON.stringify(policy, null, 2).replace('"margin": 0.15', '"margin": 15')),
      ],
      /policy\.json: line \d+: gates\.1\.margin: 15; /,
    ],
    [
      'a folder for a file',
      ['ingest', 'empty'],
      /^wattline: empty: it is a folder; expected a file in it\.\n$/,
    ],
    ['a folder for a file of map', ['map', 'empty'], /^wattline: empty: it is a folder/],
    [
      'a file for a folder',
      ['evaluate', 'policy.json'],
      /^wattline: policy\.json: it is a file; expected the folder of a run\.\n$/,
    ],
    [
      'an empty folder',
      ['evaluate', 'empty'],
      /^wattline: empty: neither run\.json nor result_\*\.txt in it; expected/,
    ],
    [
      'a folder that is no store',
      ['decide', 'empty'],
      /^wattline: empty: no store; expected a folder with landing/,
    ],
    [
      'a file that nobody knows',
      ['ingest', writeText('odd.bin', 'what is this\n')],
      /^wattline: odd\.bin: not recognised as any of/,
    ],
    [
      'a place that is a file',
      ['demo', '--out', 'policy.json/x'],
      /^wattline: .*policy\.json.*: a part of the path is a file; expected a folder/,
    ],
  ])('of %s', (_name, args, message) => {
    const { status, stderr } = wattline(...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(stderr).not.toMatch(/ at .*\.ts:\d+|\bundefined\b/);
  });

  // The superuser may read everything.
  test.runIf(process.getuid?.() !== 0)('of a file without permission', () => {
    chmodSync(join(folder, writeText('closed.csv', 'x')), 0);
    expect(wattline('ingest', 'closed.csv').stderr).toMatch(/closed\.csv: no permission to read it/);
  });
});

describe('the line of a path', () => {
  const keys = fc.constantFrom('a', 'b', 'a b', 'c"d', '{', ',');
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(1, -2.5, true, null, 'x', '}', '"', '\n'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const paths = (value: unknown): (string | number)[][] =>
    value === null || typeof value !== 'object'
      ? []
      : Object.entries(value).flatMap(([key, inner]) => {
          const part = Array.isArray(value) ? Number(key) : key;
          return [[part], ...paths(inner).map((rest) => [part, ...rest])];
        });

  test('is the one that the path stands on when each value has a line of its own', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value, null, 1);
        for (const path of paths(value)) {
          const line = text.split('\n')[(lineOfPath(text, path) as number) - 1] as string;
          const last = path.at(-1);
          expect(line.length - line.trimStart().length).toBe(path.length);
          const inner = valueAt(value, path);
          if (typeof last === 'string')
            expect(line.trim().startsWith(`${JSON.stringify(last)}: `)).toBe(true);
          else if (inner === null || typeof inner !== 'object')
            expect(line.trim().replace(/,$/, '')).toBe(JSON.stringify(inner));
        }
      }),
    );
  });
  test('is none where the path is not there', () => {
    expect(lineOfPath('{"a": {"b": 1}}', ['b'])).toBeNull();
  });
});

test.each([
  ['timezone', ['timeZone', 'format'], 'timeZone'],
  ['fomrat', ['timeZone', 'format'], 'format'],
  ['colour', ['timeZone', 'format'], null],
  ['', ['a'], null],
])('the nearest of %j among %j is %j', (word, words, near) => {
  expect(nearest(word, words)).toBe(near);
});
