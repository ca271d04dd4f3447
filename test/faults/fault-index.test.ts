import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow } from '../../cli/run-files.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COUNT = 47;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => i + 1);
/** In names of tests: `fault 12: ...`, and `(fault 12)` where a test is of more than a fault. */
const MARK = /['`(]fault (\d+)(?=[:)'])/g;
/** `| 12 | fault | what happens | `file`, `file` |` */
const ROW = /^\|\s*(\d+)\s*\|.+\|\s*([^|]+?)\s*\|$/gm;

/** Files below test/ that name a number, by number. */
function namedInTests(): Map<number, string[]> {
  const named = new Map<number, string[]>();
  const paths = filesBelow(join(ROOT, 'test')).filter(
    (path) => path.endsWith('.test.ts') && !path.endsWith('fault-index.test.ts'),
  );
  for (const path of paths.sort()) {
    const text = readFileSync(join(ROOT, 'test', path), 'utf8');
    for (const number of new Set([...text.matchAll(MARK)].map((match) => Number(match[1]))))
      named.set(number, [...(named.get(number) ?? []), path]);
  }
  return named;
}

function namedInDocs(): Map<number, string[]> {
  const docs = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
  const [, section = ''] = docs.split('\n## The 47 faults\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(ROW)].map(([, number, files = '']): [number, string[]] => [
    Number(number),
    [...files.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string).sort(),
  ]);
  expect(rows.map(([number]) => number)).toEqual(NUMBERS);
  return new Map(rows);
}

test('every fault from 1 to 47 has a test that names it, and no test names another', () => {
  const named = namedInTests();
  expect(NUMBERS.filter((number) => !named.has(number))).toEqual([]);
  expect([...named.keys()].filter((number) => !NUMBERS.includes(number))).toEqual([]);
});

test('the table in docs/reliability.md names every fault once, with the files that test it', () => {
  const inTests = namedInTests();
  const inDocs = namedInDocs();
  for (const number of NUMBERS) expect([number, inDocs.get(number)]).toEqual([number, inTests.get(number)]);
});
