import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('run the whole way on a small simulated pilot, ending with a report to open')
    .option('--out <dir>', 'folder for the store and the reports; a store in it is replaced', 'out/demo')
    .addOption(jsonFlag('the decision'))
    .action(async (_options, self: Command) => {
      const { demoCommand } = await import('../demo.ts');
      await demoCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Start',
    examples: [{ says: 'three weeks of a pilot, in under a minute', line: 'wattline demo' }],
  });
}
