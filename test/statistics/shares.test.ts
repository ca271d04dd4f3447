import { describe, expect, test } from 'vitest';
import { sharesAddUp } from '../../functions/core/statistics/shares.ts';
import { fc } from '../fast-check.ts';

describe("Llama 3's table of 419 interruptions", () => {
  const others = { name: 'all others', count: 419 - 148 - 72, percent: 47.5 };
  const memory = { name: 'GPU HBM3 memory', count: 72, percent: 17.2 };
  test('as printed: 148 of 419 are 35.3 %, not 30.1 %', () => {
    const check = sharesAddUp(419, [{ name: 'faulty GPU', count: 148, percent: 30.1 }, memory, others]);
    expect(check.addsUp).toBe(false);
    expect(check.wrong).toEqual([
      { name: 'faulty GPU', count: 148, percent: 30.1, expectedPercent: expect.closeTo(35.322, 3) },
    ]);
  });
  test('corrected, it adds up', () => {
    const check = sharesAddUp(419, [{ name: 'faulty GPU', count: 148, percent: 35.3 }, memory, others]);
    expect(check).toMatchObject({ addsUp: true, wrong: [], countsSum: 419 });
  });
});

test('a missing row is noticed by the counts, with no share wrong', () => {
  const check = sharesAddUp(4, [{ name: 'a', count: 3, percent: 75 }]);
  expect(check).toEqual({ addsUp: false, wrong: [], countsSum: 3, percentSum: 75 });
});

test('rounded shares of any counts add up; one share off by a unit does not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 12 }), fc.nat(3), (counts, decimals) => {
      const total = counts.reduce((a, b) => a + b, 0);
      fc.pre(total > 0);
      const rows = counts.map((count, i) => ({
        name: `row ${i}`,
        count,
        percent: Number(((count / total) * 100).toFixed(decimals)),
      }));
      expect(sharesAddUp(total, rows, decimals).addsUp).toBe(true);
      const [first, ...rest] = rows as [(typeof rows)[number], ...typeof rows];
      const off = { ...first, percent: first.percent + (first.percent < 50 ? 1 : -1) * 10 ** -decimals * 2 };
      expect(sharesAddUp(total, [off, ...rest], decimals).addsUp).toBe(false);
    }),
  );
});

test('a share above 100 % and a total of 0 are refused', () => {
  expect(() => sharesAddUp(2, [{ name: 'a', count: 2, percent: 101 }])).toThrow(/a 101 %/);
  expect(() => sharesAddUp(0, [])).toThrow(/total 0/);
});
