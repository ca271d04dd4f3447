import { describe, expect, test } from 'vitest';
import { TextColumn } from '../../functions/core/telemetry/text-column.ts';
import { textColumnPage, textPage } from '../../functions/platform/parquet-file.ts';
import { fc } from '../fast-check.ts';

function columnOf(texts: readonly (string | null)[], column = new TextColumn()): TextColumn {
  for (const text of texts) {
    column.addBlank();
    if (text !== null) column.fillLast(text);
  }
  return column;
}

describe('a column of texts as bytes', () => {
  test('makes the page that its texts make, again after it was cleared', () => {
    const texts = fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 40 })), { maxLength: 300 });
    const column = new TextColumn();
    fc.assert(
      fc.property(texts, (values) => {
        column.clear();
        const { levels, values: bytes, nulls } = textColumnPage(columnOf(values, column));
        const expected = textPage(values);
        expect([Buffer.from(levels), Buffer.from(bytes), nulls]).toEqual([
          Buffer.from(expected.levels),
          Buffer.from(expected.values),
          expected.nulls,
        ]);
      }),
    );
  });

  test('grows', () => {
    const texts = Array.from({ length: 9_000 }, (_, i) =>
      i % 7 === 0 ? null : `[[${i},1,${i * 1000},0.5]]`,
    );
    expect(Buffer.from(columnOf(texts).values())).toEqual(Buffer.from(textPage(texts).values));
  });

  test('takes one text a row', () => {
    expect(() => new TextColumn().fillLast('a')).toThrow(/no blank row/);
    expect(() => columnOf(['a']).fillLast('b')).toThrow(/no blank row/);
  });
});
