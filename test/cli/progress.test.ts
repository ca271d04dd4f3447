import { describe, expect, test } from 'vitest';
import { counted, listened } from '../../cli/counting.ts';
import { bytesText, durationText, Progress, type ProgressOptions } from '../../cli/progress.ts';
import { collect } from '../../functions/platform/bytes.ts';
import { MemoryStore } from '../../functions/platform/memory-store.ts';

const ERASE = '\r\u001b[K';

/** A terminal that keeps what was written, and a clock that is set. */
function terminal(columns = 120, isTTY = true) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const screen = { isTTY, columns, write: (text: string) => void written.push(text) };
  const options = (unit: ProgressOptions['unit']): ProgressOptions => ({
    unit,
    screen,
    now: () => clock.ms,
    environment: {},
  });
  return { written, clock, options, last: () => written.at(-1)?.replace(ERASE, '') ?? '' };
}

describe('progress', () => {
  test('says how far, how fast and how long', () => {
    const { clock, options, last } = terminal();
    const bar = new Progress('sending', 1_000_000, options('bytes'));
    bar.show(0);
    expect(last()).toBe(`sending [${' '.repeat(30)}]   0 %  0 B of 1.0 MB`);
    clock.ms = 2_000;
    bar.add(250_000);
    expect(last()).toBe(
      `sending [${'='.repeat(7)}${' '.repeat(23)}]  25 %  250 kB of 1.0 MB  125 kB/s  0:06 left`,
    );
  });

  test('counts things in their own unit, and slow ones by the minute', () => {
    const { clock, options, last } = terminal();
    const bar = new Progress('evaluating', 40, options('runs'));
    bar.show(0);
    clock.ms = 30_000;
    bar.show(10);
    expect(last()).toMatch(/25 % {2}10 of 40 runs {2}20\.0\/min {2}1:30 left$/);
  });

  test('counts from the first thing that is shown: what waited before is no work', () => {
    const { clock, options, last } = terminal();
    const bar = new Progress('evaluating', 4, options('runs'));
    clock.ms = 60_000;
    bar.add(1);
    clock.ms = 62_000;
    bar.add(1);
    expect(last()).toMatch(/ 50 % {2}2 of 4 runs {2}30\.0\/min {2}0:04 left$/);
  });

  test('goes by the rate of the last ten seconds', () => {
    const { clock, options, last } = terminal();
    const bar = new Progress('sending', 10_000_000, options('bytes'));
    for (clock.ms = 0; clock.ms <= 20_000; clock.ms += 1_000) bar.show(clock.ms * 100);
    for (; clock.ms <= 40_000; clock.ms += 1_000) bar.add(10_000);
    expect(last()).toMatch(/ 10\.0 kB\/s /);
  });

  test('redraws at most ten times a second, whatever it is told', () => {
    const { written, clock, options } = terminal();
    const bar = new Progress('reading', 100_000, options('bytes'));
    for (clock.ms = 0; clock.ms < 1_000; clock.ms += 1) bar.add(100);
    expect(written).toHaveLength(10);
  });

  test.each([
    ['no terminal', { isTTY: false }, {}],
    ['a terminal that cannot erase', { isTTY: true }, { TERM: 'dumb' }],
  ])('writes nothing to %s', (_name, screen, environment) => {
    const written: string[] = [];
    const bar = new Progress('reading', 10, {
      unit: 'files',
      environment,
      screen: { ...screen, write: (text) => void written.push(text) },
    });
    bar.show(5);
    bar.add(5);
    bar.clear();
    expect(written).toEqual([]);
  });

  test('clears itself, and only where it has drawn', () => {
    const { written, options } = terminal();
    const bar = new Progress('reading', 10, options('files'));
    bar.clear();
    expect(written).toEqual([]);
    bar.show(5);
    bar.clear();
    bar.clear();
    expect(written.slice(1)).toEqual([ERASE]);
  });

  test.each([200, 100, 60, 40, 24, 10, 3, 1])('fits %i columns', (columns) => {
    const { clock, options, last } = terminal(columns);
    const bar = new Progress('reading files', 123_456_789, options('bytes'));
    bar.show(0);
    clock.ms = 5_000;
    bar.show(23_456_789);
    expect(last().length).toBeLessThan(columns);
    expect(last()).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('takes a terminal that does not know its width for one of 80 columns', () => {
    const { options, last } = terminal(0);
    new Progress('reading', 10, options('files')).show(5);
    expect(last()).toMatch(/^reading \[=+ +\] {2}50 % {2}5 of 10 files$/);
    expect(last().length).toBeLessThan(80);
  });

  test('stays sane where there is nothing to do, and where there is more than was known', () => {
    const { clock, options, last } = terminal();
    new Progress('reading', 0, options('files')).show(0);
    expect(last()).toMatch(/100 % {2}0 of 0 files$/);
    const bar = new Progress('reading', 10, options('files'));
    bar.show(0);
    clock.ms = 1_000;
    bar.show(15);
    expect(last()).toMatch(/100 % {2}10 of 10 files {2}15\/s {2}0:00 left$/);
    bar.grow(20);
    clock.ms = 2_000;
    bar.show(15);
    expect(last()).toMatch(/50 % {2}15 of 30 files/);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [99_940, '99.9 kB'],
  [99_960, '100 kB'],
  [999_600, '1.0 MB'],
  [5.5e12, '5.5 TB'],
  [5.5e15, '5500 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0:00'],
  [59.2, '1:00'],
  [754, '12:34'],
  [7_384, '2:03:04'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

describe('a counted stream', () => {
  async function* chunks() {
    yield new Uint8Array(3);
    yield new Uint8Array(4);
  }
  test('passes bytes as they are, and tells how many', async () => {
    const heard: number[] = [];
    expect(await collect(counted(chunks(), (bytes) => void heard.push(bytes)))).toHaveLength(7);
    expect(heard).toEqual([3, 4]);
  });

  test('of a store tells what is read and put, and nothing else', async () => {
    const heard: string[] = [];
    const store = listened(new MemoryStore('b'), {
      onRead: (bytes, key) => void heard.push(`${key} ${bytes}`),
      onPut: (key, bytes) => void heard.push(`put ${key} ${bytes}`),
    });
    await store.put('a', Buffer.from('hello'));
    await store.head('a');
    expect(Buffer.from(await collect((await store.get('a')).body)).toString()).toBe('hello');
    expect(heard).toEqual(['put a 5', 'a 5']);
  });
});
