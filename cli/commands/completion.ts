import { Argument, type Command } from 'commander';
import { describeCommand } from '../help.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const INSTALL = `
To install:
  bash  wattline completion bash > ~/.local/share/bash-completion/completions/wattline
        or, in ~/.bashrc: source <(wattline completion bash)
  zsh   wattline completion zsh > "\${fpath[1]}/_wattline"
        or, in ~/.zshrc behind compinit: source <(wattline completion zsh)
  fish  wattline completion fish > ~/.config/fish/completions/wattline.fish`;

export function registerCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('print a script that lets a shell complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.ts');
      process.stdout.write(completionScript(program, shell));
    })
    .addHelpText('after', INSTALL);
  describeCommand(command, {
    group: 'Start',
    examples: [{ says: 'the script for bash', line: 'wattline completion bash' }],
  });
}
