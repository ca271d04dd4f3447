import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CompletedCommand, completionTree, everyCommand } from '../../cli/completion/tree.ts';
import { completionScript } from '../../cli/completion.ts';
import { wattlineProgram } from '../../cli/program.ts';
import { FORMATS } from '../../functions/core/telemetry/formats/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'runs one'));
writeFileSync(join(folder, 'policy.json'), '{}');
const program = wattlineProgram();
const scripts = Object.fromEntries(
  (['bash', 'zsh', 'fish'] as const).map((shell) => [shell, completionScript(program, shell)]),
) as Record<'bash' | 'zsh' | 'fish', string>;
for (const [shell, text] of Object.entries(scripts)) writeFileSync(join(folder, `.${shell}`), text);
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** What bash offers where the cursor stands behind these words. */
function bash(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const script = `source .bash; COMP_WORDS=(wattline ${line}); COMP_CWORD=${words.length}; _wattline; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

const namesOf = ({ commands }: CompletedCommand): string[] => commands.map((c) => c.name);
const tree = completionTree(program);

describe('completion in bash', () => {
  test('offers commands', () => {
    expect(bash('').sort()).toEqual(namesOf(tree).sort());
    expect(bash('ev')).toEqual(['evaluate']);
    expect(bash('import', '')).toEqual(['mlperf']);
  });
  test.each(everyCommand(tree).map((c) => [c.path.join(' '), c] as const))(
    'offers the options of wattline %s',
    (_path, { path, options }) => {
      expect(bash(...path, '-').sort()).toEqual(options.flatMap(({ flags }) => flags).sort());
    },
  );
  test.each<[string, string[], string[]]>([
    ['choices of an option', ['import', 'mlperf', 'x', '--role', 'b'], ['baseline']],
    ['choices of an argument', ['completion', 'z'], ['zsh']],
    ['formats', ['ingest', '--format', 'megatron'], ['megatron-log']],
    ['queries', ['sql', '--query', 'verdict'], ['verdict-history']],
    ['behind an option of all commands', ['--verbose', 'decide', '--ni'], ['--night']],
    ['files where one is meant', ['compare', '--policy', 'pol'], ['policy.json']],
    ['folders where one is meant, with blanks', ['evaluate', ''], ['runs one']],
    ['nothing where anything may stand', ['cost', '--chips', ''], []],
  ])('offers %s', (_name, words, offered) => {
    expect(bash(...words)).toEqual(offered);
  });
});

test('every format is among the values of --format', () => {
  for (const { id } of FORMATS) expect(scripts.fish).toContain(id);
});

describe.each(['zsh', 'fish'] as const)('completion in %s', (shell) => {
  // Neither shell is everywhere: where it is missing, that the quotes of each line close is all that can be seen.
  test(has(shell) ? 'is a script that the shell reads' : 'is a script whose quotes close', () => {
    if (has(shell)) {
      const { status, stderr } = spawnSync(shell, ['-n', join(folder, `.${shell}`)], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    } else
      for (const line of scripts[shell].split('\n').filter((l) => !l.startsWith('#')))
        expect((line.replaceAll(/\\./g, '').match(/'/g) ?? []).length % 2, line).toBe(0);
  });
  test('names every command and every option', () => {
    for (const { name, options } of everyCommand(tree))
      for (const { flags } of options)
        for (const flag of flags.filter((f) => f.startsWith('--'))) {
          const written = shell === 'zsh' ? `'${flag}[` : `-l ${flag.slice(2)} `;
          expect(scripts[shell], name).toContain(written);
        }
    for (const { name } of everyCommand(tree)) expect(scripts[shell]).toContain(name);
  });
});
