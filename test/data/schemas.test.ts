import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportedSchemas, SCHEMAS_FOLDER, staleSchemas } from '../../data/export-schemas.ts';

describe('data/schemas', () => {
  test.each(exportedSchemas())('$name is what the code says (npm run schemas)', ({ name, text }) => {
    expect(readFileSync(join(SCHEMAS_FOLDER, name), 'utf8')).toBe(text);
  });
  test('has nothing stale, missing or foreign in it', () => {
    expect(staleSchemas(SCHEMAS_FOLDER)).toEqual([]);
  });
  test('covers every public file', () => {
    const names = [
      'baseline',
      'decision',
      'evaluation',
      'policy',
      'prices',
      'ramp',
      'receipt',
      'run',
      'sensor',
      'verdict-event',
    ];
    expect(
      exportedSchemas()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.map((name) => `${name}@1.schema.json`));
  });
  test.each(exportedSchemas())('$name names itself and ends in a line end', ({ name, text }) => {
    const schema = JSON.parse(text);
    expect(schema.$id).toBe(`wattline/${name.replace('.schema.json', '')}`);
    expect(schema.title).toMatch(/^Wattline /);
    expect(schema.properties.schema.const).toBe(schema.$id);
    expect(text).toMatch(/[^\n]\n$/);
  });
  test('asks of a file that users write only what they have to write', () => {
    const run = JSON.parse(exportedSchemas().find(({ name }) => name.startsWith('run@'))?.text ?? '');
    expect(run.required).not.toContain('files');
    expect(run.required).toContain('sku');
  });
});

describe('a check of the schemas', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wattline-schemas-'));
    cpSync(SCHEMAS_FOLDER, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('names the file that differs', () => {
    writeFileSync(join(folder, 'run@1.schema.json'), '{}\n');
    expect(staleSchemas(folder)).toEqual(['run@1.schema.json']);
  });
  test('names the file that is missing', () => {
    rmSync(join(folder, 'policy@1.schema.json'));
    expect(staleSchemas(folder)).toEqual(['policy@1.schema.json']);
  });
  test('names the file that belongs to nothing', () => {
    writeFileSync(join(folder, 'run@0.schema.json'), '{}\n');
    expect(staleSchemas(folder)).toEqual(['run@0.schema.json']);
  });
});
