import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag } from '../options.ts';

export function registerCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('compare a candidate set with a baseline set of the same workload and boundary')
    .requiredOption('--candidate <folder>', 'runs of the chip under test')
    .requiredOption('--baseline <folder>', 'runs of the GPU')
    .option('--policy <file>', 'gates to judge by; the packaged ones for complete sets otherwise')
    .option('--prices <file>', 'price basis; the one that the policy names otherwise')
    .option('--date <day>', 'day of the decision, YYYY-MM-DD; that of the last run otherwise')
    .addOption(jsonFlag('the decision'))
    .option(
      '--out <dir>',
      'keep the store and the reports in this folder; out/compare otherwise, and none with --json',
    )
    .addOption(boundaryFlag())
    .action(async (_options, self: Command) => {
      const { compareCommand } = await import('../compare.ts');
      await compareCommand(self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Decision',
    examples: [
      {
        says: 'the first night of the simulated pilot',
        line: 'wattline compare --candidate out/demo/landing/simulated-pilot/n01-llm-8b-pretrain-1-candidate --baseline out/demo/landing/simulated-pilot/n01-llm-8b-pretrain-1-baseline',
      },
    ],
  });
}
