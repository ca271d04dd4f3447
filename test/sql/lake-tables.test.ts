import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Receipt } from '../../functions/core/telemetry/receipt.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { columnsOf } from '../../functions/platform/lake/column-type.ts';
import { ATHENA, DUCKDB, hiveType } from '../../functions/platform/lake/dialects.ts';
import { namedQuery } from '../../functions/platform/lake/named-queries.ts';
import { LAKE_TABLES, type LakeTable } from '../../functions/platform/lake/tables.ts';
import { lakeKey, landingKey, manifestKey } from '../../functions/platform/layout.ts';
import { manifestOf, quietPipeline } from '../ingested.ts';

const SegmentCsv = 'time,scope,power_w\n2026-01-02T03:04:05Z,c0,100\n2026-01-02T03:04:06Z,c0,110\n';
const Log =
  '{"time":"2026-01-02T03:04:05Z","event":"step","step":1,"loss":2.5}\n{"time":"2026-01-02T03:04:06Z","event":"step","step":2,"loss":2.4}\n';

describe('columns of a schema', () => {
  const typesOf = (schema: z.ZodType): Record<string, string> =>
    Object.fromEntries(columnsOf(schema).map(({ name, type }) => [name, hiveType(type)]));

  test('are one a property, whether it may be null or be left out', () => {
    const schema = z.strictObject({
      a: z.number(),
      b: z.number().nullable(),
      c: z.int().nonnegative().optional(),
      d: z.boolean().default(true),
      e: z.enum(['x', 'y']).nullable().default(null),
      f: z.iso.date(),
      g: z.literal('wattline/x@1'),
    });
    expect(typesOf(schema)).toEqual({
      ...{ a: 'double', b: 'double', c: 'bigint', d: 'boolean' },
      ...{ e: 'string', f: 'string', g: 'string' },
    });
  });
  test('are nested, in the words of each engine', () => {
    const [column] = columnsOf(
      z.strictObject({
        byChip: z.array(z.strictObject({ energyJ: z.number().nullable(), from: z.string() })),
      }),
    );
    if (!column) throw new Error('no column');
    expect(hiveType(column.type)).toBe('array<struct<energyj:double,from:string>>');
    expect(ATHENA.typeName(column.type)).toBe('array(row("energyj" double, "from" varchar))');
    expect(DUCKDB.typeName(column.type)).toBe('STRUCT("energyJ" DOUBLE, "from" VARCHAR)[]');
  });
  test('take unions of objects as one, and leave out what is of several types', () => {
    const schema = z.strictObject({
      either: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('a'), n: z.int() }),
        z.strictObject({ kind: z.literal('b'), m: z.number() }),
      ]),
      any: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.string())])),
      within: z.strictObject({ a: z.union([z.number(), z.string()]).nullable(), b: z.string() }),
      weights: z.record(z.string(), z.number()),
    });
    expect(typesOf(schema)).toEqual({
      either: 'struct<kind:string,n:bigint,m:double>',
      within: 'struct<b:string>',
      weights: 'map<string,double>',
    });
  });
  test('that differ in case alone are refused, at any depth', () => {
    const schema = z.strictObject({ a: z.strictObject({ energyJ: z.number(), energyj: z.number() }) });
    expect(() => columnsOf(schema)).toThrow(/property energyj: expected one of this name/);
  });
  test('of anything but an object are refused', () => {
    expect(() => columnsOf(z.array(z.string()))).toThrow(/expected an object/);
  });
});

describe('tables of Parquet', () => {
  test.each([
    ['segments', 'power.csv', SegmentCsv],
    ['progress', 'log.jsonl', Log],
  ] as const)('%s have the columns of the files, in their order and types', async (table, path, text) => {
    const pipeline = quietPipeline();
    const { landing, lake } = pipeline.stores;
    await landing.put(manifestKey('files', 'r0'), manifestOf('r0', { boundary: 'chip' }));
    await landing.put(landingKey('files', 'r0', path), Buffer.from(text));
    await pipeline.drain();
    const key = await firstBelow(lake, `${table}/program=files/run=r0/`);
    const bytes = await collect((await lake.get(key)).body);
    const { schema } = parquetMetadata(new Uint8Array(bytes).buffer);
    const types = { BYTE_ARRAY: 'text', DOUBLE: 'number', BOOLEAN: 'flag' } as const;
    expect(
      schema.slice(1).map(({ name, type }) => ({ name, type: types[type as keyof typeof types] })),
    ).toEqual((LAKE_TABLES[table] as LakeTable).columns);
    expect(key.startsWith(lakeKey(table, 'files', 'r0', '', '').split('source=')[0] as string)).toBe(true);
  });
});

describe('a named query', () => {
  test('says what it answers, and what each ? stands for', () => {
    expect(
      namedQuery('q', '-- What is there.\n-- parameters: program, run\nselect 1\nwhere a = ? and b = ?\n'),
    ).toEqual({
      name: 'q',
      description: 'What is there.',
      parameters: ['program', 'run'],
      sql: 'select 1\nwhere a = ? and b = ?',
    });
  });
  test.each([
    ['-- What.\n-- parameters: program\nselect 1', /0 times "\?" and parameters program/],
    ['-- What.\nselect ?', /1 times "\?" and parameters ;/],
    ['-- What.\n-- parameters: chip\nselect ?', /expected one of program, run/],
    ['select 1', /expected a comment that says what it answers/],
  ])('%j is refused', (text, message) => {
    expect(() => namedQuery('q', text)).toThrow(message);
  });
});

async function firstBelow(
  lake: { list(prefix: string): AsyncIterable<{ key: string }> },
  prefix: string,
): Promise<NonNullable<Receipt['outputs']['segments']>> {
  for await (const { key } of lake.list(prefix)) return key;
  throw new Error(`${prefix}: no file`);
}
