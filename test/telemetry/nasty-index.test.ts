import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow } from '../../cli/run-files.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COUNT = 58;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => i + 1);
/** `(nasty 11)`, `(nasty 11, nasty 12)`, `(nasty 11, 12)`. */
const MARKS = /\(nasty \d+(?:(?:, | and )(?:nasty )?\d+)*\)/g;

const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

test('the list of nasty inputs in docs/formats.md is whole', () => {
  const docs = readFileSync(join(ROOT, 'docs/formats.md'), 'utf8');
  const [, list = ''] = docs.split('\n## Nasty inputs\n');
  const found = [...list.matchAll(/^(\d+)\. \S.+$/gm)].map((match) => Number(match[1]));
  expect(found).toEqual(NUMBERS);
});

test('every nasty input has a test that names it', () => {
  const named = new Set(
    filesBelow(join(ROOT, 'test'))
      .filter((path) => path.endsWith('.test.ts') && !path.endsWith('nasty-index.test.ts'))
      .flatMap((path) => readFileSync(join(ROOT, 'test', path), 'utf8').match(MARKS) ?? [])
      .flatMap(numbersIn),
  );
  expect(NUMBERS.filter((number) => !named.has(number))).toEqual([]);
});
