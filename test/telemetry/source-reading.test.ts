import { describe, expect, test } from 'vitest';
import { SortingTarget } from '../../functions/core/telemetry/reorder.ts';
import { emptySample, POWER } from '../../functions/core/telemetry/sample.ts';
import { type SampleTarget, SourceReading } from '../../functions/core/telemetry/source-reading.ts';

const ignore: SampleTarget = { addScope: () => {}, sample: () => {} };
const watts = (value: number): Float64Array => {
  const values = emptySample();
  values[POWER] = value;
  return values;
};

describe('a source', () => {
  test('with an id that is no name is refused, whatever is in it', () => {
    const reading = new SourceReading({}, ignore);
    expect(() => reading.scope('x'.repeat(513), 'chip')).toThrow(/at most 512 characters/);
  });

  test('with a new id in every row is refused before it fills the memory', () => {
    const reading = new SourceReading({}, ignore);
    for (let i = 0; i < 250_000; i += 1) reading.scope(`row-${i}`, 'chip');
    expect(() => reading.scope('one-more', 'chip')).toThrow(/at most 250000 scopes/);
    expect(reading.scope('row-7', 'chip')).toBe(7);
  });

  test('that steps back by a little is put in order, field by field; by much it is refused', () => {
    const times: number[] = [];
    const sorting = new SortingTarget({
      addScope: () => {},
      sample: (_scope, timeMs) => void times.push(timeMs),
    });
    const reading = new SourceReading({}, sorting);
    const scope = reading.scope('a', 'chip');
    for (const timeMs of [3_000, 1_000, 2_000, 2_000, 5_000, 4_000]) reading.sample(scope, timeMs, watts(1));
    for (let i = 0; i < 300; i += 1) reading.sample(scope, 10_000 + i, watts(1));
    expect(() => reading.sample(scope, 500, watts(1))).toThrow(/power_w at 1970.* 256 readings late/);
    sorting.finish();
    expect(times).toEqual([...times].sort((x, y) => x - y));
    expect(times.slice(0, 6)).toEqual([1_000, 2_000, 2_000, 3_000, 4_000, 5_000]);
  });
});
