import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { wattlineProgram } from '../../cli/program.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from './document.ts';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'data/baselines/measured/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Lines of blocks and what stands between backticks: where a document gives commands. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    (block as string).split('\n'),
  );
  const inline = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, code]) => code as string,
  );
  return [...blocks, ...inline].map((code) => code.replace(/\s#\s.*$/, '').trim());
}

const program = wattlineProgram();

/** What is wrong with a line that begins with `wattline`; null: nothing. */
function fault(line: string): string | null {
  const words = line
    .replace(/"[^"]*"|'[^']*'/g, '_')
    .split(/\s+/)
    .slice(1);
  let command: Command = program;
  for (const word of words) {
    if (word.startsWith('-')) {
      const [flag = ''] = word.split('=');
      const known = [...command.options, ...program.options].some((o) => o.long === flag || o.short === flag);
      if (!known && !['--help', '-h', '--version'].includes(flag)) return `${command.name()} has no ${flag}`;
    } else if (command.commands.length > 0 && /^[a-z]/.test(word)) {
      const next = command.commands.find((c) => c.name() === word);
      if (!next) return `${command.name()} has no command ${word}`;
      command = next;
    }
  }
  return null;
}

describe('commands in documents', () => {
  test('finds what is wrong with a line', () => {
    expect(fault('wattline evalute runs')).toBe('wattline has no command evalute');
    expect(fault('wattline push runs --landing "$B" --fast')).toBe('push has no --fast');
    expect(fault('wattline decide out/demo --night 2026-01-20')).toBeNull();
  });

  test.each(documents)('%s names commands and options that there are', (path) => {
    const lines = codeOf(readFileSync(join(ROOT, path), 'utf8'))
      .map((line) => line.replace(/^npx /, ''))
      .filter((line) => /^wattline( |$)/.test(line));
    expect(lines.map(fault).filter((found) => found !== null)).toEqual([]);
  });

  test.each(documents)('%s names npm scripts that there are', (path) => {
    const scripts = codeOf(readFileSync(join(ROOT, path), 'utf8')).flatMap((line) =>
      [...line.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name]) => name as string),
    );
    expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('there is something to look at', () => {
    expect(documents.length).toBeGreaterThan(15);
  });
});
