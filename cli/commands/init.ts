import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { boundaryFlag, jsonFlag, zoneFlag } from '../options.ts';

export function registerInit(program: Command): void {
  const command = program
    .command('init')
    .description('lay out a program of your own: gates, a run.json of each role, and a collector')
    .argument('<folder>', 'new folder; nothing is overwritten')
    .option('--program <name>', 'name of the program; that of the folder otherwise')
    .option('--sku <sku>', 'your own chip', 'OUR-CHIP-A0')
    .option('--baseline-sku <sku>', 'the GPU beside it, as in data/baselines', 'H100-SXM-80GB')
    .option('--workload <name>', 'what is trained', 'llm-8b-pretrain')
    .option('--nodes <n>', 'hosts of a run', '1')
    .option('--chips-per-node <n>', 'chips of a host', '8')
    .option('--tokens-per-sample <n>', 'tokens of a sample, where logs count samples only')
    .addOption(boundaryFlag().default('chip'))
    .addOption(zoneFlag().default('UTC'))
    .option('--prices', 'with a price basis of your own to fill in; a published one otherwise')
    .option('--ramp', 'with the plan of a ramp to fill in, whose economics stand beside the verdict')
    .addOption(jsonFlag('what was written'))
    .action(async (folder, _options, self: Command) => {
      const { initCommand } = await import('../init.ts');
      initCommand(folder, self.optsWithGlobals());
    });
  describeCommand(command, {
    group: 'Start',
    examples: [
      {
        says: 'a pilot of two hosts a side',
        line: 'wattline init our-pilot --sku OUR-CHIP-A0 --nodes 2',
      },
    ],
  });
}
