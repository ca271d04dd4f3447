import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerQuarantine(program: Command): void {
  const command = program
    .command('quarantine')
    .description('what a store could not read, and how to mend it')
    .argument('<store>', 'the --out of a command')
    .addOption(jsonFlag('the same'))
    .action(async (store, _options, self: Command) => {
      const { quarantineCommand } = await import('../quarantine.ts');
      await quarantineCommand(store, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Store',
    examples: [{ says: 'of the simulated pilot', line: 'wattline quarantine out/demo' }],
  });
}
