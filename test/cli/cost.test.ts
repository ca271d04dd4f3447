import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const cost = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'cost', ...args], { encoding: 'utf8' });
const FLEET = ['--chips', '100000', '--hz', '1', '--file-mb', '64'];

describe('wattline cost', () => {
  test('prints a line for each part, the total, and everything that it rests on', () => {
    const { status, stdout } = cost(...FLEET, '--programs', '10', '--retention-days', '30');
    expect(status).toBe(0);
    expect(stdout).toMatch(/8640000000 readings a day/);
    const lines = [...stdout.matchAll(/^ {2}\S.*?(\d+\.\d{4})$/gm)].map((match) => Number(match[1]));
    expect(lines.length).toBeGreaterThan(12);
    const [, total, each] = /total: ([\d.]+) USD a day, ([\d.]+) USD a chip and day/.exec(stdout) ?? [];
    expect(Math.abs(lines.reduce((a, b) => a + b, 0) - Number(total))).toBeLessThan(0.01);
    expect(Number(each) * 100_000).toBeCloseTo(Number(total), 0);
    for (const word of ['us-east-1', 'aws.amazon.com/s3/pricing', 'docs/benchmarks.md', 'assumed:'])
      expect(stdout).toContain(word);
  });

  test('gives the same as JSON', () => {
    const { status, stdout } = cost(...FLEET, '--json');
    expect(status).toBe(0);
    const { schema, fleet, lines, usdPerDay, assumptions } = JSON.parse(stdout);
    expect({ schema, fleet }).toEqual({
      schema: 'wattline/cost@1',
      fleet: { chips: 100_000, hz: 1, fileMb: 64, programs: 1, retentionDays: 365 },
    });
    const sum = lines.reduce((total: number, line: { usdPerDay: number }) => total + line.usdPerDay, 0);
    expect(usdPerDay).toBeCloseTo(sum, 9);
    expect(assumptions.length).toBeGreaterThan(10);
  });

  test.each([
    [['--chips', '10', '--hz', '1'], /--file-mb/],
    [['--chips', 'many', '--hz', '1', '--file-mb', '1'], /--chips "many": expected a number/],
    [['--chips', '0', '--hz', '1', '--file-mb', '1'], /--chips 0: expected a whole number from 1/],
    [['--chips', '1', '--hz', '1', '--file-mb', '0'], /--file-mb 0: expected a number from 0\.001/],
  ])('ends with 2 on %j', (args, reason) => {
    const { status, stderr } = cost(...args);
    expect(stderr).toMatch(reason);
    expect(status).toBe(2);
  });
});
