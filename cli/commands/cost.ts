import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerCost(program: Command): void {
  const command = program
    .command('cost')
    .description('what a fleet would cost on AWS a day, by service, and what the number rests on')
    .requiredOption('--chips <n>', 'chips that are watched')
    .requiredOption('--hz <rate>', 'readings of a chip a second')
    .requiredOption('--file-mb <size>', 'size of a file as uploaded, in MB')
    .option('--programs <n>', 'programs that the chips belong to', '1')
    .option('--retention-days <n>', 'days that uploads and results are kept', '365')
    .addOption(jsonFlag('the same'))
    .action(async (_options, self: Command) => {
      const { costCommand } = await import('../cost.ts');
      costCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Deployment',
    examples: [
      {
        says: 'a pilot of 64 chips, read once a second',
        line: 'wattline cost --chips 64 --hz 1 --file-mb 16',
      },
    ],
  });
}
