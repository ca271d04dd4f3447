import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { GROUPS, notesOf, pathOf } from '../../cli/help.ts';
import { BOUNDARIES, ROLES } from '../../cli/options.ts';
import { overview } from '../../cli/overview.ts';
import { wattlineProgram } from '../../cli/program.ts';
import { cliReference } from '../../cli/reference.ts';
import { BoundarySchema } from '../../functions/core/telemetry/boundary.ts';
import { RunManifestSchema } from '../../functions/core/telemetry/manifest.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Why a command has no --json. */
const WITHOUT_JSON: Readonly<Record<string, string>> = {
  'wattline completion': 'what it prints is a script',
  'wattline import': 'it only leads to other commands',
};

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const program = wattlineProgram();
const commands = all(program).filter((c) => c !== program);
const named = commands.map((command) => [pathOf(command), command] as const);
const optionsOf = (command: Command): string[] => command.options.map(({ long }) => String(long));

/** Words of a line as a shell would part them, as far as examples go. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** A tree whose commands do nothing, so that a line can be parsed by it. */
function idleProgram(): Command {
  const idle = wattlineProgram();
  for (const command of all(idle)) if (command.commands.length === 0) command.action(() => {});
  return idle;
}

describe('every command', () => {
  test('there are commands to look at', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  test.each(named)(
    '%s has a description, a group and help for each argument and option',
    (_path, command) => {
      expect(command.description()).toMatch(/^\S.{10}/);
      expect(GROUPS).toContain(notesOf(command)?.group);
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    },
  );

  test.each(named)('%s has an example that its own options accept', async (path, command) => {
    const examples = notesOf(command)?.examples ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const { line } of examples) {
      expect(line.startsWith(path)).toBe(true);
      await idleProgram().parseAsync(wordsOf(line).slice(1), { from: 'user' });
    }
  });

  test.each(named)('%s shows its examples, defaults and exit codes', (_path, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    for (const { line } of notesOf(command)?.examples ?? []) expect(text).toContain(`\n  ${line}\n`);
    expect(text).toMatch(/Exit codes:\n {2}0 {2}done\n {2}1 {2}\S.*\n {2}2 {2}wrong usage/);
    for (const { defaultValue } of command.options)
      if (defaultValue) expect(text.replaceAll(/\s+/g, ' ')).toContain(`default: "${defaultValue}"`);
  });

  test.each(named)('%s prints JSON for programs, or there is a reason why not', (path, command) => {
    expect(optionsOf(command).includes('--json')).toBe(!(path in WITHOUT_JSON));
  });

  test('the list of those without JSON names commands that there are', () => {
    expect(Object.keys(WITHOUT_JSON).filter((path) => !named.some(([name]) => name === path))).toEqual([]);
  });
});

describe('the overview', () => {
  const text = overview(program);
  test('names every command, and those to begin with are ones', () => {
    for (const command of program.commands) expect(text).toMatch(new RegExp(`\\b${command.name()}\\b`));
    for (const [, name = ''] of text.matchAll(/^ {2}wattline (\w+)/gm))
      expect(program.commands.map((c) => c.name())).toContain(name);
  });
  test('fits 80 columns and a screen', () => {
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(25);
  });
});

describe('a quick start', () => {
  test('no registration loads more than commander and what help is made of', () => {
    const folder = join(ROOT, 'cli/commands');
    const wrong = readdirSync(folder).flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^import (?!type)[^;]*? from '([^']+)'/gm)]
        .map(([, from = '']) => from)
        .filter((from) => !['commander', '../help.ts', '../options.ts'].includes(from))
        .map((from) => `${name}: ${from}`),
    );
    expect(wrong).toEqual([]);
  });
  test('lists that are repeated for it are those of the schemas', () => {
    expect([...BOUNDARIES]).toEqual(BoundarySchema.options);
    expect([...ROLES]).toEqual(RunManifestSchema.shape.role.options);
  });
});

test('docs/cli.md is that of the commands as they are (npm run cli-docs)', () => {
  expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(cliReference(wattlineProgram()));
});
