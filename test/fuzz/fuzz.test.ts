import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const SEED = 1;
const LIMIT_MS = 200;

describe.each(TARGETS.map((target) => [target.id, target] as const))('the reader %s', (_id, target) => {
  test('has small files to be changed, and reads each of them', async () => {
    expect(target.seeds).not.toEqual([]);
    for (const { text, path = 'folder/file.txt', rule = {} } of target.seeds) {
      const result = await target.read({ bytes: Buffer.from(text, 'latin1'), path, rule, chunk: 64 });
      expect(result.code).toBe(null);
      expect(result.calls.filter((call) => call.startsWith('reject'))).toEqual([]);
    }
  });

  test('keeps its promises whatever it is given', async () => {
    expect((await fuzz(target, SEED, LIMIT_MS)).failure).toBe(null);
  });
});
