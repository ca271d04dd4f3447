import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonFlag } from '../options.ts';

export function registerSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .description(
      'write a whole simulated pilot as files of real formats, with the truth to judge a pipeline by',
    )
    .requiredOption('--out <dir>', 'new folder for landing/<program>/… and truth.json')
    .option('--spec <file>', 'spec of the pilot (wattline/pilot-spec@1); every field has a default')
    .option('--seed <n>', 'another seed is another pilot of the same spec')
    .option('--nights <n>', 'nights of the pilot; that of the spec otherwise')
    .option('--chips <n>', 'chips on each side; those of the spec otherwise')
    .option('--gain <ratio>', 'energy per token, candidate / baseline, for instance 0.9')
    .addOption(jsonFlag('what was written and what is true,'))
    .action(async (_options, self: Command) => {
      const { simulateCommand } = await import('../simulate.ts');
      simulateCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Start',
    examples: [
      {
        says: 'two nights of four chips against four GPUs',
        line: 'wattline simulate --out out/pilot --nights 2 --chips 4',
      },
    ],
  });
}
