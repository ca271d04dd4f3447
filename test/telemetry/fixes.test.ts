import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIX_CODES, fixFor, hasFix } from '../../functions/core/telemetry/fixes.ts';

const FUNCTIONS = join(import.meta.dirname, '../../functions');
/** What reading a file goes through; nothing else can refuse it. */
const FOLDERS = ['core/telemetry', 'platform', 'ingest'];
/** Codes that are of the deployment and its messages, not of a file. */
const NOT_OF_FILES = ['environment', 'event-key', 'event-shape'];
/** Places in which a code stands: errors, faults, rejects by position, and the unions that name codes. */
const PLACES = [
  /new InputError\(\s*'([a-z0-9-]+)'/g,
  /\breason: '([a-z0-9-]+)'/g,
  /[rR]eject\w*\(\s*[^,()]+,\s*[^,()]+,\s*'([a-z0-9-]+)'/g,
  /\b[dD]amaged?\(\s*'([a-z0-9-]+)'/g,
  /\bwaiting\(\w+, '([a-z-]+)'/g,
  /'(time-[a-z-]+)'/g,
];
const UNIONS = /type (?:TimeError|Damage) =([^;]+);/g;

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(FUNCTIONS, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('fixes.ts'))
    .map((name) => readFileSync(join(FUNCTIONS, folder, name), 'utf8')),
);
const codes = new Set(
  sources.flatMap((text) => [
    ...PLACES.flatMap((place) => [...text.matchAll(place)].map((match) => match[1] as string)),
    ...[...text.matchAll(UNIONS)].flatMap((union) =>
      [...(union[1] as string).matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1] as string),
    ),
  ]),
);
const ofFiles = [...codes].filter((code) => !NOT_OF_FILES.includes(code)).sort();

describe('the fixes', () => {
  test('are found for codes of every kind', () => {
    expect(ofFiles).toEqual(
      expect.arrayContaining(['boundary-missing', 'corrupt', 'json-shape', 'number', 'time-ambiguous']),
    );
  });
  test.each(ofFiles)('say what to do about %s', (code) => {
    expect(hasFix(code)).toBe(true);
    expect(fixFor(code)).toMatch(/^[A-Z].{20,}\.$/);
  });
  test('hold nothing for a code that nothing produces', () => {
    expect(FIX_CODES.filter((code) => !codes.has(code))).toEqual([]);
  });
  test('name a place to look for a code without one', () => {
    expect(fixFor('constructor')).toMatch(/docs\/formats\.md/);
  });
});
