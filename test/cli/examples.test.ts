import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notesOf } from '../../cli/help.ts';
import { wattlineProgram } from '../../cli/program.ts';

const MAIN = join(import.meta.dirname, '../../cli/wattline.js');
const folder = mkdtempSync(join(tmpdir(), 'wattline-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (line: string) =>
  spawnSync(process.execPath, [MAIN, ...line.split(' ').slice(1)], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    maxBuffer: 1e8,
  });

const DEMO = 'wattline demo';
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const examples = all(wattlineProgram()).flatMap((command) => notesOf(command)?.examples ?? []);
const lines = examples.filter(({ line, needs }) => needs === undefined && line !== DEMO).map((e) => e.line);

describe('every example of help that needs nothing works after the demo', () => {
  beforeAll(() => {
    const { status, stdout, stderr } = run(DEMO);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/verdict: .*[\s\S]*report: .*report\.html\n$/);
  }, 240_000);

  test('there are some', () => {
    expect(lines.length).toBeGreaterThan(12);
  });
  test.each([...new Set(lines)])('%s', (line) => {
    const { status, stdout, stderr } = run(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });
});
